// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/geometry/resample.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/spline.h"

#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace dmcvr {
namespace {

// Rounding of affines: nearer to a center than this is the center.
constexpr double kSnap = 1e-6;
constexpr double kMostSamples = 16;

// The two neighbors of a coordinate on an axis of `size` centers, and the weight of the upper one.
struct Neighbors {
  int64_t lower = 0;
  int64_t upper = 0;
  double weight = 0;
};

// False if x lies more than half a voxel beyond the outermost centers.
bool find_neighbors(double x, int64_t size, Interpolation interpolation, Neighbors& result) {
  const double last = static_cast<double>(size - 1);
  if (!(x >= -0.5 - kSnap && x <= last + 0.5 + kSnap)) return false;
  const double nearest = std::floor(x + 0.5);
  if (interpolation == Interpolation::nearest || std::abs(x - nearest) < kSnap) x = nearest;
  x = std::clamp(x, 0.0, last);
  result.lower = static_cast<int64_t>(x);
  result.upper = std::min(result.lower + 1, size - 1);
  result.weight = x - static_cast<double>(result.lower);
  return true;
}

// The lower value exactly for weight 0.
double mix(double lower, double upper, double weight) {
  return lower + weight * (upper - lower);
}

template <typename Value>
double bilinear(const Value* plane, int64_t width, const Neighbors& column, const Neighbors& row) {
  const Value* lower = plane + row.lower * width;
  if (column.weight == 0 && row.weight == 0) return lower[column.lower];
  const Value* upper = plane + row.upper * width;
  return mix(mix(lower[column.lower], lower[column.upper], column.weight),
             mix(upper[column.lower], upper[column.upper], column.weight), row.weight);
}

// A slice's spline, and between which values it stays.
struct Spline {
  const double* coefficients = nullptr;
  double least = 0, most = 0;
};

double bicubic(const Spline& spline, int64_t width, const SplineTaps& column,
               const SplineTaps& row) {
  double sum = 0;
  for (size_t b = 0; b < 4; ++b) {
    const double* line = spline.coefficients + row.index[b] * width;
    double along = 0;
    for (size_t a = 0; a < 4; ++a) along += column.weight[a] * line[column.index[a]];
    sum += row.weight[b] * along;
  }
  return std::clamp(sum, spline.least, spline.most);
}

// Voxels [T, D, H, W] at the centers of `to`.
template <typename Value>
torch::Tensor resample_voxels(const torch::Tensor& voxels, const Affine& source_from_target,
                              const std::array<int64_t, 3>& to, Interpolation interpolation,
                              Value outside) {
  TORCH_CHECK(interpolation != Interpolation::cubic,
              "resample: cubic is for slices in their plane");
  const auto source = voxels.contiguous();
  const int64_t phases = source.size(0), depth = source.size(1);
  const int64_t height = source.size(2), width = source.size(3);
  auto result = torch::empty({phases, to[2], to[1], to[0]}, source.options());
  const Value* from = source.data_ptr<Value>();
  Value* out = result.data_ptr<Value>();
  const int64_t plane = height * width;

  at::parallel_for(0, to[2] * to[1], 16, [&](int64_t begin, int64_t end) {
    for (int64_t line = begin; line < end; ++line) {
      const int64_t j = line % to[1], k = line / to[1];
      for (int64_t i = 0; i < to[0]; ++i) {
        const Point p = source_from_target(
            {static_cast<double>(i), static_cast<double>(j), static_cast<double>(k)});
        Neighbors column, row, slice;
        const bool inside = find_neighbors(p[0], width, interpolation, column) &&
                            find_neighbors(p[1], height, interpolation, row) &&
                            find_neighbors(p[2], depth, interpolation, slice);
        for (int64_t t = 0; t < phases; ++t) {
          Value& target = out[(t * to[2] * to[1] + line) * to[0] + i];
          if (!inside) {
            target = outside;
            continue;
          }
          const Value* volume = from + t * depth * plane;
          double value = bilinear(volume + slice.lower * plane, width, column, row);
          if (slice.weight != 0) {
            value = mix(value, bilinear(volume + slice.upper * plane, width, column, row),
                        slice.weight);
          }
          target = static_cast<Value>(value);
        }
      }
    }
  });
  return result;
}

// Slices [N, H, W] at the pixels of the output; every pixel is the mean of its samples.
template <typename Value>
torch::Tensor resample_slices(const torch::Tensor& slices, const PlaneAffine& slice_from_output,
                              const std::array<int64_t, 2>& size,
                              const ResampleInPlaneOptions& options) {
  const auto source = slices.contiguous();
  const int64_t count = source.size(0), height = source.size(1), width = source.size(2);
  auto result = torch::empty({count, size[1], size[0]}, source.options());
  const Value* from = source.data_ptr<Value>();
  Value* out = result.data_ptr<Value>();

  const bool is_cubic = options.interpolation == Interpolation::cubic;
  torch::Tensor coefficients;
  std::vector<Spline> splines;
  if (is_cubic) {
    coefficients = spline_coefficients(source.to(torch::kFloat32));
    for (int64_t n = 0; n < count; ++n) {
      splines.push_back({coefficients[n].data_ptr<double>(),
                         source[n].min().template item<double>(),
                         source[n].max().template item<double>()});
    }
  }

  // Samples of one output pixel: offsets in its own units, symmetric about its center.
  std::array<int64_t, 2> samples = {1, 1};
  if (options.antialias && options.interpolation != Interpolation::nearest) {
    for (int axis = 0; axis < 2; ++axis) {
      const auto& m = slice_from_output.matrix;
      const double covered = std::hypot(m[0][axis], m[1][axis]);
      const double needed = covered <= kMostSamples ? std::ceil(covered - kSnap) : kMostSamples;
      samples[axis] = std::max<int64_t>(1, static_cast<int64_t>(needed));
    }
  }
  const double share = 1.0 / static_cast<double>(samples[0] * samples[1]);
  const auto sample_at = [&](int64_t pixel, int64_t sample, int axis) {
    return static_cast<double>(pixel) +
           (static_cast<double>(sample) + 0.5) / static_cast<double>(samples[axis]) - 0.5;
  };

  at::parallel_for(0, size[1], 8, [&](int64_t begin, int64_t end) {
    std::vector<double> sums(static_cast<size_t>(count));
    for (int64_t j = begin; j < end; ++j) {
      for (int64_t i = 0; i < size[0]; ++i) {
        std::fill(sums.begin(), sums.end(), 0.0);
        for (int64_t b = 0; b < samples[1]; ++b) {
          for (int64_t a = 0; a < samples[0]; ++a) {
            const auto p = slice_from_output({sample_at(i, a, 0), sample_at(j, b, 1)});
            Neighbors column, row;
            const bool inside = find_neighbors(p[0], width, options.interpolation, column) &&
                                find_neighbors(p[1], height, options.interpolation, row);
            // At a center the pixel itself counts, which the spline meets up to rounding.
            const bool is_between = inside && is_cubic && (column.weight != 0 || row.weight != 0);
            SplineTaps across, down;
            if (is_between) {
              across = spline_taps(static_cast<double>(column.lower) + column.weight, width);
              down = spline_taps(static_cast<double>(row.lower) + row.weight, height);
            }
            for (int64_t n = 0; n < count; ++n) {
              sums[n] += !inside      ? options.outside
                         : is_between ? bicubic(splines[n], width, across, down)
                                      : bilinear(from + n * height * width, width, column, row);
            }
          }
        }
        for (int64_t n = 0; n < count; ++n) {
          out[(n * size[1] + j) * size[0] + i] = static_cast<Value>(sums[n] * share);
        }
      }
    }
  });
  return result;
}

}  // namespace

