// SPDX-License-Identifier: Apache-2.0
// The main job: a sparse stack of slices becomes a dense heart (DMCVR, He et al., MICCAI 2023).
#pragma once

#include "dmcvr/geometry/cine.h"
#include "dmcvr/geometry/labels.h"
#include "dmcvr/reconstruction/assemble.h"
#include "dmcvr/reconstruction/plan.h"
#include "dmcvr/segmentation/locate.h"
#include "dmcvr/study/study.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

// One step of the work, for run.json.
struct Stage {
  // "locate", "encode", "interpolate", "register", "decode", "segment", "assemble", "round trip"
  std::string name;
  double seconds = 0;
  int64_t evaluations = 0;  // pictures that went through a network, each time counted
};

struct Reconstruction {
  Cine volume;        // dense, all phases of the study, in scanner units
  Labels labels;      // on the grid of the volume
  Labels provenance;  // of provenance_table(): where each voxel comes from
  std::vector<std::string> phase_names;
  std::vector<int64_t> acquired_planes;  // the plane of each acquired slice, rising
  std::vector<double> plane_offsets_mm;  // where the slice really lies, minus where its plane lies
  Heart heart;
  double patch_side_mm = 0;  // of the square around the heart's center that was generated
  std::optional<double> round_trip_psnr;  // dB, of acquired patches, unit values with peak 1
  std::vector<Stage> stages;
};

// The stage that runs and how much of it is done.
using OnStage = std::function<void(const std::string& stage, int64_t done, int64_t total)>;

// Throws Error for fewer than two slices and where no heart is found. Same study, networks, options
// and thread count give the same bytes; another batch_mib the same up to rounding.
Reconstruction reconstruct(const Study& study, Networks& networks,
                           const ReconstructOptions& options = {}, const OnStage& on_stage = {});

}  // namespace dmcvr
