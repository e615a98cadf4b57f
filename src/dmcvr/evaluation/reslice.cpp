// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/reslice.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/resample.h"

#include <spdlog/spdlog.h>

#include <limits>

namespace dmcvr {
namespace {

// Rounding of affines, in voxels.
constexpr double kOnTheBorder = 1e-6;

// The pixels of a view whose centers a condition holds for, given as points of the world.
template <typename Condition>
torch::Tensor pixels_where(const Grid& view, const Condition& condition) {
  auto mask = torch::zeros({view.size[1], view.size[0]}, torch::kBool);
  auto pixels = mask.accessor<bool, 2>();
  for (int64_t j = 0; j < view.size[1]; ++j) {
    for (int64_t i = 0; i < view.size[0]; ++i) {
      pixels[j][i] =
          condition(view.world_from_voxel({static_cast<double>(i), static_cast<double>(j), 0}));
    }
  }
  return mask;
}

// The label with the largest share. [T, D, H, W] -> [T, h, w].
torch::Tensor softly(const torch::Tensor& labels, const Grid& stack, const Grid& view) {
  std::vector<torch::Tensor> shares;
  for (int64_t label = 0; label < kLabelCount; ++label) {
    const Cine mask{stack, (labels == label).to(torch::kFloat32), {}};
    const double outside = label == 0 ? 1 : 0;
    shares.push_back(resample(mask, view, Interpolation::linear, outside).voxels.squeeze(1));
  }
  return torch::stack(shares).argmax(0).to(torch::kUInt8);
}

}  // namespace

Question ask_for_all_planes(const Study& study, double slice_spacing_mm) {
  Question question;
  question.given = study;
  question.given.views.clear();  // which are not for methods to see
  question.slice_spacing_mm = slice_spacing_mm;
  question.planes = dense_planes(study.sax.grid, slice_positions(study), slice_spacing_mm);
  const DensePlanes& planes = question.planes;
  if (planes.missing_planes.empty())
    throw Error("no plane lies between the slices, so there is nothing to compare");

  // Slices that lie beside their planes are asked for where they lie.
  const double step = planes.grid.spacing_mm()[2];
  for (int64_t plane = 0; plane < planes.grid.size[2]; ++plane) {
    question.asked.push_back(plane);
    question.asked_mm.push_back(static_cast<double>(plane) * step);
  }
  for (size_t k = 0; k < planes.acquired_planes.size(); ++k)
    question.asked_mm[static_cast<size_t>(planes.acquired_planes[k])] = planes.acquired_z_mm[k];
  for (size_t m = 0; m < planes.missing_planes.size(); ++m)
    question.asked_mm[static_cast<size_t>(planes.missing_planes[m])] = planes.missing_z_mm[m];
  return question;
}

torch::Tensor inside_stack(const Grid& stack, const Grid& view) {
  const Affine voxel_from_world = stack.voxel_from_world();
  return pixels_where(view, [&](const Point& p_world) {
    const Point p = voxel_from_world(p_world);
    const auto lies_within = [&](size_t axis, double margin) {
      return p[axis] >= -margin && p[axis] <= static_cast<double>(stack.size[axis] - 1) + margin;
    };
    return lies_within(0, 0.5) && lies_within(1, 0.5) && lies_within(2, kOnTheBorder);
  });
}

torch::Tensor near_point(const Grid& view, const Point& point, double reach_mm) {
  return pixels_where(
      view, [&](const Point& p_world) { return length(minus(p_world, point)) <= reach_mm; });
}

std::vector<View> views_through(const Grid& stack, const Study& study) {
  if (study.views.empty()) {
    throw Error(
        "has no long-axis views, which the protocol long-axis compares with; folders of dmcvr "
        "phantom and of M&Ms-2 hold them, and DICOM films with long-axis series");
  }
  std::vector<View> views;
  for (const View& view : study.views) {
    if (inside_stack(stack, view.cine.grid).any().item<bool>()) {
      views.push_back(view);
    } else {
      spdlog::warn("{}: view {} is left out, since it misses the stack of slices", study.name,
                   view.name);
    }
  }
  if (views.empty()) throw Error("none of its long-axis views meets the stack of slices");
  return views;
}

Reslice reslice(const Answer& answer, const Grid& stack, const Grid& view, bool soft) {
  Reslice made;
  if (answer.images.defined()) {
    const Cine dense{stack, answer.images, {}};
    made.images =
        resample(dense, view, Interpolation::linear, std::numeric_limits<double>::quiet_NaN())
            .voxels.squeeze(1);
  }
  if (answer.labels.defined()) {
    made.labels = soft ? softly(answer.labels, stack, view)
                       : resample(Labels{stack, answer.labels}, view).voxels.squeeze(1);
  }
  return made;
}

}  // namespace dmcvr
