// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/plausibility.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/geometry/end_phases.h"

#include <fmt/format.h>

#include <cmath>
#include <tuple>

namespace dmcvr {
namespace {

std::string phases_text(const HeartMeasures& measures, const std::vector<size_t>& phases,
                        const char* all) {
  if (phases.size() == measures.phase_names.size()) return phases.size() == 1 ? "" : all;
  std::string text;
  constexpr size_t kMostListed = 4;
  for (size_t n = 0; n < phases.size() && n < kMostListed; ++n)
    text += (n == 0 ? " in " : ", ") + measures.phase_names[phases[n]];
  if (phases.size() > kMostListed) text += fmt::format(" and {} more", phases.size() - kMostListed);
  return text;
}

void note_empty_structures(const HeartMeasures& measures, std::vector<std::string>& notes) {
  for (const auto& [label, name] : label_table()) {
    std::vector<size_t> empty, skipping;
    size_t skipped = 0;
    for (size_t t = 0; t < measures.disc_volumes.size(); ++t) {
      const StructureVolume& volume = measures.disc_volumes[t].at(label);
      if (volume.voxels == 0) empty.push_back(t);
      if (volume.skipped_planes.empty()) continue;
      skipping.push_back(t);
      skipped += volume.skipped_planes.size();
    }
    if (!empty.empty())
      notes.push_back(fmt::format("no voxel is labeled {}{}", name,
                                  phases_text(measures, empty, " in any phase")));
    if (!skipping.empty()) {
      notes.push_back(fmt::format("{} is missing in {} slice{} between slices that have it{}", name,
                                  skipped, skipped == 1 ? "" : "s",
                                  phases_text(measures, skipping, " in every phase")));
    }
  }
}

void note_phases(const HeartMeasures& measures, std::vector<std::string>& notes) {
  if (measures.ed && measures.es) {
    if (measures.phases_chosen_by == "RV cavity")
      notes.emplace_back("ED and ES were chosen by the RV cavity, since there is no LV cavity");
    if (!measures.outliers.empty()) {
      notes.push_back(fmt::format(
          "the {} leaps by more than {:.0f} % and back{}: not eligible as ED or ES; are "
          "the basal slices labeled alike in all phases?",
          measures.phases_chosen_by, 100 * kLargestLeap,
          phases_text(measures, measures.outliers, "")));
    }
    return;
  }
  if (measures.phase_names.size() == 1) {
    notes.emplace_back("one phase: volumes, but no ejection fraction");
  } else {
    notes.push_back(fmt::format("there is no {}, so no ejection fraction",
                                !measures.ed && !measures.es ? "ED and no ES"
                                : measures.ed                ? "ES"
                                                             : "ED"));
  }
}

// `way`: "" or "dense: ".
void note_fractions(const Measures& m, const char* way, std::vector<std::string>& notes) {
  const std::pair<const char*, std::optional<double>> fractions[] = {{"LV", m.lv_ef_percent},
                                                                     {"RV", m.rv_ef_percent}};
  for (const auto& [name, ef] : fractions) {
    if (!ef || (*ef >= kLeastPlausibleEf && *ef <= kLargestPlausibleEf)) continue;
    notes.push_back(fmt::format(
        "{}{} EF {:.0f} % is not plausible, {:.0f} to {:.0f} are expected{}", way, name, *ef,
        kLeastPlausibleEf, kLargestPlausibleEf, *ef < 0 ? "; are ED and ES swapped?" : ""));
  }
}

void note_mass(const Measures& m, const char* way, std::vector<std::string>& notes) {
  if (!m.lv_mass_g || !m.lv_mass_es_g) return;
  const double change = *m.lv_mass_es_g / *m.lv_mass_g - 1;
  if (std::abs(change) <= kLargestMassChange) return;
  notes.push_back(fmt::format(
      "{}LV mass changes by {:+.1f} % from ED to ES, at most {:.0f} % are expected; are "
      "both labeled up to the same basal slice?",
      way, 100 * change, 100 * kLargestMassChange));
}

void note_caps(const Measures& m, std::vector<std::string>& notes) {
  const std::tuple<const char*, std::optional<double>, std::optional<double>> cavities[] = {
      {"LV EDV", m.lv_edv_ml, m.lv_edv_cap_ml}, {"RV EDV", m.rv_edv_ml, m.rv_edv_cap_ml}};
  for (const auto& [name, volume, cap] : cavities) {
    if (!volume || !cap || *cap <= (kLargestCap + 1e-9) * *volume) continue;
    notes.push_back(
        fmt::format("{:.0f} % of {} lie beyond the centers of the outermost slices, where the area "
                    "of those is assumed; do the slices cover the ventricle?",
                    100 * *cap / *volume, name));
  }
}

}  // namespace

std::vector<std::string> plausibility_notes(const HeartMeasures& measures) {
  std::vector<std::string> notes;
  note_phases(measures, notes);
  note_empty_structures(measures, notes);
  note_fractions(measures.discs, "", notes);
  note_mass(measures.discs, "", notes);
  note_caps(measures.discs, notes);
  if (measures.dense) {
    note_fractions(*measures.dense, "dense: ", notes);
    note_mass(*measures.dense, "dense: ", notes);
  }
  return notes;
}

}  // namespace dmcvr
