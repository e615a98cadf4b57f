// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/reconstruct.h"

#include "reconstruction/tiny_networks.h"
#include "reconstruction/tiny_study.h"

#include "dmcvr/core/error.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace dmcvr {
namespace {

// The untrained segmenter finds no heart: its center is given.
ReconstructOptions quick_options(const Study& study) {
  ReconstructOptions options;
  options.solver.nodes = 3;
  const Point center = test::middle_of(study.sax.grid);
  options.locate.center_mm = {center[0], center[1], center[2]};
  return options;
}

double largest_difference(const torch::Tensor& a, const torch::Tensor& b) {
  return (a - b).abs().max().item<double>();
}

}  // namespace

TEST(Reconstruct, KeepsAcquiredSlicesAndFillsTheGridInAllPhases) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(2, 3, 9);
  const Reconstruction result = reconstruct(study, networks, quick_options(study));

  EXPECT_EQ(result.volume.voxels.sizes(), at::IntArrayRef({2, 7, 40, 44}));
  EXPECT_EQ(result.volume.times_ms, study.sax.times_ms);
  EXPECT_EQ(result.phase_names, study.phase_names);
  EXPECT_EQ(result.acquired_planes, std::vector<int64_t>({0, 3, 6}));
  for (int64_t k = 0; k < 3; ++k) {
    EXPECT_TRUE(result.volume.voxels.select(1, 3 * k).equal(study.sax.voxels.select(1, k)));
  }
  EXPECT_TRUE(torch::isfinite(result.volume.voxels).all().item<bool>());

  // The first and the last slice stay where they are in the patient.
  for (const auto& [slice, plane] : std::map<double, double>{{0, 0}, {2, 6}}) {
    const Point before = study.sax.grid.world_from_voxel({7, 9, slice});
    const Point after = result.volume.grid.world_from_voxel({7, 9, plane});
    for (size_t axis = 0; axis < 3; ++axis) EXPECT_NEAR(before[axis], after[axis], 1e-9);
  }
  result.volume.check();
  result.labels.check();
  result.provenance.check();
  EXPECT_TRUE(same_grid(result.labels.grid, result.volume.grid));
}

TEST(Reconstruct, FromRegisteredPicturesAcquiredSlicesStayAndEqualOnesFillTheirGap) {
  auto networks = test::tiny_networks();
  Study study = test::tiny_study(1, 3, 9);
  study.sax.voxels.select(1, 1).copy_(study.sax.voxels.select(1, 0));
  auto options = with_registration(quick_options(study));
  options.start_sigma = 0.011;  // next to none
  options.outline_weight = 0;
  options.cleanup.enabled = false;
  const Reconstruction result = reconstruct(study, networks, options);
  for (int64_t k = 0; k < 3; ++k) {
    EXPECT_TRUE(result.volume.voxels.select(1, 3 * k).equal(study.sax.voxels.select(1, k)));
  }
  // Between equal slices nothing moves, and hardly any noise was there to be taken for a picture.
  const auto slice = study.sax.voxels[0][0];
  const double range = (slice.max() - slice.min()).item<double>();
  EXPECT_LT((result.volume.voxels[0][1] - slice).abs().mean().item<double>(), 0.05 * range);
  // Rounding may turn what an untrained segmenter finds equally likely.
  const auto differs = result.labels.voxels[0][1] != result.labels.voxels[0][0];
  EXPECT_LT(differs.to(torch::kFloat32).mean().item<double>(), 0.01);
}

TEST(Reconstruct, SameSeedSameBytes) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(1, 3, 6);
  auto options = quick_options(study);
  for (const auto code : {StochasticCode::inverted, StochasticCode::drawn}) {
    options.stochastic_code = code;
    const Reconstruction a = reconstruct(study, networks, options),
                         b = reconstruct(study, networks, options);
    EXPECT_TRUE(a.volume.voxels.equal(b.volume.voxels));
    EXPECT_TRUE(a.labels.voxels.equal(b.labels.voxels));
  }
}