Volume resample(const Volume& volume, const Grid& grid, Interpolation interpolation,
                double outside) {
  volume.check();
  const Affine source_from_target = volume.grid.voxel_from_world() * grid.world_from_voxel;
  return {grid, resample_voxels<float>(volume.voxels.unsqueeze(0), source_from_target, grid.size,
                                       interpolation, static_cast<float>(outside))
                    .squeeze(0)};
}

Cine resample(const Cine& cine, const Grid& grid, Interpolation interpolation, double outside) {
  cine.check();
  const Affine source_from_target = cine.grid.voxel_from_world() * grid.world_from_voxel;
  return {grid,
          resample_voxels<float>(cine.voxels, source_from_target, grid.size, interpolation,
                                 static_cast<float>(outside)),
          cine.times_ms};
}

Labels resample(const Labels& labels, const Grid& grid) {
  labels.check();
  const Affine source_from_target = labels.grid.voxel_from_world() * grid.world_from_voxel;
  return {grid,
          resample_voxels<uint8_t>(labels.voxels, source_from_target, grid.size,
                                   Interpolation::nearest, 0),
          labels.table};
}

std::array<double, 2> PlaneAffine::operator()(const std::array<double, 2>& p) const {
  return {matrix[0][0] * p[0] + matrix[0][1] * p[1] + offset[0],
          matrix[1][0] * p[0] + matrix[1][1] * p[1] + offset[1]};
}

