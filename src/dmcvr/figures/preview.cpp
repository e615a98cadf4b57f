// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/preview.h"

#include "dmcvr/core/error.h"
#include "dmcvr/figures/contours.h"
#include "dmcvr/figures/montage.h"
#include "dmcvr/figures/views.h"
#include "dmcvr/geometry/resample.h"
#include "dmcvr/metrics/statistics.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace dmcvr {
namespace {

// ---- look ----

constexpr Color kPage = {0.055, 0.067, 0.086};
constexpr Color kPanel = {0.020, 0.024, 0.035};  // outside of the acquired stack
constexpr Color kBright = {0.93, 0.94, 0.95};
constexpr Color kSoft = {0.60, 0.64, 0.70};
constexpr Color kAcquired = {0.22, 0.83, 0.66};
constexpr Color kGenerated = {0.23, 0.26, 0.32};
constexpr int64_t kMargin = 36;
constexpr int64_t kGap = 8;
constexpr int64_t kFrame = 2;

const TextStyle kTitle = {30, true, kBright, TextAlign::left};
const TextStyle kHeading = {20, true, kBright, TextAlign::left};
const TextStyle kBody = {15, false, kSoft, TextAlign::left};
const TextStyle kCaption = {12, false, kSoft, TextAlign::center};

// Hundreds of tiny pictures: waking other threads for each costs more than drawing it.
struct OneThread {
  int before = at::get_num_threads();
  OneThread() { at::set_num_threads(1); }
  ~OneThread() { at::set_num_threads(before); }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;
};

// What is looked at: one phase, windowed.
struct Scene {
  Volume dense;
  Volume acquired;   // the nearest acquired slice everywhere
  Labels labels;     // [1, D, H, W]
  Cine dense_masks;  // [kLabelCount, D, H, W]: 1 where the label is
  Cine acquired_masks;
  double low = 0;
  double high = 1;
};

// Where the volume holds a phase of the film.
int64_t place_in_volume(const PreviewContent& content, int64_t phase) {
  const auto& held = content.volume_phases;
  if (held.empty()) return phase;
  const auto place = std::find(held.begin(), held.end(), phase);
  TORCH_CHECK(place != held.end(), "preview: the volume lacks phase ", phase);
  return place - held.begin();
}

// Black and white points: of the acquired slices, inside the box of the short-axis view.
std::array<double, 2> gray_window(const PreviewContent& content, const std::vector<int64_t>& phases,
                                  double margin_mm) {
  std::vector<torch::Tensor> seen;
  const VoxelBox box = label_box(content.labels);
  for (const int64_t phase : phases) {
    for (const int64_t plane : content.acquired_planes) {
      const Grid view = short_axis_view(content.volume.grid, box, plane, {margin_mm, 96});
      const Volume picture =
          resample(content.volume.phase(place_in_volume(content, phase)), view,
                   Interpolation::linear, std::numeric_limits<double>::quiet_NaN());
      seen.push_back(picture.voxels.masked_select(picture.voxels.isfinite()));
    }
  }
  const auto values = torch::cat(seen);
  if (values.numel() == 0) return {0, 1};
  return {percentile(values, 0.5), percentile(values, 99.5)};
}

Cine masks_of(const Grid& grid, const torch::Tensor& labels) {  // [D, H, W]
  std::vector<torch::Tensor> masks;
  for (int64_t label = 0; label < kLabelCount; ++label) {
    masks.push_back((labels == label).to(torch::kFloat32));
  }
  return {grid, torch::stack(masks), {}};
}

Scene scene_of(const PreviewContent& content, int64_t phase) {
  const auto labels = content.labels.voxels[phase];
  Scene scene;
  scene.dense = content.volume.phase(place_in_volume(content, phase));
  scene.acquired = {scene.dense.grid, repeat_nearest(scene.dense.voxels, content.acquired_planes)};
  scene.labels = {content.labels.grid, labels.unsqueeze(0), content.labels.table};
  scene.dense_masks = masks_of(content.labels.grid, labels);
  scene.acquired_masks =
      masks_of(content.labels.grid, repeat_nearest(labels, content.acquired_planes));
  return scene;
}

// What a view shows of a scene; `contours` may be absent.
Picture picture_of(const Scene& scene, bool is_acquired, const Grid& view,
                   const ContourOptions* contours) {
  const Volume cut = resample(is_acquired ? scene.acquired : scene.dense, view,
                              Interpolation::linear, std::numeric_limits<double>::quiet_NaN());
  Picture picture = gray_picture(cut.voxels[0], scene.low, scene.high, kPanel);
  if (contours != nullptr) {
    const Cine& masks = is_acquired ? scene.acquired_masks : scene.dense_masks;
    draw_contours(picture, resample(masks, view).voxels.squeeze(1), *contours);
  }
  return picture;
}

// A bar of 20 mm with its length, in the lower right corner.
void draw_scale_bar(Picture& picture, double mm_per_pixel) {
  const auto length = static_cast<int64_t>(std::llround(20 / mm_per_pixel));
  const int64_t row = picture.height() - 16, column = picture.width() - 16 - length;
  fill(picture, {row - 1, column - 1, 5, length + 2}, {0, 0, 0});
  fill(picture, {row, column, 3, length}, kBright);
  TextStyle style = kCaption;
  style.color = kBright;
  draw_text(picture, "20 mm", row - 18, column + length / 2, style);
}

// As many as fit the page, fewer where that fills the last row.
int64_t even_columns(int64_t tiles, int64_t most) {
  const int64_t rows = (tiles + most - 1) / most;
  return rows > 1 ? (tiles + rows - 1) / rows : most;
}

// ---- the parts of the page ----

Picture long_axis_row(const Scene& scene, const PreviewOptions& options, int64_t width) {
  MontageOptions layout;
  layout.columns = 4;
  layout.gap_px = 2 * kGap;
  layout.frame_px = kFrame;
  layout.background = kPage;
  layout.caption = {15, false, kSoft, TextAlign::center};
  const int64_t tile_width = (width - 3 * layout.gap_px) / 4 - 2 * kFrame;
  const auto views = long_axis_views(scene.labels, options.margin_mm, tile_width);
  const std::string names[] = {"through both ventricles", "at right angles to it"};
  const ContourOptions contours = {1.8, 0.95, 0, true};
  const ContourOptions* shown = options.has_contours ? &contours : nullptr;

  std::vector<Tile> tiles;
  for (int n = 0; n < 2; ++n) {
    const double mm_per_pixel = views[n].spacing_mm()[0];
    Picture before = picture_of(scene, true, views[n], shown);
    Picture after = picture_of(scene, false, views[n], shown);
    draw_scale_bar(before, mm_per_pixel);
    draw_scale_bar(after, mm_per_pixel);
    tiles.push_back({before, "acquired, " + names[n], kAcquired});
    tiles.push_back({after, "reconstructed, " + names[n], kGenerated});
  }
  return montage(tiles, layout);
}

Picture short_axis_rows(const Scene& scene, const PreviewContent& content,
                        const PreviewOptions& options, int64_t width) {
  // From base to apex, whichever way the slices count.
  auto planes = preview_planes(content.acquired_planes, options.most_tiles);
  if (!heart_axes(content.labels).apex_is_last) std::reverse(planes.begin(), planes.end());
  const double step_mm = content.volume.grid.spacing_mm()[2];
  const VoxelBox box = label_box(content.labels);

  MontageOptions layout;
  layout.columns = even_columns(static_cast<int64_t>(planes.size()), options.columns);
  layout.gap_px = kGap;
  layout.frame_px = kFrame;
  layout.background = kPage;
  layout.caption = kCaption;
  const int64_t tile_width = (width + kGap) / layout.columns - kGap - 2 * kFrame;
  const ContourOptions contours = {1.3, 0.9, 0, true};

  std::vector<Tile> tiles;
  for (const int64_t plane : planes) {
    const bool is_acquired =
        std::binary_search(content.acquired_planes.begin(), content.acquired_planes.end(), plane);
    const Grid view =
        short_axis_view(content.volume.grid, box, plane, {options.margin_mm, tile_width});
    const double depth_mm = step_mm * static_cast<double>(std::abs(plane - planes.front()));
    tiles.push_back({picture_of(scene, false, view, options.has_contours ? &contours : nullptr),
                     fmt::format("{} {:.1f} mm", is_acquired ? "acquired" : "generated", depth_mm),
                     is_acquired ? kAcquired : kGenerated});
  }
  return montage(tiles, layout);
}

std::string phase_title(const PreviewContent& content, int64_t phase) {
  const std::string& name = content.phase_names[static_cast<size_t>(phase)];
  std::string title = name == "ed" ? "End-diastole" : name == "es" ? "End-systole" : name;
  const auto& times = content.volume.times_ms;
  if (!times.empty()) {
    title +=
        fmt::format(", {:.0f} ms", times[static_cast<size_t>(place_in_volume(content, phase))]);
  }
  return title;
}

// Title, what was made of what, and the meaning of the colors.
Picture header(const PreviewContent& content, int64_t width) {
  Picture picture = blank_picture(78, width, kPage);
  draw_text(picture, content.title, 0, 0, kTitle);
  const auto& planes = content.acquired_planes;
  const double step_mm = content.volume.grid.spacing_mm()[2];
  const double pitch_mm = step_mm * static_cast<double>(planes.back() - planes.front()) /
                          static_cast<double>(std::max<size_t>(planes.size() - 1, 1));
  draw_text(picture,
            fmt::format("{} acquired slices {:.1f} mm apart  ->  {} slices {:.2f} mm apart{}{}",
                        planes.size(), pitch_mm, content.volume.grid.size[2], step_mm,
                        content.note.empty() ? "" : "   |   ", content.note),
            44, 0, kBody);

  int64_t column = width;
  TextStyle style = kBody;
  style.align = TextAlign::right;
  const std::pair<const char*, int64_t> legend[] = {
      {"RV cavity", kRvc}, {"LV muscle", kLvm}, {"LV cavity", kLvc}};
  for (const auto& [name, label] : legend) {
    column -= draw_text(picture, name, 6, column, style) + 22;
    fill(picture, {8, column, 14, 14}, label_color(label));
    column -= 20;
  }
  column = width;
  const std::pair<const char*, Color> frames[] = {{"generated slice", kGenerated},
                                                  {"acquired slice", kAcquired}};
  for (const auto& [name, color] : frames) {
    column -= draw_text(picture, name, 44, column, style) + 22;
    draw_frame(picture, {48, column + 2, 10, 10}, kFrame, color);
    column -= 20;
  }
  return picture;
}

}  // namespace

