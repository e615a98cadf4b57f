// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/comparison.h"

#include "dmcvr/figures/contours.h"
#include "dmcvr/figures/montage.h"
#include "dmcvr/figures/text.h"
#include "dmcvr/geometry/resample.h"
#include "dmcvr/metrics/statistics.h"

#include <algorithm>
#include <limits>

namespace dmcvr {
namespace {

constexpr Color kSheet = {0.055, 0.067, 0.086};
constexpr Color kNothing = {0.10, 0.115, 0.14};
constexpr int64_t kSheetMargin = 24;
const TextStyle kSheetTitle = {24, true, {0.93, 0.94, 0.95}, TextAlign::left};
const TextStyle kRowTitle = {17, true, {0.93, 0.94, 0.95}, TextAlign::left};
const TextStyle kTileCaption = {13, false, {0.70, 0.73, 0.78}, TextAlign::center};

// The share of each label in the pixels of the view, [kLabelCount, h, w].
torch::Tensor label_weights(const torch::Tensor& labels, const Grid& plane, const Grid& view) {
  std::vector<torch::Tensor> masks;
  for (int64_t label = 0; label < kLabelCount; ++label)
    masks.push_back((labels == label).to(torch::kFloat32));
  const Cine stacked{plane, torch::stack(masks).unsqueeze(1), {}};  // [kLabelCount, 1, H, W]
  return resample(stacked, view).voxels.squeeze(1);
}

struct View {
  Grid grid;
  double low = 0, high = 1;  // black and white
};

Picture gray_view(const torch::Tensor& image, const ComparisonRow& row, const View& view) {
  const Volume cut = resample(Volume{row.plane, image.unsqueeze(0)}, view.grid,
                              Interpolation::linear, std::numeric_limits<double>::quiet_NaN());
  return gray_picture(cut.voxels[0], view.low, view.high, kSheet);
}

View view_of(const ComparisonRow& row, const ComparisonOptions& options) {
  View view;
  view.grid = short_axis_view(row.plane, row.box, 0, {options.margin_mm, options.tile_px});
  const Volume seen = resample(Volume{row.plane, row.slices.front().image.unsqueeze(0)}, view.grid);
  view.low = percentile(seen.voxels, 0.5);
  view.high = std::max(percentile(seen.voxels, 99.5), view.low + 1e-6);
  return view;
}

// Pictures, then the same with outlines.
Picture tiles_of(const ComparisonRow& row, const ComparisonOptions& options) {
  const View view = view_of(row, options);
  const ComparedSlice& truth = row.slices.front();
  const bool has_pictures =
      std::any_of(row.slices.begin() + 1, row.slices.end(),
                  [](const ComparedSlice& slice) { return slice.image.defined(); });
  const bool has_labels =
      std::any_of(row.slices.begin(), row.slices.end(),
                  [](const ComparedSlice& slice) { return slice.labels.defined(); });
  std::vector<Tile> tiles;
  for (const ComparedSlice& slice : row.slices) {
    if (!has_pictures) break;
    Picture picture = blank_picture(options.tile_px, options.tile_px, kNothing);
    if (slice.image.defined()) picture = gray_view(slice.image, row, view);
    tiles.push_back(
        {picture, slice.image.defined() ? slice.name : slice.name + ", no picture", {}});
  }
  torch::Tensor true_weights;
  if (truth.labels.defined()) true_weights = label_weights(truth.labels, row.plane, view.grid);
  for (const ComparedSlice& slice : row.slices) {
    if (!has_labels) break;
    Picture picture = gray_view(slice.image.defined() ? slice.image : truth.image, row, view);
    if (slice.labels.defined()) {
      if (&slice != &truth && true_weights.defined())
        draw_contours(picture, true_weights, {1, 0.4, 0, true});
      draw_contours(picture, label_weights(slice.labels, row.plane, view.grid), {1.6, 1, 0, true});
    }
    tiles.push_back(
        {picture, slice.labels.defined() ? slice.caption : slice.name + ", no labels", {}});
  }
  MontageOptions layout;
  layout.columns = static_cast<int64_t>(row.slices.size());
  layout.background = kSheet;
  layout.caption = kTileCaption;
  return montage(tiles, layout);
}

}  // namespace

Picture comparison(const std::string& title, const std::vector<ComparisonRow>& rows,
                   const ComparisonOptions& options) {
  constexpr int64_t kTitleHeight = 40, kRowTitleHeight = 30;
  std::vector<Picture> parts;
  int64_t height = kSheetMargin + kTitleHeight, width = 0;
  for (const ComparisonRow& row : rows) {
    TORCH_CHECK(!row.slices.empty() && row.slices.front().image.defined(),
                "comparison: a row without its truth");
    parts.push_back(tiles_of(row, options));
    height += kRowTitleHeight + parts.back().height() + kSheetMargin;
    width = std::max(width, parts.back().width());
  }

  Picture sheet = blank_picture(height, width + 2 * kSheetMargin, kSheet);
  int64_t top = kSheetMargin;
  draw_text(sheet, title, top, kSheetMargin, kSheetTitle);
  top += kTitleHeight;
  for (size_t n = 0; n < rows.size(); ++n) {
    draw_text(sheet, rows[n].title, top, kSheetMargin, kRowTitle);
    paste(sheet, parts[n], top + kRowTitleHeight, kSheetMargin);
    top += kRowTitleHeight + parts[n].height() + kSheetMargin;
  }
  return sheet;
}

}  // namespace dmcvr
