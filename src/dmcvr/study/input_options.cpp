// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/input_options.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"

#include <algorithm>

namespace dmcvr {

const std::vector<std::string>& layout_words() {
  static const std::vector<std::string> words = {"auto",  "phantom", "acdc",       "mnms",
                                                 "mnms2", "ukb",     "sunnybrook", "nnunet",
                                                 "pairs", "nifti",   "dicom"};
  return words;
}

void InputOptions::check() const {
  const auto& words = layout_words();
  if (std::find(words.begin(), words.end(), layout) == words.end())
    throw Error("layout '{}': expected {}", layout, fmt::join(words, ", "));
  if (!labels_are.empty()) label_table_from(labels_are);
}

}  // namespace dmcvr