// Codes and pictures of one stage agree within 1e-5 (encode_test, decode_test). Together more is
// left: the picture is 157 times fainter in x_T, and rounding there comes back enlarged.
TEST(Reconstruct, BatchesChangeNothingButRounding) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(2, 3, 6);
  auto options = quick_options(study);
  options.precision = Precision::float32;  // bfloat16 would show the rounding
  options.solver.nodes = 10;
  const auto many = reconstruct(study, networks, options).volume.voxels;
  options.batch_mib = 1;
  ASSERT_LT(patches_per_batch(networks, 1), patches_per_batch(networks, 512));
  const auto few = reconstruct(study, networks, options).volume.voxels;
  EXPECT_LT(largest_difference(many, few), 1e-4 * study.sax.voxels.max().item<double>());
}

TEST(Reconstruct, APhaseDoesNotDependOnTheOthersButThroughBrightness) {
  auto networks = test::tiny_networks();
  Study study = test::tiny_study(2, 3, 6);
  study.sax.voxels[1].copy_(
      study.sax.voxels[0].flip(0));  // the same values, so the same percentiles
  const auto result = reconstruct(study, networks, quick_options(study)).volume.voxels;
  study.sax.voxels.copy_(study.sax.voxels.flip(0));
  const auto swapped = reconstruct(study, networks, quick_options(study)).volume.voxels;
  EXPECT_LT(largest_difference(result, swapped.flip(0)),
            1e-4 * study.sax.voxels.max().item<double>());
}

TEST(Reconstruct, WithoutMissingPlanesItIsTheStudyWithLabels) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(1, 3, 9);
  const auto options = quick_options(study);
  for (const auto& way : {options, with_registration(options)}) {
    auto as_acquired = way;
    as_acquired.slice_spacing_mm = 9;
    const Reconstruction result = reconstruct(study, networks, as_acquired);
    EXPECT_TRUE(result.volume.voxels.equal(study.sax.voxels));
    EXPECT_TRUE((result.provenance.voxels == kAcquired).all().item<bool>());
  }
}

TEST(Reconstruct, SliceSpacingIsKept) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(1, 2, 9);
  auto options = quick_options(study);
  options.slice_spacing_mm = 4.5;
  EXPECT_NEAR(reconstruct(study, networks, options).volume.grid.spacing_mm()[2], 4.5, 1e-9);
}

TEST(Reconstruct, APhantomComesOutOnTheGridOfItsTruth) {
  auto networks = test::tiny_networks();
  PhantomOptions small;
  small.phases = 2;
  small.slices = 3;
  small.pitch_mm = 8;
  small.spacing_mm = 2.5;
  small.matrix = 72;
  const Phantom phantom = make_phantom(small);
  const Reconstruction result = reconstruct(phantom.study, networks, quick_options(phantom.study));
  EXPECT_TRUE(same_grid(result.volume.grid, phantom.dense_labels.grid));
  EXPECT_EQ(result.volume.voxels.sizes(), phantom.dense_labels.voxels.sizes());
  EXPECT_EQ(result.phase_names, phantom.study.phase_names);
  for (int64_t k = 0; k < 3; ++k) {
    EXPECT_TRUE(result.volume.voxels.select(1, result.acquired_planes[k])
                    .equal(phantom.study.sax.voxels.select(1, k)));
  }
}

TEST(Reconstruct, UnevenSlicesKeepTheirVoxelsAndSayHowFarOffTheyAre) {
  auto networks = test::tiny_networks();
  Study study = test::tiny_study(1, 3, 6);
  study.slice_z_mm = {0, 6, 14.5};
  const Reconstruction result = reconstruct(study, networks, quick_options(study));
  const double step = result.volume.grid.spacing_mm()[2];
  EXPECT_NEAR(step, 7.25 / 2, 1e-9);
  EXPECT_EQ(result.acquired_planes, std::vector<int64_t>({0, 2, 4}));
  for (int64_t k = 0; k < 3; ++k) {
    EXPECT_TRUE(result.volume.voxels[0][result.acquired_planes[k]].equal(study.sax.voxels[0][k]));
    EXPECT_NEAR(result.plane_offsets_mm[k], study.slice_z_mm[k] - static_cast<double>(2 * k) * step,
                1e-9);
  }
}

