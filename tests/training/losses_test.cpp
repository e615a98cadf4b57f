// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/losses.h"

#include "support.h"

#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

constexpr SegmentationLoss kAllLosses[] = {SegmentationLoss::focal_dice, SegmentationLoss::paper,
                                           SegmentationLoss::cross_entropy_tversky};

TEST(LossesGolden, EqualTheReference) {
  const auto expected = test::golden("medformer_train");
  const auto logits = test::golden_input("seg.logits", {2, 4, 8, 8}, 3);
  const auto labels = expected.at("labels").slice(2, 0, 8).slice(3, 0, 8).squeeze(1);
  const auto compare = [&](const torch::Tensor& loss, const std::string& name) {
    const auto& reference = expected.at(name);
    test::expect_close(loss.view({1}), reference, 1e-5 * reference.item<double>(), name);
  };
  compare(adaptive_tversky_loss(logits, labels), "loss.dice");
  compare(adaptive_tversky_loss(logits, labels), "loss.gen_dice");
  compare(weighted_cross_entropy(logits, labels), "loss.ce_w");
  compare(focal_loss(logits, labels), "loss.seg_focal");
  compare(focal_loss(logits, labels, 2), "loss.gen_focal_g2");
}

// Labels with every class and logits that know them, sharper and sharper.
torch::Tensor knowing_logits(const torch::Tensor& labels, double sharpness) {
  return torch::one_hot(labels, 4).permute({0, 3, 1, 2}).to(torch::kFloat32) * sharpness;
}

TEST(LossesProperty, FallWithSharperTruthAndVanish) {
  auto generator = make_generator(1, "labels");
  const auto labels = torch::randint(0, 4, {2, 16, 16}, generator, torch::kInt64);
  for (const auto loss : kAllLosses) {
    double last = 1e9;
    for (const double sharpness : {-2.0, 0.0, 2.0, 5.0, 30.0}) {
      const double value =
          segmentation_loss(loss, knowing_logits(labels, sharpness), labels).item<double>();
      EXPECT_LT(value, last);
      last = value;
    }
    EXPECT_NEAR(last, 0, 1e-4);
  }
}

TEST(LossesProperty, GradientIsThatOfTheValue) {
  auto generator = make_generator(2, "logits");
  const auto labels = torch::randint(0, 4, {1, 6, 6}, generator, torch::kInt64);
  const auto direction = torch::randn({1, 4, 6, 6}, generator, torch::kFloat64);
  for (const auto loss : kAllLosses) {
    auto logits = torch::randn({1, 4, 6, 6}, generator, torch::kFloat64).requires_grad_();
    segmentation_loss(loss, logits, labels).backward();
    const double slope = (logits.grad() * direction).sum().item<double>();
    torch::NoGradGuard no_grad;
    constexpr double h = 1e-5;
    const double difference = (segmentation_loss(loss, logits + h * direction, labels) -
                               segmentation_loss(loss, logits - h * direction, labels))
                                  .item<double>() /
                              (2 * h);
    EXPECT_NEAR(slope, difference, 1e-7 + 1e-5 * std::abs(difference));
  }
}

TEST(Losses, AbsentStructureCostsNothing) {
  const auto labels = torch::zeros({1, 16, 16}, torch::kInt64);
  EXPECT_NEAR(soft_dice_loss(knowing_logits(labels, 40), labels).item<double>(), 0, 1e-6);
}

TEST(Losses, FocalWithoutFocusIsCrossEntropy) {
  auto generator = make_generator(3, "logits");
  const auto logits = torch::randn({2, 4, 8, 8}, generator);
  const auto labels = torch::randint(0, 4, {2, 8, 8}, generator, torch::kInt64);
  EXPECT_NEAR(focal_loss(logits, labels, 0).item<double>(),
              weighted_cross_entropy(logits, labels, {1, 1, 1, 1}).item<double>(), 1e-6);
}

}  // namespace
}  // namespace dmcvr
