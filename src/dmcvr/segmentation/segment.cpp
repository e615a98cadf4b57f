// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/segmentation/segment.h"

#include "dmcvr/core/side_by_side.h"

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
  for (int64_t start = 0; start < count; start += batch_size) {
    const int64_t size = std::min(batch_size, count - start);
    side_by_side(size, device, [&](int64_t first, int64_t last, const std::atomic<bool>&) {
      const int64_t begin = start + first, end = start + last;
      const auto part = network_from_unit(pictures.slice(0, begin, end), segmenter.info.input_rule);
      const auto logits = segmenter.network->forward(part.to(device));  // [n, 4, H, W]
      probabilities.slice(0, begin, end).copy_(logits.softmax(1));
    });
    if (on_progress) on_progress(start + size, count);
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
