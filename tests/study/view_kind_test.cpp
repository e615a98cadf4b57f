// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/view_kind.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

namespace dmcvr {
namespace {

// A series whose pictures are spanned by `along` and what is at right angles to it and `normal`.
FoundSeries series(const std::string& name, const Point& normal, int64_t slices,
                   int64_t phases = 20) {
  const Point n = unit_vector(normal);
  const Point columns =
      unit_vector(cross(n, std::abs(n[2]) < 0.9 ? Point{0, 0, 1} : Point{1, 0, 0}));
  const Point rows = cross(n, columns);
  FoundSeries one;
  one.name = name;
  one.grid.size = {200, 200, slices};
  for (size_t i = 0; i < 3; ++i)
    one.grid.world_from_voxel.matrix[i] = {1.4 * columns[i], 1.4 * rows[i], 8 * n[i]};
  one.phases = phases;
  one.frame_of_reference = "1";
  return one;
}

std::vector<std::string> views(std::vector<FoundSeries> all) {
  tell_views(all);
  std::vector<std::string> names;
  for (const auto& one : all) names.push_back(one.view);
  return names;
}

const Point kAxis = {-2, 2, -1};  // to the left, the front and the feet
// Planes that hold the axis: one lies, one stands, one is between.
const Point kUp =
    unit_vector(minus({0, 0, 1}, times(dot({0, 0, 1}, unit_vector(kAxis)), unit_vector(kAxis))));
const Point kAcross = cross(unit_vector(kAxis), kUp);

TEST(ViewKind, GeometryTellsAllViewsWithoutNames) {
  EXPECT_EQ(
      views({series("", kUp, 1), series("", kAxis, 10), series("", kAcross, 1),
             series("", plus(times(0.7, kUp), times(0.7, kAcross)), 1), series("", kAxis, 1)}),
      (std::vector<std::string>{"4ch", "sax", "2ch", "3ch", "other"}));
}

TEST(ViewKind, NamesGoBeforeTheAngleOfALongAxis) {
  const auto found =
      views({series("cine SAX", kAxis, 10), series("cine_LAX_3Ch", kUp, 1), series("LVOT", kUp, 1),
             series("RVOT", kUp, 1), series("4-chamber", kAcross, 1)});
  EXPECT_EQ(found, (std::vector<std::string>{"sax", "3ch", "3ch", "other", "4ch"}));
}

// A stack of long-axis slices beside the short axis, and stacks of other kinds.
TEST(ViewKind, TheShortAxisIsTheFilmAcrossTheHeart) {
  EXPECT_EQ(views({series("", kUp, 9), series("", kAxis, 10)})[1], "sax");
  EXPECT_EQ(views({series("SSFP LAx", kUp, 14), series("SSFP SAx", kAxis, 12)})[1], "sax");
  EXPECT_EQ(views({series("late", kAxis, 14, 1), series("", kAxis, 10)})[1], "sax");
  EXPECT_EQ(views({series("", kUp, 1)}), std::vector<std::string>{"other"});
  EXPECT_TRUE(views({}).empty());
}

TEST(ViewKind, OtherCoordinatesDoNotMeet) {
  auto view = series("4ch", kUp, 1);
  view.frame_of_reference = "2";
  EXPECT_EQ(views({series("", kAxis, 10), view})[1], "other");
  view.frame_of_reference = "";  // unknown
  EXPECT_EQ(views({series("", kAxis, 10), view})[1], "4ch");
}

TEST(ViewKind, SaysHowItWasTold) {
  std::vector<FoundSeries> all = {series("", kAxis, 10), series("2ch", kUp, 1), series("", kUp, 1)};
  tell_views(all);
  EXPECT_EQ(all[0].view_by, "geometry");
  EXPECT_EQ(all[1].view_by, "name");
  EXPECT_EQ(all[2].view_by, "geometry");
}

}  // namespace
}  // namespace dmcvr
