// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/autoencoder.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"

#include <algorithm>

namespace dmcvr {
namespace {

void check_multipliers(const char* name, const std::vector<int64_t>& multipliers) {
  if (multipliers.empty() || multipliers.size() > 10) {
    throw Error("{}: {} levels, expected 1 to 10", name, multipliers.size());
  }
  for (const int64_t multiplier : multipliers) check_range<int64_t>(name, multiplier, 1, 64);
}

PathOptions unet_path(const AutoencoderOptions& options) {
  options.check();
  PathOptions path;
  path.base_channels = options.base_channels;
  path.multipliers = options.multipliers;
  path.blocks_per_level = options.blocks_per_level;
  path.attention_level = options.attention_level;
  path.morphology_channels = options.morphology_channels;
  path.block.embedding = options.embedding;
  path.block.groups = options.groups;
  path.block.dropout = options.dropout;
  return path;
}

PathOptions encoder_path(const AutoencoderOptions& options) {
  PathOptions path = unet_path(options);
  path.multipliers = options.encoder_multipliers;
  path.morphology_channels = 0;
  path.block.embedding = 0;
  path.block.dropout = 0;
  return path;
}

}  // namespace

void AutoencoderOptions::check() const {
  check_range<int64_t>("base_channels", base_channels, 2, 1024);
  check_multipliers("multipliers", multipliers);
  check_multipliers("encoder_multipliers", encoder_multipliers);
  check_range<int64_t>("blocks_per_level", blocks_per_level, 1, 16);
  check_range<int64_t>("attention_level", attention_level, 0, 9);
  check_range<int64_t>("embedding", embedding, 1, 4096);
  check_range<int64_t>("morphology_channels", morphology_channels, 0, 4096);
  check_range<int64_t>("groups", groups, 1, base_channels);
  if (base_channels % 2 != 0)
    throw Error("base_channels {}: expected an even number", base_channels);
  if (base_channels % groups != 0 || morphology_channels % groups != 0) {
    throw Error("groups {}: does not divide base_channels {} and morphology_channels {}", groups,
                base_channels, morphology_channels);
  }
  if (morphology_channels > 0 && static_cast<int64_t>(multipliers.size()) < kMorphologyLevel + 2) {
    throw Error("multipliers: {} levels, at least {} are needed for l_mor", multipliers.size(),
                kMorphologyLevel + 2);
  }
  const int64_t multiple = int64_t{1}
                           << (std::max(multipliers.size(), encoder_multipliers.size()) - 1);
  if (image_size < multiple || image_size > 4096 || image_size % multiple != 0) {
    throw Error("image_size {}: expected a multiple of {} up to 4096", image_size, multiple);
  }
  if (!(dropout >= 0 && dropout < 1)) throw Error("dropout {}: expected 0 to below 1", dropout);
}

AutoencoderOptions paper_autoencoder() {
  return {};
}

AutoencoderOptions small_autoencoder() {
  AutoencoderOptions options;
  options.image_size = 128;
  options.base_channels = 24;
  options.groups = 8;
  options.embedding = 256;
  options.morphology_channels = 256;
  options.dropout = 0;
  options.prediction = Prediction::velocity;
  return options;
}

AutoencoderImpl::AutoencoderImpl(const AutoencoderOptions& autoencoder_options)
    : options(autoencoder_options),
      unet(unet_path(options)),
      encoder(encoder_path(options), options.embedding) {
  for (const auto& part : unet->named_children()) register_module(part.key(), part.value());
  register_module("encoder", encoder);

  // Channels side by side: convolutions hand this layout on, and those of few channels run twice as
  // fast.
  for (auto& parameter : parameters()) {
    if (parameter.dim() == 4)
      parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
  }
}

torch::Tensor AutoencoderImpl::encode(const torch::Tensor& x_0) {
  return encoder->forward(x_0);
}

torch::Tensor AutoencoderImpl::forward(const torch::Tensor& x_t, const torch::Tensor& t,
                                       const torch::Tensor& z_sem, const torch::Tensor& l_mor) {
  return predict(x_t, t, condition(z_sem, l_mor));
}

Condition AutoencoderImpl::condition(const torch::Tensor& z_sem, const torch::Tensor& l_mor) {
  return unet->condition(z_sem, l_mor);
}

torch::Tensor AutoencoderImpl::predict(const torch::Tensor& x_t, const torch::Tensor& t,
                                       const Condition& condition, const Observer& observe) {
  return unet->forward(x_t, t, condition, observe);
}

}  // namespace dmcvr
