// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/losses.h"

namespace dmcvr {
namespace {

// Sums over batch and pixels, per class: true positives, false positives, false negatives. [C]
struct Overlap {
  torch::Tensor tp, fp, fn;
};

Overlap overlap_of(const torch::Tensor& logits, const torch::Tensor& labels) {
  TORCH_CHECK(logits.dim() == 4 && labels.dim() == 3 && logits.size(0) == labels.size(0) &&
                  logits.size(2) == labels.size(1) && logits.size(3) == labels.size(2),
              "segmentation loss: logits [N, C, H, W] and labels [N, H, W], found ", logits.sizes(),
              " and ", labels.sizes());
  const auto p = logits.softmax(1);                                             // [N, C, H, W]
  const auto truth = torch::zeros_like(p).scatter_(1, labels.unsqueeze(1), 1);  // [N, C, H, W]
  const auto tp = (p * truth).sum({0, 2, 3});
  return {tp, p.sum({0, 2, 3}) - tp, truth.sum({0, 2, 3}) - tp};
}

}  // namespace

torch::Tensor focal_loss(const torch::Tensor& logits, const torch::Tensor& labels, double gamma) {
  const auto log_p = logits.log_softmax(1).gather(1, labels.unsqueeze(1));  // [N, 1, H, W]
  return (-(1 - log_p.exp()).pow(gamma) * log_p).mean();
}

torch::Tensor soft_dice_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  const auto overlap = overlap_of(logits, labels);
  const auto dice = (2 * overlap.tp + 1) / (2 * overlap.tp + overlap.fp + overlap.fn + 1);  // [C]
  return 1 - dice.slice(0, 1).mean();
}

torch::Tensor adaptive_tversky_loss(const torch::Tensor& logits, const torch::Tensor& labels) {
  constexpr double tiny = 1e-5;
  const auto [tp, fp, fn] = overlap_of(logits, labels);
  const auto a = (fp / (fp + fn + tiny)).clamp(0.2, 0.8);
  return (1 - tp / (tp + a * fp + (1 - a) * fn + tiny)).mean();
}

torch::Tensor weighted_cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels,
                                     const std::vector<double>& class_weights) {
  const auto weights = torch::tensor(class_weights, torch::kFloat64).to(logits.options());
  return torch::cross_entropy_loss(logits, labels, weights);
}

torch::Tensor segmentation_loss(SegmentationLoss loss, const torch::Tensor& logits,
                                const torch::Tensor& labels) {
  switch (loss) {
    case SegmentationLoss::focal_dice:
      return focal_loss(logits, labels) + soft_dice_loss(logits, labels);
    case SegmentationLoss::paper:
      return focal_loss(logits, labels) + adaptive_tversky_loss(logits, labels);
    case SegmentationLoss::cross_entropy_tversky:
      return weighted_cross_entropy(logits, labels) + adaptive_tversky_loss(logits, labels);
  }
  TORCH_CHECK(false, "segmentation_loss: unknown loss");
}

}  // namespace dmcvr
