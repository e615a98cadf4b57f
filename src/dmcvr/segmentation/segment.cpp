// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/segmentation/segment.h"

#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <algorithm>

namespace dmcvr {

torch::Tensor label_probabilities(const torch::Tensor& pictures, Segmenter& segmenter,
                                  int64_t batch_size, const OnProgress& on_progress) {
  const at::NoGradGuard no_gradients;
  TORCH_CHECK(batch_size > 0, "label_probabilities: batches of ", batch_size);
  const auto device = segmenter.network->parameters().front().device();
  const int64_t count = pictures.size(0);

  auto probabilities =
      torch::empty({count, kLabelCount, pictures.size(2), pictures.size(3)}, torch::kFloat32);
  for (int64_t begin = 0; begin < count; begin += batch_size) {
    const int64_t end = std::min(begin + batch_size, count);
    const auto batch = network_from_unit(pictures.slice(0, begin, end), segmenter.info.input_rule);
    const auto logits = segmenter.network->forward(batch.to(device));  // [n, 4, H, W]
    probabilities.slice(0, begin, end).copy_(logits.softmax(1));
    if (on_progress) on_progress(end, count);
  }
  return probabilities;
}

torch::Tensor most_likely(const torch::Tensor& probabilities) {
  return probabilities.argmax(1).to(torch::kUInt8);
}

int64_t segmenter_bytes(const MedFormerOptions& options, int64_t pixels) {
  // Measured, in features of full resolution: stem, skip, their concatenation, convolution buffers.
  constexpr int64_t kFeatures = 34;
  return pixels * options.base_channels * kFeatures * static_cast<int64_t>(sizeof(float));
}

}  // namespace dmcvr
