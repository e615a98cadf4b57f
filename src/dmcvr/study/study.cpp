// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/study.h"

#include "dmcvr/core/error.h"

#include <algorithm>

namespace dmcvr {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += text.empty() ? word : ", " + word;
  return text;
}

// The index of a phase by its name, or of the first phase where "ed" is asked of a film without names.
int64_t phase_index(const Study& study, const std::string& name) {
  const auto& names = study.phase_names;
  const auto match = std::find(names.begin(), names.end(), name);
  if (match != names.end()) return match - names.begin();
  if (name == "ed" && std::find(names.begin(), names.end(), "es") == names.end()) return 0;
  throw Error("{}: has no phase '{}'; it has {}", study.name, name, joined(names));
}

}  // namespace

void Study::check() const {
  sax.check();
  TORCH_CHECK(static_cast<int64_t>(phase_names.size()) == sax.phase_count(), "study: ", phase_names.size(),
              " names for ", sax.phase_count(), " phases");
  if (!labels) return;
  labels->check();
  TORCH_CHECK(labels->phase_count() == sax.phase_count() && same_grid(labels->grid, sax.grid),
              "study: labels lie on another grid than the pictures");
}

Study select_phases(const Study& study, const std::vector<std::string>& names) {
  std::vector<int64_t> indices;
  for (const auto& name : names) {
    if (name == "all") {
      for (int64_t index = 0; index < study.sax.phase_count(); ++index) indices.push_back(index);
    } else {
      indices.push_back(phase_index(study, name));
    }
  }
  if (indices.empty()) throw Error("{}: no phase was chosen; it has {}", study.name, joined(study.phase_names));
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());

  Study chosen = study;
  const auto index = torch::tensor(indices);
  chosen.sax.voxels = study.sax.voxels.index_select(0, index);
  if (study.labels) chosen.labels->voxels = study.labels->voxels.index_select(0, index);
  chosen.phase_names.clear();
  chosen.sax.times_ms.clear();
  for (const int64_t i : indices) {
    chosen.phase_names.push_back(study.phase_names[static_cast<size_t>(i)]);
    if (!study.sax.times_ms.empty()) chosen.sax.times_ms.push_back(study.sax.times_ms[static_cast<size_t>(i)]);
  }
  return chosen;
}

}  // namespace dmcvr