PlaneAffine operator*(const PlaneAffine& a, const PlaneAffine& b) {
  PlaneAffine result;
  for (int row = 0; row < 2; ++row) {
    for (int axis = 0; axis < 2; ++axis) {
      result.matrix[row][axis] =
          a.matrix[row][0] * b.matrix[0][axis] + a.matrix[row][1] * b.matrix[1][axis];
    }
  }
  result.offset = a(b.offset);
  return result;
}

PlaneAffine inverse(const PlaneAffine& a) {
  const auto& m = a.matrix;
  const double determinant = m[0][0] * m[1][1] - m[0][1] * m[1][0];
  const double scale = std::hypot(m[0][0], m[1][0]) * std::hypot(m[0][1], m[1][1]);
  if (!(std::abs(determinant) > 1e-9 * scale)) {
    throw Error("the axes of the plane are parallel: its affine has no inverse");
  }
  PlaneAffine result;
  result.matrix = {{{m[1][1] / determinant, -m[0][1] / determinant},
                    {-m[1][0] / determinant, m[0][0] / determinant}}};
  const auto moved = result(a.offset);
  result.offset = {-moved[0], -moved[1]};
  return result;
}

torch::Tensor resample_in_plane(const torch::Tensor& slices, const PlaneAffine& slice_from_output,
                                const std::array<int64_t, 2>& size,
                                const ResampleInPlaneOptions& options) {
  TORCH_CHECK(
      slices.dim() == 3 && slices.size(1) > 0 && slices.size(2) > 0 && slices.device().is_cpu(),
      "resample_in_plane: slices ", slices.sizes(), " are not [N, H, W] on the CPU");
  TORCH_CHECK(size[0] > 0 && size[1] > 0, "resample_in_plane: size ", size[0], "x", size[1]);
  if (slices.scalar_type() == torch::kUInt8) {
    TORCH_CHECK(options.interpolation == Interpolation::nearest,
                "resample_in_plane: uint8 takes nearest only");
    TORCH_CHECK(options.outside >= 0 && options.outside <= 255,
                "resample_in_plane: outside is no uint8");
    return resample_slices<uint8_t>(slices, slice_from_output, size, options);
  }
  TORCH_CHECK(slices.scalar_type() == torch::kFloat32,
              "resample_in_plane: neither float32 nor uint8");
  return resample_slices<float>(slices, slice_from_output, size, options);
}

}  // namespace dmcvr
