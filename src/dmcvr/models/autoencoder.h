// SPDX-License-Identifier: Apache-2.0
// The generator: a semantic encoder and a conditional U-Net, trained together. With l_mor it is the
// method of DMCVR (He et al., MICCAI 2023); without, a diffusion autoencoder (Preechakul et al.,
// 2022).
#pragma once

#include "dmcvr/models/semantic_encoder.h"
#include "dmcvr/models/unet.h"

#include <nlohmann/json.hpp>

namespace dmcvr {

// What the network names in x_t (diffusion/velocity.h).
enum class Prediction { epsilon, velocity };

NLOHMANN_JSON_SERIALIZE_ENUM(Prediction,
                             {{Prediction::epsilon, "epsilon"}, {Prediction::velocity, "velocity"}})

struct AutoencoderOptions {
  int64_t image_size = 256;  // pixels per side; a multiple of 2^(encoder levels - 1)
  int64_t base_channels =
      128;  // times the multipliers: channels at 1, 1/2, 1/4, … of the resolution
  std::vector<int64_t> multipliers = {1, 1, 2, 2, 4, 4};
  std::vector<int64_t> encoder_multipliers = {1, 1, 2, 2, 4, 4, 4};
  int64_t blocks_per_level = 2;       // residual blocks on the way down; one more on the way up
  int64_t attention_level = 4;        // 4: at 1/16 of the resolution
  int64_t groups = 32;                // of every normalization; divides every number of channels
  int64_t embedding = 512;            // length of z_sem and of the time embedding
  int64_t morphology_channels = 512;  // of l_mor; 0 makes a diffusion autoencoder without it
  double dropout = 0.1;
  Prediction prediction = Prediction::epsilon;  // the paper's

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AutoencoderOptions, image_size, base_channels, multipliers,
                                   encoder_multipliers, blocks_per_level, attention_level, groups,
                                   embedding, morphology_channels, dropout, prediction)

AutoencoderOptions paper_autoencoder();  // 256 x 256, 173,730,305 parameters
AutoencoderOptions small_autoencoder();  // 128 x 128, the bundled size

// Parameters have the names and shapes of the reference's state dict.
class AutoencoderImpl : public torch::nn::Module {
 public:
  explicit AutoencoderImpl(const AutoencoderOptions& autoencoder_options);

  // z_sem [N, embedding] of pictures [N, 1, P, P] in the range of the weights.
  torch::Tensor encode(const torch::Tensor& x_0);

  // What options.prediction says, [N, 1, P, P], of x_t [N, 1, P, P]; t [N] or [1], whole or
  // real-valued, of the 1000 training steps counted from 0; l_mor [N, morphology_channels, P / 16,
  // P / 16], undefined without morphology.
  torch::Tensor forward(const torch::Tensor& x_t, const torch::Tensor& t,
                        const torch::Tensor& z_sem, const torch::Tensor& l_mor = {});

  // forward in two parts: all that depends on the codes alone, and the rest.
  Condition condition(const torch::Tensor& z_sem, const torch::Tensor& l_mor = {});
  torch::Tensor predict(const torch::Tensor& x_t, const torch::Tensor& t,
                        const Condition& condition, const Observer& observe = {});

  AutoencoderOptions options;
  // Its parts are registered one by one, since the reference keeps them beside the encoder.
  UNet unet;
  SemanticEncoder encoder;
};
TORCH_MODULE(Autoencoder);

}  // namespace dmcvr
