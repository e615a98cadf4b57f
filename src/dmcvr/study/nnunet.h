// SPDX-License-Identifier: Apache-2.0
// Data sets in nnU-Net's raw layout, in and out: DatasetNNN_NAME/dataset.json names the labels;
// imagesTr/CASE_0000.nii.gz are pictures of one phase, labelsTr/CASE.nii.gz their labels, imagesTs
// (and labelsTs, where somebody put it there) those to test on. Files may end as dataset.json says
// in file_ending, .nii.gz or .nii. Isensee et al., nnU-Net, Nature Methods 18, 2021.
#pragma once

#include "dmcvr/study/study.h"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dmcvr {

// A folder with dataset.json and imagesTr or imagesTs.
bool is_nnunet_dataset(const std::filesystem::path& folder);

// The pictures of a data set, those of imagesTr first, sorted.
std::vector<std::filesystem::path> nnunet_cases(const std::filesystem::path& dataset);

// One of them.
bool is_nnunet_case(const std::filesystem::path& picture);

// "CASE" of CASE_0000.nii.gz.
std::string nnunet_case_name(const std::filesystem::path& picture);

// The labels of a picture; empty if there are none.
std::filesystem::path nnunet_labels(const std::filesystem::path& picture);

// One phase, with labels where its file is there, matched by their names (pairs.h): "ed" or "es" if
// the name of the case ends in such a word, else "phase00". Throws Error, in one line that begins
// with a path, for pictures of several channels or phases, a dataset.json that cannot be read, and
// labels on another grid.
Study read_nnunet_case(const std::filesystem::path& picture);

// Fills a data set that does not yet exist.
class NnunetWriter {
 public:
  // Makes the folder with imagesTr and labelsTr, under whatever name.
  explicit NnunetWriter(const std::filesystem::path& dataset);

  // Every phase with all labels as a case CASE_PHASE; the number of those. Phases without, or with
  // some labels not drawn, would teach that there are none, and are left out. Where it throws,
  // nothing of the study stays.
  int64_t add(const Study& study);

  // Writes dataset.json: what was written is complete from here on. Throws Error if nothing was.
  void finish() const;

 private:
  int64_t write_phases(const Study& study, std::vector<std::filesystem::path>& written) const;

  std::filesystem::path folder_;
  int64_t cases_ = 0;
};

// One that NnunetWriter finished, by its dataset.json.
bool is_our_nnunet_dataset(const std::filesystem::path& folder);

// Throws Error for a name that nnU-Net does not find a data set by.
void check_nnunet_name(const std::filesystem::path& dataset);

}  // namespace dmcvr
