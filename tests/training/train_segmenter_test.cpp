// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/train_segmenter.h"

#include "support_models.h"
#include "training/support_training.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/models/weights.h"
#include "dmcvr/training/checkpoint.h"
#include "dmcvr/training/run_log.h"
#include "dmcvr/training/validation.h"

#include <gtest/gtest.h>
#include <torch/optim/optimizer.h>

namespace dmcvr {
namespace {

TrainSegmenterOptions tiny_segmenter_options() {
  return options_from_json<TrainSegmenterOptions>(
      read_json(test::source_folder() / "configs" / "segmenter-tiny.json"), "segmenter-tiny.json");
}

TEST(TrainSegmenterGolden, TwoStepsAsTheReference) {
  const auto expected = test::golden("medformer_train");
  MedFormer network(paper_medformer());
  test::fill_golden(*network, "medformer");
  network->train();
  const auto images = test::golden_input("medformer.x64", {2, 1, 64, 64}, 0.5, 0.5);
  const auto labels = expected.at("labels").squeeze(1);
  const auto optimizer = make_optimizer(*network, {OptimizerKind::adamw, 0.05});
  set_learning_rate(*optimizer, 1e-3);
  auto ema = start_ema(*network, {EmaRule::reference_segmenter, 0.99});
  for (const std::string step : {"step0", "step1"}) {
    optimizer->zero_grad();
    const auto logits = network->forward(images);
    const auto loss = segmentation_loss(SegmentationLoss::cross_entropy_tversky, logits, labels);
    if (step == "step0") {
      const auto& reference = expected.at("step0.logits");
      test::expect_close(logits, reference, 3e-5 * reference.abs().max().item<double>(),
                         "logits in training");
    }
    const auto& reference = expected.at(step + ".loss");
    // Adam's first step moves every weight by the learning rate along the sign of its gradient,
    // also where that is round-off. The second loss feels it: in float64 it lies 2.1e-5 from the
    // reference's float32, so that 1e-5 would test the rounding of one kernel library.
    const double limit = (step == "step0" ? 1e-5 : 3e-5) * reference.item<double>();
    test::expect_close(loss.view({1}), reference, limit, step + ".loss");
    loss.backward();
    optimizer->step();
    update_ema(ema, *network);
  }

  // Running statistics: momentum, unbiased variance.
  const auto state = named_tensors(*network);
  for (const std::string name : {"running_mean", "running_var"}) {
    test::expect_close(state.at("inc.conv2.conv1.norm." + name), expected.at("bn." + name), 1e-5,
                       "bn." + name);
  }
  for (const auto& [key, reference] : expected) {
    if (key.rfind("param.", 0) != 0 && key.rfind("ema.", 0) != 0) continue;
    const auto& values = key[0] == 'p' ? state.at(key.substr(6)) : ema.average.at(key.substr(4));
    test::expect_close(values.flatten().slice(0, 0, reference.numel()), reference, 1e-4, key);
  }
}

TEST(TrainSegmenter, LearnsFourSlicesAndWritesWeights) {
  const auto folder = test::fresh_folder();
  const auto options = tiny_segmenter_options();
  const TrainingData data{test::ring_slices(4), test::ring_slices(4)};
  const auto result = train_segmenter(data, options, folder);
  EXPECT_TRUE(result.is_finished);
  EXPECT_GT(*result.best_score, 0.6);

  // The loss falls.
  std::vector<double> losses;
  for (const auto& line : read_run_log(folder / "log.jsonl")) {
    if (line.contains("loss")) losses.push_back(line.at("loss"));
  }
  ASSERT_GT(losses.size(), 2u);
  EXPECT_LT(losses.back(), 0.6 * losses.front());

  // The weights file alone does what the validation saw, within half precision.
  const auto segmenter = load_segmenter(folder / "weights.safetensors");
  EXPECT_EQ(segmenter.info.training_data, "rings");
  EXPECT_EQ(segmenter.info.labels, label_table());
  auto network = segmenter.network;
  const auto validation =
      validate_segmentation(data.validation, segmenter.info.input_rule,
                            [&](const torch::Tensor& images) { return network->forward(images); });
  EXPECT_NEAR(validation.score, *result.best_score, 0.01);
}

TEST(TrainSegmenter, ResumesToTheBit) {
  auto options = tiny_segmenter_options();
  options.training.steps = 6;
  options.training.validate_every = 3;
  options.data.wide_every = 2;
  options.data.wide_size = 96;
  const TrainingData data{test::ring_slices(4), test::ring_slices(2)};
  const auto whole = test::fresh_folder(), broken = test::fresh_folder();
  train_segmenter(data, options, whole);
  auto short_call = options;
  short_call.training.time_limit_seconds = 1e-6;
  EXPECT_EQ(train_segmenter(data, short_call, broken).step, 1);
  EXPECT_EQ(train_segmenter(data, short_call, broken).step, 2);
  EXPECT_TRUE(train_segmenter(data, options, broken).is_finished);
  const auto a = read_checkpoint(whole / "last.safetensors"),
             b = read_checkpoint(broken / "last.safetensors");
  for (const auto& [name, tensor] : a.weights)
    EXPECT_TRUE(torch::equal(tensor, b.weights.at(name))) << name;
  for (const auto& [name, tensor] : a.average)
    EXPECT_TRUE(torch::equal(tensor, b.average.at(name))) << name;

  // Other slices are another run.
  EXPECT_THROW(train_segmenter({test::ring_slices(6), {}}, options, broken), Error);
}

TEST(TrainSegmenter, PresetsAreThoseOfTheModels) {
  const auto preset = [](const std::string& name) {
    const auto source = "segmenter-" + name + ".json";
    return options_from_json<TrainSegmenterOptions>(
        read_json(test::source_folder() / "configs" / source), source);
  };
  using nlohmann::json;
  EXPECT_EQ(json(preset("small").network), json(small_medformer()));
  EXPECT_EQ(json(preset("small").input_rule), json(small_segmenter_rule()));
  for (const std::string name : {"paper", "reference"}) {
    EXPECT_EQ(json(preset(name).network), json(paper_medformer()));
    EXPECT_EQ(json(preset(name).input_rule), json(reference_rule()));
    // As published, but for the loss, where paper and program differ.
    const auto options = preset(name);
    const auto& training = options.training;
    EXPECT_EQ(options.data.batch_size, 32);
    EXPECT_EQ(options.data.augmentation.recipe, AugmentationRecipe::reference);
    EXPECT_EQ(options.loss,
              name == "paper" ? SegmentationLoss::paper : SegmentationLoss::cross_entropy_tversky);
    EXPECT_EQ(json(training.optimizer).at("kind"), "adamw");
    EXPECT_EQ(training.optimizer.weight_decay, 0.05);
    EXPECT_EQ(training.learning_rate.base, 1e-3);
    EXPECT_EQ(training.learning_rate.schedule, LearningRateSchedule::reference_segmenter);
    EXPECT_EQ(training.learning_rate.epochs, 200);
    EXPECT_EQ(json(training.ema).at("rule"), "reference_segmenter");
    EXPECT_EQ(training.ema.decay, 0.99);
    EXPECT_EQ(training.clip_norm, 0);
  }
  for (const auto& entry : std::filesystem::directory_iterator(test::source_folder() / "configs")) {
    const auto name = entry.path().stem().string();
    if (name.rfind("segmenter-", 0) == 0) {
      EXPECT_NO_THROW(preset(name.substr(10))) << name;
    }
  }
}

// The first losses in bfloat16 follow those in float32 as far as its 8 bits go.
TEST(TrainSegmenter, LearnsInBfloat16) {
  if (!computes_in_bfloat16(torch::kCPU)) GTEST_SKIP() << "no bfloat16 on this processor";
  const auto losses = [](Precision precision) {
    auto options = tiny_segmenter_options();
    options.precision = precision;
    options.training.steps = 4;
    options.training.log_every = 1;
    const auto folder = test::fresh_folder();
    train_segmenter({test::ring_slices(4), {}}, options, folder);
    std::vector<double> found;
    for (const auto& line : read_run_log(folder / "log.jsonl")) {
      if (line.contains("loss")) found.push_back(line.at("loss"));
    }
    return found;
  };
  const auto wide = losses(Precision::float32), narrow = losses(Precision::bfloat16);
  ASSERT_EQ(wide.size(), narrow.size());
  EXPECT_NE(wide, narrow);
  for (size_t i = 0; i < wide.size(); ++i) EXPECT_NEAR(narrow[i], wide[i], 0.05 * wide[i]) << i;
}

TEST(TrainSegmenter, WithoutLabelsItIsAnError) {
  auto packed = test::ring_slices(2);
  for (auto& slice : packed.slices) slice.labels = torch::Tensor();
  EXPECT_THROW(train_segmenter({packed, {}}, tiny_segmenter_options(), test::fresh_folder()),
               Error);
}

}  // namespace
}  // namespace dmcvr
