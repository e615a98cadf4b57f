// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/montage.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

MontageOptions plain_layout() {
  MontageOptions options;
  options.columns = 2;
  options.gap_px = 3;
  options.frame_px = 1;
  options.background = {};
  return options;
}

TEST(Montage, PlacesTilesRowByRowInsideFrames) {
  std::vector<Tile> tiles;
  for (const double gray : {0.25, 0.5, 0.75}) {
    tiles.push_back({blank_picture(4, 5, {gray, gray, gray}), "", Color{1, 0, 0}});
  }
  const Picture picture = montage(tiles, plain_layout());
  EXPECT_EQ(picture.height(), 2 * (4 + 2) + 3);
  EXPECT_EQ(picture.width(), 2 * (5 + 2) + 3);
  EXPECT_FLOAT_EQ(picture.rgb[1][1][1].item<float>(), 0.25f);
  EXPECT_FLOAT_EQ(picture.rgb[4][15][1].item<float>(), 0.5f);
  EXPECT_FLOAT_EQ(picture.rgb[10][1][1].item<float>(), 0.75f);
  // Three frames, and nothing in the place of the fourth tile.
  const auto red = (picture.rgb.select(2, 0) == 1) & (picture.rgb.select(2, 1) == 0);
  EXPECT_EQ(red.sum().item<int64_t>(), 3 * (6 * 7 - 4 * 5));
  EXPECT_EQ(picture.rgb.slice(0, 9).slice(1, 10).sum().item<float>(), 0);
}

TEST(Montage, CaptionsTakeRoomBelowTheTiles) {
  const auto tile = blank_picture(4, 60, {0.5, 0.5, 0.5});
  const Picture without = montage({{tile, "", std::nullopt}}, plain_layout());
  const Picture with = montage({{tile, "generated", std::nullopt}}, plain_layout());
  EXPECT_GE(with.height(), without.height() + plain_layout().caption.height_px);
  EXPECT_EQ(with.width(), without.width());
  EXPECT_GT(with.rgb.slice(0, without.height()).sum().item<float>(), 0);
}

TEST(Montage, CaptionsStayWithinTheirColumns) {
  const std::string caption = "dmcvr+registration 0.90 0.84 0.80";
  MontageOptions options = plain_layout();
  options.columns = 1;
  const Picture picture = montage({{blank_picture(4, 160, {}), caption, std::nullopt}}, options);
  ASSERT_GT(text_coverage(caption, options.caption).size(1), picture.width());
  const auto inked = torch::nonzero(picture.rgb.sum(2).sum(0) > 0).squeeze(1);
  // Both ends are there: margins are small and alike.
  const int64_t before = inked[0].item<int64_t>();
  const int64_t after = picture.width() - 1 - inked[-1].item<int64_t>();
  EXPECT_GT(before, 0);
  EXPECT_LT(before, 20);
  EXPECT_LE(std::abs(before - after), 2);
}

TEST(Montage, NoTilesGiveNoPicture) {
  EXPECT_EQ(montage({}).rgb.numel(), 0);
}

}  // namespace
}  // namespace dmcvr
