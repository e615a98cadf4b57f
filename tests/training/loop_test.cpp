// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/loop.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/random.h"
#include "dmcvr/models/weights.h"
#include "dmcvr/training/checkpoint.h"
#include "dmcvr/training/run_log.h"
#include "dmcvr/training/run_state.h"

#include <gtest/gtest.h>
#include <torch/nn/modules/activation.h>
#include <torch/nn/modules/batchnorm.h>
#include <torch/nn/modules/container/sequential.h>
#include <torch/nn/modules/dropout.h>
#include <torch/nn/modules/linear.h>
#include <torch/utils.h>

#include <cmath>
#include <fstream>
#include <memory>
#include <vector>

namespace dmcvr {
namespace {

// A regression with dropout and running averages: everything whose state could be lost.
struct Toy {
  torch::nn::Sequential network{nullptr};
  TrainTask task;

  Toy() : network(make()), task{"toy", *network, {{"width", 8}}} {
    task.loss = [this](int64_t index) {
      auto generator = make_generator(5, "toy", static_cast<uint64_t>(index));
      const auto x = torch::randn({4, 6}, generator);
      return (network->forward(x) - x.sum(1, true)).pow(2).mean();
    };
    task.validate = [this] {
      auto generator = make_generator(6, "toy validation");
      const auto x = torch::randn({32, 6}, generator);
      return Validation{-(network->forward(x) - x.sum(1, true)).pow(2).mean().item<double>(),
                        {{"items", 32}}};
    };
    task.save_weights = [this](const std::filesystem::path& path) {
      write_checkpoint(path, {named_tensors(*network), {}, {}, {}});
    };
  }