void PreviewOptions::check() const {
  if (width < 640 || width > 8000) throw Error("width {}: expected 640 to 8000 pixels", width);
  if (columns < 2 || columns > 40) throw Error("columns {}: expected 2 to 40", columns);
  if (most_tiles < 1) throw Error("most_tiles {}: expected 1 or more", most_tiles);
  if (most_phases < 1) throw Error("most_phases {}: expected 1 or more", most_phases);
  if (!(margin_mm >= 0 && margin_mm <= 200))
    throw Error("margin_mm {}: expected 0 to 200", margin_mm);
}

std::vector<int64_t> preview_phases(const std::vector<std::string>& phase_names, int64_t most) {
  const auto count = static_cast<int64_t>(phase_names.size());
  std::vector<int64_t> phases;
  for (int64_t t = 0; t < count; ++t) {
    const std::string& name = phase_names[static_cast<size_t>(t)];
    if (name == "ed" || name == "es") phases.push_back(t);
  }
  if (phases.empty()) {
    for (int64_t n = 0; n < std::min(most, count); ++n)
      phases.push_back(n * count / std::min(most, count));
  }
  if (static_cast<int64_t>(phases.size()) > most) phases.resize(static_cast<size_t>(most));
  return phases;
}

std::vector<int64_t> preview_planes(const std::vector<int64_t>& acquired_planes, int64_t most) {
  const auto gaps = static_cast<int64_t>(acquired_planes.size()) - 1;
  if (gaps < 1) return acquired_planes;
  const int64_t per_gap = std::max<int64_t>(0, (most - gaps - 1) / gaps);
  std::vector<int64_t> planes;
  for (int64_t gap = 0; gap < gaps; ++gap) {
    const int64_t lower = acquired_planes[static_cast<size_t>(gap)];
    const int64_t between = acquired_planes[static_cast<size_t>(gap + 1)] - lower - 1;
    const int64_t shown = std::min(per_gap, between);
    planes.push_back(lower);
    for (int64_t n = 1; n <= shown; ++n) {
      planes.push_back(lower +
                       static_cast<int64_t>(std::llround(static_cast<double>(n * (between + 1)) /
                                                         static_cast<double>(shown + 1))));
    }
  }
  planes.push_back(acquired_planes.back());
  return planes;
}

