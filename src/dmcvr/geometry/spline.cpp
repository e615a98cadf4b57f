// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/spline.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

const double kPole = std::sqrt(3.0) - 2;
constexpr int64_t kHorizon = 32;  // |pole|^32 is below the rounding of float64

int64_t mirrored(int64_t index, int64_t size) {
  if (size == 1) return 0;
  const int64_t period = 2 * (size - 1);
  const int64_t place = ((index % period) + period) % period;
  return place < size ? place : period - place;
}

// In place, of `size` values that lie `step` apart: a causal and an anticausal recursion.
void filter_line(double* line, int64_t size, int64_t step) {
  if (size == 1) return;
  const auto at = [&](int64_t n) -> double& { return line[n * step]; };
  double first = 0, power = 1;
  for (int64_t n = 0; n < kHorizon; ++n) {
    first += power * at(mirrored(n, size));
    power *= kPole;
  }
  at(0) = first;
  for (int64_t n = 1; n < size; ++n) at(n) += kPole * at(n - 1);
  at(size - 1) = kPole / (kPole * kPole - 1) * (at(size - 1) + kPole * at(size - 2));
  for (int64_t n = size - 2; n >= 0; --n) at(n) = kPole * (at(n + 1) - at(n));
  for (int64_t n = 0; n < size; ++n) at(n) *= 6;
}

}  // namespace

torch::Tensor spline_coefficients(const torch::Tensor& slices) {
  TORCH_CHECK(slices.dim() == 3 && slices.device().is_cpu(), "spline_coefficients: slices ",
              slices.sizes(), " are not [N, H, W] on the CPU");
  auto coefficients = slices.to(torch::kFloat64).contiguous().clone();
  const int64_t height = slices.size(1), width = slices.size(2);
  double* values = coefficients.data_ptr<double>();
  at::parallel_for(0, slices.size(0), 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      double* plane = values + n * height * width;
      for (int64_t row = 0; row < height; ++row) filter_line(plane + row * width, width, 1);
      for (int64_t column = 0; column < width; ++column) filter_line(plane + column, height, width);
    }
  });
  return coefficients;
}

SplineTaps spline_taps(double x, int64_t size) {
  const auto lower =
      std::clamp<int64_t>(static_cast<int64_t>(std::floor(x)), 0, std::max<int64_t>(size - 2, 0));
  const double t = x - static_cast<double>(lower), s = 1 - t;
  SplineTaps taps;
  taps.weight = {s * s * s / 6, 2.0 / 3 - t * t * (2 - t) / 2, 2.0 / 3 - s * s * (2 - s) / 2,
                 t * t * t / 6};
  for (int64_t n = 0; n < 4; ++n)
    taps.index[static_cast<size_t>(n)] = mirrored(lower - 1 + n, size);
  return taps;
}

}  // namespace dmcvr