TEST(Reconstruct, WorksWithoutMorphology) {
  auto networks = test::tiny_networks(false);
  const Study study = test::tiny_study(1, 2, 6);
  EXPECT_EQ(reconstruct(study, networks, quick_options(study)).volume.voxels.size(1), 3);
}

TEST(Reconstruct, StagesAddUpAndTellTheirProgress) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(1, 3, 6);
  auto options = quick_options(study);
  options.measure_round_trip = true;
  std::map<std::string, int64_t> last, total;
  const auto result = reconstruct(study, networks, options,
                                  [&](const std::string& stage, int64_t done, int64_t all) {
                                    EXPECT_GE(done, last[stage]);
                                    last[stage] = done;
                                    total[stage] = all;
                                  });
  EXPECT_EQ(last, total);
  EXPECT_EQ(total.at("encode"), 3 * 2);
  EXPECT_EQ(total.at("decode"), 2 * 2);

  std::map<std::string, int64_t> evaluations;
  for (const Stage& stage : result.stages) evaluations[stage.name] = stage.evaluations;
  EXPECT_EQ(evaluations.at("locate"), 0);
  EXPECT_EQ(evaluations.at("encode"), 3 * (2 + 2));
  EXPECT_EQ(evaluations.at("decode"), 2 * 2);
  EXPECT_TRUE(result.round_trip_psnr.has_value());
}

TEST(Reconstruct, MoreNodesSurviveTheRoundTripBetter) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(1, 2, 3);
  auto options = quick_options(study);
  options.measure_round_trip = true;
  const double coarse = *reconstruct(study, networks, options).round_trip_psnr;
  options.solver.nodes = 24;
  EXPECT_GT(*reconstruct(study, networks, options).round_trip_psnr, coarse + 6);
}

TEST(Reconstruct, AFilmHandedOverPhaseByPhaseHasTheSameBytes) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(4, 3, 9);
  for (const auto& options : {quick_options(study), with_registration(quick_options(study))}) {
    const Reconstruction whole = reconstruct(study, networks, options);
    int64_t phases = 0;
    const Reconstruction film =
        reconstruct_film(study, networks, options, [&](int64_t phase, const Volume& volume) {
          volume.check();
          EXPECT_EQ(phase, phases++);
          EXPECT_TRUE(volume.voxels.equal(whole.volume.voxels[phase]));
        });
    EXPECT_EQ(phases, 4);
    EXPECT_FALSE(film.volume.voxels.defined());
    EXPECT_EQ(film.volume.times_ms, whole.volume.times_ms);
    EXPECT_TRUE(film.labels.voxels.equal(whole.labels.voxels));
    EXPECT_TRUE(film.provenance.voxels.equal(whole.provenance.voxels));
    ASSERT_TRUE(film.coherence && whole.coherence);
    EXPECT_EQ(coherence_json(*film.coherence).dump(), coherence_json(*whole.coherence).dump());
    EXPECT_GT(film.coherence->generated.intensity, 0);
  }
}

TEST(Reconstruct, TwoPhasesAreNoFilmToMeasure) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(2, 3, 9);
  EXPECT_FALSE(reconstruct(study, networks, quick_options(study)).coherence.has_value());
}

TEST(Reconstruct, ASingleSliceIsAnError) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(1, 1);
  EXPECT_THROW(reconstruct(study, networks, quick_options(study)), Error);
}

TEST(Reconstruct, NoHeartIsAnError) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(1, 2);
  auto options = quick_options(study);
  options.locate.center_mm.clear();
  options.locate.min_heart_ml = 2999;
  EXPECT_THROW(reconstruct(study, networks, options), Error);
}

}  // namespace dmcvr
