// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/study.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cctype>

namespace dmcvr {
namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += text.empty() ? word : ", " + word;
  return text;
}

bool has_phase(const Study& study, const std::string& name) {
  return std::find(study.phase_names.begin(), study.phase_names.end(), name) !=
         study.phase_names.end();
}

int64_t phase_index(const Study& study, const std::string& name) {
  const auto& names = study.phase_names;
  const auto match = std::find(names.begin(), names.end(), name);
  if (match != names.end()) return match - names.begin();
  for (size_t t = 0; t < study.frames.size(); ++t) {
    if (name == numbered_phase(study.frames[t])) return static_cast<int64_t>(t);
  }
  throw Error("{}: has no phase '{}'; it has {}", study.name, name, joined(names));
}

}  // namespace

bool is_fully_labeled(const Study& study, int64_t phase) {
  if (!study.labels) return false;
  if (study.drawn.empty()) return true;
  const auto& drawn = study.drawn[static_cast<size_t>(phase)];
  return std::all_of(label_table().begin(), label_table().end(),
                     [&](const auto& entry) { return drawn.count(entry.first) > 0; });
}

bool is_fully_labeled(const Study& study) {
  for (int64_t phase = 0; phase < study.sax.phase_count(); ++phase) {
    if (!is_fully_labeled(study, phase)) return false;
  }
  return true;
}

std::string numbered_phase(int64_t frame) {
  return fmt::format("phase{:02}", frame);
}

void Study::check() const {
  sax.check();
  TORCH_CHECK(static_cast<int64_t>(phase_names.size()) == sax.phase_count(),
              "study: ", phase_names.size(), " names for ", sax.phase_count(), " phases");
  TORCH_CHECK(frames.empty() || frames.size() == phase_names.size(), "study: ", frames.size(),
              " frames for ", phase_names.size(), " phases");
  TORCH_CHECK(drawn.empty() || drawn.size() == phase_names.size(), "study: ", drawn.size(),
              " sets of drawn labels for ", phase_names.size(), " phases");
  TORCH_CHECK(slice_z_mm.empty() || static_cast<int64_t>(slice_z_mm.size()) == sax.grid.size[2],
              "study: ", slice_z_mm.size(), " positions for ", sax.grid.size[2], " slices");
  for (const View& view : views) {
    view.cine.check();
    TORCH_CHECK(view.cine.phase_count() == sax.phase_count(), "study: view ", view.name, " has ",
                view.cine.phase_count(), " phases, the short axis ", sax.phase_count());
    if (!view.labels) continue;
    view.labels->check();
    TORCH_CHECK(view.labels->phase_count() == view.cine.phase_count() &&
                    same_grid(view.labels->grid, view.cine.grid),
                "study: labels of view ", view.name, " lie on another grid than its pictures");
  }
  if (!labels) return;
  labels->check();
  TORCH_CHECK(labels->phase_count() == sax.phase_count() && same_grid(labels->grid, sax.grid),
              "study: labels lie on another grid than the pictures");
}

void check_phase_names(const std::vector<std::string>& names) {
  std::set<std::string> seen;
  for (const std::string& name : names) {
    const bool is_plain = std::all_of(name.begin(), name.end(), [](char letter) {
      return std::isalnum(static_cast<unsigned char>(letter)) != 0 || letter == '.' ||
             letter == '_' || letter == '-';
    });
    if (name.empty() || name.front() == '.' || !is_plain)
      throw Error("'{}' is no name of a phase, such as ed or phase03", name);
    if (!seen.insert(name).second) throw Error("two phases are called {}", name);
  }
}

Study select_phases(const Study& study, const std::vector<std::string>& names) {
  if (names.empty()) {
    return has_phase(study, "ed") && has_phase(study, "es") ? select_phases(study, {"ed", "es"})
                                                            : study;
  }
  std::vector<int64_t> indices;
  for (const auto& name : names) {
    if (name == "all") {
      for (int64_t index = 0; index < study.sax.phase_count(); ++index) indices.push_back(index);
    } else {
      indices.push_back(phase_index(study, name));
    }
  }
  std::sort(indices.begin(), indices.end());
  indices.erase(std::unique(indices.begin(), indices.end()), indices.end());

  Study chosen = study;
  const auto index = torch::tensor(indices);
  chosen.sax.voxels = study.sax.voxels.index_select(0, index);
  if (study.labels) chosen.labels->voxels = study.labels->voxels.index_select(0, index);
  for (View& view : chosen.views) {
    view.cine.voxels = view.cine.voxels.index_select(0, index);
    view.cine.times_ms.clear();
    if (view.labels) view.labels->voxels = view.labels->voxels.index_select(0, index);
  }
  chosen.phase_names.clear();
  chosen.frames.clear();
  chosen.drawn.clear();
  chosen.sax.times_ms.clear();
  for (const int64_t i : indices) {
    for (size_t n = 0; n < chosen.views.size(); ++n) {
      const auto& times = study.views[n].cine.times_ms;
      if (!times.empty()) chosen.views[n].cine.times_ms.push_back(times[static_cast<size_t>(i)]);
    }
    chosen.phase_names.push_back(study.phase_names[static_cast<size_t>(i)]);
    if (!study.drawn.empty()) chosen.drawn.push_back(study.drawn[static_cast<size_t>(i)]);
    if (!study.frames.empty()) chosen.frames.push_back(study.frames[static_cast<size_t>(i)]);
    if (!study.sax.times_ms.empty())
      chosen.sax.times_ms.push_back(study.sax.times_ms[static_cast<size_t>(i)]);
  }
  return chosen;
}

}  // namespace dmcvr
