// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/dataset/augmentation.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace dmcvr {
namespace {

// Catmull-Rom weights of the four neighbors of a point at fraction s between the middle two.
std::array<float, 4> cubic_weights(double s) {
  const double s2 = s * s, s3 = s2 * s;
  return {static_cast<float>(-0.5 * s3 + s2 - 0.5 * s), static_cast<float>(1.5 * s3 - 2.5 * s2 + 1),
          static_cast<float>(-1.5 * s3 + 2 * s2 + 0.5 * s),
          static_cast<float>(0.5 * s3 - 0.5 * s2)};
}

// The value of an [H, W] picture at (row, column), zero outside.
float cubic_sample(const uint8_t* data, int64_t rows, int64_t columns, double row, double column) {
  const auto top = static_cast<int64_t>(std::floor(row)) - 1;
  const auto left = static_cast<int64_t>(std::floor(column)) - 1;
  if (top < -3 || left < -3 || top >= rows || left >= columns) return 0;
  const auto row_weights = cubic_weights(row - std::floor(row));
  const auto column_weights = cubic_weights(column - std::floor(column));
  float sum = 0;
  for (int64_t i = std::max<int64_t>(0, -top); i < std::min<int64_t>(4, rows - top); ++i) {
    const auto* line = data + (top + i) * columns;
    float line_sum = 0;
    for (int64_t j = std::max<int64_t>(0, -left); j < std::min<int64_t>(4, columns - left); ++j) {
      line_sum += column_weights[j] * static_cast<float>(line[left + j]);
    }
    sum += row_weights[i] * line_sum;
  }
  return sum;
}

uint8_t nearest_sample(const uint8_t* data, int64_t rows, int64_t columns, double row,
                       double column) {
  const double i = std::floor(row + 0.5), j = std::floor(column + 0.5);
  if (!(i >= 0 && j >= 0 && i < static_cast<double>(rows) && j < static_cast<double>(columns)))
    return 0;
  return data[static_cast<int64_t>(i) * columns + static_cast<int64_t>(j)];
}

}  // namespace

void AugmentationOptions::check() const {
  if (!(rotation_deg >= 0 && rotation_deg <= 180)) {
    throw Error("augmentation.rotation_deg {}: expected 0 to 180", rotation_deg);
  }
  if (!(scale >= 0 && scale <= 1)) throw Error("augmentation.scale {}: expected 0 to 1", scale);
  if (!(gamma >= 0 && gamma <= 2)) throw Error("augmentation.gamma {}: expected 0 to 2", gamma);
  for (const double value : {contrast, brightness, shading, noise}) {
    if (!(value >= 0 && value < 1)) {
      throw Error(
          "augmentation: contrast, brightness, shading and noise must lie in [0, 1), found {}",
          value);
    }
  }
}

Sample cut_patch(const PackedSlice& slice, const Placement& placement, int64_t rows,
                 int64_t columns) {
  TORCH_CHECK(slice.image.dim() == 2 && slice.image.is_contiguous(),
              "cut_patch: image [H, W], contiguous");
  const bool has_labels = slice.labels.defined();
  const auto slice_rows = slice.image.size(0), slice_columns = slice.image.size(1);
  const auto* image = slice.image.data_ptr<uint8_t>();
  const auto* labels = has_labels ? slice.labels.data_ptr<uint8_t>() : nullptr;

  Sample sample;
  sample.image = torch::empty({rows, columns}, torch::kFloat32);
  if (has_labels) sample.labels = torch::empty({rows, columns}, torch::kUInt8);
  auto* image_out = sample.image.data_ptr<float>();
  auto* labels_out = has_labels ? sample.labels.data_ptr<uint8_t>() : nullptr;

  // Exact zeros of the sine keep unturned patches on the pixel grid.
  const double cosine = placement.angle_rad == 0 ? 1 : std::cos(placement.angle_rad);
  const double sine = placement.angle_rad == 0 ? 0 : std::sin(placement.angle_rad);
  const double middle_row = static_cast<double>(rows - 1) / 2;
  const double middle_column = static_cast<double>(columns - 1) / 2;
  for (int64_t i = 0; i < rows; ++i) {
    for (int64_t j = 0; j < columns; ++j) {
      const double y = (static_cast<double>(i) - middle_row) * placement.step;
      double x = (static_cast<double>(j) - middle_column) * placement.step;
      if (placement.is_mirrored) x = -x;
      const double row = placement.row + cosine * y + sine * x;
      const double column = placement.column + cosine * x - sine * y;
      const float value = cubic_sample(image, slice_rows, slice_columns, row, column);
      image_out[i * columns + j] = std::max(0.0f, value) * static_cast<float>(1 / kPackedSteps);
      if (has_labels) {
        labels_out[i * columns + j] =
            nearest_sample(labels, slice_rows, slice_columns, row, column);
      }
    }
  }
  return sample;
}

void snap_to_pixels(Placement& placement, int64_t rows, int64_t columns) {
  const double row = static_cast<double>(rows - 1) / 2;
  const double column = static_cast<double>(columns - 1) / 2;
  placement.row = std::round(placement.row - row) + row;
  placement.column = std::round(placement.column - column) + column;
}

