// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/view_phases.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kShareOfFilm = 0.1;

double largest_step(const std::vector<double>& times_ms) {
  double step = 0;
  for (size_t t = 1; t < times_ms.size(); ++t) step = std::max(step, times_ms[t] - times_ms[t - 1]);
  return step;
}

// For each time of the short axis the phase of the view.
std::vector<int64_t> nearest_phases(const std::vector<double>& sax_ms,
                                    const std::vector<double>& view_ms) {
  const double limit =
      std::max({largest_step(sax_ms), largest_step(view_ms),
                kShareOfFilm * (sax_ms.back() - sax_ms.front() + largest_step(sax_ms))});
  std::vector<int64_t> phases;
  for (const double time : sax_ms) {
    const auto nearest = std::min_element(
        view_ms.begin(), view_ms.end(),
        [time](double a, double b) { return std::abs(a - time) < std::abs(b - time); });
    if (std::abs(*nearest - time) > limit) {
      throw Error(
          "has no phase near {:.0f} ms, where the short axis has one; the nearest is at {:.0f} ms",
          time, *nearest);
    }
    phases.push_back(nearest - view_ms.begin());
  }
  return phases;
}

}  // namespace

View with_phases_of(const Cine& sax, const View& view) {
  const Cine& cine = view.cine;
  if (cine.grid.size[2] != 1)
    throw Error("holds {} slices; expected one, over time, of a long-axis view", cine.grid.size[2]);
  if (view.labels && (view.labels->phase_count() != cine.phase_count() ||
                      !same_grid(view.labels->grid, cine.grid)))
    throw Error("has labels on another grid or with another number of phases");
  if (sax.times_ms.empty() || cine.times_ms.empty()) {
    if (cine.phase_count() == sax.phase_count()) return view;
    throw Error("has {} phases, the short axis {}, and times to match them are missing",
                cine.phase_count(), sax.phase_count());
  }

  const auto phases = nearest_phases(sax.times_ms, cine.times_ms);
  const auto index = torch::tensor(phases, torch::kInt64);
  View chosen = view;
  chosen.cine.voxels = cine.voxels.index_select(0, index);
  chosen.cine.times_ms.clear();
  for (const int64_t phase : phases)
    chosen.cine.times_ms.push_back(cine.times_ms[static_cast<size_t>(phase)]);
  if (view.labels) chosen.labels->voxels = view.labels->voxels.index_select(0, index);
  return chosen;
}

}  // namespace dmcvr
