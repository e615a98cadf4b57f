// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/train_segmenter.h"

#include "dmcvr/core/device.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"
#include "dmcvr/core/version.h"
#include "dmcvr/dataset/prefetcher.h"
#include "dmcvr/models/weights.h"
#include "dmcvr/training/initial_weights.h"
#include "dmcvr/training/strips.h"
#include "dmcvr/training/validation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <torch/utils.h>

namespace dmcvr {

void TrainSegmenterOptions::check() const {
  network.check();
  input_rule.check();
  data.check();
  training.check();
  if (network.class_count != kLabelCount || network.in_channels != 1) {
    throw Error("network: {} channels and {} classes, expected 1 and {}", network.in_channels,
                network.class_count, kLabelCount);
  }
}

nlohmann::json describe(const PackedSlices& packed) {
  return {{"slices", packed.slices.size()},
          {"rule", packed.rule},
          {"sources", packed.sources},
          {"sha256", content_sha256(packed)}};
}

std::string source_text(const PackedSlices& packed) {
  return fmt::format("{}", fmt::join(packed.sources, "; "));
}

TrainResult train_segmenter(const TrainingData& data, const TrainSegmenterOptions& options,
                            const RunPlaces& places) {
  options.check();
  check_rule(data.validation, options.input_rule);
  const auto seed = static_cast<uint64_t>(options.training.seed);
  const PatchSampler sampler(data.training, options.input_rule, options.data, seed,
                             /*only_labeled=*/true);
  const Share share{places.ranks->rank(), places.ranks->size()};
  Prefetcher<Batch> prefetch([&](int64_t index) { return sampler.batch(index, share); },
                             batches_ahead(device_named(options.training.device)));

  // Initial weights come from LibTorch's default generator.
  torch::manual_seed(stream_seed(seed, "initial weights"));
  MedFormer network(options.network);

  WeightsInfo info;
  info.kind = "segmenter";
  info.options = options.network;
  info.input_rule = options.input_rule;
  info.labels = label_table();
  info.training_data = source_text(data.training);
  info.license = options.license;
  info.version = version();
  const std::string initial_sha256 = begin_with(options.initial_weights, info, *network);
  const auto device = device_named(options.training.device);
  repeat_convolutions(device);
  network->to(device);

  const Precision precision = resolved(options.precision, device);
  nlohmann::json binding = options;
  binding.erase("training");
  binding["initial_weights"] = initial_sha256;
  binding["training_slices"] = describe(data.training);
  binding["validation_slices"] = describe(data.validation);
  TrainTask task{"segmenter", *network, binding};
  task.images_per_batch = sampler.mean_batch_size(share.count);
  task.waited_seconds = [&] { return prefetch.waited_seconds(); };
  task.loss = [&](int64_t index) {
    const auto batch = prefetch(index);
    torch::Tensor logits;
    {
      const PrecisionScope scope(precision);
      logits = network->forward(batch.images.to(device));
    }
    const auto loss =
        segmentation_loss(options.loss, logits.to(torch::kFloat32), batch.labels.to(device));
    return batch.weight == 1 ? loss : loss * batch.weight;
  };
  if (!data.validation.slices.empty()) {
    const SegmentFunction segment = [&](const torch::Tensor& images) {
      return network->forward(images.to(device));
    };
    task.validate = [&, segment] {
      return validate_segmentation(data.validation, options.input_rule, segment);
    };
    task.draw = [&, segment] {
      return segmenter_strips(data.validation, options.input_rule, segment,
                              options.training.pictures);
    };
  }
  task.save_weights = [&](const std::filesystem::path& path) {
    save_weights(path, *network, info);
  };
  return train(task, options.training, places);
}

}  // namespace dmcvr
