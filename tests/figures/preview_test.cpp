// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/preview.h"

#include "figures/toy_heart.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dmcvr {
namespace {

PreviewContent toy_content(const std::vector<std::string>& names) {
  const test::ToyHeart heart = test::toy_heart();
  PreviewContent content;
  content.title = "toy";
  content.labels = heart.labels;
  content.labels.voxels = heart.labels.voxels.repeat({static_cast<int64_t>(names.size()), 1, 1, 1});
  content.volume = {heart.labels.grid, content.labels.voxels.to(torch::kFloat32) * 100, {}};
  content.phase_names = names;
  content.acquired_planes = {0, 4, 8, 12};
  return content;
}

PreviewOptions small_page() {
  PreviewOptions options;
  options.width = 700;
  options.columns = 6;
  return options;
}

TEST(PreviewPhases, AreEndDiastoleAndEndSystoleWhereNamed) {
  EXPECT_EQ(preview_phases({"phase00", "ed", "phase02", "es"}, 2), (std::vector<int64_t>{1, 3}));
  EXPECT_EQ(preview_phases({"phase00"}, 2), (std::vector<int64_t>{0}));
  EXPECT_EQ(preview_phases({"phase00", "phase01", "phase02", "phase03"}, 2),
            (std::vector<int64_t>{0, 2}));
}

TEST(PreviewPlanesProperty, KeepAcquiredPlanesInOrderAndTheLimit) {
  for (int64_t step = 1; step < 9; ++step) {
    for (int64_t count = 1; count < 22; ++count) {
      for (const int64_t most : {1, 12, 48}) {
        std::vector<int64_t> acquired;
        for (int64_t n = 0; n < count; ++n) acquired.push_back(n * step);
        const auto planes = preview_planes(acquired, most);
        EXPECT_TRUE(std::is_sorted(planes.begin(), planes.end(), std::less_equal<int64_t>()));
        EXPECT_TRUE(std::includes(planes.begin(), planes.end(), acquired.begin(), acquired.end()));
        EXPECT_LE(static_cast<int64_t>(planes.size()), std::max(most, count));
        if (most == 48 && (count - 1) * step < 48) {
          EXPECT_EQ(static_cast<int64_t>(planes.size()), (count - 1) * step + 1);
        }
      }
    }
  }
}

TEST(Preview, SameContentGivesSamePixels) {
  const PreviewContent content = toy_content({"ed"});
  EXPECT_TRUE(preview(content, small_page()).rgb.equal(preview(content, small_page()).rgb));
}

TEST(Preview, HasTheWidthAskedForAndARowPerPhase) {
  const Picture one = preview(toy_content({"ed"}), small_page());
  const Picture two = preview(toy_content({"ed", "es"}), small_page());
  EXPECT_EQ(one.width(), 700);
  EXPECT_EQ(two.width(), 700);
  EXPECT_GT(two.height(), one.height() * 3 / 2);
  EXPECT_GE(one.rgb.min().item<float>(), 0);
  EXPECT_LE(one.rgb.max().item<float>(), 1);
}

TEST(Preview, ContoursAreDrawnUnlessUnwanted) {
  PreviewOptions plain = small_page();
  plain.has_contours = false;
  const PreviewContent content = toy_content({"ed"});
  const Picture with = preview(content, small_page()), without = preview(content, plain);
  const double changed = (with.rgb != without.rgb).any(2).to(torch::kFloat64).mean().item<double>();
  EXPECT_GT(changed, 0.01);
  EXPECT_LT(changed, 0.3);
}

TEST(Preview, GeneratedPlanesDoNotReachTheAcquiredHalfOfTheCuts) {
  // Making the generated planes bright changes the page, but fewer pixels than if acquired ones
  // change too.
  PreviewContent content = toy_content({"ed"});
  const Picture before = preview(content, small_page());
  content.volume.voxels.index_fill_(1, torch::tensor({1, 2, 3, 5, 6, 7, 9, 10, 11}), 300);
  const Picture after = preview(content, small_page());
  const auto differs = (before.rgb != after.rgb).any(2);
  // The four cuts: acquired, dense, acquired, dense, each a quarter of the width.
  const int64_t top = 36 + 78 + 18 + 28 + 8 + 2, inner = 628 / 4;
  const auto cuts = differs.slice(0, top, top + 60);
  EXPECT_FALSE(cuts.slice(1, 40, 36 + inner - 24).any().item<bool>());
  EXPECT_TRUE(cuts.slice(1, 36 + inner + 8, 36 + 2 * inner - 8).any().item<bool>());
}

TEST(Preview, AHeartWithoutLabelsIsStillShown) {
  PreviewContent content = toy_content({"ed"});
  content.labels.voxels.zero_();
  EXPECT_GT(preview(content, small_page()).height(), 200);
}

TEST(Preview, RefusesSenselessSizes) {
  PreviewOptions options;
  options.width = 10;
  EXPECT_THROW(preview(toy_content({"ed"}), options), Error);
}

}  // namespace
}  // namespace dmcvr
