// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/dense_labels.h"

#include "reconstruction/tiny_networks.h"
#include "reconstruction/tiny_study.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

struct Labeled {
  Plan plan;
  Slices slices;
  Drawn drawn;
};

Labeled prepare_labels(Networks& networks, const Study& study) {
  ReconstructOptions options;
  options.cleanup.enabled = false;
  Labeled parts{make_plan(study, networks, options), {}, {}};
  parts.slices =
      to_slices(study, test::middle_of(study.sax.grid), networks.generator.info.input_rule);
  const auto count = static_cast<int64_t>(parts.plan.drawn_planes.size());
  parts.drawn = {parts.plan.drawn_planes, test::tiny_pictures(count).squeeze(1)};
  return parts;
}

}  // namespace

TEST(DenseLabels, LieOnTheirPlanes) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study();
  const Labeled parts = prepare_labels(networks, study);
  const auto labels = dense_labels(parts.slices.patches[1], parts.slices, parts.drawn, parts.plan,
                                   networks.segmenter);
  EXPECT_EQ(labels.sizes(), at::IntArrayRef({7, 40, 44}));
  EXPECT_GT(labels.max().item<int>(), 0);

  const auto acquired = label_patches(parts.slices.patches[1], parts.slices, networks.segmenter, 4);
  const auto drawn = label_patches(parts.drawn.patches, parts.slices, networks.segmenter, 4);
  for (int64_t k = 0; k < acquired.size(0); ++k) {
    EXPECT_TRUE(labels[parts.plan.planes.acquired_planes[k]].equal(acquired[k]));
  }
  for (int64_t m = 0; m < drawn.size(0); ++m) {
    EXPECT_TRUE(labels[parts.drawn.planes[m]].equal(drawn[m]));
  }
}

TEST(DenseLabels, HeedTheOutlinesAroundByTheirWeight) {
  auto networks = test::tiny_networks();
  Labeled parts = prepare_labels(networks, test::tiny_study());
  const auto label = [&](double weight) {
    parts.plan.outline_weight = weight;
    return dense_labels(parts.slices.patches[0], parts.slices, parts.drawn, parts.plan,
                        networks.segmenter);
  };
  const auto seen = label(0), joined = label(0.5), outlines = label(1);
  const auto acquired = torch::tensor(parts.plan.planes.acquired_planes, torch::kInt64);
  EXPECT_TRUE(joined.index_select(0, acquired).equal(seen.index_select(0, acquired)));
  EXPECT_FALSE(joined.equal(seen));
  EXPECT_FALSE(joined.equal(outlines));
  // Outlines alone do not depend on what was drawn.
  parts.drawn.patches = parts.drawn.patches.flip(2);
  EXPECT_TRUE(label(1).equal(outlines));
}

TEST(DenseLabels, AreBackgroundOutsideThePatch) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study();
  const Labeled parts = prepare_labels(networks, study);
  const auto labels = label_patches(parts.slices.patches[0], parts.slices, networks.segmenter, 4);
  // 132 mm of columns, 128 mm of patch: the outermost columns have no label.
  EXPECT_FALSE(labels.select(2, 0).any().item<bool>());
  EXPECT_FALSE(labels.select(2, 43).any().item<bool>());
}

TEST(DenseLabels, ProgressReachesItsTotal) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study();
  Labeled parts = prepare_labels(networks, study);
  for (const double weight : {0.0, 0.5}) {
    parts.plan.outline_weight = weight;
    int64_t last = 0;
    dense_labels(parts.slices.patches[0], parts.slices, parts.drawn, parts.plan, networks.segmenter,
                 [&](int64_t done, int64_t total) {
                   EXPECT_GE(done, last);
                   EXPECT_EQ(2 * total, parts.plan.evaluations.segment);  // of two phases
                   last = done;
                 });
    EXPECT_EQ(2 * last, parts.plan.evaluations.segment);
  }
}

}  // namespace dmcvr
