// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/networks.h"

#include "dmcvr/core/device.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/memory.h"
#include "dmcvr/diffusion/velocity.h"
#include "dmcvr/segmentation/segment.h"

#include <spdlog/spdlog.h>
#include <torch/types.h>

#include <algorithm>

namespace dmcvr {
namespace {

void check_equal(const char* what, double segmenter, double generator) {
  if (segmenter == generator) return;
  throw Error(
      "the weights do not belong together: {} is {} for the segmenter and {} for the generator; "
      "take both files from one folder",
      what, segmenter, generator);
}

}  // namespace

Networks load_networks(const std::filesystem::path& segmenter,
                       const std::filesystem::path& generator, const std::string& device) {
  const auto place = device_named(device);
  Networks networks{load_segmenter(segmenter), load_generator(generator)};
  check_networks(networks);
  const std::string& taught_by = networks.generator.info.segmenter_sha256;
  if (!taught_by.empty() && taught_by != networks.segmenter.info.sha256) {
    spdlog::warn(
        "the generator learned with another segmenter than this one; take both files from one "
        "folder");
  }
  networks.segmenter.network->to(place);
  networks.generator.network->to(place);
  return networks;
}

void check_networks(const Networks& networks) {
  const auto& segmenter = networks.segmenter.info;
  const auto& generator = networks.generator.info;
  const auto &a = segmenter.input_rule, &b = generator.input_rule;
  check_equal("the pixel size in mm", a.spacing_mm, b.spacing_mm);
  check_equal("the patch size in pixels", static_cast<double>(a.patch_size),
              static_cast<double>(b.patch_size));
  check_equal("the interpolation of pixels (0 linear, 1 cubic)",
              static_cast<double>(a.interpolation), static_cast<double>(b.interpolation));
  check_equal("the lower percentile", a.low_percentile, b.low_percentile);
  check_equal("the upper percentile", a.high_percentile, b.high_percentile);
  check_equal("low_is_zero", a.low_is_zero, b.low_is_zero);
  check_equal("the clip factor", a.clip_factor, b.clip_factor);
  check_equal("the patch size", static_cast<double>(b.patch_size),
              static_cast<double>(networks.generator.network->options.image_size));
  if (!has_morphology(networks.generator)) return;

  check_equal("the width of l_mor",
              static_cast<double>(16 * networks.segmenter.network->options.base_channels),
              static_cast<double>(networks.generator.network->options.morphology_channels));
}

Epsilon noise_prediction(Generator& generator, const Condition& condition) {
  if (generator.network->options.prediction == Prediction::epsilon) {
    return [&](const torch::Tensor& x_t, const torch::Tensor& t) {
      return generator.network->predict(x_t, t, condition);
    };
  }
  return [&, schedule = linear_schedule()](const torch::Tensor& x_t, const torch::Tensor& t) {
    const auto v = generator.network->predict(x_t, t, condition);
    return epsilon_from_velocity(v, x_t, t, schedule);
  };
}

bool has_morphology(const Generator& generator) {
  return generator.network->options.morphology_channels > 0;
}

int64_t parameter_bytes(const Networks& networks) {
  int64_t bytes = 0;
  for (const auto& tensors :
       {named_tensors(*networks.segmenter.network), named_tensors(*networks.generator.network)}) {
    for (const auto& [name, tensor] : tensors) bytes += tensor.numel() * tensor.element_size();
  }
  return bytes;
}

int64_t generator_bytes(const AutoencoderOptions& options) {
  // Features of full resolution that live at once, the kept ones of the way down among them.
  constexpr int64_t kFeatures = 24;
  return kFeatures * options.base_channels * options.image_size * options.image_size *
         static_cast<int64_t>(sizeof(float));
}

int64_t patches_per_batch(const Networks& networks, int64_t batch_mib) {
  const auto& options = networks.generator.network->options;
  const int64_t pixels = options.image_size * options.image_size;
  const int64_t bytes = std::max(generator_bytes(options),
                                 segmenter_bytes(networks.segmenter.network->options, pixels));
  return items_within(batch_mib, bytes);
}

}  // namespace dmcvr
