// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/image_quality.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

struct Pair {
  torch::Tensor truth, test;  // [9, 32, 32], in [0, 1]
};

Pair golden_images() {
  const auto truth = test::golden_input("img", {9, 32, 32}, 0.5, 0.5);
  return {truth, (truth + 0.05f * test::golden_input("img2", {9, 32, 32})).clamp(0, 1)};
}

TEST(ImageQualityGolden, PsnrAndSsim) {
  const auto golden = test::golden("metrics_latents");
  const auto [truth, test] = golden_images();
  const auto number = [](double value) { return torch::tensor({value}, torch::kFloat64); };
  const auto expected = golden.at("skimage.ssim3d_psnr");
  test::expect_close(number(ssim_3d(test, truth)), expected.narrow(0, 0, 1), 1e-6, "SSIM 3-D");
  test::expect_close(number(psnr(test, truth)), expected.narrow(0, 1, 1), 1e-6, "PSNR");
  test::expect_close(number(ssim_2d(test, truth)), golden.at("skimage.ssim2d_mean"), 1e-6,
                     "SSIM 2-D");
  test::expect_close(ssim_gaussian(test, truth), golden.at("torch.ssim11"), 1e-6, "SSIM Gaussian");
}

TEST(ImageQuality, EqualImages) {
  const auto image = golden_images().truth;
  EXPECT_TRUE(std::isinf(psnr(image, image)));
  EXPECT_NEAR(ssim_3d(image, image), 1, 1e-12);
  EXPECT_NEAR(ssim_2d(image, image), 1, 1e-12);
  EXPECT_TRUE(ssim_gaussian(image, image).allclose(torch::ones({9}, torch::kFloat64)));
}

TEST(ImageQualityProperty, SymmetricAndFreeOfScale) {
  const auto [truth, test] = golden_images();
  EXPECT_NEAR(ssim_3d(test, truth), ssim_3d(truth, test), 1e-12);
  EXPECT_NEAR(psnr(test, truth), psnr(truth, test), 1e-12);
  const auto large_test = 255 * test.to(torch::kFloat64),
             large_truth = 255 * truth.to(torch::kFloat64);
  EXPECT_NEAR(ssim_3d(large_test, large_truth, 255), ssim_3d(test, truth), 1e-9);
  EXPECT_NEAR(ssim_2d(large_test, large_truth, 255), ssim_2d(test, truth), 1e-9);
  EXPECT_NEAR(psnr(large_test, large_truth, {}, 255), psnr(test, truth), 1e-9);
  EXPECT_TRUE(ssim_gaussian(large_test, large_truth, 255).allclose(ssim_gaussian(test, truth)));
}

TEST(ImageQualityProperty, MoreNoiseIsWorse) {
  const auto truth = golden_images().truth;
  const auto noise = test::golden_input("noise", {9, 32, 32});
  double psnr_before = INFINITY, ssim_before = 1;
  for (const double amount : {0.01, 0.05, 0.2, 0.8}) {
    const double psnr_now = psnr(truth + amount * noise, truth),
                 ssim_now = ssim_3d(truth + amount * noise, truth);
    EXPECT_LT(psnr_now, psnr_before);
    EXPECT_LT(ssim_now, ssim_before);
    psnr_before = psnr_now;
    ssim_before = ssim_now;
  }
}

TEST(Psnr, CountsOnlyTheMask) {
  auto truth = torch::zeros({2, 4, 4}), test = truth.clone();
  test[0] += 0.1;
  test[1] += 0.5;
  auto mask = torch::zeros({2, 4, 4}, torch::kBool);
  EXPECT_TRUE(std::isnan(psnr(test, truth, mask)));
  mask[0] = true;
  EXPECT_NEAR(psnr(test, truth, mask), 20, 1e-6);
}

TEST(Ssim, ImagesSmallerThanTheWindowAreAnError) {
  const auto thin = torch::zeros({6, 32, 32}), narrow_image = torch::zeros({9, 32, 6});
  EXPECT_THROW(ssim_3d(thin, thin), Error);
  EXPECT_NO_THROW(ssim_2d(thin, thin));
  EXPECT_THROW(ssim_2d(narrow_image, narrow_image), Error);
  EXPECT_THROW(ssim_3d(thin, narrow_image), c10::Error);
}

}  // namespace
}  // namespace dmcvr
