// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/image_quality.h"

#include "dmcvr/core/error.h"

#include <cmath>
#include <functional>
#include <limits>

namespace dmcvr {
namespace {

constexpr int64_t kUniformWindow = 7;
constexpr int64_t kGaussianWindow = 11;
constexpr double kGaussianSigma = 1.5;  // pixels

// The map of SSIM (Wang et al. 2004, Eq. 13) from a local average, with covariances times
// `correction`.
torch::Tensor ssim_map(const torch::Tensor& x, const torch::Tensor& y, double data_range,
                       double correction,
                       const std::function<torch::Tensor(const torch::Tensor&)>& local_mean) {
  const double c1 = std::pow(0.01 * data_range, 2), c2 = std::pow(0.03 * data_range, 2);
  const auto mx = local_mean(x), my = local_mean(y);
  const auto vx = correction * (local_mean(x * x) - mx * mx);
  const auto vy = correction * (local_mean(y * y) - my * my);
  const auto vxy = correction * (local_mean(x * y) - mx * my);
  return (2 * mx * my + c1) * (2 * vxy + c2) / ((mx * mx + my * my + c1) * (vx + vy + c2));
}

torch::Tensor checked_stack(const torch::Tensor& image, const torch::Tensor& other) {
  TORCH_CHECK(image.dim() == 3 && image.sizes() == other.sizes(),
              "ssim: expected two images [D, H, W] of one shape, found ", image.sizes(), " and ",
              other.sizes());
  return image.to(torch::kFloat64);
}

void check_window_fits(const torch::Tensor& image, int64_t first_axis) {
  for (int64_t axis = first_axis; axis < 3; ++axis) {
    if (image.size(axis) >= kUniformWindow) continue;
    throw Error("SSIM of an image of {} x {} x {} voxels: its window needs {} along each axis",
                image.size(0), image.size(1), image.size(2), kUniformWindow);
  }
}

// N / (N − 1)
double sample_correction(double count) {
  return count / (count - 1);
}

}  // namespace

double psnr(const torch::Tensor& test, const torch::Tensor& truth, const torch::Tensor& mask,
            double data_range) {
  TORCH_CHECK(test.sizes() == truth.sizes(), "psnr: shapes ", test.sizes(), " and ", truth.sizes(),
              " differ");
  auto squares = (test.to(torch::kFloat64) - truth.to(torch::kFloat64)).square();
  if (mask.defined()) squares = squares.masked_select(mask);
  const double mean = squares.mean().item<double>();
  return mean == 0 ? std::numeric_limits<double>::infinity()
                   : -10 * std::log10(mean / (data_range * data_range));
}

double ssim_3d(const torch::Tensor& test, const torch::Tensor& truth, double data_range) {
  const auto x = checked_stack(test, truth), y = checked_stack(truth, test);
  check_window_fits(x, 0);
  const auto local_mean = [](const torch::Tensor& image) {
    return torch::avg_pool3d(image.unsqueeze(0).unsqueeze(0), kUniformWindow,
                             1);  // [1, 1, D − 6, H − 6, W − 6]
  };
  const double correction = sample_correction(std::pow(kUniformWindow, 3));
  return ssim_map(x, y, data_range, correction, local_mean).mean().item<double>();
}

double ssim_2d(const torch::Tensor& test, const torch::Tensor& truth, double data_range) {
  const auto x = checked_stack(test, truth), y = checked_stack(truth, test);
  check_window_fits(x, 1);
  const auto local_mean = [](const torch::Tensor& image) {
    return torch::avg_pool2d(image.unsqueeze(1), kUniformWindow, 1);  // [D, 1, H − 6, W − 6]
  };
  const double correction = sample_correction(std::pow(kUniformWindow, 2));
  return ssim_map(x, y, data_range, correction, local_mean).mean().item<double>();
}

torch::Tensor ssim_gaussian(const torch::Tensor& test, const torch::Tensor& truth,
                            double data_range) {
  const auto x = checked_stack(test, truth), y = checked_stack(truth, test);
  constexpr int64_t kMiddle = kGaussianWindow / 2;
  const auto offset = torch::arange(kGaussianWindow, x.options()) - kMiddle;
  auto profile = (-offset.square() / (2 * kGaussianSigma * kGaussianSigma)).exp();  // [11]
  profile /= profile.sum();
  const auto window = torch::outer(profile, profile).view({1, 1, kGaussianWindow, kGaussianWindow});
  const auto local_mean = [&](const torch::Tensor& image) {
    return torch::conv2d(image.unsqueeze(1), window, {}, 1, kGaussianWindow / 2);  // [D, 1, H, W]
  };
  return ssim_map(x, y, data_range, 1, local_mean).flatten(1).mean(1);
}

}  // namespace dmcvr
