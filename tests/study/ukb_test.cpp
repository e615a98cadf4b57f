// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/ukb.h"

#include "study/dicom_files.h"
#include "study/zip_files.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/study/audit.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/layouts.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using test::DicomFilm;
using test::DicomPage;
using test::write_zip;

// Files of a film as they lie in an archive, a line of the manifest for each.
test::ZipFiles ukb_files(const DicomFilm& film, const std::string& manifest = "manifest.cvs",
                         const std::string& header = "filename,patientid,date,series discription") {
  test::ZipFiles files;
  std::string lines = header + "\r\n";
  int64_t number = 0;
  for (const auto& [page, pixels] : pages_of(film)) {
    const auto name = fmt::format("1.3.12.{}.{}.dcm", page.series_uid, ++number);
    files.emplace_back(name, dicom_bytes(page, pixels));
    lines += fmt::format("{},1000003,Aug 30, 2015,{}\r\n", name, page.description);
  }
  files.emplace_back(manifest, lines);
  return files;
}

// A series a slice, as the scanner of the study makes them.
DicomFilm ukb_short_axis() {
  DicomFilm film;
  film.change = [](DicomPage& page, int64_t k, int64_t) {
    page.series_uid = fmt::format("1.2.3.{}", 20 + k);
    page.series = 20 + k;
    page.description = fmt::format("CINE_segmented_SAX_b{}", k + 1);
    return true;
  };
  return film;
}

DicomFilm ukb_long_axis() {
  DicomFilm film;
  film.slices = 1;
  film.change = [](DicomPage& page, int64_t, int64_t) {
    page.directions = {1, 0, 0, 0, 0, 1};
    page.position = {10, 30, 20};
    page.description = "CINE_segmented_LAX_4Ch";
    page.series_uid = "1.2.3.5";
    return true;
  };
  return film;
}

fs::path ukb_zip(const std::string& name, const test::ZipFiles& files,
                 const fs::path& folder = test::fresh_folder()) {
  fs::create_directories(folder);
  write_zip(folder / name, files);
  return folder / name;
}

}  // namespace

TEST(ManifestFiles, DatesWithCommasTakeNoField) {
  const auto files = manifest_files(
      "filename,date,series discription,time\n"
      "a.dcm,Aug 30, 2015,CINE_segmented_SAX_b1,10:00\n"
      "b.dcm,\"Aug 3, 2015 10:11\",CINE_segmented_SAX_InlineVF,10:01\r\n"
      "c.dcm,2015-08-30,CINE_segmented_SAX_b2,\n"
      "d.dcm,one,field,too,many\n");
  ASSERT_EQ(files.size(), 3U);
  EXPECT_EQ(files[0].series, "CINE_segmented_SAX_b1");
  EXPECT_EQ(files[1].name, "b.dcm");
  EXPECT_EQ(files[1].series, "CINE_segmented_SAX_InlineVF");
  EXPECT_EQ(files[2].series, "CINE_segmented_SAX_b2");
  for (const auto* useless : {"", "\n", "no,columns,that\nare,known,here\n", "filename\na.dcm\n"})
    EXPECT_TRUE(manifest_files(useless).empty()) << useless;
}

TEST(UkbStudy, ShortAxisWithTheLongOneBesideIt) {
  const auto zip = ukb_zip("1000003_20209_2_0.zip", ukb_files(ukb_short_axis()));
  ukb_zip("1000003_20208_2_0.zip", ukb_files(ukb_long_axis(), "manifest.csv"), zip.parent_path());
  ukb_zip("1000003_20208_3_0.zip", ukb_files(ukb_long_axis()), zip.parent_path());  // another visit
  const Study study = read_study(zip);
  study.check();
  EXPECT_EQ(study.source, "UK Biobank");
  EXPECT_EQ(study.name, "case_" + sha256_of_file(zip).substr(0, 10));
  EXPECT_EQ(study.sax.grid.size, (std::array<int64_t, 3>{24, 20, 4}));
  EXPECT_EQ(study.sax.phase_count(), 5);
  EXPECT_TRUE(study.sax.voxels[2][3].equal(DicomFilm::pixels(3, 2).to(torch::kFloat32)));
  ASSERT_EQ(study.views.size(), 1U);
  EXPECT_EQ(study.views[0].name, "4ch");
  ASSERT_EQ(study.inputs.size(), 2U);
  EXPECT_EQ(study.inputs[0].name, "*_20209_2_0.zip");
  EXPECT_EQ(study.inputs[1].name, "*_20208_2_0.zip");
  EXPECT_TRUE(has_inputs(zip, study.inputs));
  fs::remove(zip.parent_path() / "1000003_20208_2_0.zip");
  EXPECT_FALSE(has_inputs(zip, study.inputs));
  EXPECT_TRUE(read_study(zip).views.empty());
}