Placement draw_placement(const Placement& center, const AugmentationOptions& options,
                         at::Generator& generator) {
  Placement placement = center;
  placement.angle_rad +=
      uniform(generator, -options.rotation_deg, options.rotation_deg) * M_PI / 180;
  placement.step *= std::exp(uniform(generator, -options.scale, options.scale));
  placement.is_mirrored = uniform(generator) < 0.5 && options.flip;
  return placement;
}

Tone draw_tone(const AugmentationOptions& options, at::Generator& generator) {
  Tone tone;
  tone.gamma = std::exp(uniform(generator, -options.gamma, options.gamma));
  tone.contrast = uniform(generator, 1 - options.contrast, 1 + options.contrast);
  tone.brightness = uniform(generator, -options.brightness, options.brightness);
  const double direction = uniform(generator, 0, 2 * M_PI);
  const double shading = uniform(generator, 0, options.shading);
  tone.shade_row = shading * std::sin(direction);
  tone.shade_column = shading * std::cos(direction);
  tone.noise = uniform(generator, 0, options.noise);
  return tone;
}

torch::Tensor apply_tone(const torch::Tensor& image, const Tone& tone, at::Generator& generator) {
  const auto rows = image.size(0), columns = image.size(1);
  const auto noise =
      tone.noise > 0 ? torch::randn({rows, columns}, generator) : torch::zeros({rows, columns});
  const auto source = image.contiguous();
  auto result = torch::empty_like(source);
  const auto* values = source.data_ptr<float>();
  const auto* grain = noise.data_ptr<float>();
  auto* out = result.data_ptr<float>();
  const double half_rows = std::max(1.0, static_cast<double>(rows - 1) / 2);
  const double half_columns = std::max(1.0, static_cast<double>(columns - 1) / 2);
  for (int64_t i = 0; i < rows; ++i) {
    const double row_gain = 1 + tone.shade_row * (static_cast<double>(i) / half_rows - 1);
    for (int64_t j = 0; j < columns; ++j) {
      const int64_t k = i * columns + j;
      const double gain =
          tone.contrast *
          (row_gain + tone.shade_column * (static_cast<double>(j) / half_columns - 1));
      const double curved =
          tone.gamma == 1 ? values[k] : std::pow(values[k], static_cast<float>(tone.gamma));
      out[k] = static_cast<float>(
          std::max(0.0, gain * curved + tone.brightness + tone.noise * grain[k]));
    }
  }
  return result;
}

torch::Tensor reference_gamma(const torch::Tensor& image, double gamma) {
  const auto lowest = image.min(), range = image.max() - lowest;
  if (range.item<float>() == 0) return image;
  const auto curved = ((image - lowest) / range).pow(gamma) * range + lowest;
  return (curved - curved.mean()) / curved.std(/*unbiased=*/true) * image.std(/*unbiased=*/true) +
         image.mean();
}

torch::Tensor reference_theta(double scale_x, double scale_y, double shear_x, double shear_y,
                              int64_t angle_deg) {
  const double angle = static_cast<double>(angle_deg) * M_PI / 180;
  const auto shape =
      torch::tensor({1 + scale_x, shear_x, shear_y, 1 + scale_y}, torch::kFloat64).view({2, 2});
  const auto turn =
      torch::tensor({std::cos(angle), -std::sin(angle), std::sin(angle), std::cos(angle)},
                    torch::kFloat64)
          .view({2, 2});
  return shape.mm(turn).to(torch::kFloat32).unsqueeze(0);  // [1, 2, 2]
}

torch::Tensor reference_affine(const torch::Tensor& picture, const torch::Tensor& theta,
                               bool is_label) {
  TORCH_CHECK(picture.dim() == 4 && theta.dim() == 3 && theta.size(0) == picture.size(0),
              "reference_affine: picture [N, C, H, W] and theta [N, 2, 2], found ", picture.sizes(),
              " and ", theta.sizes());
  const auto full = torch::cat({theta, torch::zeros({theta.size(0), 2, 1})}, 2);  // [N, 2, 3]
  const auto grid = torch::affine_grid_generator(full, picture.sizes(), /*align_corners=*/true);
  constexpr int64_t bilinear = 0, nearest = 1, zeros = 0;
  return torch::grid_sampler(picture.to(torch::kFloat32), grid, is_label ? nearest : bilinear,
                             zeros,
                             /*align_corners=*/true)
      .to(picture.scalar_type());
}

Sample augment_as_reference(const Sample& sample, at::Generator& generator) {
  auto image = sample.image + 0.02 * torch::randn(sample.image.sizes(), generator);
  image = image + normal(generator, 0, 0.7);
  image = reference_gamma(image, uniform(generator, 0.5, 1.6));
  std::array<double, 4> drawn{};
  for (auto& value : drawn) value = uniform(generator, -0.3, 0.3);
  const auto theta =
      reference_theta(drawn[0], drawn[1], drawn[2], drawn[3], uniform_index(generator, 360) - 180);

  Sample result;
  const auto as_batch = [](const torch::Tensor& picture) {
    return picture.unsqueeze(0).unsqueeze(0);
  };
  result.image = reference_affine(as_batch(image), theta, false)[0][0];
  if (sample.labels.defined())
    result.labels = reference_affine(as_batch(sample.labels), theta, true)[0][0];
  return result;
}

}  // namespace dmcvr
