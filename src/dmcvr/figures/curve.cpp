// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/curve.h"

#include "dmcvr/core/error.h"
#include "dmcvr/figures/strokes.h"
#include "dmcvr/figures/text.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr Color kCurvePage = {0.055, 0.067, 0.086};
constexpr Color kCurveGrid = {0.17, 0.19, 0.23};
constexpr Color kCurveMark = {0.60, 0.64, 0.70};
const TextStyle kCurveTitle = {24, true, {0.93, 0.94, 0.95}, TextAlign::left};
const TextStyle kCurveAxis = {15, false, {0.70, 0.73, 0.78}, TextAlign::left};
constexpr int64_t kCurveLeft = 84, kCurveRight = 36, kCurveTop = 118, kCurveBottom = 72;
constexpr double kDashPixels = 10;  // a dash with its gap

// Where values lie in the picture.
struct CurveFrame {
  double first_place, last_place, top_value;
  double left, right, top, bottom;  // pixels

  double column(double place) const {
    return left + (place - first_place) / (last_place - first_place) * (right - left);
  }
  double row(double value) const { return bottom - value / top_value * (bottom - top); }
};

TextStyle aligned(TextStyle style, TextAlign align) {
  style.align = align;
  return style;
}

void draw_axes(Picture& page, const CurveContent& content, const CurveFrame& frame,
               const std::vector<double>& rows, const std::vector<double>& columns) {
  for (const double value : rows) {
    draw_line(page, {{frame.row(value), frame.left}, {frame.row(value), frame.right}}, 1,
              kCurveGrid);
    draw_text(page, fmt::format("{:g}", value), std::llround(frame.row(value)) - 9,
              std::llround(frame.left) - 10, aligned(kCurveAxis, TextAlign::right));
  }
  for (const double place : columns) {
    draw_line(page, {{frame.top, frame.column(place)}, {frame.bottom, frame.column(place)}}, 1,
              kCurveGrid);
    draw_text(page, fmt::format("{:g}", place), std::llround(frame.bottom) + 8,
              std::llround(frame.column(place)), aligned(kCurveAxis, TextAlign::center));
  }
  draw_text(page, content.horizontal, std::llround(frame.bottom) + 36, std::llround(frame.right),
            aligned(kCurveAxis, TextAlign::right));
  draw_text(page, content.vertical, std::llround(frame.top) - 56, 20, kCurveAxis);
}

void draw_marks(Picture& page, const CurveContent& content, const CurveFrame& frame) {
  for (const CurveMark& mark : content.marks) {
    const double column = frame.column(mark.place);
    const auto dashes = static_cast<int>(std::ceil((frame.bottom - frame.top) / kDashPixels));
    for (int dash = 0; dash < dashes; ++dash) {
      const double row = frame.top + kDashPixels * dash;
      const double end = std::min(row + 0.4 * kDashPixels, frame.bottom);
      draw_line(page, {{row, column}, {end, column}}, 1.5, kCurveMark);
    }
    draw_text(page, mark.name, std::llround(frame.top) - 26, std::llround(column),
              aligned(kCurveAxis, TextAlign::center));
  }
}

void draw_values(Picture& page, const CurveContent& content, const CurveLine& line,
                 const CurveFrame& frame) {
  std::vector<PixelPoint> run;  // of neighboring values
  const auto flush = [&] {
    if (!run.empty()) draw_line(page, run, line.is_faint ? 1.5 : 3, line.color);
    if (!line.is_faint)
      for (const PixelPoint& point : run) draw_line(page, {point}, 8, line.color);
    run.clear();
  };
  for (size_t n = 0; n < line.values.size(); ++n) {
    if (!line.values[n]) {
      flush();
      continue;
    }
    run.push_back({frame.row(*line.values[n]), frame.column(content.places[n])});
  }
  flush();
}

void draw_legend(Picture& page, const CurveContent& content) {
  int64_t column = page.width() - kCurveRight;
  for (auto line = content.lines.rbegin(); line != content.lines.rend(); ++line) {
    column -= draw_text(page, line->name, 24, column, aligned(kCurveAxis, TextAlign::right)) + 10;
    draw_line(page, {{33, static_cast<double>(column - 24)}, {33, static_cast<double>(column)}},
              line->is_faint ? 1.5 : 4, line->color);
    column -= 24 + 24;
  }
}

}  // namespace

void CurveOptions::check() const {
  if (width < 400 || width > 8000) throw Error("width {}: expected 400 to 8000 pixels", width);
  if (height < 320 || height > 8000) throw Error("height {}: expected 320 to 8000 pixels", height);
}

std::vector<double> round_ticks(double low, double high, int64_t count) {
  const double span = std::max(high - low, 1e-9);
  const double rough = span / static_cast<double>(std::max<int64_t>(count, 1));
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0})
    if (rough <= factor * power) step = factor * power;
  const auto first = static_cast<int64_t>(std::floor(low / step + 1e-9));
  const auto last = static_cast<int64_t>(std::ceil(high / step - 1e-9));
  std::vector<double> ticks;
  for (int64_t n = first; n <= last; ++n) ticks.push_back(static_cast<double>(n) * step);
  return ticks;
}

Picture curve(const CurveContent& content, const CurveOptions& options) {
  options.check();
  TORCH_CHECK(content.places.size() > 1, "curve: ", content.places.size(), " places");
  double largest = 0;
  for (const CurveLine& line : content.lines) {
    TORCH_CHECK(line.values.size() == content.places.size(), "curve: ", line.values.size(),
                " values at ", content.places.size(), " places");
    for (const auto& value : line.values) largest = std::max(largest, value.value_or(0));
  }

  // Scales: the vertical one ends at a round number, the horizontal one with the values.
  const auto rows = round_ticks(0, std::max(1.05 * largest, 1e-6), 6);
  CurveFrame frame{};
  frame.first_place = content.places.front();
  frame.last_place = content.places.back();
  frame.top_value = rows.back();
  frame.left = kCurveLeft;
  frame.right = static_cast<double>(options.width - kCurveRight);
  frame.top = kCurveTop;
  frame.bottom = static_cast<double>(options.height - kCurveBottom);
  std::vector<double> columns;
  for (const double place : round_ticks(frame.first_place, frame.last_place, 8))
    if (place >= frame.first_place && place <= frame.last_place) columns.push_back(place);

  Picture page = blank_picture(options.height, options.width, kCurvePage);
  draw_text(page, content.title, 18, 20, kCurveTitle);
  draw_axes(page, content, frame, rows, columns);
  draw_marks(page, content, frame);
  for (const CurveLine& line : content.lines) draw_values(page, content, line, frame);
  draw_legend(page, content);
  return page;
}

}  // namespace dmcvr
