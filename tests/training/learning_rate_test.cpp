// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/learning_rate.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <vector>

namespace dmcvr {
namespace {

TEST(LearningRateGolden, ReferenceSegmenterOver200Epochs) {
  std::vector<double> rates;
  for (int64_t epoch = 0; epoch < 200; ++epoch)
    rates.push_back(reference_segmenter_rate(epoch, {}));
  test::expect_close(torch::tensor(rates, torch::kFloat64),
                     test::golden("medformer_train").at("lr_by_epoch_200"), 1e-12,
                     "learning rate of 200 epochs");
}

TEST(LearningRate, ReferenceEpochsDivideTheRun) {
  LearningRateOptions options;
  options.schedule = LearningRateSchedule::reference_segmenter;
  EXPECT_EQ(learning_rate(0, 2000, options), reference_segmenter_rate(0, options));
  EXPECT_EQ(learning_rate(59, 2000, options), options.base);
  EXPECT_EQ(learning_rate(1999, 2000, options), reference_segmenter_rate(199, options));
}

TEST(LearningRate, CosineWarmsUpFallsAndEnds) {
  LearningRateOptions options;
  options.base = 0.01;
  options.warmup_steps = 10;
  options.final_fraction = 0.1;
  EXPECT_NEAR(learning_rate(0, 100, options), 0.001, 1e-12);
  EXPECT_NEAR(learning_rate(9, 100, options), 0.01, 1e-12);
  EXPECT_NEAR(learning_rate(55, 100, options), 0.0055, 1e-12);
  EXPECT_NEAR(learning_rate(100, 100, options), 0.001, 1e-12);
  for (int64_t step = 1; step < 100; ++step) {
    const double change = learning_rate(step, 100, options) - learning_rate(step - 1, 100, options);
    EXPECT_TRUE(step < 10 ? change > 0 : change <= 0) << step;
  }
}

TEST(LearningRate, ConstantStaysAfterWarmup) {
  LearningRateOptions options;
  options.schedule = LearningRateSchedule::constant;
  options.warmup_steps = 0;
  EXPECT_EQ(learning_rate(0, 10, options), options.base);
  EXPECT_EQ(learning_rate(9, 10, options), options.base);
  options.base = -1;
  EXPECT_THROW(options.check(), Error);
}

}  // namespace
}  // namespace dmcvr
