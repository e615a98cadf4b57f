// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/dataset/batches.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <string>
#include <vector>

namespace dmcvr {
namespace {

// Two subjects with a bright disc each; the last slice of each has no heart, one has no labels at
// all.
PackedSlices disc_slices() {
  PackedSlices packed;
  for (int64_t i = 0; i < 8; ++i) {
    const int64_t subject = i / 4;
    const double row = subject == 0 ? 40 : 75, column = subject == 0 ? 90 : 50;
    const auto y = torch::arange(120, torch::kFloat64).unsqueeze(1) - row;
    const auto x = torch::arange(130, torch::kFloat64) - column;
    const auto disc = (y * y + x * x < 100) * (i % 4 != 3);
    PackedSlice slice;
    slice.image = (disc * 100 + 20 + i).to(torch::kUInt8);
    if (i % 4 != 2) slice.labels = disc.to(torch::kUInt8);
    slice.case_index = subject;
    slice.slice_index = i % 4;
    packed.slices.push_back(slice);
  }
  return packed;
}

InputRule small_rule() {
  InputRule rule;
  rule.patch_size = 64;
  return rule;
}

TEST(Batches, HeartCenterIsThatOfTheStack) {
  const auto centers = heart_centers(disc_slices().slices);
  for (size_t i = 0; i < 8; ++i) {
    EXPECT_NEAR(centers[i].first, i < 4 ? 40 : 75, 1e-9) << i;
    EXPECT_NEAR(centers[i].second, i < 4 ? 90 : 50, 1e-9) << i;
  }
  auto bare = disc_slices().slices;
  for (auto& slice : bare) slice.labels = torch::Tensor();
  EXPECT_EQ(heart_centers(bare)[0], std::make_pair(59.5, 64.5));
}

TEST(Batches, FixedPatchesAreCenteredCopies) {
  const PatchSampler sampler(disc_slices(), small_rule(), {}, 1, false);
  const auto batch = sampler.fixed_batch(100);
  EXPECT_EQ(batch.images.sizes(), (std::vector<int64_t>{8, 1, 64, 64}));
  EXPECT_FALSE(batch.labels.defined());  // one slice has none
  const auto bright = (batch.images[0][0] > 0.5).nonzero().to(torch::kFloat64).mean(0);
  EXPECT_NEAR(bright[0].item<double>(), 31.5, 0.51);
  EXPECT_NEAR(bright[1].item<double>(), 31.5, 0.51);
  // Nothing is interpolated: the values are those stored.
  const auto steps = batch.images * kPackedSteps;
  EXPECT_LT((steps - steps.round()).abs().max().item<double>(), 1e-4);
}

TEST(BatchesProperty, PatchDoesNotDependOnBatchSize) {
  BatchOptions options;
  options.anywhere_fraction = 0.4;
  options.batch_size = 4;
  const PatchSampler fours(disc_slices(), small_rule(), options, 7, true);
  options.batch_size = 2;
  const PatchSampler pairs(disc_slices(), small_rule(), options, 7, true);
  for (int64_t i = 0; i < 4; ++i) {
    const auto whole = fours.batch(i), first = pairs.batch(2 * i), second = pairs.batch(2 * i + 1);
    EXPECT_EQ(whole.first_item, first.first_item);
    EXPECT_TRUE(torch::equal(whole.images, torch::cat({first.images, second.images})));
    EXPECT_TRUE(torch::equal(whole.labels, torch::cat({first.labels, second.labels})));
  }
  EXPECT_FALSE(
      torch::equal(fours.batch(0).images,
                   PatchSampler(disc_slices(), small_rule(), options, 8, true).batch(0).images));
}

// Wide batches too, whose few patches are not always a multiple of the processes.
TEST(Batches, SharesOfProcessesMakeUpTheLargerBatch) {
  BatchOptions options;
  options.crop_size = 32;
  options.wide_every = 3;
  options.wide_size = 64;
  for (const auto& [each, count] : {std::pair<int64_t, int64_t>{4, 2}, {2, 3}, {1, 4}}) {
    options.batch_size = each;
    const PatchSampler shared(disc_slices(), small_rule(), options, 7, true);
    options.batch_size = each * count;
    const PatchSampler whole(disc_slices(), small_rule(), options, 7, true);
    for (int64_t index = 0; index < 7; ++index) {
      const auto expected = whole.batch(index);
      std::vector<torch::Tensor> images;
      double weights = 0, mean = 0;
      for (int64_t rank = 0; rank < count; ++rank) {
        const auto part = shared.batch(index, {rank, count});
        weights += part.weight;
        mean += part.weight * part.images.mean({1, 2, 3}).mean().item<double>();
        if (part.weight == 0) continue;
        if (images.empty()) {
          EXPECT_EQ(part.first_item, expected.first_item);
        }
        images.push_back(part.images);
      }
      EXPECT_TRUE(torch::equal(torch::cat(images), expected.images)) << index;
      EXPECT_NEAR(weights, static_cast<double>(count), 1e-12);
      EXPECT_NEAR(mean / static_cast<double>(count), expected.images.mean().item<double>(), 1e-5);
    }
  }
}

TEST(Batches, EverySliceComesOncePerPass) {
  BatchOptions options;
  options.batch_size = 8;
  options.augmentation.recipe = AugmentationRecipe::none;
  options.jitter_mm = 0;
  const PatchSampler sampler(disc_slices(), small_rule(), options, 3, false);
  for (int64_t pass = 0; pass < 3; ++pass) {
    std::set<int64_t> seen;
    // Background values tell the slices apart; this pixel lies inside all of them.
    const auto corners =
        (sampler.batch(pass).images.select(1, 0).select(1, 63).select(1, 0) * kPackedSteps).round();
    for (int64_t i = 0; i < 8; ++i) seen.insert(corners[i].item<int64_t>());
    EXPECT_EQ(seen.size(), 8u);
  }
}

// In each stack of disc_slices the third slice has no labels, so that the fourth, without a heart,
// has no neighbor; with labels both sides of that border are ends.
TEST(Batches, SlicesWhereAStructureEndsComeMoreOften) {
  EXPECT_EQ(end_slices(disc_slices().slices), std::vector<bool>(8, false));
  auto packed = disc_slices();
  for (const size_t i : {2, 6}) packed.slices[i].labels = packed.slices[i - 1].labels;
  const std::vector<bool> ends = {false, false, true, true, false, false, true, true};
  EXPECT_EQ(end_slices(packed.slices), ends);

  // Neighbors of another phase or subject are none.
  auto apart = packed.slices;
  for (size_t i = 0; i < 8; ++i) apart[i].phase_index = static_cast<int64_t>(i);
  EXPECT_EQ(end_slices(apart), std::vector<bool>(8, false));

  BatchOptions options;
  options.batch_size = 16;  // of a pass: 4 + 3 x 4 patches
  options.end_repeats = 3;
  options.augmentation.recipe = AugmentationRecipe::none;
  for (size_t i = 0; i < 8; ++i) packed.slices[i].image.fill_(static_cast<int64_t>(20 + i));
  const PatchSampler sampler(packed, small_rule(), options, 3, false);
  for (int64_t pass = 0; pass < 3; ++pass) {
    const auto images = sampler.batch(pass).images;
    std::vector<int64_t> count(8, 0);
    for (int64_t i = 0; i < 16; ++i) {
      const auto value = std::llround(images[i][0][32][32].item<double>() * kPackedSteps);
      ++count.at(static_cast<size_t>(value - 20));
    }
    for (size_t i = 0; i < 8; ++i) EXPECT_EQ(count[i], ends[i] ? 3 : 1) << i;
  }
}

// Three sets of 8, 16 and 8 slices whose brightness tells them apart.
PackedSlices three_sets() {
  std::vector<PackedSlices> sets = {disc_slices(), joined({disc_slices(), disc_slices()}),
                                    disc_slices()};
  for (size_t set = 0; set < sets.size(); ++set) {
    for (size_t i = 0; i < sets[set].slices.size(); ++i)
      sets[set].slices[i].image.fill_(static_cast<int64_t>(40 * set + i));
  }
  return joined(sets);
}

// The slices that the batches are of, by their value.
std::vector<int64_t> drawn(const PatchSampler& sampler, int64_t items) {
  std::vector<int64_t> values;
  for (int64_t index = 0; static_cast<int64_t>(values.size()) < items; ++index) {
    const auto batch = sampler.batch(index);
    for (int64_t i = 0; i < batch.images.size(0); ++i) {
      const auto unit = batch.images[i][0][32][32].item<double>();
      values.push_back(std::llround(unit * kPackedSteps));
    }
  }
  values.resize(static_cast<size_t>(items));
  return values;
}

TEST(BatchesProperty, SetsTakeTurnsAsTheirSharesSay) {
  BatchOptions options;
  options.augmentation.recipe = AugmentationRecipe::none;
  options.shares = {3, 1, 2};
  options.batch_size = 6;
  const InputRule rule = small_rule();
  const auto values = drawn(PatchSampler(three_sets(), rule, options, 3, false), 240);

  // Of any number of patches each set has its share, within one for each set before it.
  std::array<int64_t, 3> counts{};
  for (size_t n = 0; n < values.size(); ++n) {
    ++counts[static_cast<size_t>(values[n] / 40)];
    const auto all = static_cast<double>(n + 1);
    EXPECT_NEAR(static_cast<double>(counts[0]), all * 3 / 6, 1);
    EXPECT_NEAR(static_cast<double>(counts[1]), all * 1 / 6, 2);
    EXPECT_NEAR(static_cast<double>(counts[2]), all * 2 / 6, 2);
  }

  // In each set every slice comes once before any comes twice, each time in another order.
  std::array<std::vector<int64_t>, 3> of_set;
  for (const int64_t value : values) of_set[static_cast<size_t>(value / 40)].push_back(value);
  for (const auto& set : of_set) {
    const size_t size = &set == &of_set[1] ? 16 : 8;
    for (size_t pass = 0; (pass + 1) * size <= set.size(); ++pass) {
      const auto first = set.begin() + static_cast<std::ptrdiff_t>(pass * size);
      EXPECT_EQ(std::set<int64_t>(first, first + static_cast<std::ptrdiff_t>(size)).size(), size);
    }
  }
  EXPECT_FALSE(std::equal(of_set[0].begin(), of_set[0].begin() + 8, of_set[0].begin() + 8));

  // Batches of another size are of the same patches.
  options.batch_size = 11;
  EXPECT_EQ(drawn(PatchSampler(three_sets(), rule, options, 3, false), 240), values);
}

TEST(Batches, SharesFitTheSets) {
  BatchOptions options;
  const auto refusal = [&](const PackedSlices& packed) -> std::string {
    try {
      const PatchSampler sampler(packed, small_rule(), options, 3, true);
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  options.shares = {1, 1};
  EXPECT_NE(refusal(three_sets()).find("2 shares for 3 files"), std::string::npos);
  options.shares = {1, 0, 1};
  EXPECT_NE(refusal(three_sets()).find("shares 0"), std::string::npos);
  options.shares = {1, 1, 1};
  EXPECT_EQ(refusal(three_sets()), "");
  auto bare = three_sets();
  for (auto& slice : bare.slices)
    if (slice.part_index == 1) slice.labels = torch::Tensor();
  EXPECT_NE(refusal(bare).find("file 2 of packed slices has a share and no labeled"),
            std::string::npos);
}

TEST(Batches, WideBatchesCostTheSame) {
  BatchOptions options;
  options.batch_size = 16;
  options.crop_size = 32;
  options.wide_every = 3;
  options.wide_size = 64;
  const PatchSampler sampler(disc_slices(), small_rule(), options, 3, true);
  EXPECT_EQ(sampler.batch(0).images.sizes(), (std::vector<int64_t>{16, 1, 32, 32}));
  EXPECT_EQ(sampler.batch(2).images.sizes(), (std::vector<int64_t>{4, 1, 64, 64}));
  EXPECT_EQ(sampler.batch(2).labels.sizes(), (std::vector<int64_t>{4, 64, 64}));
}

// Padding and cropping about the middle put the extra pixel of an odd difference at the end.
TEST(Batches, MiddleOfThePictureAsTheReference) {
  for (const int64_t size : {61, 62, 63, 64, 65, 66, 67}) {
    PackedSlices packed;
    PackedSlice slice;
    slice.image =
        torch::arange(size * size).remainder(241).add(1).view({size, size}).to(torch::kUInt8);
    packed.slices = {slice};
    BatchOptions options;
    options.center_on_heart = false;
    const auto patch =
        PatchSampler(packed, small_rule(), options, 1, false).fixed_batch(1).images[0][0];
    const int64_t before = std::abs(size - 64) / 2;
    const auto found = (patch * kPackedSteps).round().to(torch::kUInt8);
    if (size <= 64) {
      EXPECT_TRUE(torch::equal(
          found.slice(0, before, before + size).slice(1, before, before + size), slice.image));
      EXPECT_EQ((found > 0).sum().item<int64_t>(), size * size);
    } else {
      EXPECT_TRUE(torch::equal(
          found, slice.image.slice(0, before, before + 64).slice(1, before, before + 64)));
    }
  }
}

TEST(Batches, WideOnesLeaveNoSliceOut) {
  BatchOptions options;
  options.batch_size = 4;
  options.wide_every = 2;
  options.wide_size = 128;  // four times the pixels: one slice instead of four
  const PatchSampler sampler(disc_slices(), small_rule(), options, 1, false);
  int64_t next = 0;
  for (int64_t index = 0; index < 6; ++index) {
    const auto batch = sampler.batch(index);
    EXPECT_EQ(batch.first_item, next) << index;
    EXPECT_EQ(batch.images.size(0), index % 2 == 0 ? 4 : 1);
    next += batch.images.size(0);
  }
}

TEST(Batches, RangeOfTheRuleAndBack) {
  auto rule = small_rule();
  rule.range_low = -1;
  const PatchSampler sampler(disc_slices(), rule, {}, 1, false);
  const PatchSampler plain(disc_slices(), small_rule(), {}, 1, false);
  const auto values = sampler.batch(0).images;
  EXPECT_TRUE(torch::allclose(unit_from_network(values, rule), plain.batch(0).images, 1e-5, 1e-6));
  EXPECT_LT(values.min().item<float>(), 0);
}

TEST(Batches, MeanBatchSizeIsThatOfTheBatches) {
  BatchOptions options;
  options.batch_size = 6;
  options.crop_size = 32;
  options.wide_size = 64;
  for (const int64_t wide_every : {0, 3}) {
    options.wide_every = wide_every;
    const PatchSampler sampler(disc_slices(), small_rule(), options, 5, true);
    for (const int64_t processes : {1, 2}) {
      int64_t patches = 0;
      for (int64_t index = 0; index < 6; ++index) {
        for (int64_t rank = 0; rank < processes; ++rank)
          patches += sampler.batch(index, {rank, processes}).images.size(0);
      }
      EXPECT_NEAR(sampler.mean_batch_size(processes), static_cast<double>(patches) / 6, 1e-12);
    }
  }
}

TEST(Batches, FileWithoutUsableSlicesIsAnError) {
  auto packed = disc_slices();
  for (auto& slice : packed.slices) slice.labels = torch::Tensor();
  EXPECT_THROW(PatchSampler(packed, small_rule(), {}, 1, true), Error);
  EXPECT_NO_THROW(PatchSampler(packed, small_rule(), {}, 1, false));
}

}  // namespace
}  // namespace dmcvr
