// SPDX-License-Identifier: Apache-2.0
// One picture of a reconstruction: long-axis cuts of what was acquired beside what was made of it,
// and the short-axis slices from base to apex, acquired and generated ones in order, with label
// contours.
#pragma once

#include "dmcvr/figures/picture.h"
#include "dmcvr/geometry/cine.h"
#include "dmcvr/geometry/labels.h"

#include <cstdint>
#include <string>
#include <vector>

namespace dmcvr {

struct PreviewContent {
  std::string title;                     // the study
  std::string note;                      // small, below: "dmcvr 0.1.0, weights small"
  Cine volume;                           // dense
  std::vector<int64_t> volume_phases;    // of the film, that the volume holds; empty: all
  Labels labels;                         // on the grid of the volume, all phases
  std::vector<std::string> phase_names;  // one per phase of the labels
  std::vector<int64_t> acquired_planes;  // indices of slices of the grid, ascending
};

struct PreviewOptions {
  int64_t width = 1680;  // pixels
  int64_t columns = 12;  // short-axis pictures in a row, at most
  int64_t most_tiles =
      48;  // per phase; generated slices are thinned out evenly, acquired ones never
  int64_t most_phases = 2;  // "ed" and "es" where named, else the first and the middle one
  double margin_mm = 14;    // around the heart
  bool has_contours = true;

  void check() const;  // throws Error
};

// Same content, same pixels.
Picture preview(const PreviewContent& content, const PreviewOptions& options = {});

// The phases that a preview shows, in time order.
std::vector<int64_t> preview_phases(const std::vector<std::string>& phase_names, int64_t most);

// The planes shown: all acquired ones and, between each pair of them, the same number of the planes
// between, evenly spread, as long as not more than `most` come together.
std::vector<int64_t> preview_planes(const std::vector<int64_t>& acquired_planes, int64_t most);

}  // namespace dmcvr
