// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/slabs.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace dmcvr {

SlabRule slab_rule(double thickness_mm, double step_mm) {
  SlabRule rule;
  const auto reach =
      static_cast<int64_t>(std::ceil(std::max(0.0, thickness_mm / step_mm - 1) / 2 - 1e-9));
  for (int64_t i = -reach; i <= reach; ++i) {
    const double middle_mm = static_cast<double>(i) * step_mm;
    // A single plane stands for the whole slab, however thin.
    const double low =
        reach == 0 ? -thickness_mm / 2 : std::max(-thickness_mm / 2, middle_mm - step_mm / 2);
    const double high =
        reach == 0 ? thickness_mm / 2 : std::min(thickness_mm / 2, middle_mm + step_mm / 2);
    rule.offsets_mm.push_back(middle_mm);
    rule.shares.push_back((high - low) / thickness_mm);
  }
  return rule;
}

Slabs::Slabs(const Thorax& thorax, std::vector<PicturePlane> thin, std::vector<int64_t> first,
             SlabRule rule)
    : thin_(std::move(thin)), first_(std::move(first)), rule_(std::move(rule)) {
  const int64_t rows = thin_.at(0).rows, columns = thin_.at(0).columns;
  auto planes = torch::empty({static_cast<int64_t>(thin_.size()), rows, columns});
  at::parallel_for(0, planes.size(0), 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      planes[n].copy_(thorax.paint(thin_[static_cast<size_t>(n)]));
  });
  chest_ = torch::zeros({static_cast<int64_t>(first_.size()), rows, columns});
  for (size_t n = 0; n < first_.size(); ++n) {
    for (size_t i = 0; i < rule_.shares.size(); ++i) {
      chest_[static_cast<int64_t>(n)].add_(planes[first_[n] + static_cast<int64_t>(i)],
                                           rule_.shares[i]);
    }
  }
}

torch::Tensor Slabs::pictures(const std::function<HeartLayer(const PicturePlane&)>& paint) const {
  std::vector<HeartLayer> layers(thin_.size());
  at::parallel_for(0, static_cast<int64_t>(thin_.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n)
      layers[static_cast<size_t>(n)] = paint(thin_[static_cast<size_t>(n)]);
  });

  auto slabs = chest_.clone();
  const int64_t pixels = chest_.size(1) * chest_.size(2);
  const float* chest = chest_.data_ptr<float>();
  float* picture = slabs.data_ptr<float>();
  at::parallel_for(0, chest_.size(0), 1, [&](int64_t begin, int64_t end) {
    for (int64_t n = begin; n < end; ++n) {
      for (size_t i = 0; i < rule_.shares.size(); ++i) {
        const auto& layer = layers[static_cast<size_t>(first_[static_cast<size_t>(n)]) + i];
        lay_over(layer, static_cast<float>(rule_.shares[i]), chest + n * pixels,
                 picture + n * pixels, chest_.size(2));
      }
    }
  });
  return slabs;
}

}  // namespace dmcvr
