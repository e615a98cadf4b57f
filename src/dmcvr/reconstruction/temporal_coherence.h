// SPDX-License-Identifier: Apache-2.0
// Whether a film of dense hearts flickers: how much generated voxels change from one phase to the
// next, beside how much acquired ones do.
#pragma once

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

// From a phase to the next, in the box of both hearts. NaN where there is nothing to compare.
struct PhaseChange {
  std::array<double, 3> dice = {0, 0, 0};  // of LVC, LVM, RVC with themselves, over all planes
  double mean_dice = 0;                    // of those that are there
  double intensity = 0;                    // mean absolute difference, as a share of the range
};

struct TemporalCoherence {
  int64_t pairs = 0;      // of neighboring phases
  PhaseChange acquired;   // means over the pairs
  PhaseChange generated;  // the same of generated voxels
  // Generated over acquired: of 1 − mean_dice, and of intensity. NaN where acquired voxels do not
  // change, or are none.
  double label_ratio = 0;
  double intensity_ratio = 0;
};

// Looks at the phases one after the other, and remembers the last.
class CoherenceMeter {
 public:
  // provenance: [D, H, W] of provenance_table(), the same in all phases. intensity_range: from
  // dark to bright, in scanner units, positive.
  CoherenceMeter(torch::Tensor provenance, double intensity_range);

  // The next phase in time, [D, H, W] each, in scanner units and uint8 of label_table(). Shares
  // both until the next call.
  void add(const torch::Tensor& voxels, const torch::Tensor& labels);

  // Nothing for fewer than three phases, which are no film.
  std::optional<TemporalCoherence> result() const;

 private:
  torch::Tensor provenance_;
  double range_;
  int64_t phases_ = 0;
  torch::Tensor last_voxels_;
  torch::Tensor last_labels_;
  std::vector<PhaseChange> acquired_;
  std::vector<PhaseChange> generated_;
};

// For run.json; null stands for NaN.
nlohmann::json coherence_json(const TemporalCoherence& coherence);

// One line for people.
std::string coherence_line(const TemporalCoherence& coherence);

}  // namespace dmcvr
