// SPDX-License-Identifier: Apache-2.0
// A dense label map of a heart, such as those of the MM-WHS challenge: every voxel says what tissue
// it is, in all directions about equally finely, in any orientation. Without a picture.
#pragma once

#include "dmcvr/geometry/grid.h"

#include <torch/types.h>

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace dmcvr {

// The first four have the values of label_table(). The last two lie around the labeled heart.
enum class Tissue : uint8_t {
  none,
  lvc,
  lvm,
  rvc,
  left_atrium,
  right_atrium,
  aorta,
  pulmonary_artery,
  wall,
  fat
};
constexpr size_t kTissues = 10;

struct TissueMap {
  Grid grid;             // cubes of 1 mm around what is labeled, along the axes of the file
  torch::Tensor voxels;  // [D, H, W] uint8 of Tissue
  // The file's world from the heart's frame: z along the long axis of the left ventricle, 0 at its
  // base, growing toward the apex; x from the right ventricle to the left one, so that the right
  // one is on the left of a picture; y down. Left-handed, as in heart_model.h.
  Affine world_from_heart;
  double length_mm = 0;  // from the base to the apex, wall included
};

// What the values of a map mean, by a word or a list: "mmwhs" (1 LVM, 2 LA, 3 LVC, 4 RA, 5 RVC, 6
// AO, 7 PA, and MM-WHS's own 205 LVM, 420 LA, 500 LVC, 550 RA, 600 RVC, 820 AO, 850 PA), the words
// of label_table_from, or "3=LVC,1=LVM,5=RVC,…" of these names. Throws Error for other words.
std::map<int64_t, Tissue> tissue_table_from(const std::string& text);

// `labels_are` is what tissue_table_from takes; if empty, the description in the header decides
// ("1=LVC 2=LVM 3=RVC"). Throws Error, in one line that begins with the path, for files that cannot
// be read, hold several phases or values that are not named, have voxels of more than 4 mm, or lack
// one of LVC, LVM and RVC.
TissueMap read_tissue_map(const std::filesystem::path& path, const std::string& labels_are = "");

// The maps that a path stands for: a file is its own; of a folder those NIfTI files that are named
// as labels (…_label, _labels, _seg, _gt), or all where none is. Sorted. Throws Error if there is
// none.
std::vector<std::filesystem::path> find_tissue_maps(const std::filesystem::path& path);

// The map with a wall around all cavities but the left ventricle's, and fat around the heart as
// thick as said.
TissueMap with_surroundings(const TissueMap& map, double fat_mm);

}  // namespace dmcvr
