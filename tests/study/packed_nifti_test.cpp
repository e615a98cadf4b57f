// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/packed_nifti.h"

#include "study/zip_files.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/study/audit.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <set>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// All files of a folder, below `prefix`.
test::ZipFiles files_of(const fs::path& folder, const std::string& prefix) {
  test::ZipFiles files;
  for (const auto& entry : fs::directory_iterator(folder))
    files.emplace_back(prefix + entry.path().filename().string(), test::content_of(entry.path()));
  return files;
}

// A DICOM file as far as its first bytes tell.
std::string dicom_bytes() {
  return std::string(128, '\0') + "DICM" + std::string(200, ' ');
}

fs::path packed_phantom(const std::string& prefix = "heart/") {
  PhantomOptions options;
  options.seed = 4;
  options.phases = 2;
  options.slices = 6;
  options.spacing_mm = 4;
  options.matrix = 64;
  options.dense = options.long_axis = false;
  const fs::path folder = test::fresh_folder();
  write_phantom(folder / "heart", make_phantom(options));
  test::write_zip(folder / "heart.zip", files_of(folder / "heart", prefix));
  return folder / "heart.zip";
}

std::string packed_error(const fs::path& path) {
  try {
    read_study(path);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(PackedPlace, IsInArchivesOfNiftiWithoutDicom) {
  const auto folder = test::fresh_folder();
  test::write_zip(folder / "a.zip", {{"x/a.nii.gz", "text"}, {"x/b.txt", "text"}});
  const auto all = packed_place(folder / "a.zip");
  ASSERT_TRUE(all);
  EXPECT_EQ(all->archive, folder / "a.zip");
  EXPECT_TRUE(all->inside.empty());
  const auto place = packed_place(folder / "a.zip" / "x" / "a.nii.gz");
  ASSERT_TRUE(place);
  EXPECT_EQ(place->archive, folder / "a.zip");
  EXPECT_EQ(place->inside, fs::path("x") / "a.nii.gz");

  test::write_zip(folder / "both.zip", {{"a.nii.gz", "text"}, {"1.dcm", dicom_bytes()}});
  test::write_zip(folder / "hidden.zip", {{"__MACOSX/._a.nii.gz", "text"}});
  test::write_zip(folder / "text.zip", {{"a.txt", "text"}});
  std::ofstream(folder / "broken.zip") << test::content_of(folder / "a.zip").substr(0, 40);
  for (const auto* name : {"both.zip", "hidden.zip", "text.zip", "broken.zip", "none.zip", "."})
    EXPECT_FALSE(packed_place(folder / name)) << name;
  EXPECT_FALSE(packed_place(""));
  EXPECT_TRUE(packed_place(folder / "both.zip" / "a.nii.gz"));
  EXPECT_THROW(packed_place(folder / "broken.zip" / "x"), Error);

  // As the system goes along a path, and not as its letters say.
  fs::create_directories(folder / "real" / "deep");
  fs::create_directory_symlink(folder / "real" / "deep", folder / "link");
  fs::copy_file(folder / "a.zip", folder / "real" / "c.zip");
  EXPECT_EQ(packed_place(folder / "link" / ".." / "c.zip" / "x/")->inside, "x");
}

TEST(UnpackedNifti, IsPrivateAndGoneAfterwards) {
  const auto folder = test::fresh_folder();
  test::write_zip(folder / "a.zip", {{"x/a.nii.gz", "1"},
                                     {"x/a_gt.nii.gz", "2"},
                                     {"x/b.nii.gz", "3"},
                                     {"y/a.nii.gz", "4"},
                                     {"Info.cfg", "5"},
                                     {"x/program.exe", "6"}});
  fs::path root;
  {
    const UnpackedNifti unpacked(*packed_place(folder / "a.zip" / "x"), {});
    EXPECT_EQ(test::content_of(unpacked.path() / "a.nii.gz"), "1");
    EXPECT_EQ(test::content_of(unpacked.path() / "b.nii.gz"), "3");
    EXPECT_EQ(test::content_of(unpacked.path().parent_path() / "Info.cfg"), "5");
    EXPECT_FALSE(fs::exists(unpacked.path() / "program.exe"));
    EXPECT_FALSE(fs::exists(unpacked.path().parent_path() / "y"));
    EXPECT_EQ(unpacked.packed(unpacked.path() / "b.nii.gz"), folder / "a.zip" / "x" / "b.nii.gz");
    for (root = unpacked.path(); root.filename().string().rfind("dmcvr-", 0) != 0;)
      root = root.parent_path();
    struct stat status {};
    ASSERT_EQ(::stat(root.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0700U);
  }
  EXPECT_FALSE(fs::exists(root));

  const UnpackedNifti file(*packed_place(folder / "a.zip" / "x" / "a.nii.gz"), {});
  EXPECT_EQ(test::content_of(file.path()), "1");
  EXPECT_TRUE(fs::exists(file.path().parent_path() / "a_gt.nii.gz"));
  EXPECT_FALSE(fs::exists(file.path().parent_path() / "b.nii.gz"));

  const UnpackedNifti names(*packed_place(folder / "a.zip"), {}, true);
  EXPECT_EQ(test::content_of(names.path() / "x" / "a.nii.gz"), "");
  EXPECT_EQ(test::content_of(names.path() / "Info.cfg"), "5");

  EXPECT_THROW(UnpackedNifti(*packed_place(folder / "a.zip" / "z"), {}), Error);
  EXPECT_THROW(UnpackedNifti(*packed_place(folder / "a.zip" / "x" / "c.nii.gz"), {}), Error);
}

TEST(ReadStudy, OfAnArchiveIsThatOfTheFolder) {
  const auto path = packed_phantom();
  const Study study = read_study(path), expected = read_study(path.parent_path() / "heart");
  EXPECT_TRUE(torch::equal(study.sax.voxels, expected.sax.voxels));
  ASSERT_TRUE(study.labels);
  EXPECT_TRUE(torch::equal(study.labels->voxels, expected.labels->voxels));
  EXPECT_EQ(study.phase_names, expected.phase_names);
  EXPECT_EQ(study.source, "phantom");
  EXPECT_EQ(study.name, "heart");
  EXPECT_TRUE(has_inputs(path, study.inputs));
  EXPECT_EQ(read_study(path / "heart").phase_names, expected.phase_names);
  EXPECT_EQ(read_study(packed_phantom("")).phase_names, expected.phase_names);
  EXPECT_EQ(audit_study(path).layout, "phantom");
  EXPECT_EQ(audit_study(path).verdict(), Verdict::clean);

  auto changed = study.inputs;
  changed.front().sha256.front() = changed.front().sha256.front() == '0' ? '1' : '0';
  EXPECT_FALSE(has_inputs(path, changed));
}

TEST(ReadStudy, OfAnArchiveNamesPlacesInIt) {
  const auto folder = test::fresh_folder();
  test::write_zip(folder / "bad.zip", {{"x/a.nii.gz", "text"}});
  const std::string bad = packed_error(folder / "bad.zip");
  EXPECT_EQ(bad.rfind((folder / "bad.zip" / "x" / "a.nii.gz").string() + ": ", 0), 0U) << bad;
  EXPECT_EQ(audit_study(folder / "bad.zip").verdict(), Verdict::refused);

  test::write_zip(folder / "two.zip", {{"x/a.nii.gz", "text"}, {"x/b.nii.gz", "text"}});
  const std::string two = packed_error(folder / "two.zip" / "x");
  EXPECT_NE(two.find("2 studies; name one of them, such as " +
                     (folder / "two.zip" / "x" / "a.nii.gz").string()),
            std::string::npos)
      << two;
}

// UK Biobank's ids are in no name, and two participants have two.
TEST(CaseName, OfAPackedParticipantIsThatOfTheContent) {
  const auto folder = test::fresh_folder();
  const std::string a = "1234567_20209_2_0", b = "1234568_20209_2_0";
  test::write_zip(folder / "set.zip", {{"x/" + a + ".nii.gz", "1"},
                                       {"x/" + b + ".nii.gz", "2"},
                                       {"y/" + a + "/sax.nii.gz", "3"},
                                       {"y/" + b + "/sax.nii.gz", "4"}});
  std::set<std::string> names;
  for (const auto* place : {"x", "y"}) {
    const fs::path in = folder / "set.zip" / place;
    const std::string kind = place[0] == 'x' ? ".nii.gz" : "";
    names.insert(case_name(in / (a + kind)));
    names.insert(case_name(in / (b + kind)));
  }
  EXPECT_EQ(names.size(), 4U);
  for (const std::string& name : names)
    EXPECT_EQ(name.size(), std::string("case_0123456789").size());
  std::ofstream(folder / (a + ".nii.gz")) << "1";
  EXPECT_EQ(names.count(case_name(folder / (a + ".nii.gz"))), 1U);
}

TEST(UnpackedNifti, NamesWhatIsWrongWithTheTemporaryFolder) {
  const auto folder = test::fresh_folder();
  test::write_zip(folder / "a.zip", {{"a.nii.gz", "text"}});
  const std::string before = std::getenv("TMPDIR") == nullptr ? "" : std::getenv("TMPDIR");
  ::setenv("TMPDIR", (folder / "none").c_str(), 1);
  const std::string said = packed_error(folder / "a.zip");
  before.empty() ? ::unsetenv("TMPDIR") : ::setenv("TMPDIR", before.c_str(), 1);
  EXPECT_EQ(said.rfind((folder / "none").string() + ": ", 0), 0U) << said;
  EXPECT_NE(said.find("TMPDIR"), std::string::npos) << said;
}

TEST(UnpackedNifti, IsCalledByItsPlaceInWarnings) {
  const auto folder = test::fresh_folder();
  test::write_zip(folder / "a.zip", {{"x/a.nii.gz", ""}, {"x/b_gt.nii.gz", ""}});
  const std::string text = test::log_of([&] {
    const UnpackedNifti unpacked(*packed_place(folder / "a.zip"), {});
    spdlog::warn("{}", without_ids(unpacked.path().string()));
    EXPECT_STREQ(Error("{}", (unpacked.path() / "x").string()).what(),
                 (folder / "a.zip" / "x").c_str());
  });
  EXPECT_EQ(text, (folder / "a.zip").string() + "\n");
}

// Tables of M&Ms are looked for above a subject's folder, and none outside of the archive counts.
TEST(UnpackedNifti, LiesDeeperThanTablesAreLookedFor) {
  const auto folder = test::fresh_folder();
  test::write_zip(folder / "a.zip", {{"A1_sa.nii.gz", "text"}});
  const UnpackedNifti unpacked(*packed_place(folder / "a.zip"), {});
  fs::path place = unpacked.path();
  for (int level = 0; level < 6; ++level) place = place.parent_path();
  EXPECT_NE(place.string().find("dmcvr-"), std::string::npos) << place;
}

TEST(CaseName, OfAPackedPictureOfNnunetLacksTheChannel) {
  EXPECT_EQ(case_name("set.zip/Dataset001_X/imagesTr/heart_0000.nii.gz"), "heart");
  EXPECT_EQ(case_name("set.zip/x/heart_0000.nii.gz"), "heart_0000");
}

}  // namespace dmcvr
