// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/mesh/smoothing.h"

#include <torch/types.h>
#include <vtkCellArray.h>
#include <vtkNew.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkWindowedSincPolyDataFilter.h>

#include <cmath>
#include <utility>

namespace dmcvr {

Mesh smoothed(const Mesh& mesh, int64_t iterations, double pass_band) {
  if (iterations <= 0 || mesh.triangles.empty()) return mesh;
  vtkNew<vtkPoints> points;
  points->SetDataTypeToDouble();
  points->SetNumberOfPoints(static_cast<vtkIdType>(mesh.vertices.size()));
  for (size_t i = 0; i < mesh.vertices.size(); ++i) {
    points->SetPoint(static_cast<vtkIdType>(i), mesh.vertices[i].data());
  }
  vtkNew<vtkCellArray> triangles;
  for (const auto& t : mesh.triangles) {
    triangles->InsertNextCell(
        {static_cast<vtkIdType>(t[0]), static_cast<vtkIdType>(t[1]), static_cast<vtkIdType>(t[2])});
  }
  vtkNew<vtkPolyData> surface;
  surface->SetPoints(points);
  surface->SetPolys(triangles);

  vtkNew<vtkWindowedSincPolyDataFilter> filter;
  filter->SetInputData(surface);
  filter->SetNumberOfIterations(static_cast<int>(iterations));
  filter->SetPassBand(pass_band);
  filter->NormalizeCoordinatesOn();
  filter->BoundarySmoothingOff();
  filter->FeatureEdgeSmoothingOff();
  filter->NonManifoldSmoothingOn();
  filter->Update();
  vtkPolyData* output = filter->GetOutput();
  TORCH_CHECK(output->GetNumberOfPoints() == static_cast<vtkIdType>(mesh.vertices.size()),
              "smoothed: ", output->GetNumberOfPoints(), " points of ", mesh.vertices.size());
  Mesh result = mesh;
  for (size_t i = 0; i < result.vertices.size(); ++i) {
    output->GetPoint(static_cast<vtkIdType>(i), result.vertices[i].data());
  }
  return result;
}

std::optional<double> match_volume(Mesh& mesh, double volume, double limit_mm) {
  constexpr int kSteps = 20;
  Mesh matched = mesh;
  double moved = 0;
  for (int step = 0; step < kSteps; ++step) {
    const double missing = volume - volume_ml(matched);
    if (std::abs(missing) <= 1e-4 * volume) {
      mesh = std::move(matched);
      return moved;
    }
    const double distance = 1000 * missing / area_mm2(matched);
    moved += distance;
    if (!(std::abs(moved) <= limit_mm)) break;
    const auto normals = vertex_normals(matched);
    for (size_t i = 0; i < matched.vertices.size(); ++i) {
      matched.vertices[i] = plus(matched.vertices[i], times(distance, normals[i]));
    }
  }
  return std::nullopt;
}

}  // namespace dmcvr
