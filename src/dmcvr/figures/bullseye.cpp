// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/bullseye.h"

#include "dmcvr/core/error.h"
#include "dmcvr/figures/text.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr Color kPlatePage = {0.055, 0.067, 0.086};
constexpr Color kPlateUnknown = {0.22, 0.24, 0.28};
constexpr Color kPlateInk = {0.93, 0.94, 0.95};
const TextStyle kPlateTitle = {24, true, kPlateInk, TextAlign::left};
const TextStyle kPlateName = {18, true, kPlateInk, TextAlign::center};
const TextStyle kPlateSmall = {13, false, {0.70, 0.73, 0.78}, TextAlign::center};
constexpr int64_t kPlateMargin = 60, kPlateTop = 120, kPlateScale = 88, kPlateSamples = 3;
constexpr double kDegrees = 57.29577951308232;
constexpr double kBorderPx = 1.2;  // half the width of lines between segments

// From dark to bright, so that it reads without colors, too.
Color scale_color(double share) {
  static const std::array<Color, 5> anchors = {{{0.11, 0.13, 0.36},
                                                {0.15, 0.37, 0.55},
                                                {0.16, 0.60, 0.54},
                                                {0.55, 0.79, 0.36},
                                                {0.98, 0.90, 0.36}}};
  const double place = std::clamp(share, 0.0, 1.0) * (anchors.size() - 1);
  const auto n = std::min(static_cast<size_t>(place), anchors.size() - 2);
  const double far = place - static_cast<double>(n);
  const auto mix = [&](double a, double b) { return (1 - far) * a + far * b; };
  return {mix(anchors[n].red, anchors[n + 1].red), mix(anchors[n].green, anchors[n + 1].green),
          mix(anchors[n].blue, anchors[n + 1].blue)};
}

double share_of(const BullseyePlate& plate, double value) {
  return (value - plate.low) / std::max(plate.high - plate.low, 1e-9);
}

Color value_color(const BullseyePlate& plate, size_t segment) {
  const auto& value = plate.values[segment];
  return value ? scale_color(share_of(plate, *value)) : kPlateUnknown;
}

// The middle of a segment on a plate of radius 1: right, down.
std::array<double, 2> middle_of_segment(size_t segment) {
  const size_t level = segment / 6;
  const double sector = level < 2 ? 60 : 90;
  const double angle = sector * static_cast<double>(segment % 6) / kDegrees;
  const double radius = 0.875 - 0.25 * static_cast<double>(level);
  return {-radius * std::sin(angle), -radius * std::cos(angle)};
}

Picture draw_disk(const BullseyePlate& plate, int64_t side) {
  const int64_t fine = side * kPlateSamples;
  auto rgb = torch::zeros({fine, fine, 3});
  auto values = rgb.accessor<float, 3>();
  const double radius = static_cast<double>(fine) / 2;
  const double border = kBorderPx * kPlateSamples / radius;
  for (int64_t row = 0; row < fine; ++row) {
    for (int64_t column = 0; column < fine; ++column) {
      const double right = (static_cast<double>(column) + 0.5) / radius - 1;
      const double down = (static_cast<double>(row) + 0.5) / radius - 1;
      const auto own = bullseye_segment(right, down);
      // A border is where a neighbor belongs to another segment.
      const bool is_border = own != bullseye_segment(right + border, down) ||
                             own != bullseye_segment(right - border, down) ||
                             own != bullseye_segment(right, down + border) ||
                             own != bullseye_segment(right, down - border);
      const Color color = own && !is_border ? value_color(plate, *own) : kPlatePage;
      values[row][column][0] = static_cast<float>(color.red);
      values[row][column][1] = static_cast<float>(color.green);
      values[row][column][2] = static_cast<float>(color.blue);
    }
  }
  return {rgb.view({side, kPlateSamples, side, kPlateSamples, 3}).mean({1, 3}).contiguous()};
}

