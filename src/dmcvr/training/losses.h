// SPDX-License-Identifier: Apache-2.0
// What the segmenter learns from. logits: [N, C, H, W]; labels: [N, H, W] int64 in {0, …, C − 1};
// every loss is a scalar, pooled over the pixels of the whole batch.
#pragma once

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <vector>

namespace dmcvr {

enum class SegmentationLoss {
  focal_dice,             // focal + soft Dice of the structures
  paper,                  // focal + adaptive Tversky, the "Dice loss" of the published code
  cross_entropy_tversky,  // weighted cross-entropy + adaptive Tversky, as the published code
};

NLOHMANN_JSON_SERIALIZE_ENUM(SegmentationLoss,
                             {{SegmentationLoss::focal_dice, "focal_dice"},
                              {SegmentationLoss::paper, "paper"},
                              {SegmentationLoss::cross_entropy_tversky, "cross_entropy_tversky"}})

torch::Tensor segmentation_loss(SegmentationLoss loss, const torch::Tensor& logits,
                                const torch::Tensor& labels);

// Mean of (1 − p)^gamma (−ln p), p the probability of the true class (Lin et al., ICCV 2017).
torch::Tensor focal_loss(const torch::Tensor& logits, const torch::Tensor& labels,
                         double gamma = 2);

// 1 − mean over the classes 1, 2, … of (2 TP + 1) / (2 TP + FP + FN + 1), on probabilities; a
// structure that neither the labels nor the prediction hold costs nothing.
torch::Tensor soft_dice_loss(const torch::Tensor& logits, const torch::Tensor& labels);

// Mean over all classes of 1 − TP / (TP + a FP + b FN + 1e-5), a = FP / (FP + FN + 1e-5) within
// [0.2, 0.8] and b = 1 − a: the rarer mistake weighs less. The gradient flows through a.
torch::Tensor adaptive_tversky_loss(const torch::Tensor& logits, const torch::Tensor& labels);

// Mean of −ln p weighted by the class of each pixel.
torch::Tensor weighted_cross_entropy(const torch::Tensor& logits, const torch::Tensor& labels,
                                     const std::vector<double>& class_weights = {0.5, 1, 1, 1});

}  // namespace dmcvr
