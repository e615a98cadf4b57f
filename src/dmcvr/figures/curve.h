// SPDX-License-Identifier: Apache-2.0
// Quantities over time as a picture: axes with round numbers, a line and a dot per value, and marks
// at moments.
#pragma once

#include "dmcvr/figures/picture.h"

#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct CurveLine {
  std::string name;
  Color color;
  std::vector<std::optional<double>> values;  // one per place; empty leaves a gap
  bool is_faint = false;  // thin and without dots: what stands behind the others
};

struct CurveMark {
  double place = 0;  // on the horizontal axis
  std::string name;  // "ED"
};

struct CurveContent {
  std::string title;
  std::string horizontal, vertical;  // of the axes, with their units
  std::vector<double> places;        // on the horizontal axis, rising
  std::vector<CurveLine> lines;
  std::vector<CurveMark> marks;
};

struct CurveOptions {
  int64_t width = 960;  // pixels
  int64_t height = 600;

  void check() const;  // throws Error
};

// The vertical axis begins at 0. Same content, same pixels.
Picture curve(const CurveContent& content, const CurveOptions& options = {});

// About `count` round numbers from `low` to `high`, equally far apart: the first is `low` or less,
// the last `high` or more.
std::vector<double> round_ticks(double low, double high, int64_t count);

}  // namespace dmcvr
