// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/end_phase_guess.h"

#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>
#include <torch/utils.h>

#include <algorithm>
#include <cstdlib>

namespace dmcvr {
namespace {

TEST(GuessEndPhases, FindsThoseOfPhantoms) {
  for (const int64_t seed : {1, 2, 3}) {
    PhantomOptions options;
    options.seed = seed;
    options.phases = 12;
    options.spacing_mm = 3;
    options.pitch_mm = 15;
    options.dense = false;
    options.long_axis = false;
    const Study study = make_phantom(options).study;
    const auto guess = guess_end_phases(study.sax);
    ASSERT_TRUE(guess);
    const auto frame_of = [&](const char* name) {
      const auto& names = study.phase_names;
      return std::find(names.begin(), names.end(), name) - names.begin();
    };
    const auto apart = [](int64_t a, int64_t b) {  // around the beat
      return std::min(std::abs(a - b), 12 - std::abs(a - b));
    };
    EXPECT_LE(apart(guess->ed, frame_of("ed")), 1) << seed;
    EXPECT_LE(apart(guess->es, frame_of("es")), 1) << seed;
  }
}

TEST(GuessEndPhases, SaysNothingOfStillsAndFewPhases) {
  Cine cine;
  cine.voxels = torch::rand({7, 4, 16, 16});
  EXPECT_FALSE(guess_end_phases(cine));
  cine.voxels = torch::rand({1, 4, 16, 16}).repeat({12, 1, 1, 1});
  EXPECT_FALSE(guess_end_phases(cine));
}

}  // namespace
}  // namespace dmcvr
