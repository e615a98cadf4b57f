// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/assemble.h"

#include "reconstruction/tiny_networks.h"
#include "reconstruction/tiny_study.h"

#include "dmcvr/reconstruction/linear.h"
#include "dmcvr/reconstruction/plan.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

struct Parts {
  Study study = test::tiny_study();
  Plan plan;
  Slices slices;
  Drawn drawn;
};

// Every drawn patch has the unit value `unit`.
Parts flat_parts(double unit, bool regenerate = false) {
  Parts parts;
  const auto networks = test::tiny_networks();
  ReconstructOptions options;
  options.regenerate = regenerate;
  parts.plan = make_plan(parts.study, networks, options);
  const auto& rule = networks.generator.info.input_rule;
  parts.slices = to_slices(parts.study, test::middle_of(parts.study.sax.grid), rule);
  const auto count = static_cast<int64_t>(parts.plan.drawn_planes.size());
  parts.drawn = {parts.plan.drawn_planes, torch::full({2, count, 64, 64}, unit)};
  return parts;
}

}  // namespace

TEST(Assemble, AcquiredVoxelsComeOutBitForBit) {
  const Parts parts = flat_parts(0.5);
  const Cine volume = assemble_volume(parts.study, parts.slices, parts.plan.planes, parts.drawn);
  for (int64_t k = 0; k < 3; ++k) {
    const int64_t plane = parts.plan.planes.acquired_planes[k];
    EXPECT_TRUE(volume.voxels.select(1, plane).equal(parts.study.sax.voxels.select(1, k)));
  }
  EXPECT_EQ(volume.times_ms, parts.study.sax.times_ms);
}

TEST(Assemble, PlanesBetweenAreDrawnInsideThePatchAndLinearOutside) {
  const Parts parts = flat_parts(0.5);
  const Cine volume = assemble_volume(parts.study, parts.slices, parts.plan.planes, parts.drawn);
  const Labels provenance = assemble_provenance(parts.slices, parts.plan.planes, parts.drawn, 2);
  const auto flat = to_scanner(parts.slices, torch::full({1, 64, 64}, 0.5))[0];
  for (int64_t phase = 0; phase < 2; ++phase) {
    const auto linear = linear_planes(parts.study.sax.voxels[phase], parts.plan.planes);
    for (const int64_t plane : parts.plan.drawn_planes) {
      const auto outside = provenance.voxels[phase][plane] == 0;
      EXPECT_GT(outside.sum().item<int64_t>(), 0);
      EXPECT_TRUE(volume.voxels[phase][plane].masked_select(outside).equal(
          linear[plane].masked_select(outside)));
      EXPECT_NEAR(volume.voxels[phase][plane][20][21].item<double>(), flat[20][21].item<double>(),
                  1e-2);
    }
  }
}

TEST(Assemble, DrawnValuesStayWithinTheAcquiredOnes) {
  for (const double unit : {-3.0, 9.0}) {
    const Parts parts = flat_parts(unit);
    const auto voxels =
        assemble_volume(parts.study, parts.slices, parts.plan.planes, parts.drawn).voxels;
    EXPECT_GE(voxels.min().item<float>(), parts.study.sax.voxels.min().item<float>());
    EXPECT_LE(voxels.max().item<float>(), parts.study.sax.voxels.max().item<float>());
  }
}

TEST(Assemble, ProvenanceKnowsEveryVoxel) {
  const Parts parts = flat_parts(0.5);
  const Labels provenance = assemble_provenance(parts.slices, parts.plan.planes, parts.drawn, 2);
  for (int64_t plane = 0; plane < provenance.grid.size[2]; ++plane) {
    const auto values = provenance.voxels.select(1, plane);
    if (std::count(parts.drawn.planes.begin(), parts.drawn.planes.end(), plane) == 0) {
      EXPECT_TRUE((values == kAcquired).all().item<bool>());
    } else {
      EXPECT_FALSE((values == kAcquired).any().item<bool>());
      EXPECT_TRUE((values == kGenerated).any().item<bool>());
    }
  }
  provenance.check();
}

TEST(Assemble, RegeneratedPlanesAreNotCalledAcquired) {
  const Parts parts = flat_parts(0.5, true);
  const Labels provenance = assemble_provenance(parts.slices, parts.plan.planes, parts.drawn, 2);
  const Cine volume = assemble_volume(parts.study, parts.slices, parts.plan.planes, parts.drawn);
  const auto first = provenance.voxels[0][0];
  EXPECT_EQ(first[20][21].item<int>(), kGenerated);
  EXPECT_FALSE(volume.voxels[0][0].equal(parts.study.sax.voxels[0][0]));
  // Outside the patch the measured voxels stay.
  const auto measured = first == kAcquired;
  EXPECT_TRUE(volume.voxels[0][0].masked_select(measured).equal(
      parts.study.sax.voxels[0][0].masked_select(measured)));
}

}  // namespace dmcvr
