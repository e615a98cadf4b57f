// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/mesh/surfaces.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/geometry/components.h"
#include "dmcvr/mesh/smoothing.h"
#include "dmcvr/mesh/topology.h"

#include <ATen/Functions.h>
#include <fmt/ranges.h>
#include <vtkCellArray.h>
#include <vtkCellArrayIterator.h>
#include <vtkFlyingEdges3D.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPolyData.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <utility>

namespace dmcvr {
namespace {

// Share of a structure's voxels that may go to be rid of its handles.
constexpr double kMostCut = 0.01;

// First true voxel and one behind the last, by dimension of a mask that has some.
struct Box {
  std::array<int64_t, 3> low{}, high{};

  torch::Tensor of(torch::Tensor mask) const {
    for (int64_t dim = 0; dim < 3; ++dim) mask = mask.slice(dim, low[dim], high[dim]);
    return mask;
  }
};

Box box_around(const torch::Tensor& mask) {
  Box box;
  for (int64_t dim = 0; dim < 3; ++dim) {
    const auto used = mask.any(dim == 2 ? 1 : 2).any(dim == 0 ? 1 : 0).nonzero();
    box.low[dim] = used.min().item<int64_t>();
    box.high[dim] = used.max().item<int64_t>() + 1;
  }
  return box;
}

torch::Tensor with_border(const torch::Tensor& mask) {
  return at::constant_pad_nd(mask, {1, 1, 1, 1, 1, 1});
}

// The largest part of a mask, without the holes inside it.
torch::Tensor solid(const torch::Tensor& mask) {
  const auto part = connected_components(mask, Connectivity::faces).ids == 1;
  const auto around = connected_components(with_border(part).logical_not(), Connectivity::corners);
  const auto outside = around.ids == around.ids[0][0][0];
  return outside.logical_not().slice(0, 1, -1).slice(1, 1, -1).slice(2, 1, -1);
}

// A mask with a border of false voxels around it, and the end planes repeated where it touches
// them.
struct Padded {
  torch::Tensor mask;              // [d, h, w] bool
  std::array<int64_t, 3> first{};  // voxel of the labels that lies at [0, 0, 0], as (i, j, k)
  int64_t copies_first = 0, copies_last = 0;
  int64_t plane_count = 0;  // of the labels

