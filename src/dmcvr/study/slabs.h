// SPDX-License-Identifier: Apache-2.0
// Slices are slabs: what a scanner sees of one is the mean over its thickness.
#pragma once

#include "dmcvr/study/heart_painting.h"
#include "dmcvr/study/thorax.h"

#include <torch/types.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace dmcvr {

// Thin planes around the middle of a slab, and how much of the slab each stands for; the shares add
// up to 1.
struct SlabRule {
  std::vector<double> offsets_mm;  // rising, symmetric about 0
  std::vector<double> shares;
};

// Planes `step_mm` apart, one of them in the middle. Planes at the ends count as far as the slab
// reaches.
SlabRule slab_rule(double thickness_mm, double step_mm);

// Pictures of slabs: the chest is painted once, the heart in every phase.
class Slabs {
 public:
  // `thin` holds the thin planes of all slabs, of equal columns and rows; slab n is made of those
  // from first[n] on, one per share of the rule. Slabs may share planes.
  Slabs(const Thorax& thorax, std::vector<PicturePlane> thin, std::vector<int64_t> first,
        SlabRule rule);

  // [N, rows, columns]; `paint` is called for every thin plane, by several threads.
  torch::Tensor pictures(const std::function<HeartLayer(const PicturePlane&)>& paint) const;

 private:
  std::vector<PicturePlane> thin_;
  std::vector<int64_t> first_;
  SlabRule rule_;
  torch::Tensor chest_;  // [N, rows, columns]
};

}  // namespace dmcvr
