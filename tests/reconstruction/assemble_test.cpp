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
  parts.drawn = {parts.plan.drawn_planes, torch::full({count, 64, 64}, unit)};
  return parts;
}

torch::Tensor volume_of(const Parts& parts, int64_t phase) {
  const auto& acquired = parts.study.sax.voxels;
  return assemble_volume(acquired[phase], value_range(acquired), parts.slices, parts.plan.planes,
                         parts.drawn);
}

torch::Tensor provenance_of(const Parts& parts) {
  return assemble_provenance(parts.slices, parts.plan.planes, parts.drawn.planes);
}

}  // namespace

TEST(Assemble, AcquiredVoxelsComeOutBitForBit) {
  const Parts parts = flat_parts(0.5);
  for (int64_t phase = 0; phase < 2; ++phase) {
    const auto volume = volume_of(parts, phase);
    for (int64_t k = 0; k < 3; ++k) {
      const int64_t plane = parts.plan.planes.acquired_planes[k];
      EXPECT_TRUE(volume[plane].equal(parts.study.sax.voxels[phase][k]));
    }
  }
}

TEST(Assemble, PlanesBetweenAreDrawnInsideThePatchAndLinearOutside) {
  const Parts parts = flat_parts(0.5);
  const auto provenance = provenance_of(parts);
  const auto flat = to_scanner(parts.slices, torch::full({1, 64, 64}, 0.5))[0];
  for (int64_t phase = 0; phase < 2; ++phase) {
    const auto volume = volume_of(parts, phase);
    const auto linear = linear_planes(parts.study.sax.voxels[phase], parts.plan.planes);
    for (const int64_t plane : parts.plan.drawn_planes) {
      const auto outside = provenance[plane] == 0;
      EXPECT_GT(outside.sum().item<int64_t>(), 0);
      EXPECT_TRUE(volume[plane].masked_select(outside).equal(linear[plane].masked_select(outside)));
      EXPECT_NEAR(volume[plane][20][21].item<double>(), flat[20][21].item<double>(), 1e-2);
    }
  }
}

TEST(Assemble, DrawnValuesStayWithinTheAcquiredOnesOfAllPhases) {
  for (const double unit : {-3.0, 9.0}) {
    const Parts parts = flat_parts(unit);
    const auto& acquired = parts.study.sax.voxels;
    for (int64_t phase = 0; phase < 2; ++phase) {
      const auto voxels = volume_of(parts, phase);
      EXPECT_EQ(unit < 0 ? voxels.min().item<float>() : voxels.max().item<float>(),
                unit < 0 ? acquired.min().item<float>() : acquired.max().item<float>());
    }
  }
}

TEST(Assemble, ProvenanceKnowsEveryVoxel) {
  const Parts parts = flat_parts(0.5);
  const auto provenance = provenance_of(parts);
  for (int64_t plane = 0; plane < provenance.size(0); ++plane) {
    const auto values = provenance[plane];
    if (std::count(parts.drawn.planes.begin(), parts.drawn.planes.end(), plane) == 0) {
      EXPECT_TRUE((values == kAcquired).all().item<bool>());
    } else {
      EXPECT_FALSE((values == kAcquired).any().item<bool>());
      EXPECT_TRUE((values == kGenerated).any().item<bool>());
    }
  }
}

TEST(Assemble, RegeneratedPlanesAreNotCalledAcquired) {
  const Parts parts = flat_parts(0.5, true);
  const auto volume = volume_of(parts, 0);
  const auto first = provenance_of(parts)[0];
  EXPECT_EQ(first[20][21].item<int>(), kGenerated);
  EXPECT_FALSE(volume[0].equal(parts.study.sax.voxels[0][0]));
  // Outside the patch the measured voxels stay.
  const auto measured = first == kAcquired;
  EXPECT_TRUE(volume[0].masked_select(measured).equal(
      parts.study.sax.voxels[0][0].masked_select(measured)));
}

}  // namespace dmcvr
