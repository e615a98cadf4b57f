// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/registration.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/side_by_side.h"
#include "dmcvr/reconstruction/outlines.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <utility>

namespace dmcvr {
namespace {

constexpr double kReachMm = 10;  // signed distances beyond say nothing about borders

// pictures [C, H, W] at p + shift(p); shift [2, H, W] in pixels along columns and rows. The border
// goes on outside.
torch::Tensor moved(const torch::Tensor& pictures, const torch::Tensor& shift) {
  const int64_t height = pictures.size(1), width = pictures.size(2);
  const auto column = torch::arange(width, torch::kFloat32).view({1, width}) + shift[0];
  const auto row = torch::arange(height, torch::kFloat32).view({height, 1}) + shift[1];
  // Pixel centers to [−1, 1], which runs from edge to edge.
  const auto where = torch::stack({(2 * column + 1) / static_cast<double>(width) - 1,
                                   (2 * row + 1) / static_cast<double>(height) - 1},
                                  2)
                         .to(pictures.scalar_type());
  constexpr int64_t kLinear = 0, kBorder = 1;
  return at::grid_sampler(pictures.unsqueeze(0), where.unsqueeze(0), kLinear, kBorder, false)[0];
}

// Each channel of [C, H, W] with a Gaussian; the border goes on outside.
torch::Tensor smoothed(const torch::Tensor& fields, double deviation) {
  if (deviation <= 0) return fields;
  const auto reach = static_cast<int64_t>(std::ceil(3 * deviation));
  const auto place = torch::arange(-reach, reach + 1, torch::kFloat32) / deviation;
  auto kernel = (-0.5 * place * place).exp();
  kernel = kernel / kernel.sum();
  const auto padded = at::replication_pad2d(fields.unsqueeze(1), {reach, reach, reach, reach});
  return at::conv2d(at::conv2d(padded, kernel.view({1, 1, 1, -1})), kernel.view({1, 1, -1, 1}))
      .squeeze(1);
}

torch::Tensor shrunk(const torch::Tensor& fields, int64_t height, int64_t width) {
  return at::adaptive_avg_pool2d(fields, {height, width});
}

// A displacement field on another grid over the same picture.
torch::Tensor regridded(const torch::Tensor& shift, int64_t height, int64_t width) {
  const auto scale = torch::tensor({static_cast<double>(width) / shift.size(2),
                                    static_cast<double>(height) / shift.size(1)},
                                   torch::kFloat32)
                         .view({2, 1, 1});
  return at::upsample_bilinear2d(shift.unsqueeze(0), {height, width}, false)[0] * scale;
}

// d/dcolumn and d/drow of [C, H, W], central, one-sided at the border.
std::array<torch::Tensor, 2> gradients(const torch::Tensor& pictures) {
  const auto padded = at::replication_pad2d(pictures.unsqueeze(0), {1, 1, 1, 1})[0];
  const int64_t height = pictures.size(1), width = pictures.size(2);
  const auto inner_rows = padded.narrow(1, 1, height), inner_columns = padded.narrow(2, 1, width);
  return {(inner_rows.narrow(2, 2, width) - inner_rows.narrow(2, 0, width)) / 2,
          (inner_columns.narrow(1, 2, height) - inner_columns.narrow(1, 0, height)) / 2};
}

// One step of the demons: half a pixel at most, where pictures and their edges agree on it.
torch::Tensor step(const torch::Tensor& from, const torch::Tensor& to, const torch::Tensor& u) {
  const auto a = moved(from, -u / 2), b = moved(to, u / 2);  // [C, h, w]
  const auto difference = b - a;
  const auto [along_columns, along_rows] = gradients((a + b) / 2);
  const auto weight = (along_columns.square() + along_rows.square() + difference.square()).sum(0);
  const auto toward = torch::stack(
      {(difference * along_columns).sum(0), (difference * along_rows).sum(0)});  // [2, h, w]
  return -toward / (weight + 1e-4);
}

struct Structure {
  uint8_t label;
  OutlineStack outline;
};

// What is compared of two slices, [C, H, W] each: pictures, and signed distances of the structures
// that both have.
std::array<torch::Tensor, 2> compared(const torch::Tensor& pictures,
                                      const std::vector<Structure>& structures,
                                      const Between& place, double outline_weight) {
  std::vector<torch::Tensor> below = {pictures[place.below]}, above = {pictures[place.above]};
  for (const auto& [label, outline] : structures) {
    const auto is_there = present(outline, place);
    if (!is_there[0] || !is_there[1]) continue;
    const auto near = (outline.distances.clamp(-kReachMm, kReachMm) * (outline_weight / kReachMm))
                          .to(torch::kFloat32);
    below.push_back(near[place.below]);
    above.push_back(near[place.above]);
  }
  return {torch::stack(below), torch::stack(above)};
}

// The displacement at a fraction of the way, where it leads from `from` at 0 to `to` at 1: points
// go straight, so the one that is at p now passed the middle elsewhere.
torch::Tensor at_fraction(const torch::Tensor& u, double fraction) {
  auto here = u;
  constexpr int kRounds = 5;  // contracts by the slope of u times at most 1/2 a round
  for (int n = 0; n < kRounds && fraction != 0.5; ++n) here = moved(u, (0.5 - fraction) * here);
  return here;
}

// Displacements [2, H, W] of the gaps that the places lie in, by the slice below.
std::map<int64_t, torch::Tensor> in_gaps(
    const std::vector<Between>& places,
    const std::function<torch::Tensor(const Between& place)>& displacement_at) {
  std::map<int64_t, torch::Tensor> displacements;
  std::vector<std::pair<Between, torch::Tensor*>> gaps;
  for (const Between& place : places) {
    const auto [gap, is_new] = displacements.try_emplace(place.below);
    if (is_new) gaps.emplace_back(place, &gap->second);
  }
  side_by_side(static_cast<int64_t>(gaps.size()), torch::kCPU,
               [&](int64_t begin, int64_t end, const std::atomic<bool>&) {
                 for (int64_t n = begin; n < end; ++n) {
                   const auto& [place, u] = gaps[n];
                   *u = displacement_at(place);
                 }
               });
  return displacements;
}

}  // namespace

void RegistrationOptions::check() const {
  if (!std::isfinite(pixel_mm) || pixel_mm <= 0)
    throw Error("registration: pixel_mm {} is not positive", pixel_mm);
  if (!std::isfinite(smooth_pixels) || smooth_pixels < 0)
    throw Error("registration: smooth_pixels {} is negative", smooth_pixels);
  if (!std::isfinite(outline_weight) || outline_weight < 0)
    throw Error("registration: outline_weight {} is negative", outline_weight);
  check_range<int64_t>("registration: levels", levels, 1, 8);
  check_range<int64_t>("registration: iterations", iterations, 0, 10000);
}

torch::Tensor displacement(const torch::Tensor& from, const torch::Tensor& to, double pixel_mm,
                           const RegistrationOptions& options) {
  const at::NoGradGuard no_gradients;
  options.check();
  TORCH_CHECK(from.dim() == 3 && from.sizes() == to.sizes(), "displacement: ", from.sizes(),
              " and ", to.sizes());
  const int64_t height = from.size(1), width = from.size(2);
  const double finest = std::max(1.0, options.pixel_mm / pixel_mm);  // pixels of the slices
  torch::Tensor u;                                                   // [2, h, w]
  for (int64_t level = options.levels - 1; level >= 0; --level) {
    const double factor = finest * std::exp2(static_cast<double>(level));
    const auto side = [&](int64_t pixels) {
      return std::max<int64_t>(std::llround(static_cast<double>(pixels) / factor),
                               std::min<int64_t>(pixels, 8));
    };
    const int64_t h = side(height), w = side(width);
    const auto a = shrunk(from, h, w), b = shrunk(to, h, w);
    u = u.defined() ? regridded(u, h, w) : torch::zeros({2, h, w}, torch::kFloat32);
    for (int64_t n = 0; n < options.iterations; ++n) {
      u = smoothed(u + smoothed(step(a, b, u), options.smooth_pixels), options.smooth_pixels);
    }
  }
  return regridded(u, height, width);
}

Registered mix_registered(const torch::Tensor& slices, const torch::Tensor& labels,
                          const std::vector<double>& acquired_z_mm, const std::vector<double>& z_mm,
                          const std::array<double, 2>& slice_pixel_mm,
                          const RegistrationOptions& options) {
  TORCH_CHECK(slices.dim() == 3 && (!labels.defined() || slices.sizes() == labels.sizes()) &&
                  slices.size(0) == static_cast<int64_t>(acquired_z_mm.size()),
              "mix_registered: ", slices.sizes(), " for ", acquired_z_mm.size(), " positions");
  const auto pixels = slices.to(torch::kFloat32);
  const double pixel_mm = std::sqrt(slice_pixel_mm[0] * slice_pixel_mm[1]);
  const auto in_contrasts = [&] {
    constexpr double kDeviations = 4;  // from dark to bright tissue, about
    return (pixels - pixels.mean()) / std::max(kDeviations * pixels.std().item<double>(), 1e-12);
  }();

  // In the order in which they are painted.
  std::vector<Structure> structures;
  Registered mixed;
  if (labels.defined()) {
    const HeartOutlines heart = heart_outlines(labels, slice_pixel_mm);
    structures = {{kRvc, heart.right}, {kLvm, heart.epicardium}, {kLvc, heart.cavity}};
    mixed.labels = torch::zeros({static_cast<int64_t>(z_mm.size()), slices.size(1), slices.size(2)},
                                torch::kUInt8);
  }

  std::vector<Between> places;
  for (const double z : z_mm) places.push_back(slices_around(acquired_z_mm, z));
  const auto displacements = in_gaps(places, [&](const Between& place) {
    const auto [from, to] = compared(in_contrasts, structures, place, options.outline_weight);
    return displacement(from, to, pixel_mm, options);
  });

  mixed.images = torch::empty({static_cast<int64_t>(z_mm.size()), slices.size(1), slices.size(2)},
                              torch::kFloat32);
  const auto mix_plane = [&](int64_t m) {
    const Between& place = places[m];
    const auto here = at_fraction(displacements.at(place.below), place.fraction);
    const auto both_moved = [&](const torch::Tensor& stack) -> std::array<torch::Tensor, 2> {
      return {moved(stack[place.below].unsqueeze(0), -place.fraction * here)[0],
              moved(stack[place.above].unsqueeze(0), (1 - place.fraction) * here)[0]};
    };
    const auto [below, above] = both_moved(pixels);
    mixed.images[m].copy_(below + place.fraction * (above - below));
    for (const auto& [label, outline] : structures) {
      // Far from any slice that lacks the structure, but finite.
      const auto [low, high] = both_moved(outline.distances.clamp(-1e3, 1e3));
      mixed.labels[m].masked_fill_(inside(low, high, present(outline, place), place), label);
    }
  };
  side_by_side(mixed.images.size(0), torch::kCPU, [&](int64_t begin, int64_t end, const auto&) {
    for (int64_t m = begin; m < end; ++m) mix_plane(m);
  });
  return mixed;
}

}  // namespace dmcvr
