// SPDX-License-Identifier: Apache-2.0
// Patches cut from stored slices, varied as scanners, patients and positions vary.
//
// The standard recipe moves, turns, mirrors and scales by one resampling from the stored slice
// straight to the patch, so that a picture is interpolated once. The reference's recipe varies a
// whole picture in its own order and ranges.
#pragma once

#include "dmcvr/dataset/packed_slices.h"

#include <ATen/core/Generator.h>
#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <cstdint>

namespace dmcvr {

enum class AugmentationRecipe { none, standard, reference };

NLOHMANN_JSON_SERIALIZE_ENUM(AugmentationRecipe, {{AugmentationRecipe::none, "none"},
                                                  {AugmentationRecipe::standard, "standard"},
                                                  {AugmentationRecipe::reference, "reference"}})

// Ranges of the standard recipe; each value is drawn uniformly. Ignored by the others.
struct AugmentationOptions {
  AugmentationRecipe recipe = AugmentationRecipe::standard;
  double rotation_deg = 180;  // ±
  double scale = 0.2;         // magnification e^±scale
  bool flip = true;           // mirrored in half of the cases
  double gamma = 0.3;         // exponent e^±gamma on unit values
  double contrast = 0.15;     // factor 1 ± contrast
  double brightness = 0.05;   // unit values added, ±
  double shading = 0.15;      // factor 1 ± shading at two opposite edges, in any direction
  double noise = 0.03;        // standard deviation of Gaussian noise in unit values, from 0

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(AugmentationOptions, recipe, rotation_deg, scale, flip, gamma,
                                   contrast, brightness, shading, noise)

struct Sample {
  torch::Tensor image;   // [H, W] float32, unit values
  torch::Tensor labels;  // [H, W] uint8; undefined where the slice has none
};

// Where a patch lies in its slice.
struct Placement {
  double row = 0;  // of the patch center, in pixels of the slice
  double column = 0;
  double angle_rad = 0;  // (row, column) of the patch is turned by R = [[cos, sin], [-sin, cos]]
  double step = 1;       // slice pixels per patch pixel
  bool is_mirrored = false;
};

// What happens to the values: u -> shade contrast u^gamma + brightness, then noise, none below 0.
struct Tone {
  double gamma = 1;
  double contrast = 1;
  double brightness = 0;
  double shade_row = 0;     // relative gain from the center to the last row
  double shade_column = 0;  // and to the last column
  double noise = 0;
};

// A patch of `rows` x `columns` pixels: the image by cubic convolution (Catmull-Rom; bilinear would
// teach a generator blur), labels by nearest neighbor, zero outside the slice. On the pixel grid,
// without turn and scale, it is an exact copy.
Sample cut_patch(const PackedSlice& slice, const Placement& placement, int64_t rows,
                 int64_t columns);

// The nearest center that puts the pixels of an unturned patch of step 1 onto those of the slice,
// so that nothing is interpolated.
void snap_to_pixels(Placement& placement, int64_t rows, int64_t columns);

// `center` with turn, mirror and scale drawn from the generator.
Placement draw_placement(const Placement& center, const AugmentationOptions& options,
                         at::Generator& generator);
Tone draw_tone(const AugmentationOptions& options, at::Generator& generator);
torch::Tensor apply_tone(const torch::Tensor& image, const Tone& tone, at::Generator& generator);

// ---- the reference's recipe (the published MedFormer training) ----

// x^gamma on values normalized to [0, 1] by minimum and maximum, after which mean and unbiased
// standard deviation of the input are restored. A constant picture is returned as it is.
torch::Tensor reference_gamma(const torch::Tensor& image, double gamma);

// Resamples [N, C, H, W] at theta [N, 2, 2] times the normalized coordinates (x, y), corners
// aligned, zero outside; bilinear, or nearest neighbor for labels.
torch::Tensor reference_affine(const torch::Tensor& picture, const torch::Tensor& theta,
                               bool is_label);

// S R: S scales by (1 + scale_x, 1 + scale_y) with shears, R turns by whole degrees.
torch::Tensor reference_theta(double scale_x, double scale_y, double shear_x, double shear_y,
                              int64_t angle_deg);

// Noise N(0, 0.02²), brightness N(0, 0.7²), gamma in [0.5, 1.6), affine with scales 1 ± 0.3, shears
// ± 0.3 and any whole degree: always all of them, in this order.
Sample augment_as_reference(const Sample& sample, at::Generator& generator);

}  // namespace dmcvr