  static torch::nn::Sequential make() {
    torch::manual_seed(3);
    return torch::nn::Sequential(torch::nn::Linear(6, 8), torch::nn::BatchNorm1d(8),
                                 torch::nn::ReLU(), torch::nn::Dropout(0.3),
                                 torch::nn::Linear(8, 1));
  }
};

TrainOptions toy_options() {
  TrainOptions options;
  options.steps = 40;
  options.learning_rate.base = 0.02;
  options.learning_rate.warmup_steps = 5;
  options.ema.decay = 0.9;
  options.validate_every = 16;
  options.log_every = 5;
  options.seed = 9;
  return options;
}

void expect_equal_states(const State& a, const State& b) {
  ASSERT_EQ(a.size(), b.size());
  for (const auto& [name, tensor] : a) EXPECT_TRUE(torch::equal(tensor, b.at(name))) << name;
}

void expect_equal_checkpoints(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto first = read_checkpoint(a), second = read_checkpoint(b);
  expect_equal_states(first.weights, second.weights);
  expect_equal_states(first.average, second.average);
  expect_equal_states(first.optimizer, second.optimizer);
  EXPECT_EQ(first.state.at("best_score"), second.state.at("best_score"));
}

// Stops after `step` updates. An earlier request is over.
void stop_after(Toy& toy, int64_t step) {
  stop_requested() = false;
  const auto loss = toy.task.loss;
  toy.task.loss = [loss, step](int64_t index) {
    if (index + 1 == step) stop_requested() = true;
    return loss(index);
  };
}

// What stops a run; "finished" where nothing does.
std::string what_stops(const Toy& toy, const TrainOptions& options, const RunPlaces& places) {
  try {
    train(toy.task, options, places);
  } catch (const Error& error) {
    return error.what();
  }
  return "finished";
}

void expect_finite_checkpoint_of(int64_t step, const std::filesystem::path& path) {
  const auto checkpoint = read_checkpoint(path);
  EXPECT_EQ(checkpoint.state.at("step"), step);
  for (const auto& [name, tensor] : checkpoint.weights)
    EXPECT_TRUE(tensor.isfinite().all().item<bool>()) << name;
}

TEST(Loop, ResumedRunEqualsTheUnbrokenOneToTheBit) {
  const auto whole = test::fresh_folder(), broken = test::fresh_folder();
  Toy unbroken;
  const auto expected = train(unbroken.task, toy_options(), whole);
  EXPECT_TRUE(expected.is_finished);

  for (const int64_t step : {7, 16, 31, 100}) {
    Toy part;
    stop_after(part, step);
    torch::randn({step});  // The default generator is elsewhere in every call.
    const auto result = train(part.task, toy_options(), broken);
    EXPECT_EQ(result.step, std::min<int64_t>(step, 40));
    EXPECT_EQ(result.is_finished, step == 100);
    EXPECT_TRUE(std::filesystem::exists(broken / "weights.safetensors"));
  }
  stop_requested() = false;
  expect_equal_checkpoints(whole / "last.safetensors", broken / "last.safetensors");
  expect_equal_states(read_checkpoint(whole / "weights.safetensors").weights,
                      read_checkpoint(broken / "weights.safetensors").weights);
}

TEST(Loop, KilledRunGoesOnFromItsLastCheckpoint) {
  const auto whole = test::fresh_folder(), killed = test::fresh_folder();
  auto options = toy_options();
  options.checkpoint_seconds = 0;  // after every step
  Toy unbroken;
  train(unbroken.task, options, whole);
  {
    Toy part;
    const auto loss = part.task.loss;
    part.task.loss = [loss](int64_t index) {
      if (index == 23) throw std::runtime_error("power cut");
      return loss(index);
    };
    EXPECT_THROW(train(part.task, options, killed), std::runtime_error);
  }
  Toy rest;
  train(rest.task, options, killed);
  expect_equal_checkpoints(whole / "last.safetensors", killed / "last.safetensors");
}

// Killed while the files of a validation are written, before and after any of them: what lies in
// the folder then is of different ages, and the next call brings it to one.
TEST(Loop, KilledBetweenTheFilesOfAValidation) {
  const auto names = {"last.safetensors", "best.safetensors", "weights.safetensors"};
  auto options = toy_options();
  const auto run_to = [&](const std::filesystem::path& folder, int64_t step) {
    Toy toy;
    stop_after(toy, step);
    train(toy.task, options, folder);
    stop_requested() = false;
  };
  const auto whole = test::fresh_folder(), early = test::fresh_folder(),
             late = test::fresh_folder();
  run_to(whole, 100);
  run_to(early, 20);  // validated at 16
  run_to(late, 32);   // validated at 16 and 32, the better one
  ASSERT_NE(test::content_of(early / "best.safetensors"),
            test::content_of(late / "best.safetensors"));

  for (const int64_t written : {1, 2}) {
    const auto folder = test::fresh_folder();
    std::filesystem::copy(early, folder, std::filesystem::copy_options::overwrite_existing);
    const auto overwrite = std::filesystem::copy_options::overwrite_existing;
    std::filesystem::copy(late / "best.safetensors", folder / "best.safetensors", overwrite);
    if (written == 2)
      std::filesystem::copy(late / "weights.safetensors", folder / "weights.safetensors",
                            overwrite);
    std::ofstream(folder / ".last.safetensors.tmp-123") << "half";

    run_to(folder, 33);
    EXPECT_EQ(read_checkpoint(folder / "last.safetensors").state.at("step"), 33) << written;
    EXPECT_EQ(test::content_of(folder / "weights.safetensors"),
              test::content_of(late / "weights.safetensors"));
    EXPECT_FALSE(std::filesystem::exists(folder / ".last.safetensors.tmp-123"));
    run_to(folder, 100);
    for (const auto* name : names)
      EXPECT_EQ(test::content_of(folder / name), test::content_of(whole / name))
          << written << " " << name;
  }

  // Only best.safetensors, at the last step of the run.
  const auto folder = test::fresh_folder();
  std::filesystem::copy(whole / "best.safetensors", folder / "best.safetensors");
  run_to(folder, 100);
  for (const auto* name : names)
    EXPECT_EQ(test::content_of(folder / name), test::content_of(whole / name)) << name;
}

// Weights, step, score and streams go on as they were; the average is rounded to half precision,
// and the learning rate warms up again.
TEST(Loop, GoesOnFromAnExport) {
  auto options = toy_options();
  Toy first;
  RunPlaces places{test::fresh_folder()};
  places.exported.folder = places.folder / "export";
  places.exported.part_bytes = 1024;
  stop_after(first, 23);
  train(first.task, options, places);
  stop_requested() = false;
  const auto before = read_checkpoint(places.folder / "last.safetensors");

  // Nothing is left to do: what was exported comes out.
  RunPlaces same{test::fresh_folder()};
  same.from = places.exported.folder;
  options.steps = 23;
  options.learning_rate.schedule = LearningRateSchedule::cosine;
  Toy second;
  const auto result = train(second.task, options, same);
  EXPECT_EQ(result.step, 23);
  EXPECT_EQ(result.best_score, before.state.at("best_score").get<double>());
  const auto after = read_checkpoint(same.folder / "last.safetensors");
  expect_equal_states(after.weights, before.weights);
  EXPECT_EQ(test::content_of(same.folder / "weights.safetensors"),
            test::content_of(places.folder / "weights.safetensors"));

  // The rest of the run; killed within, it goes on to the same bytes.
  options.steps = 60;
  const auto seen = std::make_shared<std::vector<int64_t>>();
  RunPlaces rest{test::fresh_folder()}, broken{test::fresh_folder()};
  rest.from = broken.from = places.exported.folder;
  Toy third, fourth, fifth;
  const auto loss = third.task.loss;
  third.task.loss = [=](int64_t index) {
    seen->push_back(index);
    return loss(index);
  };
  EXPECT_TRUE(train(third.task, options, rest).is_finished);
  EXPECT_EQ(seen->front(), 23);
  stop_after(fourth, 40);
  EXPECT_EQ(train(fourth.task, options, broken).step, 40);
  stop_requested() = false;
  train(fifth.task, options, broken);
  expect_equal_checkpoints(rest.folder / "last.safetensors", broken.folder / "last.safetensors");

  double rate = 1;
  for (const auto& line : read_run_log(rest.folder / "log.jsonl")) {
    if (line.contains("learning_rate")) {
      rate = line.at("learning_rate");
      break;
    }
  }
  const auto usual = learning_rate(24, 60, options.learning_rate);
  EXPECT_NEAR(rate, usual * 2 / kRestartSteps, 1e-9);  // the second update, first logged at step 25
}

TEST(Loop, LearnsLogsAndKeepsTheBest) {
  const auto folder = test::fresh_folder();
  Toy toy;
  auto options = toy_options();
  options.steps = 300;
  const double before = [&] {
    const BorrowedState evaluated(*toy.network, named_tensors(*toy.network));
    return toy.task.validate().score;
  }();
  const auto result = train(toy.task, options, folder);
  EXPECT_GT(*result.best_score, 0.5 * before);  // Scores are negative.

  double best = -1e9;
  int64_t last_step = 0;
  for (const auto& line : read_run_log(folder / "log.jsonl")) {
    EXPECT_GE(line.at("step"), last_step);
    last_step = line.at("step");
    if (line.contains("score")) best = std::max(best, line.at("score").get<double>());
    if (line.contains("loss")) {
      EXPECT_GT(line.at("images_per_second"), 0);
    }
  }
  EXPECT_EQ(last_step, 300);
  EXPECT_EQ(best, *result.best_score);

  // The weights file is the average that had the best score.
  Toy fresh;
  copy_state(read_checkpoint(folder / "weights.safetensors").weights,
             named_tensors(*fresh.network));
  fresh.network->eval();
  EXPECT_EQ(fresh.task.validate().score, best);
}

TEST(Loop, AccumulationEqualsALargerBatch) {
  const auto state_after = [](int64_t accumulate) {
    Toy toy;
    toy.network->eval();
    toy.task.validate = {};
    // Without running averages and dropout; batches of 1 or 2 rows of the same numbers.
    const auto rows = [&toy](int64_t first, int64_t count) {
      auto generator = make_generator(1, "rows");
      const auto x = torch::randn({64, 6}, generator).slice(0, first, first + count);
      toy.network->eval();
      return (toy.network->forward(x) - x.sum(1, true)).pow(2).mean();
    };
    toy.task.loss = [&, rows](int64_t index) {
      return rows(index * 2 / accumulate, 2 / accumulate);
    };
    auto options = toy_options();
    options.steps = 6;
    options.accumulate = accumulate;
    train(toy.task, options, test::fresh_folder());
    return named_tensors(*toy.network).at("0.weight").detach().clone();
  };
  EXPECT_TRUE(torch::allclose(state_after(1), state_after(2), 1e-4, 1e-6));
}

TEST(Loop, LossThatIsNotFiniteStopsWithTheLastGoodState) {
  const auto folder = test::fresh_folder();
  auto options = toy_options();
  options.checkpoint_seconds = 0;
  Toy toy;
  const auto loss = toy.task.loss;
  toy.task.loss = [loss](int64_t index) { return index == 11 ? loss(index) * NAN : loss(index); };
  const auto said = what_stops(toy, options, {folder});
  EXPECT_NE(said.find("step 11"), std::string::npos) << said;
  EXPECT_NE(said.find("last.safetensors"), std::string::npos) << said;
  expect_finite_checkpoint_of(11, folder / "last.safetensors");
}

TEST(Loop, GradientThatIsNotFiniteStopsBeforeItIsTaken) {
  const auto folder = test::fresh_folder();
  auto options = toy_options();
  options.checkpoint_seconds = 0;
  Toy toy;
  const auto loss = toy.task.loss;
  toy.task.loss = [&](int64_t index) {
    // The root of 0 is 0, and infinitely steep.
    const auto flat = (0 * toy.network->parameters().front()).sum();
    return index == 11 ? loss(index) + flat.sqrt() : loss(index);
  };
  const auto said = what_stops(toy, options, {folder});
  EXPECT_NE(said.find("the toy's gradient is not finite at step 11"), std::string::npos) << said;
  expect_finite_checkpoint_of(11, folder / "last.safetensors");
}

TEST(Loop, ScoreThatIsNotFiniteStopsAndIsNotTheBest) {
  const auto folder = test::fresh_folder();
  Toy toy;
  const auto validate = toy.task.validate;
  int64_t validations = 0;
  toy.task.validate = [&] {
    auto validation = validate();
    if (++validations == 2) validation.score = NAN;
    return validation;
  };
  const auto said = what_stops(toy, toy_options(), {folder});
  EXPECT_NE(said.find("the toy's validation score is not finite at step 32"), std::string::npos)
      << said;
  EXPECT_EQ(read_checkpoint(folder / "best.safetensors").state.at("step"), 16);
}

// Finite, and lost all the same: as after a learning rate that is far too high. The toy's loss is
// multiplied from update 90 on.
TEST(Loop, LossThatExplodesStopsWithTheLastGoodState) {
  auto options = toy_options();
  options.steps = 200;
  options.checkpoint_seconds = 0;
  Toy toy;
  toy.task.validate = {};
  const auto loss = toy.task.loss;
  const auto run_until_words = [&](const RunPlaces& places, double factor) {
    toy.task.loss = [=](int64_t index) { return index < 90 ? loss(index) : loss(index) * factor; };
    return what_stops(toy, options, places);
  };
  EXPECT_EQ(run_until_words(test::fresh_folder(), 1), "finished");

  RunPlaces folder_and_export{test::fresh_folder()};
  const auto& folder = folder_and_export.folder;
  folder_and_export.exported.folder = folder / "export";
  folder_and_export.exported.every_seconds = 1e-6;
  const auto said = run_until_words(folder_and_export, 1e6);
  EXPECT_NE(said.find("the toy's loss went from"), std::string::npos) << said;
  EXPECT_NE(said.find("step 100; the last good state, of step 90, is in"), std::string::npos)
      << said;
  EXPECT_NE(said.find("--initial-weights"), std::string::npos) << said;
  EXPECT_EQ(read_checkpoint(folder / "last.safetensors").state.at("step"), 90);
  EXPECT_EQ(read_checkpoint(folder / "best.safetensors").state.at("step"), 80);
  EXPECT_EQ(read_json(folder / "export" / "manifest.json").at("step"), 90);

  // A resumed run remembers what its loss should be.
  EXPECT_EQ(run_until_words(folder_and_export, 1e6), said);
}

TEST(Loop, StateSavedInDoubtIsNotCalledGood) {
  auto options = toy_options();
  options.steps = 200;
  Toy toy;
  toy.task.validate = {};
  const auto loss = toy.task.loss;
  const auto explode = [loss](int64_t index) {
    return index < 90 ? loss(index) : loss(index) * 1e6;
  };
  const auto folder = test::fresh_folder();
  toy.task.loss = explode;
  stop_after(toy, 95);
  EXPECT_EQ(train(toy.task, options, folder).step, 95);
  stop_requested() = false;
  toy.task.loss = explode;
  try {
    train(toy.task, options, folder);
    FAIL();
  } catch (const Error& error) {
    const std::string said = error.what();
    EXPECT_NE(said.find("step 100;"), std::string::npos) << said;
    EXPECT_EQ(said.find("last.safetensors"), std::string::npos) << said;
    EXPECT_NE(said.find("best.safetensors"), std::string::npos) << said;
  }
}

// A validation may take longer than the time that is left: the average is saved as it is, anew at
// each stop until the first validation.
TEST(Loop, AStopBeforeTheFirstValidationLeavesTheNewestAverage) {
  auto options = toy_options();
  Toy toy;
  int validations = 0;
  const auto validate = toy.task.validate;
  toy.task.validate = [&] {
    ++validations;
    return validate();
  };
  RunPlaces places{test::fresh_folder()};
  places.exported.folder = places.folder / "export";
  std::string before;
  for (const int64_t stop : {5, 9}) {
    stop_after(toy, stop);
    train(toy.task, options, places);
    stop_requested() = false;
    const auto now = test::content_of(places.folder / "weights.safetensors");
    EXPECT_NE(now, before);
    before = now;
    RunPlaces other{test::fresh_folder()};
    other.from = places.exported.folder;
    options.time_limit_seconds = 1e-6;
    Toy second;
    EXPECT_EQ(train(second.task, options, other).step, stop + 1);
    options.time_limit_seconds = 0;
  }
  EXPECT_EQ(validations, 0);
}

TEST(Loop, TimeLimitLeavesAResumableRun) {
  const auto folder = test::fresh_folder();
  auto options = toy_options();
  options.time_limit_seconds = 1e-6;
  Toy toy;
  const auto result = train(toy.task, options, folder);
  EXPECT_EQ(result.step, 1);
  EXPECT_FALSE(result.is_finished);
  EXPECT_EQ(read_checkpoint(folder / "last.safetensors").state.at("step"), 1);
  EXPECT_TRUE(std::filesystem::exists(folder / "weights.safetensors"));
}

TEST(Loop, OtherOptionsInTheSameFolderAreRefusedByName) {
  const auto folder = test::fresh_folder();
  auto options = toy_options();
  options.time_limit_seconds = 1e-6;
  Toy toy;
  train(toy.task, options, folder);

  options.log_every = 3;  // free to change
  Toy again;
  EXPECT_EQ(train(again.task, options, folder).step, 2);
  options.optimizer.weight_decay = 0.5;
  try {
    train(again.task, options, folder);
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("training.optimizer.weight_decay"), std::string::npos)
        << error.what();
  }
  again.task.options["width"] = 9;
  EXPECT_THROW(train(again.task, toy_options(), folder), Error);
}

TEST(Loop, DamagedCheckpointIsRefused) {
  const auto folder = test::fresh_folder();
  auto options = toy_options();
  options.time_limit_seconds = 1e-6;
  Toy toy;
  train(toy.task, options, folder);
  std::fstream stream(folder / "last.safetensors", std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(-3, std::ios::end);
  stream.put('x');
  stream.close();
  EXPECT_THROW(train(toy.task, options, folder), Error);
}

TEST(Loop, GradientIsClipped) {
  const auto change = [](double clip_norm) {
    Toy toy;
    auto options = toy_options();
    options.steps = 1;
    options.clip_norm = clip_norm;
    const auto folder = test::fresh_folder();
    train(toy.task, options, folder);
    return read_checkpoint(folder / "last.safetensors").optimizer;
  };
  // After one step Adam's mean is 0.1 x the clipped gradient.
  const auto norm = [](const State& optimizer) {
    double sum = 0;
    for (const auto& [name, tensor] : optimizer) {
      if (name.size() > 5 && name.substr(name.size() - 5) == ".mean")
        sum += tensor.pow(2).sum().item<double>();
    }
    return 10 * std::sqrt(sum);
  };
  EXPECT_NEAR(norm(change(0.01)), 0.01, 1e-5);
  EXPECT_GT(norm(change(0)), 0.1);
}

}  // namespace
}  // namespace dmcvr
