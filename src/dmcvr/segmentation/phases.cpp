// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/segmentation/phases.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/core/memory.h"
#include "dmcvr/geometry/end_phases.h"
#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/segmentation/segment.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {

bool asks_for_end_phases(const Study& study, const std::vector<std::string>& names) {
  const auto has = [](const std::vector<std::string>& words, const char* word) {
    return std::find(words.begin(), words.end(), word) != words.end();
  };
  const auto& known = study.phase_names;
  if (known.size() < 2 || has(known, "ed") || has(known, "es")) return false;
  if (!has(names, "ed") && !has(names, "es")) return false;
  std::vector<std::string> others;
  for (const auto& name : names) {
    if (name != "ed" && name != "es" && name != "all") others.push_back(name);
  }
  if (!others.empty()) select_phases(study, others);
  return true;
}

std::vector<double> cavity_volumes_ml(const Study& study, const Point& center_mm,
                                      Segmenter& segmenter, int64_t batch_mib,
                                      const OnProgress& on_progress) {
  const InputRule& rule = segmenter.info.input_rule;
  const Slices slices = to_slices(study, center_mm, rule);
  const int64_t phases = slices.patches.size(0), depth = slices.patches.size(1);
  const int64_t bytes =
      segmenter_bytes(segmenter.network->options, rule.patch_size * rule.patch_size);
  const int64_t batch_size = items_within(batch_mib, bytes);
  const double pixel_mm =
      patch_side_mm(study.sax.grid, rule) / static_cast<double>(rule.patch_size);
  const double pixel_ml = pixel_mm * pixel_mm * study.sax.grid.spacing_mm()[2] / 1000;

  std::vector<double> volumes;
  for (int64_t phase = 0; phase < phases; ++phase) {
    const auto probabilities = label_probabilities(
        slices.patches[phase].unsqueeze(1), segmenter, batch_size, [&](int64_t done, int64_t) {
          if (on_progress) on_progress(phase * depth + done, phases * depth);
        });
    const auto cavity = probabilities.select(1, kLvc).sum(torch::kFloat64);
    volumes.push_back(cavity.item<double>() * pixel_ml);
  }
  return volumes;
}

Study name_end_phases(const Study& study, const std::vector<double>& cavity_ml) {
  TORCH_CHECK(cavity_ml.size() == study.phase_names.size(), "name_end_phases: ", cavity_ml.size(),
              " volumes for ", study.phase_names.size(), " phases");
  const EndPhases ends = end_phases({cavity_ml.begin(), cavity_ml.end()});
  if (!ends.ed || !ends.es) {
    throw Error(
        "the left ventricle has the same volume in all phases, so that ED and ES cannot be told; "
        "name phases by number, such as --phases {}",
        study.phase_names.front());
  }
  Study named = study;
  named.phase_names[*ends.ed] = "ed";
  named.phase_names[*ends.es] = "es";
  return named;
}

Study name_end_phases(const Study& study, Segmenter& segmenter, const LocateOptions& options,
                      int64_t batch_mib, const OnProgress& on_progress) {
  const Study first = select_phases(study, {study.phase_names.front()});
  const Heart heart = locate_heart(first, segmenter, options, batch_mib);
  const double side_mm = patch_side_mm(study.sax.grid, segmenter.info.input_rule);
  const auto volumes = cavity_volumes_ml(study, center_for_patch(heart, study.sax.grid, side_mm),
                                         segmenter, batch_mib, on_progress);
  Study named = name_end_phases(study, volumes);
  for (size_t t = 0; t < volumes.size(); ++t) {
    if (named.phase_names[t] == study.phase_names[t]) continue;
    spdlog::info("{} is {}: the left ventricular cavity holds about {:.0f} ml",
                 study.phase_names[t], named.phase_names[t], volumes[t]);
  }
  return named;
}

}  // namespace dmcvr
