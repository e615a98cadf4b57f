// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/kspace.h"

#include <ATen/ATen.h>

#include <cmath>

namespace dmcvr {
namespace {

// One axis: `count` frequencies, 0 first, as fft orders them.
torch::Tensor axis_filter(double share, const Band& band, int64_t count) {
  constexpr double kOneEighty = 3.14159265358979323846;
  auto filter = torch::zeros({count});
  auto* values = filter.data_ptr<float>();
  for (int64_t i = 0; i < count; ++i) {
    const auto frequency = static_cast<double>(std::min(i, count - i));
    const double at = frequency / (0.5 * static_cast<double>(count) * share);
    if (at > 1) continue;
    const double down = at <= band.flat ? 0 : (at - band.flat) / (1 - band.flat);
    values[i] =
        static_cast<float>(band.edge + (1 - band.edge) * 0.5 * (1 + std::cos(kOneEighty * down)));
  }
  return filter;
}

torch::Tensor filtered(const torch::Tensor& picture, const torch::Tensor& filter) {
  return at::fft_ifft2(at::fft_fft2(picture) * filter);
}

// In one order: LibTorch divides a sum among its threads, and rounds it by their number.
double mean_square(const torch::Tensor& filter) {
  const auto contiguous = filter.contiguous();
  const auto* value = contiguous.data_ptr<float>();
  double sum = 0;
  for (int64_t i = 0; i < contiguous.numel(); ++i) sum += static_cast<double>(value[i]) * value[i];
  return sum / static_cast<double>(contiguous.numel());
}

}  // namespace

torch::Tensor band_filter(const Band& band, int64_t rows, int64_t columns) {
  return axis_filter(band.share[0], band, rows).unsqueeze(1) *
         axis_filter(band.share[1], band, columns);
}

torch::Tensor band_limited(const torch::Tensor& signal, const torch::Tensor& filter) {
  return filtered(signal, filter).abs();
}

torch::Tensor band_limited(const torch::Tensor& signal, const torch::Tensor& filter,
                           double deviation, const at::Generator& generator) {
  // The filter takes noise away; what is left shall have the deviation.
  const double kept = std::sqrt(mean_square(filter));
  const auto real = torch::randn(signal.sizes(), generator, torch::kFloat32);
  const auto imaginary = torch::randn(signal.sizes(), generator, torch::kFloat32);
  return filtered(signal + torch::complex(real, imaginary) * (deviation / kept), filter).abs();
}

}  // namespace dmcvr
