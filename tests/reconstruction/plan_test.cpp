// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/plan.h"

#include "reconstruction/tiny_networks.h"
#include "reconstruction/tiny_study.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(Plan, DrawsOnlyTheMissingPlanes) {
  const auto networks = test::tiny_networks();
  const Plan plan = make_plan(test::tiny_study(2, 3, 9), networks, {});
  EXPECT_EQ(plan.planes.grid.size[2], 7);  // 9 mm pitch, 3 mm pixels
  EXPECT_EQ(plan.drawn_planes, std::vector<int64_t>({1, 2, 4, 5}));
  EXPECT_EQ(plan.evaluations.locate, 6);
  EXPECT_EQ(plan.evaluations.encode, 6 * (9 + 2));  // 10 nodes, two code networks
  EXPECT_EQ(plan.evaluations.decode, 8 * 9);
  EXPECT_EQ(plan.evaluations.segment, 14);
}

TEST(Plan, RegeneratingDrawsAllPlanesAtTheirSlices) {
  const auto networks = test::tiny_networks();
  ReconstructOptions options;
  options.regenerate = true;
  const Plan plan = make_plan(test::tiny_study(1, 3, 9), networks, options);
  EXPECT_EQ(plan.drawn_planes, std::vector<int64_t>({0, 1, 2, 3, 4, 5, 6}));
  for (size_t n = 0; n < 7; ++n)
    EXPECT_NEAR(plan.drawn_z_mm[n], 3.0 * static_cast<double>(n), 1e-9);
  EXPECT_EQ(plan.evaluations.segment, 7);
}

TEST(Plan, FromRegisteredPicturesThereIsLessToDraw) {
  const auto networks = test::tiny_networks();
  const auto options = with_registration({});
  const Plan plan = make_plan(test::tiny_study(2, 3, 9), networks, options);
  EXPECT_EQ(plan.evaluations.decode, 8 * evaluations_from(options.start_sigma, options.solver));
  EXPECT_LT(plan.evaluations.decode, 8 * evaluations(options.solver));
}

TEST(Plan, ASingleSliceIsAnError) {
  const auto networks = test::tiny_networks();
  EXPECT_THROW(make_plan(test::tiny_study(1, 1), networks, {}), Error);
}

TEST(Plan, MoreOfAnythingNeedsMoreMemory) {
  const auto networks = test::tiny_networks();
  ReconstructOptions options;
  const int64_t bytes = forecast_bytes(test::tiny_study(1, 3), networks, options);
  EXPECT_GT(bytes, options.batch_mib << 20);
  EXPECT_GT(forecast_bytes(test::tiny_study(4, 3), networks, options), bytes);
  options.slice_spacing_mm = 1;
  EXPECT_GT(forecast_bytes(test::tiny_study(1, 3), networks, options), bytes);
  options.batch_mib = 4096;
  EXPECT_GT(forecast_bytes(test::tiny_study(1, 3), networks, options), int64_t{4} << 30);
}

TEST(Plan, AFilmThatIsHandedOverNeedsLittleMoreForEachPhase) {
  const auto networks = test::tiny_networks();
  const ReconstructOptions options = with_registration({});
  const auto bytes = [&](int64_t phases) {
    return forecast_bytes(test::tiny_study(phases, 3, 9), networks, options, VolumeIs::handed_over);
  };
  const int64_t few = 1000, many = 3000;  // more than one batch of 512 MiB holds
  const int64_t acquired = 3 * 40 * 44, dense = 7 * 40 * 44, patches = 3 * 64 * 64;
  EXPECT_EQ((bytes(many) - bytes(few)) / (many - few), 4 * (2 * acquired + patches) + dense);
  EXPECT_LT(bytes(2), forecast_bytes(test::tiny_study(2, 3, 9), networks, options));
}

TEST(ReconstructOptions, RefuseStartsThatCannotBe) {
  ReconstructOptions options = with_registration({});
  EXPECT_NO_THROW(options.check());
  options.start_sigma = 0;
  EXPECT_THROW(options.check(), Error);
  options = with_registration({});
  options.solver = {Solver::reference, 100};
  EXPECT_THROW(options.check(), Error);
  options = with_registration({});
  options.regenerate = true;
  EXPECT_THROW(options.check(), Error);
  options = {};
  options.outline_weight = 1.5;
  EXPECT_THROW(options.check(), Error);
}

TEST(ReconstructOptions, TakeNestedJsonAndRefuseNonsense) {
  const auto parse = [](const char* text) {
    return options_from_json<ReconstructOptions>(nlohmann::json::parse(text), "test");
  };
  const auto options =
      parse("{\"solver\": {\"nodes\": 20}, \"interpolation\": {\"x_T\": \"nearest\"}}");
  EXPECT_EQ(options.solver.nodes, 20);
  EXPECT_EQ(options.interpolation.x_T, CodeInterpolation::nearest);
  for (const char* text : {"{\"slice_spacing_mm\": -1}", "{\"batch_mib\": 0}", "{\"seed\": -1}",
                           "{\"solver\": {\"nodes\": 1}}", "{\"stochastic_code\": \"gone\"}",
                           "{\"cleanup\": {\"min_fraction\": 2}}"}) {
    EXPECT_THROW(parse(text), Error) << text;
  }
}

}  // namespace dmcvr
