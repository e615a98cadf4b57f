// SPDX-License-Identifier: Apache-2.0
// Training batches of random patches. Patch n of a run is a function of the seed, n and whether it
// is wide, so that restarts and the background thread change nothing.
#pragma once

#include "dmcvr/core/input_rule.h"
#include "dmcvr/dataset/augmentation.h"
#include "dmcvr/dataset/packed_slices.h"

#include <torch/types.h>

#include <cstdint>
#include <utility>
#include <vector>

namespace dmcvr {

struct BatchOptions {
  int64_t batch_size = 16;
  int64_t crop_size = 0;  // pixels per side, a multiple of 16; 0: the patch size of the input rule
  bool center_on_heart = true;   // false: on the middle of the picture, as the reference
  double anywhere_fraction = 0;  // of the patches, centered anywhere in the field of view
  double jitter_mm = 10;         // the other patches are displaced by up to ± this much per axis
  int64_t wide_every = 0;        // every so many batches one of wide patches; 0: never
  // Pixels per side of wide patches. There are fewer in a batch, so that it costs the same.
  int64_t wide_size = 256;
  // How much of the patches comes from each of the joined sets, relative to each other; empty: as
  // many as they have slices.
  std::vector<double> shares;
  // How often a slice comes in each pass at which a structure begins or ends (end_slices): the base
  // above all, where segmentation fails most.
  int64_t end_repeats = 1;
  AugmentationOptions augmentation;

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BatchOptions, batch_size, crop_size, center_on_heart,
                                   anywhere_fraction, jitter_mm, wide_every, wide_size, shares,
                                   end_repeats, augmentation)

struct Batch {
  torch::Tensor images;    // [N, 1, P, P] float32, network values of the input rule
  torch::Tensor labels;    // [N, P, P] int64; undefined unless all patches are labeled
  int64_t first_item = 0;  // number n of its first patch; the keys of further random draws
  // Of a mean over its patches, where other processes have other shares of the batch: the mean of
  // the weighted means is that over all patches.
  double weight = 1;
};

// Of several processes that learn from one batch, which one this is.
struct Share {
  int64_t rank = 0;
  int64_t count = 1;
};

class PatchSampler {
 public:
  // `only_labeled` leaves out slices without labels. Throws Error if no slice is left, if the
  // slices were made by another rule (check_rule), and for shares that do not fit the joined sets.
  PatchSampler(const PackedSlices& packed, const InputRule& rule, const BatchOptions& options,
               uint64_t seed, bool only_labeled);

  int64_t slice_count() const { return static_cast<int64_t>(slices_.size()); }
  // Patches in a batch of `processes` that learn together; the mean, where some batches are wide.
  double mean_batch_size(int64_t processes) const;

  // The patches that follow those of batch index - 1; every slice (of a set that has a share) comes
  // once (or end_repeats times) before a pass ends, and the sets take turns as their shares say.
  // With a share the batch has count x batch_size patches, of which these are the rank-th part:
  // together they are the batch of one process with that batch size.
  Batch batch(int64_t index, const Share& share = {}) const;

  // `count` patches of evenly chosen slices (all if there are fewer), centered on the heart and not
  // varied: for validation.
  Batch fixed_batch(int64_t count) const;

 private:
  struct Turn {
    size_t part = 0;
    int64_t index = 0;  // items of the part before this one
  };
  Turn turn_of(int64_t item) const;
  int64_t wide_count(int64_t processes) const;  // patches in a wide batch
  Sample sample(int64_t slice, int64_t item, bool is_wide) const;
  Placement center_of(int64_t slice, int64_t size) const;
  Batch stack(const std::vector<Sample>& samples, int64_t first_item) const;

  std::vector<PackedSlice> slices_;
  std::vector<std::pair<double, double>> centers_;  // row and column of the heart, per slice
  std::vector<std::vector<int64_t>> parts_;  // slices that take turns; one part without shares
  InputRule rule_;
  BatchOptions options_;
  uint64_t seed_;
};

// The heart's center (row, column) in each slice: the mean position of the labeled pixels over all
// slices of its subject, so that slices without heart or labels get that of their stack; the middle
// of the picture for subjects without any label.
std::vector<std::pair<double, double>> heart_centers(const std::vector<PackedSlice>& slices);

// For each slice whether a neighbor in its stack and phase has a structure that it lacks, or lacks
// one that it has. Slices without labels, and neighbors without, do not count.
std::vector<bool> end_slices(const std::vector<PackedSlice>& slices);

}  // namespace dmcvr
