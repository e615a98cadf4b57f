// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/summary.h"

#include <fmt/format.h>

#include <algorithm>

namespace dmcvr {

std::vector<double> label_volumes_ml(const Reconstruction& reconstruction, int64_t label) {
  const Labels& labels = reconstruction.labels;
  const auto counts = (labels.voxels == label).sum({2, 3}).to(torch::kFloat64);  // [T, D]

  // In plane spacings: what half a pitch of the outermost gap adds to the half plane that is
  // counted.
  const auto& acquired = reconstruction.acquired_planes;
  double first_cap = 0, last_cap = 0;
  if (acquired.size() > 1) {
    first_cap = static_cast<double>(acquired[1] - acquired[0] - 1) / 2;
    last_cap = static_cast<double>(acquired.back() - acquired[acquired.size() - 2] - 1) / 2;
  }
  std::vector<double> volumes;
  for (int64_t t = 0; t < counts.size(0); ++t) {
    const double voxels = counts[t].sum().item<double>() + first_cap * counts[t][0].item<double>() +
                          last_cap * counts[t][-1].item<double>();
    volumes.push_back(voxels * labels.grid.voxel_ml());
  }
  return volumes;
}

std::vector<std::string> summary_lines(const Reconstruction& reconstruction) {
  std::vector<std::string> lines;
  for (const std::string& name : reconstruction.phase_names) lines.push_back(name + ":");
  for (const auto& [label, name] : reconstruction.labels.table) {
    const auto volumes = label_volumes_ml(reconstruction, label);
    for (size_t t = 0; t < lines.size(); ++t) {
      lines[t] +=
          fmt::format("{} {} {:.0f} ml", lines[t].back() == ':' ? "" : ",", name, volumes[t]);
    }
  }
  return lines;
}

}  // namespace dmcvr