  // Place along the slices, in planes of the labels, of a place along the mask. Beyond the end
  // planes, the copies and half the border make up the cap.
  double plane_at(double place, double cap_first, double cap_last) const {
    const double k = place + static_cast<double>(first[2]);
    const double last = static_cast<double>(plane_count - 1);
    if (k < 0 && copies_first > 0) return k * cap_first / (static_cast<double>(copies_first) + 0.5);
    if (k > last && copies_last > 0) {
      return last + (k - last) * cap_last / (static_cast<double>(copies_last) + 0.5);
    }
    return k;
  }
};

Padded padded(const torch::Tensor& mask, double cap_first, double cap_last) {
  const auto [low, high] = box_around(mask);
  const auto box = Box{low, high}.of(mask);

  // Copies of the end planes, as many as come nearest to the cap; at least the plane's own half.
  Padded result;
  result.plane_count = mask.size(0);
  const auto copies = [](double cap) {
    return std::max<int64_t>(0, static_cast<int64_t>(std::llround(cap - 0.5)));
  };
  std::vector<torch::Tensor> planes;
  if (low[0] == 0) {
    result.copies_first = std::max<int64_t>(1, copies(cap_first));
    planes.push_back(box.slice(0, 0, 1).expand({result.copies_first, -1, -1}));
  }
  planes.push_back(box);
  if (high[0] == mask.size(0)) {
    result.copies_last = std::max<int64_t>(1, copies(cap_last));
    planes.push_back(box.slice(0, -1).expand({result.copies_last, -1, -1}));
  }
  result.mask = with_border(at::cat(planes));
  result.first = {low[2] - 1, low[1] - 1, low[0] - 1 - result.copies_first};
  return result;
}

// The surface half way between true and false voxels, at places in the mask (i, j, k).
Mesh stepped_surface(const torch::Tensor& mask) {
  const auto bytes = mask.to(torch::kUInt8).contiguous();
  vtkNew<vtkImageData> image;
  image->SetDimensions(static_cast<int>(mask.size(2)), static_cast<int>(mask.size(1)),
                       static_cast<int>(mask.size(0)));
  image->AllocateScalars(VTK_UNSIGNED_CHAR, 1);
  std::memcpy(image->GetScalarPointer(), bytes.data_ptr(), bytes.nbytes());
  vtkNew<vtkFlyingEdges3D> edges;
  edges->SetInputData(image);
  edges->SetValue(0, 0.5);
  edges->ComputeNormalsOff();
  edges->ComputeScalarsOff();
  edges->Update();

  vtkPolyData* output = edges->GetOutput();
  Mesh mesh;
  mesh.vertices.resize(static_cast<size_t>(output->GetNumberOfPoints()));
  for (size_t i = 0; i < mesh.vertices.size(); ++i) {
    output->GetPoint(static_cast<vtkIdType>(i), mesh.vertices[i].data());
  }
  auto cell = vtk::TakeSmartPointer(output->GetPolys()->NewIterator());
  for (cell->GoToFirstCell(); !cell->IsDoneWithTraversal(); cell->GoToNextCell()) {
    vtkIdType size = 0;
    const vtkIdType* ids = nullptr;
    cell->GetCurrentCell(size, ids);
    TORCH_CHECK(size == 3, "stepped_surface: a cell of ", size, " corners");
    mesh.triangles.push_back({ids[0], ids[1], ids[2]});
  }
  return mesh;
}

// A filter as wide as the whole structure leaves nothing of it. Then a narrower one is taken; steps
// alone, at the worst, whose volume comes near that of the voxels.
void smooth_to_volume(Surface& surface, const SurfaceOptions& options, double limit_mm) {
  for (int64_t iterations = options.smoothing;; iterations /= 2) {
    Mesh smooth = smoothed(surface.mesh, iterations, options.pass_band);
    const bool has_volume = match_volume(smooth, surface.voxel_ml, limit_mm).has_value();
    if (!has_volume && iterations > 0) continue;
    surface.mesh = std::move(smooth);
    surface.smoothing = iterations;
    return;
  }
}

// Of a mask that has some voxel.
torch::Tensor solid_part(const torch::Tensor& mask) {
  const Box box = box_around(mask);
  auto part = at::zeros_like(mask);
  box.of(part).copy_(solid(box.of(mask)));
  return part;
}

// The surface around `part`, what is taken of `mask`. A ball is rid of its handles where that costs
// little.
Surface surface_of_part(const torch::Tensor& mask, torch::Tensor part, bool is_ball,
                        const Grid& grid, const Caps& caps, const SurfaceOptions& options) {
  Surface surface;
  const double spacing = grid.spacing_mm()[2];
  const double cap_first = caps.first_mm / spacing, cap_last = caps.last_mm / spacing;  // planes
  Padded wide = padded(part, cap_first, cap_last);
  surface.mesh = stepped_surface(wide.mask);
  if (is_ball && euler_number(surface.mesh) != 2) {
    const Box box = box_around(part);
    const auto cut = sphere_in(box.of(part));
    const double kept = cut.sum().item<double>() / part.sum().item<double>();
    if (kept >= 1 - kMostCut) {
      part = at::zeros_like(mask);
      box.of(part).copy_(cut);
      wide = padded(part, cap_first, cap_last);
      surface.mesh = stepped_surface(wide.mask);
    }
  }
  surface.voxels_left_out = mask.logical_and(part.logical_not()).sum().item<int64_t>();
  surface.voxels_filled = part.logical_and(mask.logical_not()).sum().item<int64_t>();
  const auto areas = part.sum({1, 2}).to(torch::kFloat64);  // voxels, by plane
  const double planes = areas.sum().item<double>() + (cap_first - 0.5) * areas[0].item<double>() +
                        (cap_last - 0.5) * areas[-1].item<double>();
  surface.voxel_ml = planes * grid.voxel_ml();

  // In the patient, and what is left of the steps after the filter.
  for (Point& p : surface.mesh.vertices) {
    p = grid.world_from_voxel({p[0] + static_cast<double>(wide.first[0]),
                               p[1] + static_cast<double>(wide.first[1]),
                               wide.plane_at(p[2], cap_first, cap_last)});
  }
  if (volume_ml(surface.mesh) < 0) flip(surface.mesh);
  smooth_to_volume(surface, options, std::max(spacing, grid.spacing_mm()[0]));
  surface.euler = euler_number(surface.mesh);
  return surface;
}

// The largest part of the myocardium, without small holes but around its cavity.
Surface shell(const torch::Tensor& muscle, const torch::Tensor& blood, const Grid& grid,
              const Caps& caps, const SurfaceOptions& options) {
  options.check();
  if (!muscle.any().item<bool>()) return {};
  const auto cavity = connected_components(blood, Connectivity::faces).ids == 1;
  const auto part = solid_part(muscle).logical_and(cavity.logical_not());
  return surface_of_part(muscle, part, /*is_ball=*/false, grid, caps, options);
}

}  // namespace

void SurfaceOptions::check() const {
  check_range<int64_t>("smoothing", smoothing, 0, 1000);
  check_range<double>("pass_band", pass_band, 1e-3, 2);
}

const std::vector<std::string>& surface_names() {
  static const std::vector<std::string> names = {"lv_endocardium", "lv_epicardium",
                                                 "rv_endocardium", "lv_myocardium"};
  return names;
}

const std::vector<std::string>& usual_surface_names() {
  static const std::vector<std::string> names(surface_names().begin(), surface_names().end() - 1);
  return names;
}

Surface surface_around(const torch::Tensor& mask, const Grid& grid, const Caps& caps,
                       const SurfaceOptions& options) {
  options.check();
  TORCH_CHECK(mask.dim() == 3 && mask.scalar_type() == torch::kBool &&
                  mask.size(2) == grid.size[0] && mask.size(1) == grid.size[1] &&
                  mask.size(0) == grid.size[2],
              "surface_around: a mask ", mask.sizes(), " of another grid");
  if (!mask.any().item<bool>()) return {};
  return surface_of_part(mask, solid_part(mask), /*is_ball=*/true, grid, caps, options);
}

Surface heart_surface(const torch::Tensor& labels, const std::string& name, const Grid& grid,
                      const Caps& caps, const SurfaceOptions& options) {
  torch::Tensor mask;
  if (name == "lv_endocardium") mask = labels == kLvc;
  if (name == "lv_epicardium") mask = (labels == kLvc).logical_or(labels == kLvm);
  if (name == "rv_endocardium") mask = labels == kRvc;
  if (name == "lv_myocardium") mask = labels == kLvm;
  if (!mask.defined())
    throw Error("surface '{}': expected {}", name, fmt::join(surface_names(), ", "));
  Surface surface = name == "lv_myocardium" ? shell(mask, labels == kLvc, grid, caps, options)
                                            : surface_around(mask, grid, caps, options);
  surface.name = name;
  return surface;
}

}  // namespace dmcvr
