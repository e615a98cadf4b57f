// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/strips.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/dataset/augmentation.h"
#include "dmcvr/dataset/batches.h"
#include "dmcvr/diffusion/solver.h"
#include "dmcvr/latent/interpolation.h"

#include <fmt/format.h>
#include <torch/utils.h>

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <tuple>
#include <utility>

namespace dmcvr {
namespace {

constexpr int64_t kGap = 2;  // pixels
// Red, green, blue, as in all figures.
constexpr std::array<std::array<double, 3>, kLabelCount> kStripColors = {
    {{0, 0, 0}, {230, 60, 50}, {240, 200, 40}, {60, 120, 230}}};
constexpr double kOpacity = 0.45;

// Evenly chosen of `size` things.
std::vector<int64_t> evenly(int64_t size, int64_t count) {
  std::vector<int64_t> chosen;
  const int64_t taken = std::min(size, count);
  for (int64_t i = 0; i < taken; ++i) chosen.push_back((2 * i + 1) * size / (2 * taken));
  return chosen;
}

Sample patch_around(const PackedSlice& slice, const std::pair<double, double>& center,
                    const InputRule& rule) {
  Placement placement;
  placement.row = center.first;
  placement.column = center.second;
  placement.step = rule.spacing_mm > 0 ? rule.spacing_mm / slice.spacing_mm : 1;
  if (placement.step == 1) snap_to_pixels(placement, rule.patch_size, rule.patch_size);
  return cut_patch(slice, placement, rule.patch_size, rule.patch_size);
}

// Indices of slices whose stack has a slice before and one behind: {before, slice, behind}.
std::vector<std::array<int64_t, 3>> with_neighbors(const std::vector<PackedSlice>& slices) {
  std::map<std::tuple<int64_t, int64_t, int64_t>, int64_t> places;
  for (size_t i = 0; i < slices.size(); ++i) {
    const auto& slice = slices[i];
    places[{slice.case_index, slice.phase_index, slice.slice_index}] = static_cast<int64_t>(i);
  }
  std::vector<std::array<int64_t, 3>> found;
  for (const auto& [key, place] : places) {
    const auto [case_index, phase, slice] = key;
    const auto before = places.find({case_index, phase, slice - 1});
    const auto behind = places.find({case_index, phase, slice + 1});
    if (before != places.end() && behind != places.end())
      found.push_back({before->second, place, behind->second});
  }
  return found;
}

std::string strip_name(size_t index) {
  return fmt::format("{:02}", index);
}

}  // namespace

torch::Tensor colored(const torch::Tensor& unit, const torch::Tensor& labels) {
  const auto gray = unit.to(torch::kFloat64).clamp(0, 1) * 255;       // [H, W]
  auto picture = gray.unsqueeze(2).expand({-1, -1, 3}).contiguous();  // [H, W, 3]
  for (int64_t label = 1; labels.defined() && label < kLabelCount; ++label) {
    const auto& color = kStripColors[static_cast<size_t>(label)];
    const auto tint = torch::tensor({color[0], color[1], color[2]}, torch::kFloat64);
    const auto is_there = (labels == label).unsqueeze(2);  // [H, W, 1]
    picture = torch::where(is_there, (1 - kOpacity) * picture + kOpacity * tint, picture);
  }
  return picture.round().to(torch::kUInt8);
}

torch::Tensor side_by_side(const std::vector<torch::Tensor>& pictures) {
  std::vector<torch::Tensor> parts;
  for (const auto& picture : pictures) {
    if (!parts.empty())
      parts.push_back(torch::full({picture.size(0), kGap, 3}, 255, torch::kUInt8));
    parts.push_back(picture);
  }
  return torch::cat(parts, 1);
}

Pictures segmenter_strips(const PackedSlices& packed, const InputRule& rule,
                          const SegmentFunction& segment, int64_t count) {
  const torch::NoGradGuard no_gradients;
  const auto centers = heart_centers(packed.slices);
  std::vector<size_t> labeled;
  for (size_t i = 0; i < packed.slices.size(); ++i) {
    if (packed.slices[i].labels.defined()) labeled.push_back(i);
  }
  std::vector<torch::Tensor> images, truths;
  for (const int64_t i : evenly(static_cast<int64_t>(labeled.size()), count)) {
    const size_t slice = labeled[static_cast<size_t>(i)];
    const auto sample = patch_around(packed.slices[slice], centers[slice], rule);
    images.push_back(sample.image.unsqueeze(0));
    truths.push_back(sample.labels);
  }
  Pictures strips;
  if (images.empty()) return strips;
  const auto predicted =
      segment(network_from_unit(torch::stack(images), rule)).argmax(1).cpu();  // [N, P, P]
  for (size_t i = 0; i < images.size(); ++i) {
    const auto image = images[i][0];
    strips["strips/" + strip_name(i)] =
        side_by_side({colored(image), colored(image, truths[i]),
                      colored(image, predicted[static_cast<int64_t>(i)])});
  }
  return strips;
}

Pictures generator_strips(const PackedSlices& packed, const InputRule& rule,
                          const GeneratorFunctions& generator, int64_t count) {
  const torch::NoGradGuard no_gradients;
  const auto centers = heart_centers(packed.slices);
  const auto triples = with_neighbors(packed.slices);
  Pictures strips;
  const auto chosen = evenly(static_cast<int64_t>(triples.size()), count);
  if (chosen.empty()) return strips;

  // All slices before, then all that are shown, then all behind.
  const auto n = static_cast<int64_t>(chosen.size());
  std::vector<torch::Tensor> images;
  for (const size_t which : {0, 1, 2}) {
    for (const int64_t i : chosen) {
      const auto slice = static_cast<size_t>(triples[static_cast<size_t>(i)][which]);
      images.push_back(patch_around(packed.slices[slice], centers[slice], rule).image.unsqueeze(0));
    }
  }
  const auto unit = torch::stack(images);  // [3 n, 1, P, P]
  auto x_0 = network_from_unit(unit, rule);
  const auto codes = generator.encode(x_0);
  x_0 = x_0.to(codes.z_sem.device());
  const SolverOptions solver;
  const auto x_T = invert(x_0, generator.epsilon(codes), solver);

  // The round trips and what lies between the neighbors.
  const auto part = [n](const torch::Tensor& code, int64_t which) {
    return code.slice(0, which * n, (which + 1) * n);
  };
  const auto joined_with_middle = [&](const torch::Tensor& code, const auto& between) {
    if (!code.defined()) return code;
    return torch::cat({part(code, 1), between(part(code, 0), part(code, 2), 0.5)});
  };
  const auto line = [](const torch::Tensor& a, const torch::Tensor& b, double s) {
    return lerp(a, b, s);
  };
  const auto circle = [](const torch::Tensor& a, const torch::Tensor& b, double s) {
    return slerp(a, b, s);
  };
  const CodesOfPictures drawn_codes{joined_with_middle(codes.z_sem, line),
                                    joined_with_middle(codes.l_mor, line)};
  const auto drawn = unit_from_network(
      sample(joined_with_middle(x_T, circle), generator.epsilon(drawn_codes), solver), rule);
  for (int64_t i = 0; i < n; ++i) {
    strips["strips/" + strip_name(static_cast<size_t>(i))] = side_by_side(
        {colored(unit[n + i][0]), colored(drawn[i][0].cpu()), colored(drawn[n + i][0].cpu())});
  }
  return strips;
}

}  // namespace dmcvr
