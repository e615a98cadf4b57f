// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/dicom_pictures.h"

#include "study/dicom_files.h"
#include "study/zip_files.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

using test::dicom_bytes;
using test::DicomFilm;
using test::DicomPage;
using test::write_dicom_film;

TEST(DicomPictures, WhatIsNoPictureIsCounted) {
  const auto folder = write_dicom_film({});
  std::ofstream(folder / "notes.txt") << "no DICOM";
  DicomPage derived, report;
  derived.image_type = "DERIVED\\SECONDARY";
  report.has_place = false;
  std::ofstream(folder / "derived", std::ios::binary)
      << dicom_bytes(derived, DicomFilm::pixels(0, 0));
  std::ofstream(folder / "report", std::ios::binary)
      << dicom_bytes(report, DicomFilm::pixels(0, 0));
  const auto bytes = dicom_bytes({}, DicomFilm::pixels(0, 0));
  std::ofstream(folder / "cut", std::ios::binary) << bytes.substr(0, 300);
  const auto listing = list_dicom(folder);
  EXPECT_EQ(listing.pictures.size(), 20u);
  EXPECT_EQ(listing.other_files, 2);
  EXPECT_EQ(listing.damaged_files, 1);
  EXPECT_NE(listing.first_damage, "");
  EXPECT_EQ(listing.patients, 1);
}

// What was computed from other pictures counts where there is nothing else, as in our own output.
TEST(DicomPictures, DerivedPicturesAreReadWhereThereAreNoOthers) {
  DicomFilm film;
  film.change = [](DicomPage& page, int64_t, int64_t) {
    page.image_type = "DERIVED\\SECONDARY";
    return true;
  };
  const auto folder = write_dicom_film(film);
  const auto listing = list_dicom(folder);
  EXPECT_EQ(listing.pictures.size(), 20u);
  EXPECT_EQ(listing.other_files, 0);
  EXPECT_EQ(listing.patients, 1);
  write_dicom_film({}, folder / "acquired");
  EXPECT_EQ(list_dicom(folder).pictures.size(), 20u);
  EXPECT_EQ(list_dicom(folder).other_files, 20);
}

// Two files of one name cannot be told apart when their pixels are read.
TEST(DicomPictures, ArchivesWithTwoFilesOfOneNameAreRefused) {
  const auto path = test::fresh_folder() / "film.zip";
  test::ZipFiles files;
  for (const auto& [page, pixels] : pages_of(DicomFilm()))
    files.emplace_back(fmt::format("IM{}", files.size()), dicom_bytes(page, pixels));
  test::write_zip(path, files);
  EXPECT_EQ(list_dicom(path).pictures.size(), 20u);
  files.push_back(files.front());
  test::write_zip(path, files);
  EXPECT_EQ(list_dicom(path).pictures.size(), 20u);
  DicomPage other;
  other.position[2] = 500;
  files.emplace_back("IM3", dicom_bytes(other, DicomFilm::pixels(9, 9)));
  test::write_zip(path, files);
  EXPECT_THROW(list_dicom(path), Error);
}

// The digest is that of the content: it does not depend on the folder, and sees every byte.
TEST(DicomPictures, DigestFollowsTheContent) {
  DicomFilm other;
  other.change = [](DicomPage& page, int64_t k, int64_t t) {
    if (k == 0 && t == 0) page.thickness = "7";
    return true;
  };
  const auto root = test::fresh_folder();
  const auto a = list_dicom(write_dicom_film({}, root / "a")).digest;
  EXPECT_EQ(a, list_dicom(write_dicom_film({}, root / "b")).digest);
  EXPECT_NE(a, list_dicom(write_dicom_film(other, root / "c")).digest);
}

TEST(DicomPictures, AFolderOfOnePatientIsToldFromOneOfSeveral) {
  const auto root = test::fresh_folder();
  write_dicom_film({}, root / "one" / "sax");
  EXPECT_TRUE(is_dicom_subject(root / "one" / "sax"));
  EXPECT_TRUE(is_dicom_subject(root / "one"));
  EXPECT_FALSE(is_dicom_subject(root));
  DicomFilm other;
  other.change = [](DicomPage& page, int64_t, int64_t) {
    page.patient = "another";
    return true;
  };
  write_dicom_film(other, root / "one" / "lax");
  EXPECT_FALSE(is_dicom_subject(root / "one"));
  EXPECT_FALSE(is_dicom_subject(root / "missing"));

  // Many patients are called alike where names were taken away; their examinations differ.
  DicomFilm again;
  again.change = [](DicomPage& page, int64_t, int64_t) {
    page.study_uid = "1.2.4";
    return true;
  };
  const auto alike = test::fresh_folder();
  write_dicom_film({}, alike / "a");
  EXPECT_TRUE(is_dicom_subject(alike));
  write_dicom_film(again, alike / "b");
  EXPECT_FALSE(is_dicom_subject(alike));

  // A folder of films beside films in NIfTI files; one NIfTI file may be its labels.
  const auto mixed = test::fresh_folder();
  write_dicom_film({}, mixed / "c");
  std::ofstream(mixed / "a.nii.gz") << "x";
  EXPECT_TRUE(is_dicom_subject(mixed));
  std::ofstream(mixed / "b.nii.gz") << "x";
  EXPECT_FALSE(is_dicom_subject(mixed));
}

TEST(DicomPictures, OtherFilesInFrontHideNoFilm) {
  const auto folder = write_dicom_film({});
  for (int n = 0; n < 20; ++n) std::ofstream(folder / fmt::format("00{:02}.txt", n)) << "notes";
  EXPECT_TRUE(is_dicom_subject(folder));
}

TEST(DicomPictures, InlineVfCountsWhereThereIsNothingElse) {
  DicomFilm drawn;
  drawn.change = [](DicomPage& page, int64_t, int64_t) {
    page.description = "CINE_segmented_SAX_InlineVF";
    page.series_uid = "1.2.3.8";
    return true;
  };
  const auto root = test::fresh_folder();
  write_dicom_film(drawn, root / "drawn");
  EXPECT_EQ(list_dicom(root).pictures.size(), 20u);
  write_dicom_film({}, root / "film");
  const auto listing = list_dicom(root);
  EXPECT_EQ(listing.pictures.size(), 20u);
  EXPECT_EQ(listing.other_files, 20);
  EXPECT_EQ(listing.pictures[0].description, "cine SAX");
}

}  // namespace
}  // namespace dmcvr
