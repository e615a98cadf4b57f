// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/train_generator.h"

#include "dmcvr/core/device.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"
#include "dmcvr/core/version.h"
#include "dmcvr/dataset/prefetcher.h"
#include "dmcvr/diffusion/loss.h"
#include "dmcvr/diffusion/velocity.h"
#include "dmcvr/training/initial_weights.h"
#include "dmcvr/training/strips.h"

#include <fmt/format.h>
#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <vector>

namespace dmcvr {
namespace {

constexpr int64_t kValidationBatch = 16;
constexpr int64_t kTimeQuarters = 4;

void check_fit(const Segmenter& segmenter, const TrainGeneratorOptions& options) {
  const auto& ours = options.input_rule;
  auto theirs = segmenter.info.input_rule;
  theirs.range_low = ours.range_low;
  theirs.range_high = ours.range_high;
  if (nlohmann::json(theirs) != nlohmann::json(ours)) {
    throw Error(
        "the segmenter's input rule {} differs from the generator's {} in more than the range; "
        "train both with one rule",
        nlohmann::json(segmenter.info.input_rule).dump(), nlohmann::json(ours).dump());
  }
  const int64_t width = 16 * segmenter.network->options.base_channels;
  if (width != options.network.morphology_channels) {
    throw Error("the segmenter's l_mor has {} channels, network.morphology_channels is {}", width,
                options.network.morphology_channels);
  }
}

// Timestep and noise of every item, keyed by its number in the run.
void draw_noise(NoisedBatch& batch, int64_t first_item, uint64_t seed, int64_t steps) {
  std::vector<int64_t> times;
  std::vector<torch::Tensor> noises;
  for (int64_t i = 0; i < batch.x_0.size(0); ++i) {
    auto generator = make_generator(seed, "noise", static_cast<uint64_t>(first_item + i));
    times.push_back(uniform_index(generator, steps));
    noises.push_back(torch::randn(batch.x_0[i].sizes(), generator));
  }
  batch.t = torch::tensor(times, torch::kInt64);
  batch.eps = torch::stack(noises);
}

// The timesteps of validation cover the schedule evenly, whatever the number of patches.
NoisedBatch validation_batch(const PatchSampler& sampler, int64_t patches, int64_t steps) {
  NoisedBatch batch;
  batch.x_0 = sampler.fixed_batch(patches).images;
  const int64_t count = batch.x_0.size(0);
  auto generator = make_generator(0, "validation of the generator");
  batch.t = (torch::randperm(count, generator, torch::kInt64) * 2 + 1) * steps / (2 * count);
  batch.t = batch.t.to(torch::kInt64);
  batch.eps = torch::randn(batch.x_0.sizes(), generator);
  return batch;
}

NoisedBatch part_of(const NoisedBatch& batch, int64_t begin, int64_t end) {
  const auto part = [&](const torch::Tensor& t) {
    return t.defined() ? t.slice(0, begin, end) : t;
  };
  return {part(batch.x_0), part(batch.l_mor), part(batch.t), part(batch.eps)};
}

NoisedBatch on_device(const NoisedBatch& batch, const torch::Device& device) {
  const auto there = [&](const torch::Tensor& t) { return t.defined() ? t.to(device) : t; };
  return {there(batch.x_0), there(batch.l_mor), there(batch.t), there(batch.eps)};
}

Validation validate_noise(Autoencoder& network, const NoisedBatch& batch,
                          const Schedule& schedule) {
  std::vector<torch::Tensor> losses;
  for (int64_t begin = 0; begin < batch.x_0.size(0); begin += kValidationBatch) {
    losses.push_back(
        generator_loss(network, part_of(batch, begin, begin + kValidationBatch), schedule).cpu());
  }
  const auto loss = torch::cat(losses).to(torch::kFloat64);  // [N]
  Validation validation;
  validation.score = -loss.mean().item<double>();
  validation.details["mse"] = -validation.score;
  const auto quarter = batch.t.cpu() * kTimeQuarters / schedule.steps();
  for (int64_t i = 0; i < kTimeQuarters; ++i) {
    const auto chosen = loss.masked_select(quarter.to(torch::kInt64) == i);
    if (chosen.numel() > 0) {
      validation.details[fmt::format("mse_quarter_{}", i + 1)] = chosen.mean().item<double>();
    }
  }
  return validation;
}

// What the solvers want of the network.
Epsilon noise_of(Autoencoder& network, const Condition& condition, const Schedule& schedule) {
  return [&network, &schedule, condition](const torch::Tensor& x_t, const torch::Tensor& t) {
    const auto named = network->predict(x_t, t, condition);
    return network->options.prediction == Prediction::velocity
               ? epsilon_from_velocity(named, x_t, t, schedule)
               : named;
  };
}

}  // namespace

void TrainGeneratorOptions::check() const {
  network.check();
  input_rule.check();
  data.check();
  training.check();
  if (network.image_size != input_rule.patch_size) {
    throw Error("network.image_size {} differs from input_rule.patch_size {}", network.image_size,
                input_rule.patch_size);
  }
  if (data.crop_size != 0 || data.wide_every != 0) {
    throw Error(
        "data.crop_size and data.wide_every: a generator takes whole patches, leave both 0");
  }
  if (validation_patches < 1)
    throw Error("validation_patches {}: expected 1 or more", validation_patches);
}

torch::Tensor generator_loss(Autoencoder& network, const NoisedBatch& batch,
                             const Schedule& schedule) {
  const auto x_t = q_sample(batch.x_0, batch.t, batch.eps, schedule);
  const auto z_sem = network->encode(batch.x_0);  // [N, E]
  const auto target = network->options.prediction == Prediction::velocity
                          ? velocity(batch.x_0, batch.t, batch.eps, schedule)
                          : batch.eps;
  return prediction_loss(network->forward(x_t, batch.t, z_sem, batch.l_mor), target);
}

TrainResult train_generator(const TrainingData& data, const std::optional<Segmenter>& segmenter,
                            const TrainGeneratorOptions& options, const RunPlaces& places) {
  options.check();
  const bool has_morphology = options.network.morphology_channels > 0;
  if (has_morphology && !segmenter) {
    throw Error(
        "a generator with l_mor needs a segmenter; train one first, or set "
        "network.morphology_channels=0");
  }
  if (has_morphology) check_fit(*segmenter, options);
  check_rule(data.validation, options.input_rule);

  const auto seed = static_cast<uint64_t>(options.training.seed);
  const Schedule schedule = linear_schedule();
  const PatchSampler sampler(data.training, options.input_rule, options.data, seed,
                             /*only_labeled=*/false);
  const Share share{places.ranks->rank(), places.ranks->size()};
  const auto device = device_named(options.training.device);
  repeat_convolutions(device);
  struct Work {
    NoisedBatch batch;  // without l_mor
    double weight = 1;
  };
  Prefetcher<Work> prefetch(
      [&](int64_t index) {
        const Batch batch = sampler.batch(index, share);
        Work work{{batch.images, {}, {}, {}}, batch.weight};
        draw_noise(work.batch, batch.first_item, seed, schedule.steps());
        return work;
      },
      batches_ahead(device));
  torch::manual_seed(stream_seed(seed, "initial weights"));
  Autoencoder network(options.network);

  // l_mor of the frozen segmenter, fed with its own range.
  const auto morphology = [&](const torch::Tensor& x_0) {
    if (!has_morphology) return torch::Tensor();
    torch::NoGradGuard no_grad;
    auto frozen = segmenter->network;
    frozen->to(device);
    return frozen->morphology(
        network_from_unit(unit_from_network(x_0, options.input_rule), segmenter->info.input_rule));
  };

  WeightsInfo info;
  info.kind = has_morphology ? "generator" : "diffae";
  info.options = options.network;
  info.input_rule = options.input_rule;
  info.training_data = source_text(data.training);
  info.license = options.license;
  info.version = version();
  if (has_morphology) info.segmenter_sha256 = segmenter->info.sha256;
  const std::string initial_sha256 = begin_with(options.initial_weights, info, *network);
  network->to(device);

  nlohmann::json binding = options;
  binding.erase("training");
  binding["initial_weights"] = initial_sha256;
  binding["training_slices"] = describe(data.training);
  binding["validation_slices"] = describe(data.validation);
  binding["segmenter_sha256"] = info.segmenter_sha256;
  TrainTask task{info.kind, *network, binding};
  task.images_per_batch = sampler.mean_batch_size(share.count);
  task.waited_seconds = [&] { return prefetch.waited_seconds(); };
  task.loss = [&](int64_t index) {
    const auto work = prefetch(index);
    NoisedBatch noised = on_device(work.batch, device);
    noised.l_mor = morphology(noised.x_0);
    const PrecisionScope scope(resolved(options.precision, device));
    const auto loss = generator_loss(network, noised, schedule).mean();
    return work.weight == 1 ? loss : loss * work.weight;
  };
  NoisedBatch fixed;
  if (!data.validation.slices.empty()) {
    BatchOptions evenly = options.data;  // The shares are those of the slices to learn from.
    evenly.shares.clear();
    const PatchSampler chosen(data.validation, options.input_rule, evenly, 0,
                              /*only_labeled=*/false);
    fixed =
        on_device(validation_batch(chosen, options.validation_patches, schedule.steps()), device);
    fixed.l_mor = morphology(fixed.x_0);
    task.validate = [&] { return validate_noise(network, fixed, schedule); };
    GeneratorFunctions functions;
    functions.encode = [&](const torch::Tensor& x_0) {
      const auto there = x_0.to(device);
      return CodesOfPictures{network->encode(there), morphology(there)};
    };
    functions.epsilon = [&](const CodesOfPictures& codes) {
      return noise_of(network, network->condition(codes.z_sem, codes.l_mor), schedule);
    };
    task.draw = [&, functions] {
      return generator_strips(data.validation, options.input_rule, functions,
                              options.training.pictures);
    };
  }
  task.save_weights = [&](const std::filesystem::path& path) {
    save_weights(path, *network, info);
  };
  return train(task, options.training, places);
}

}  // namespace dmcvr
