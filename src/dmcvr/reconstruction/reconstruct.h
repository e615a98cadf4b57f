// SPDX-License-Identifier: Apache-2.0
// The main job: a sparse stack of slices becomes a dense heart (DMCVR, He et al., MICCAI 2023).
#pragma once

#include "dmcvr/geometry/cine.h"
#include "dmcvr/geometry/labels.h"
#include "dmcvr/reconstruction/assemble.h"
#include "dmcvr/reconstruction/plan.h"
#include "dmcvr/reconstruction/stages.h"
#include "dmcvr/reconstruction/temporal_coherence.h"
#include "dmcvr/segmentation/locate.h"
#include "dmcvr/study/study.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct Reconstruction {
  Cine volume;    // dense, all phases of the study, in scanner units
  Labels labels;  // on the grid of the volume
  // Of provenance_table(): where each voxel comes from. The phases share their memory.
  Labels provenance;
  std::vector<std::string> phase_names;
  std::vector<int64_t> acquired_planes;  // the plane of each acquired slice, rising
  std::vector<double> plane_offsets_mm;  // where the slice really lies, minus where its plane lies
  Heart heart;
  double patch_side_mm = 0;  // of the square around the heart's center that was generated
  std::optional<double> round_trip_psnr;       // dB, of acquired patches, unit values with peak 1
  std::optional<TemporalCoherence> coherence;  // of three phases or more
  std::vector<Stage> stages;
};

// A finished phase of the volume.
using OnVolume = std::function<void(int64_t phase_index, const Volume& volume)>;

// Throws Error for fewer than two slices and where no heart is found. Same study, networks, options
// and thread count give the same bytes; another batch_mib the same up to rounding.
Reconstruction reconstruct(const Study& study, Networks& networks,
                           const ReconstructOptions& options = {}, const OnStage& on_stage = {});

// The same bytes for a film of any length: its volumes are handed over one after the other, in time
// order, and not kept; volume.voxels of the result is undefined. Of a phase, its acquired patches
// and its labels stay.
Reconstruction reconstruct_film(const Study& study, Networks& networks,
                                const ReconstructOptions& options, const OnVolume& on_volume,
                                const OnStage& on_stage = {});

}  // namespace dmcvr
