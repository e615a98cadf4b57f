// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/volumes.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>

namespace dmcvr {
namespace {

// [D]: how much of the normal each plane stands for.
std::vector<double> thickness_mm(const PlaneStack& stack) {
  const auto& z = stack.z_mm;
  std::vector<double> thickness(z.size(), 0);
  thickness.front() += stack.first_cap_mm;
  thickness.back() += stack.last_cap_mm;
  for (size_t k = 1; k < z.size(); ++k) {
    const double half_mm = (z[k] - z[k - 1]) / 2;
    thickness[k - 1] += half_mm;
    thickness[k] += half_mm;
  }
  return thickness;
}

// Voxels of each label in each plane of one phase. voxels: [D, H, W]
std::vector<std::array<int64_t, kLabelCount>> label_counts(const torch::Tensor& voxels) {
  const auto contiguous = voxels.contiguous();
  const auto* voxel = contiguous.data_ptr<uint8_t>();
  const int64_t pixels = contiguous.size(1) * contiguous.size(2);
  std::vector<std::array<int64_t, kLabelCount>> counts(static_cast<size_t>(contiguous.size(0)));
  for (auto& plane : counts) {
    std::array<int64_t, 256> count{};
    for (int64_t i = 0; i < pixels; ++i) ++count[*voxel++];
    std::copy_n(count.begin(), plane.size(), plane.begin());
    int64_t known = 0;
    for (const int64_t n : plane) known += n;
    TORCH_CHECK(known == pixels, "structure_volumes: values above ", kLabelCount - 1);
  }
  return counts;
}

}  // namespace

PlaneStack acquired_stack(const std::vector<double>& z_mm, double pitch_mm) {
  TORCH_CHECK(!z_mm.empty(), "acquired_stack: no slices");
  const size_t n = z_mm.size();
  if (n == 1) return {z_mm, pitch_mm / 2, pitch_mm / 2};
  return {z_mm, (z_mm[1] - z_mm[0]) / 2, (z_mm[n - 1] - z_mm[n - 2]) / 2};
}

PlaneStack dense_stack(const Grid& dense, const std::vector<double>& acquired_z_mm) {
  const double spacing_mm = dense.spacing_mm()[2];
  const PlaneStack acquired = acquired_stack(acquired_z_mm, spacing_mm);
  PlaneStack stack{plane_positions(dense), 0, 0};
  stack.first_cap_mm =
      std::max(spacing_mm / 2, stack.z_mm.front() - acquired.z_mm.front() + acquired.first_cap_mm);
  stack.last_cap_mm =
      std::max(spacing_mm / 2, acquired.z_mm.back() + acquired.last_cap_mm - stack.z_mm.back());
  return stack;
}

std::vector<double> plane_positions(const Grid& grid) {
  std::vector<double> z_mm;
  const double pitch_mm = grid.spacing_mm()[2];
  for (int64_t k = 0; k < grid.size[2]; ++k) z_mm.push_back(static_cast<double>(k) * pitch_mm);
  return z_mm;
}

std::vector<PhaseVolumes> structure_volumes(const Labels& labels, const PlaneStack& stack) {
  labels.check();
  TORCH_CHECK(labels.table == label_table(), "structure_volumes: labels of another table");
  TORCH_CHECK(static_cast<int64_t>(stack.z_mm.size()) == labels.grid.size[2],
              "structure_volumes: ", stack.z_mm.size(), " positions for ", labels.grid.size[2],
              " planes");
  const double pixel_mm2 = 1000 * labels.grid.voxel_ml() / labels.grid.spacing_mm()[2];
  const auto thickness = thickness_mm(stack);
  const auto ml = [&](int64_t voxels, double mm) {
    return static_cast<double>(voxels) * pixel_mm2 * mm / 1000;
  };

  std::vector<PhaseVolumes> result;
  for (int64_t t = 0; t < labels.phase_count(); ++t) {
    const auto counts = label_counts(labels.voxels[t]);
    PhaseVolumes phase;
    for (const auto& [label, name] : label_table()) {
      StructureVolume& volume = phase[label];
      std::vector<int64_t> empty;  // since the last plane with the structure
      for (size_t k = 0; k < counts.size(); ++k) {
        const int64_t voxels = counts[k][static_cast<size_t>(label)];
        if (voxels == 0) {
          empty.push_back(static_cast<int64_t>(k));
          continue;
        }
        if (volume.voxels > 0) {
          volume.skipped_planes.insert(volume.skipped_planes.end(), empty.begin(), empty.end());
        }
        empty.clear();
        volume.voxels += voxels;
        volume.ml += ml(voxels, thickness[k]);
      }
      volume.cap_ml = ml(counts.front()[static_cast<size_t>(label)], stack.first_cap_mm) +
                      ml(counts.back()[static_cast<size_t>(label)], stack.last_cap_mm);
    }
    result.push_back(std::move(phase));
  }
  return result;
}

}  // namespace dmcvr