void write_values(Picture& disk, const BullseyePlate& plate) {
  const double radius = static_cast<double>(disk.width()) / 2;
  for (size_t s = 0; s < plate.values.size(); ++s) {
    if (!plate.values[s]) continue;
    const auto [right, down] = middle_of_segment(s);
    const Color color = value_color(plate, s);
    const bool is_bright = 0.3 * color.red + 0.6 * color.green + 0.1 * color.blue > 0.5;
    TextStyle style = {16, true, is_bright ? kPlatePage : kPlateInk, TextAlign::center};
    draw_text(disk, fmt::format("{:.{}f}", *plate.values[s], plate.decimals),
              std::llround((1 + down) * radius) - 10, std::llround((1 + right) * radius), style);
  }
}

Picture draw_scale(const BullseyePlate& plate, int64_t width) {
  Picture scale = blank_picture(kPlateScale, width, kPlatePage);
  for (int64_t column = 0; column < width; ++column) {
    const double share = static_cast<double>(column) / static_cast<double>(width - 1);
    fill(scale, {22, column, 16, 1}, scale_color(share));
  }
  TextStyle style = kPlateSmall;
  for (const double share : {0.0, 0.5, 1.0}) {
    style.align = share == 0 ? TextAlign::left : share == 1 ? TextAlign::right : TextAlign::center;
    const double value = plate.low + share * (plate.high - plate.low);
    draw_text(scale, fmt::format("{:.{}f} {}", value, plate.decimals, plate.unit), 46,
              std::llround(share * static_cast<double>(width)), style);
  }
  return scale;
}

}  // namespace

void BullseyeOptions::check() const {
  if (side_px < 200 || side_px > 4000) throw Error("side_px {}: expected 200 to 4000", side_px);
}

std::optional<size_t> bullseye_segment(double right, double down) {
  const double radius = std::hypot(right, down);
  if (radius < 0.25 || radius >= 1) return std::nullopt;
  const size_t level = radius >= 0.75 ? 0 : radius >= 0.5 ? 1 : 2;
  const size_t count = level < 2 ? 6 : 4;
  // Counter-clockwise from above, the middle of segment 1.
  const double turn = std::atan2(-right, -down) * kDegrees / 360;
  const double place = (turn - std::floor(turn)) * static_cast<double>(count) + 0.5;
  return 6 * level + static_cast<size_t>(place) % count;
}

Picture bullseye(const std::string& title, const std::vector<BullseyePlate>& plates,
                 const BullseyeOptions& options) {
  options.check();
  TORCH_CHECK(!plates.empty(), "bullseye: no plates");
  const int64_t side = options.side_px, step = side + 2 * kPlateMargin;
  const auto count = static_cast<int64_t>(plates.size());
  Picture page = blank_picture(kPlateTop + side + 24 + kPlateScale, count * step, kPlatePage);
  draw_text(page, title, 18, 28, kPlateTitle);
  for (int64_t n = 0; n < count; ++n) {
    const BullseyePlate& plate = plates[static_cast<size_t>(n)];
    const int64_t left = n * step + kPlateMargin, middle = left + side / 2;
    draw_text(page, fmt::format("{}, {}", plate.name, plate.unit), 64, middle, kPlateName);
    draw_text(page, "anterior", kPlateTop - 22, middle, kPlateSmall);
    draw_text(page, "inferior", kPlateTop + side + 6, middle, kPlateSmall);
    Picture disk = draw_disk(plate, side);
    write_values(disk, plate);
    paste(page, disk, kPlateTop, left);
    TextStyle beside = kPlateSmall;
    beside.align = TextAlign::right;
    draw_text(page, "septum", kPlateTop + side / 2 - 8, left - 8, beside);
    beside.align = TextAlign::left;
    draw_text(page, "lateral", kPlateTop + side / 2 - 8, left + side + 8, beside);
    paste(page, draw_scale(plate, side), kPlateTop + side + 24, left);
  }
  return page;
}

}  // namespace dmcvr
