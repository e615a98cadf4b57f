// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/dicom_groups.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

namespace dmcvr {
namespace {

using Change = std::function<void(DicomPicture& picture, int64_t slice)>;

// Slices 9 mm apart along z, all in one phase count.
std::vector<DicomPicture> film(int64_t slices, int64_t phases, const Change& change) {
  std::vector<DicomPicture> pictures;
  for (int64_t k = 0; k < slices; ++k) {
    for (int64_t t = 0; t < phases; ++t) {
      DicomPicture picture;
      picture.file = "IM" + std::to_string(100 * k + t);
      picture.columns = 128;
      picture.rows = 96;
      picture.study_uid = "1";
      picture.series_uid = "1.1";
      picture.place.along_columns = {1, 0, 0};
      picture.place.along_rows = {0, 1, 0};
      picture.place.spacing_mm = {1.5, 1.5};
      picture.place.position_mm = {10, 20, 9 * static_cast<double>(k)};
      change(picture, k);
      pictures.push_back(picture);
    }
  }
  return pictures;
}

// Slices of each group, and how many of them joined.
std::vector<std::pair<size_t, int64_t>> sizes(const std::vector<DicomPicture>& pictures,
                                              size_t phases) {
  std::vector<std::pair<size_t, int64_t>> found;
  for (const auto& group : dicom_groups(pictures))
    found.emplace_back(group.pictures.size() / phases, group.joined_slices);
  return found;
}

using Sizes = std::vector<std::pair<size_t, int64_t>>;

TEST(DicomGroups, OneGridIsOneGroup) {
  EXPECT_EQ(sizes(film(5, 3, [](DicomPicture&, int64_t) {}), 3), (Sizes{{5, 0}}));
}

TEST(DicomGroups, SlicesOfAnotherFieldOfViewJoinWhereTheyGoOn) {
  const Change changes[] = {
      [](DicomPicture& picture, int64_t k) {
        if (k >= 3) picture.columns = 112;
      },
      [](DicomPicture& picture, int64_t k) {
        if (k == 2) picture.place.position_mm[0] += 6;
      },
      [](DicomPicture& picture, int64_t k) {
        if (k == 0) picture.place.spacing_mm = {1.2, 1.2};
      },
  };
  const int64_t joined[] = {2, 1, 1};
  for (size_t n = 0; n < 3; ++n)
    EXPECT_EQ(sizes(film(5, 3, changes[n]), 3), (Sizes{{5, joined[n]}})) << n;
  // The grid is that of most, whichever comes first.
  const auto groups = dicom_groups(film(5, 3, changes[2]));
  EXPECT_EQ(groups.front().pictures.front().place.spacing_mm[0], 1.5);
}

TEST(DicomGroups, AStackThatIsShearedIsOneFromFourSlicesOn) {
  const auto sheared = [](DicomPicture& picture, int64_t k) {
    picture.place.position_mm[1] += 1.5 * static_cast<double>(k);
  };
  EXPECT_EQ(sizes(film(9, 2, sheared), 2), (Sizes{{9, 8}}));
  EXPECT_EQ(sizes(film(3, 2, sheared), 2), (Sizes{{1, 0}, {1, 0}, {1, 0}}));
}

TEST(DicomGroups, WhatDoesNotGoOnStaysApart) {
  const auto moved = [](double dx, double dz) {
    return [dx, dz](DicomPicture& picture, int64_t k) {
      if (k < 4) return;
      picture.place.position_mm[0] += dx;
      picture.place.position_mm[2] += dz;
    };
  };
  EXPECT_EQ(sizes(film(5, 3, moved(6, 0)), 3), (Sizes{{5, 1}}));
  EXPECT_EQ(sizes(film(5, 3, moved(6, -9)), 3), (Sizes{{4, 0}, {1, 0}}));    // a slice is there
  EXPECT_EQ(sizes(film(5, 3, moved(6, -4.5)), 3), (Sizes{{4, 0}, {1, 0}}));  // in between
  EXPECT_EQ(sizes(film(5, 3, moved(6, 30)), 3), (Sizes{{4, 0}, {1, 0}}));    // far away
  EXPECT_EQ(sizes(film(5, 3, moved(150, 0)), 3), (Sizes{{4, 0}, {1, 0}}));   // of another organ

  const auto another = [](const Change& change) {
    return film(5, 3, [&](DicomPicture& picture, int64_t k) {
      if (k < 4) return;
      picture.place.position_mm[0] += 6;
      change(picture, k);
    });
  };
  EXPECT_EQ(sizes(another([](DicomPicture& p, int64_t) { p.study_uid = "2"; }), 3),
            (Sizes{{4, 0}, {1, 0}}));
  EXPECT_EQ(sizes(another([](DicomPicture& p, int64_t) {
                    p.place.along_columns = {std::cos(0.02), std::sin(0.02), 0};
                    p.place.along_rows = {-std::sin(0.02), std::cos(0.02), 0};
                  }),
                  3),
            (Sizes{{4, 0}, {1, 0}}));
  EXPECT_EQ(sizes(another([](DicomPicture& p, int64_t) {
                    p.place.spacing_mm = {4, 4};
                  }),
                  3),
            (Sizes{{4, 0}, {1, 0}}));
}

// Single pictures of other series along a stack are of other kinds: contrast, maps, blood.
TEST(DicomGroups, SinglePicturesJoinWithinTheirSeriesAlone) {
  const auto pictures = [](const std::string& series) {
    return film(5, 1, [&](DicomPicture& picture, int64_t k) {
      if (k < 4) return;
      picture.columns = 112;
      picture.series_uid = series;
    });
  };
  EXPECT_EQ(sizes(pictures("1.1"), 1), (Sizes{{5, 1}}));
  EXPECT_EQ(sizes(pictures("1.2"), 1), (Sizes{{4, 0}, {1, 0}}));
}

}  // namespace
}  // namespace dmcvr
