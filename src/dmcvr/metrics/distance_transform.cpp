// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/metrics/distance_transform.h"

#include <ATen/Parallel.h>

#include <cmath>
#include <limits>
#include <vector>

namespace dmcvr {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// The lower envelope of the parabolas value[q] + (spacing (p − q))² over one line, in place.
class LowerEnvelope {
 public:
  explicit LowerEnvelope(int64_t length)
      : length_(length), vertices_(length), starts_(length), heights_(length) {}

  void apply(double* line, int64_t stride, double spacing) {
    // Keep the parabolas that are lowest somewhere, each with the place where it begins to be.
    const double square = spacing * spacing;
    int64_t kept = 0;
    for (int64_t q = 0; q < length_; ++q) {
      const double height = line[q * stride];
      if (height == kInfinity) continue;
      double start = -kInfinity;
      while (kept > 0) {
        const int64_t other = vertices_[kept - 1];
        const double crossing =
            ((height - heights_[kept - 1]) / square + static_cast<double>(q * q - other * other)) /
            static_cast<double>(2 * (q - other));
        if (crossing > starts_[kept - 1]) {
          start = crossing;
          break;
        }
        --kept;
      }
      vertices_[kept] = q;
      heights_[kept] = height;
      starts_[kept] = start;
      ++kept;
    }
    if (kept == 0) return;

    // Read the envelope from left to right.
    int64_t current = 0;
    for (int64_t p = 0; p < length_; ++p) {
      while (current + 1 < kept && starts_[current + 1] < static_cast<double>(p)) ++current;
      const auto offset = static_cast<double>(p - vertices_[current]);
      line[p * stride] = heights_[current] + square * offset * offset;
    }
  }

 private:
  int64_t length_;
  std::vector<int64_t> vertices_;
  std::vector<double> starts_;
  std::vector<double> heights_;
};

}  // namespace

torch::Tensor distance_to(const torch::Tensor& mask, const Spacing& spacing) {
  TORCH_CHECK(mask.dim() == 3 && mask.scalar_type() == torch::kBool,
              "distance_to: expected a boolean mask [D, H, W], found ", mask.sizes());
  TORCH_CHECK(spacing[0] > 0 && spacing[1] > 0 && spacing[2] > 0,
              "distance_to: spacing must be positive");
  auto squares = torch::where(mask.cpu(), torch::zeros({}, torch::kFloat64),
                              torch::full({}, kInfinity, torch::kFloat64))
                     .contiguous();  // [D, H, W]
  auto* data = squares.data_ptr<double>();

  // Squared distances along columns, then rows, then slices.
  for (int64_t axis = 2; axis >= 0; --axis) {
    const int64_t length = squares.size(axis), stride = squares.stride(axis);
    const int64_t lines = length > 0 ? squares.numel() / length : 0;
    at::parallel_for(0, lines, 64, [&](int64_t begin, int64_t end) {
      LowerEnvelope envelope(length);
      for (int64_t i = begin; i < end; ++i) {
        envelope.apply(data + i / stride * stride * length + i % stride, stride, spacing[axis]);
      }
    });
  }
  return squares.sqrt_();
}

}  // namespace dmcvr