TEST(UkbStudy, InlineVfIsLeftOutByHeaderOrManifest) {
  for (const bool in_header : {true, false}) {
    auto files = ukb_files(ukb_short_axis());
    DicomFilm drawn;
    drawn.slices = 4;
    drawn.change = [&](DicomPage& page, int64_t, int64_t) {
      page.series_uid = "1.2.3.99";
      page.series = 99;  // the last would win
      page.description = in_header ? "CINE_segmented_SAX_InlineVF" : "CINE_segmented_SAX";
      return true;
    };
    int64_t number = 0;
    for (const auto& [page, pixels] : pages_of(drawn)) {
      const auto name = fmt::format("drawn{}.dcm", ++number);
      if (!in_header)
        files.back().second += name + ",1000003,Aug 30, 2015,CINE_segmented_SAX_InlineVF\r\n";
      files.insert(files.begin(), {name, dicom_bytes(page, pixels + 7)});
    }
    const Study study = read_study(ukb_zip("1000003_20209_2_0.zip", files));
    EXPECT_TRUE(study.sax.voxels[1][2].equal(DicomFilm::pixels(2, 1).to(torch::kFloat32)));
  }
}

TEST(UkbStudy, OfSeveralSeriesTheLastCountsWithOrWithoutAManifest) {
  for (const auto* header : {"filename,patientid,date,series discription", "nothing,known"}) {
    DicomFilm again = ukb_short_axis();
    again.change = [](DicomPage& page, int64_t k, int64_t) {
      page.series_uid = "1.2.3.77";
      page.series = 77;
      page.description = "CINE_segmented_SAX_b2";
      return k == 1;
    };
    auto files = ukb_files(ukb_short_axis(), "manifest.csv", header);
    for (const auto& [page, pixels] : pages_of(again))
      files.emplace_back(fmt::format("again{}.dcm", page.instance), dicom_bytes(page, pixels + 5));
    const auto zip = ukb_zip("1000003_20209_2_0.zip", files);
    const Study study = read_study(zip);
    EXPECT_TRUE(study.sax.voxels[3][1].equal((DicomFilm::pixels(1, 3) + 5).to(torch::kFloat32)));
    EXPECT_TRUE(study.sax.voxels[3][2].equal(DicomFilm::pixels(2, 3).to(torch::kFloat32)));
    const Audit audit = audit_study(zip);
    EXPECT_EQ(audit.layout, "UK Biobank");
    EXPECT_EQ(audit.verdict(), Verdict::repaired);
  }
}

TEST(UkbStudy, NoNameAndNoErrorTellsWhoItIs) {
  const auto folder = test::fresh_folder() / "1000005";
  fs::create_directories(folder);
  const auto zip = folder / "1000005_20209_2_0.zip";
  std::ofstream(zip) << "no archive";
  EXPECT_EQ(case_name(zip), "case_" + sha256_of("no archive").substr(0, 10));
  try {
    read_study(zip);
    FAIL() << "a file of text was read";
  } catch (const Error& error) {
    EXPECT_EQ(std::string(error.what()).find("1000005"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("*_20209_2_0.zip: "), std::string::npos)
        << error.what();
  }
  const Audit audit = audit_study(zip);
  EXPECT_EQ(audit.verdict(), Verdict::refused);
  for (const auto& problem : audit.problems)
    EXPECT_EQ(problem.text.find("1000005"), std::string::npos) << problem.text;
  EXPECT_EQ(case_name(folder / "1000006_20209_2_0.zip"), "case_unreadable");
  keep_ids(true);
  EXPECT_EQ(case_name(zip), "1000005_20209_2_0");
  keep_ids(false);
}

TEST(UkbStudy, ADataSetHoldsShortAxesAtAnyDepth) {
  const auto root = test::fresh_folder();
  const auto files = ukb_files(ukb_short_axis());
  const auto a = ukb_zip("1000011_20209_2_0.zip", files, root / "a" / "1000011");
  const auto b = ukb_zip("1000012_20209_2_0.zip", files, root / "a" / "1000012");
  ukb_zip("1000011_20208_2_0.zip", ukb_files(ukb_long_axis()), root / "a" / "1000011");
  ukb_zip("1000012_20210_2_0.zip", files, root / "a" / "1000012");
  std::ofstream(root / "a" / "1000012" / "1000013_20209_2_0.zip") << "damaged from its beginning";
  const auto c = root / "a" / "1000012" / "1000013_20209_2_0.zip";
  EXPECT_EQ(find_cases(root), (std::vector<fs::path>{a, b, c}));
  EXPECT_EQ(find_cases(root / "a" / "1000011"), std::vector<fs::path>{a});
  EXPECT_EQ(find_cases(root, {"ukb", ""}).size(), 3U);
  EXPECT_THROW(find_cases(root, {"acdc", ""}), Error);
}

TEST(UkbStudy, AnUnpackedFolderIsReadAndNamedByItsContent) {
  const auto folder = test::fresh_folder() / "1000007_20209_2_0";
  write_dicom_film(ukb_short_axis(), folder);
  const Study study = read_study(folder);
  EXPECT_EQ(study.source, "UK Biobank");
  EXPECT_EQ(study.name.rfind("case_", 0), 0U);
  EXPECT_TRUE(has_inputs(folder, study.inputs));
}

}  // namespace dmcvr
