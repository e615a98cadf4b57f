// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/contours.h"

#include "dmcvr/core/error.h"

#include <torch/nn/functional.h>

#include <map>

namespace dmcvr {
namespace {

// Where lines meet, the later one is seen.
constexpr int64_t kDrawingOrder[] = {kLvm, kRvc, kLvc};

// d/drow and d/dcolumn by central differences of the replicated image: norm of the gradient, [H,
// W].
torch::Tensor slope(const torch::Tensor& field) {
  namespace F = torch::nn::functional;
  const int64_t height = field.size(0), width = field.size(1);
  const auto padded = F::pad(field.view({1, 1, height, width}),
                             F::PadFuncOptions({1, 1, 1, 1}).mode(torch::kReplicate))
                          .view({height + 2, width + 2});
  const auto down = (padded.slice(0, 2) - padded.slice(0, 0, height)).slice(1, 1, width + 1) / 2;
  const auto right = (padded.slice(1, 2) - padded.slice(1, 0, width)).slice(0, 1, height + 1) / 2;
  return (down * down + right * right).sqrt();
}

// Coverage of the line `weight` = 1/2. |weight - 1/2| / slope is the distance to it in pixels, to
// first order; a stroke covers a pixel whose distance is below half its width, softly over one
// pixel.
torch::Tensor stroke(const torch::Tensor& weight, const ContourOptions& options) {
  const auto gradient = slope(weight);
  const auto distance = (weight - 0.5).abs() / gradient.clamp_min(1e-3);
  auto coverage = (0.5 + options.width_px / 2 - distance).clamp(0, 1);
  if (!options.is_antialiased) coverage = (coverage >= 0.5).to(torch::kFloat32);
  return coverage * (gradient > 1e-3);
}

}  // namespace

Color label_color(int64_t label) {
  static const std::map<int64_t, Color> colors = {
      {kLvc, {0.93, 0.29, 0.27}}, {kLvm, {0.97, 0.80, 0.27}}, {kRvc, {0.29, 0.60, 0.96}}};
  const auto found = colors.find(label);
  if (found == colors.end())
    throw Error("label {} has no color; known: {}", label, to_string(label_table()));
  return found->second;
}

void draw_contours(Picture& picture, const torch::Tensor& weights, const ContourOptions& options) {
  TORCH_CHECK(weights.dim() == 3 && weights.size(0) == kLabelCount &&
                  weights.size(1) == picture.height() && weights.size(2) == picture.width(),
              "draw_contours: weights ", weights.sizes(), " on a picture ", picture.rgb.sizes());
  if (options.fill_opacity > 0) {
    for (const int64_t label : kDrawingOrder) {
      blend(picture, options.fill_opacity * (weights[label] > 0.5), 0, 0, label_color(label));
    }
  }
  for (const int64_t label : kDrawingOrder) {
    const auto field = label == kLvm ? weights[kLvm] + weights[kLvc] : weights[label];
    blend(picture, options.opacity * stroke(field, options), 0, 0, label_color(label));
  }
}

}  // namespace dmcvr
