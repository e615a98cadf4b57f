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

// A structure that neither side has in the planes that were asked for has no score but its volumes:
// NaN. What only one side has there has Dice 0, VOE 100 %, and as its distances the largest that
// two voxels of the stack can have, so that nobody gains by leaving out what is hard.
struct StructureScore {
  double dice = kNoScore;            // 3D, over the planes that were asked for
  double dice_pose_free = kNoScore;  // the same after pose_free.h
  double voe_percent = kNoScore;
  // Surfaces in space, the other planes taken from the truth; distances of the surfaces in the
  // planes that were asked for. In millimeters, and as published in voxels, a gap counting as one.
  double hd_mm = kNoScore;
  double hd95_mm = kNoScore;
  double asd_mm = kNoScore;
  double assd_mm = kNoScore;
  double hd_voxels = kNoScore;
  double asd_voxels = kNoScore;
  double assd_voxels = kNoScore;
  // Of all planes, those not asked for taken from the truth.
  double volume_ml = kNoScore;
  double true_volume_ml = kNoScore;
  // 1 where only the truth, or only the answer, has it in the planes that were asked for, else 0.
  double missed = kNoScore;
  double invented = kNoScore;
};

// The members of StructureScore by their names in files, in their order there.
struct StructureMeasure {
  const char* name;
  double StructureScore::*field;
};
const std::vector<StructureMeasure>& structure_measures();

// LVC, LVM, RVC, and after them their union, "all": the structures of every score.
const std::vector<std::string>& scored_structures();
constexpr const char* kUnion = "all";

// One phase of one case by one method.
struct VolumeScore {
  std::string method;
  std::string phase;
  int64_t planes = 0;  // that were asked for
  std::map<std::string, StructureScore> structures;
  std::vector<double> shifts_mm;  // of the slices that pose_free could compare, by length
  // Both images clipped to [0, p98] of the acquired slices of the phase and divided by p98. In the
  // box of the true labels grown by 10 pixels (heart_boxes): PSNR in dB of the squared error pooled
  // over the planes asked for, SSIM (7 by 7) as their mean. As published: of the whole stack of
  // these planes, background included, SSIM with windows of 7 voxels a side in space, which takes
  // at least 7 planes.
  double psnr_db = kNoScore;
  double ssim = kNoScore;
  double stack_psnr_db = kNoScore;
  double stack_ssim = kNoScore;
};

// The scores of pictures among the members of VolumeScore.
struct PictureMeasure {
  const char* name;
  double VolumeScore::*field;
};
const std::vector<PictureMeasure>& picture_measures();

// The mean over LVC, LVM and RVC where they have a score; NaN if none has.
double mean_dice(const VolumeScore& score);
double mean_dice_pose_free(const VolumeScore& score);

// The truth has to be labeled.
std::vector<VolumeScore> score_answer(const std::string& method, const Answer& answer,
                                      const Question& question, const Truth& truth);

// JSON writes what is absent as null.
void to_json(nlohmann::json& json, const VolumeScore& score);
void from_json(const nlohmann::json& json, VolumeScore& score);

}  // namespace dmcvr
