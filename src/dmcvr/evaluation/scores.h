// SPDX-License-Identifier: Apache-2.0
// How close an answer comes to the truth, per phase.
#pragma once

#include "dmcvr/evaluation/contest.h"
#include "dmcvr/evaluation/methods.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

namespace dmcvr {

constexpr double kNoScore = std::numeric_limits<double>::quiet_NaN();

// NaN where there is nothing to score, as in metrics/overlap.h and metrics/surface_distance.h.
struct StructureScore {
  double dice = kNoScore;            // 3D, over the planes that were asked for
  double dice_pose_free = kNoScore;  // the same after pose_free.h
  double voe_percent = kNoScore;
  // Surfaces in space, the other planes taken from the truth; distances of the surfaces in the
  // planes that were asked for.
  double hd_mm = kNoScore;
  double asd_mm = kNoScore;
  double assd_mm = kNoScore;
};

// One phase of one case by one method.
struct VolumeScore {
  std::string method;
  std::string phase;
  int64_t planes = 0;                                // that were asked for
  std::map<std::string, StructureScore> structures;  // by the names of label_table()
  std::vector<double> shifts_mm;  // of the slices that pose_free could compare, by length
  // dB, of the squared error pooled over the planes asked for, inside the box of the true labels
  // grown by 10 pixels (heart_boxes); both images clipped to [0, p98] of the acquired slices of the
  // phase and divided by p98.
  double psnr_db = kNoScore;
};

// The mean over the structures that have a score; NaN if none has.
double mean_dice(const VolumeScore& score);
double mean_dice_pose_free(const VolumeScore& score);

// The truth has to be labeled.
std::vector<VolumeScore> score_answer(const std::string& method, const Answer& answer,
                                      const Question& question, const Truth& truth);

// JSON writes what is absent as null.
void to_json(nlohmann::json& json, const VolumeScore& score);
void from_json(const nlohmann::json& json, VolumeScore& score);

}  // namespace dmcvr
