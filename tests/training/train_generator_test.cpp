// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/train_generator.h"

#include "support_models.h"
#include "training/support_training.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/training/checkpoint.h"
#include "dmcvr/training/run_log.h"

#include <gtest/gtest.h>
#include <torch/nn/utils/clip_grad.h>
#include <torch/optim/optimizer.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

TrainGeneratorOptions tiny_generator_options() {
  return options_from_json<TrainGeneratorOptions>(
      read_json(test::source_folder() / "configs" / "generator-tiny.json"), "generator-tiny.json");
}

// With random weights; its l_mor fits the tiny generator.
Segmenter tiny_segmenter() {
  torch::manual_seed(4);
  Segmenter segmenter;
  segmenter.network = MedFormer(test::tiny_medformer());
  segmenter.network->eval();
  segmenter.info.kind = "segmenter";
  segmenter.info.options = test::tiny_medformer();
  segmenter.info.input_rule = tiny_generator_options().input_rule;
  segmenter.info.input_rule.range_low = 0;
  segmenter.info.sha256 = "of the segmenter";
  return segmenter;
}

TEST(TrainGeneratorGolden, TwoStepsAsTheReference) {
  const auto expected = test::golden("train_step_tiny");
  auto network = test::golden_tiny_autoencoder();
  network->train();
  NoisedBatch batch;
  batch.x_0 = test::golden_input("tiny.x0", {2, 1, 64, 64}, 0.5, 0.5);
  batch.l_mor = test::golden_input("tiny.seg", {2, 512, 4, 4});
  batch.t = torch::tensor({3, 750}, torch::kInt64);
  batch.eps = test::golden_input("tiny.noise", {2, 1, 64, 64}, std::sqrt(3.0));
  const auto schedule = linear_schedule();
  const auto optimizer = make_optimizer(*network, {OptimizerKind::adam, 0});
  set_learning_rate(*optimizer, 1e-4);
  auto ema = start_ema(*network, {EmaRule::constant, 0.9999});
  for (const std::string step : {"step0", "step1"}) {
    optimizer->zero_grad();
    const auto loss = generator_loss(network, batch, schedule).mean();
    loss.backward();
    const double norm = torch::nn::utils::clip_grad_norm_(network->parameters(), 1.0);
    optimizer->step();
    update_ema(ema, *network);
    const auto compare = [&](double value, const std::string& name) {
      const auto& reference = expected.at(step + name);
      test::expect_close(torch::tensor({value}), reference, 1e-5 * reference.item<double>(),
                         step + name);
    };
    compare(loss.item<double>(), ".loss");
    compare(norm, ".grad_norm");
  }
  const auto state = named_tensors(*network);
  for (const auto& [key, reference] : expected) {
    if (key.rfind("param.", 0) == 0) {
      // Where the gradient is near 0, Adam's first steps follow the sign of its rounding.
      const auto& parameter = state.at(key.substr(6));
      test::expect_close(parameter, reference, 1e-4, key);
      EXPECT_LT((parameter - reference).abs().median().item<double>(), 1e-6) << key;
    }
    if (key.rfind("ema.", 0) == 0) {
      // Two steps of 1e-4 move the average by 3e-8: the limit is what float32 can tell apart.
      const double limit = 1e-8 + 6e-8 * reference.abs().max().item<double>();
      test::expect_close(ema.average.at(key.substr(4)), reference, limit, key);
    }
  }
}

TEST(TrainGenerator, LearnsFourSlicesAndWritesWeights) {
  for (const bool has_morphology : {true, false}) {
    const auto folder = test::fresh_folder();
    auto options = tiny_generator_options();
    if (!has_morphology) options.network.morphology_channels = 0;
    if (has_morphology) options.network.prediction = Prediction::velocity;
    const TrainingData data{test::ring_slices(4), test::ring_slices(4)};
    const auto segmenter = tiny_segmenter();
    const auto result = train_generator(
        data, has_morphology ? std::optional<Segmenter>(segmenter) : std::nullopt, options, folder);
    EXPECT_TRUE(result.is_finished);

    std::vector<double> errors;
    for (const auto& line : read_run_log(folder / "log.jsonl")) {
      if (line.contains("validation")) errors.push_back(line.at("validation").at("mse"));
    }
    ASSERT_GE(errors.size(), 2u);
    EXPECT_LT(errors.back(), 0.8 * errors.front());
    EXPECT_LT(-*result.best_score, 0.6);

    const auto generator = load_generator(folder / "weights.safetensors");
    EXPECT_EQ(generator.info.kind, has_morphology ? "generator" : "diffae");
    EXPECT_EQ(generator.info.segmenter_sha256, has_morphology ? "of the segmenter" : "");
    EXPECT_EQ(generator.info.input_rule.range_low, -1);
  }
}

