// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/input_rule.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(InputRule, ComesBackFromItsJson) {
  for (const auto& rule : {small_segmenter_rule(), small_generator_rule(), reference_rule()}) {
    rule.check();
    const nlohmann::json json = rule;
    EXPECT_EQ(nlohmann::json(options_from_json<InputRule>(json, "test")), json);
  }
}

TEST(InputRule, RefusesWhatNoNetworkCanTake) {
  const auto changed = [](const char* key, double value) { return nlohmann::json{{key, value}}; };
  EXPECT_THROW(options_from_json<InputRule>({{"patch_size", 100}}, "test"), Error);
  EXPECT_THROW(options_from_json<InputRule>({{"patch_size", 0}}, "test"), Error);
  EXPECT_THROW(options_from_json<InputRule>(changed("high_percentile", 0.25), "test"), Error);
  EXPECT_THROW(options_from_json<InputRule>(changed("clip_factor", 0.5), "test"), Error);
  EXPECT_THROW(options_from_json<InputRule>(changed("range_low", 1.5), "test"), Error);
  EXPECT_THROW(options_from_json<InputRule>(changed("spacing_mm", -1.5), "test"), Error);
  EXPECT_THROW(options_from_json<InputRule>({{"interpolation", "sinc"}}, "test"), Error);
}

// Weights from before there was a choice.
TEST(InputRule, IsLinearWhereNothingIsSaid) {
  EXPECT_EQ(options_from_json<InputRule>(nlohmann::json::object(), "test").interpolation,
            PixelInterpolation::linear);
}

TEST(InputRule, DiffersBetweenTheNetworksOnlyInRange) {
  auto generator = nlohmann::json(small_generator_rule());
  generator["range_low"] = small_segmenter_rule().range_low;
  EXPECT_EQ(generator, nlohmann::json(small_segmenter_rule()));
}

TEST(InputRule, RangeAndBack) {
  const InputRule rule = small_generator_rule();
  const auto unit = torch::tensor({0.0, 0.5, 1.0});
  EXPECT_TRUE(network_from_unit(unit, rule).allclose(torch::tensor({-1.0, 0.0, 1.0})));
  EXPECT_TRUE(unit_from_network(network_from_unit(unit, rule), rule).allclose(unit));
}

}  // namespace dmcvr