Picture preview(const PreviewContent& content, const PreviewOptions& options) {
  const OneThread one_thread;
  options.check();
  content.volume.check();
  content.labels.check();
  const auto held = static_cast<int64_t>(content.volume_phases.size());
  TORCH_CHECK(
      static_cast<int64_t>(content.phase_names.size()) == content.labels.phase_count() &&
          content.volume.phase_count() == (held > 0 ? held : content.labels.phase_count()) &&
          !content.acquired_planes.empty(),
      "preview: ", content.volume.phase_count(), " phases, ", content.phase_names.size(),
      " names, ", content.labels.phase_count(), " labels");
  const auto phases = preview_phases(content.phase_names, options.most_phases);
  const auto window = gray_window(content, phases, options.margin_mm);
  const int64_t width = options.width - 2 * kMargin;

  // Draw the parts.
  std::vector<std::pair<Picture, int64_t>> parts;  // picture, free rows above it
  parts.emplace_back(header(content, width), 0);
  for (const int64_t phase : phases) {
    Scene scene = scene_of(content, phase);
    scene.low = window[0];
    scene.high = window[1];
    Picture heading = blank_picture(28, width, kPage);
    draw_text(heading, phase_title(content, phase), 0, 0, kHeading);
    parts.emplace_back(heading, 18);
    parts.emplace_back(long_axis_row(scene, options, width), 8);
    parts.emplace_back(short_axis_rows(scene, content, options, width), 16);
  }

  // Lay them out from top to bottom.
  int64_t height = 2 * kMargin;
  for (const auto& [part, above] : parts) height += part.height() + above;
  Picture page = blank_picture(height, options.width, kPage);
  int64_t row = kMargin;
  for (const auto& [part, above] : parts) {
    row += above;
    paste(page, part, row, kMargin);
    row += part.height();
  }
  return page;
}

}  // namespace dmcvr