TEST(TrainGenerator, ResumesToTheBitWithDropout) {
  auto options = tiny_generator_options();
  options.network.dropout = 0.1;
  options.training.steps = 5;
  const TrainingData data{test::ring_slices(4), {}};
  const auto segmenter = tiny_segmenter();
  const auto whole = test::fresh_folder(), broken = test::fresh_folder();
  train_generator(data, segmenter, options, whole);
  auto short_call = options;
  short_call.training.time_limit_seconds = 1e-6;
  EXPECT_EQ(train_generator(data, segmenter, short_call, broken).step, 1);
  EXPECT_EQ(train_generator(data, segmenter, short_call, broken).step, 2);
  train_generator(data, segmenter, options, broken);
  const auto a = read_checkpoint(whole / "last.safetensors"),
             b = read_checkpoint(broken / "last.safetensors");
  for (const auto& [name, tensor] : a.weights)
    EXPECT_TRUE(torch::equal(tensor, b.weights.at(name))) << name;

  auto another = segmenter;
  another.info.sha256 = "of another";
  EXPECT_THROW(train_generator(data, another, options, broken), Error);
}

TEST(TrainGenerator, SegmenterStaysFrozenAndMustFit) {
  auto options = tiny_generator_options();
  options.training.steps = 2;
  const TrainingData data{test::ring_slices(2), {}};
  auto segmenter = tiny_segmenter();
  State before;
  for (const auto& [name, tensor] : named_tensors(*segmenter.network))
    before[name] = tensor.detach().clone();
  train_generator(data, segmenter, options, test::fresh_folder());
  for (const auto& [name, tensor] : named_tensors(*segmenter.network)) {
    EXPECT_TRUE(torch::equal(tensor, before.at(name))) << name;
  }

  EXPECT_THROW(train_generator(data, std::nullopt, options, test::fresh_folder()), Error);
  segmenter.info.input_rule.spacing_mm = 1;
  EXPECT_THROW(train_generator(data, segmenter, options, test::fresh_folder()), Error);
  segmenter = tiny_segmenter();
  MedFormerOptions wider = segmenter.network->options;
  wider.base_channels *= 2;
  segmenter.network = MedFormer(wider);
  EXPECT_THROW(train_generator(data, segmenter, options, test::fresh_folder()), Error);
}

TEST(TrainGenerator, PresetsAreThoseOfTheModels) {
  const auto preset = [](const std::string& name) {
    return options_from_json<TrainGeneratorOptions>(
        read_json(test::source_folder() / "configs" / (name + ".json")), name);
  };
  using nlohmann::json;
  EXPECT_EQ(json(preset("generator-small").network), json(small_autoencoder()));
  EXPECT_EQ(json(preset("generator-small").input_rule), json(small_generator_rule()));
  EXPECT_EQ(json(preset("generator-paper").network), json(paper_autoencoder()));
  EXPECT_EQ(json(preset("generator-paper").input_rule), json(reference_rule()));
  auto without = small_autoencoder();
  without.morphology_channels = 0;
  EXPECT_EQ(json(preset("diffae-small").network), json(without));
  without = paper_autoencoder();
  without.morphology_channels = 0;
  for (const std::string name : {"diffae-paper", "diffae-reference"}) {
    EXPECT_EQ(json(preset(name).network), json(without)) << name;
    EXPECT_EQ(json(preset(name).input_rule), json(reference_rule())) << name;
  }
  EXPECT_EQ(json(preset("generator-reference").network), json(paper_autoencoder()));
  for (const std::string kind : {"generator", "diffae"}) {
    for (const std::string name : {"-paper", "-reference"}) {
      const auto options = preset(kind + name);
      const auto& training = options.training;
      EXPECT_EQ(options.network.prediction, Prediction::epsilon);
      EXPECT_EQ(options.data.augmentation.recipe, AugmentationRecipe::none);
      EXPECT_EQ(json(training.optimizer).at("kind"), "adam");
      EXPECT_EQ(training.optimizer.weight_decay, 0);
      EXPECT_EQ(training.learning_rate.base, 1e-4);
      EXPECT_EQ(training.learning_rate.schedule, LearningRateSchedule::constant);
      EXPECT_EQ(training.learning_rate.warmup_steps, 0);
      EXPECT_EQ(json(training.ema).at("rule"), "constant");
      EXPECT_EQ(training.ema.decay, 0.9999);
      EXPECT_EQ(training.clip_norm, 1);
      EXPECT_EQ(options.precision, name == "-paper" ? Precision::float32 : Precision::automatic);
    }
  }
  size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::source_folder() / "configs")) {
    const auto name = entry.path().stem().string();
    const bool is_diffae = name.rfind("diffae-", 0) == 0;
    if (!is_diffae && name.rfind("generator-", 0) != 0) continue;
    EXPECT_EQ(preset(name).network.morphology_channels == 0, is_diffae) << name;
    ++count;
  }
  EXPECT_EQ(count, 8u);  // paper, reference, small and tiny of each
}

}  // namespace
}  // namespace dmcvr
