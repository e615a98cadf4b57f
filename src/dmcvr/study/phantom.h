// SPDX-License-Identifier: Apache-2.0
// A study whose truth is known: a heart of formulas (heart_model.h) in a chest (thorax.h), scanned
// as a short-axis cine with thick slices, coil shading and noise.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/study/heart_variety.h"
#include "dmcvr/study/study.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <vector>

namespace dmcvr {

// What is not asked for is drawn from the seed.
struct PhantomOptions {
  int64_t seed = 0;
  int64_t phases = 20;      // of one heartbeat, evenly spaced; phase 0 is ED
  int64_t slices = 0;       // 0: as many as cover the heart
  double pitch_mm = 0;      // from slice to slice; 0: drawn, 8 to 10
  double thickness_mm = 0;  // of a slice; 0: drawn, 0.65 to 1 pitch
  double spacing_mm = 0;    // of pixels; 0: drawn, 1.3 to 1.7
  int64_t matrix = 192;     // pixels per side
  double noise =
      -1;  // deviation, as a fraction of the signal of blood; negative: drawn, 0.01 to 0.04
  Pathology pathology = Pathology::drawn;
  double ejection_fraction = -1;  // of the left ventricle; negative: drawn, as the pathology has it
  // Deviation of the in-plane shift of each short-axis slice, per axis; negative: drawn, 1 in the
  // median. Long-axis views and the dense truth are not shifted.
  double breath_hold_mm = -1;
  bool long_axis = true;  // make the 2-, 3- and 4-chamber views as well
  bool dense = true;      // make the dense truth as well
  bool thin = false;      // dense image of thin planes instead of slabs of the slice thickness

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(PhantomOptions, seed, phases, slices, pitch_mm, thickness_mm,
                                   spacing_mm, matrix, noise, pathology, ejection_fraction,
                                   breath_hold_mm, long_axis, dense, thin)

struct PhantomTruth {
  std::vector<double> lv_ml, rv_ml;  // cavities, per phase
  double lvm_g = 0;                  // the same in all phases
  double lv_ejection_fraction = 0;   // between ED and ES, 0 to 1; 0 for a single phase
  double rv_ejection_fraction = 0;
  // Of the wall in 16 segments (wall_truth.h); empty for a painted map, in ES for a single phase.
  std::vector<double> wall_ed_mm, wall_es_mm;
};

struct Phantom {
  // Short axis with labels drawn at the slices' middles. Phase 0 is "ed", the one of least volume
  // "es". Slices run from base to apex or back, by seed. Views "2ch", "3ch" and "4ch" if asked for.
  Study study;
  // At the planes of dense_grid(study.sax.grid), without breath-hold shifts. The image is free of
  // noise: slabs as thick as slices (or thin), with the shading of the coil. The labels are thin
  // and exact.
  Cine dense_image;
  Labels dense_labels;
  PhantomTruth truth;
  PhantomOptions options;  // with everything that was drawn filled in
};

// The same options give the same bytes, whatever the thread count. `on_progress` counts phases of
// pictures: the short axis, the long-axis views, the dense truth. Throws Error for bad options.
Phantom make_phantom(const PhantomOptions& options = {}, const OnProgress& on_progress = {});

// sax.nii.gz, sax_labels.nii.gz, lax_2ch.nii.gz, lax_2ch_labels.nii.gz and so for 3ch and 4ch,
// dense_image.nii.gz, dense_labels.nii.gz, truth.json, in a folder that appears when complete.
// Throws Error if it exists and `replace` is false.
void write_phantom(const std::filesystem::path& folder, const Phantom& phantom,
                   bool replace = false);

}  // namespace dmcvr
