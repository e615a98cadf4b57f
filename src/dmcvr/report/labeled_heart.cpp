// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/labeled_heart.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/measures/tables.h"
#include "dmcvr/study/layouts.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

// Some planes of dense labels. Their pitch is the mean one; where it is uneven, positions say so.
Labels labels_at_planes(const Labels& dense, const std::vector<int64_t>& planes) {
  Labels slices{dense.grid, dense.voxels.index_select(1, torch::tensor(planes, torch::kInt64)),
                dense.table};
  auto& [matrix, offset] = slices.grid.world_from_voxel;
  const auto count = static_cast<int64_t>(planes.size());
  offset = dense.grid.world_from_voxel({0, 0, static_cast<double>(planes.front())});
  const double step = count == 1 ? 1
                                 : static_cast<double>(planes.back() - planes.front()) /
                                       static_cast<double>(count - 1);
  for (auto& row : matrix) row[2] *= step;
  slices.grid.size[2] = count;
  return slices;
}

// Fills in slices and their positions, from planes that rise and lie in the dense labels.
void take_slices(LabeledHeart& heart, const std::vector<int64_t>& planes,
                 const std::vector<double>& offsets_mm) {
  const double spacing_mm = heart.dense->grid.spacing_mm()[2];
  heart.slices = labels_at_planes(*heart.dense, planes);
  for (size_t k = 0; k < planes.size(); ++k) {
    heart.slice_z_mm.push_back(static_cast<double>(planes[k]) * spacing_mm + offsets_mm[k]);
  }
}

// What an earlier measurement of the folder knew of its owner.
void read_body(const fs::path& path, LabeledHeart& heart) {
  if (!fs::exists(path)) return;
  const json measures = read_json(path);
  try {
    if (measures.at("format") != kMeasuresFormat) return;
    const auto number = [](const json& value) {
      return value.is_number() ? value.get<double>() : 0.0;
    };
    heart.body.height_cm = number(measures.at("body").at("height_cm"));
    heart.body.weight_kg = number(measures.at("body").at("weight_kg"));
    heart.body.bsa_formula = measures.at("body").value("bsa_formula", "");
    const json& rate = measures.at("heart_rate");
    double& known =
        rate.at("from") == "film" ? heart.film_heart_rate_per_min : heart.body.heart_rate_per_min;
    known = number(rate.at("per_min"));
    heart.body.check();
  } catch (const json::exception&) {
    throw Error("{}: is damaged; remove it, and give --height, --weight and --heart-rate",
                path.string());
  }
}

}  // namespace

LabeledHeart labeled_heart(const Study& study, const Reconstruction& reconstruction,
                           const std::vector<double>& film_times_ms) {
  LabeledHeart heart;
  heart.name = study.name;
  heart.phase_names = reconstruction.phase_names;
  heart.times_ms = reconstruction.volume.times_ms;
  heart.film_times_ms = film_times_ms;
  heart.body.height_cm = study.height_cm.value_or(0);
  heart.body.weight_kg = study.weight_kg.value_or(0);
  heart.dense = reconstruction.labels;
  take_slices(heart, reconstruction.acquired_planes, reconstruction.plane_offsets_mm);
  return heart;
}

bool is_reconstruction(const fs::path& folder) {
  std::error_code failure;
  return fs::is_regular_file(folder / "run.json", failure) &&
         fs::is_regular_file(folder / "labels.nii.gz", failure);
}

LabeledHeart read_reconstructed_heart(const fs::path& folder) {
  const fs::path path = folder / "run.json";
  LabeledHeart heart;
  heart.name = case_name(folder);
  heart.dense = read_nifti_labels(folder / "labels.nii.gz", label_table());
  const json run = read_json(path);
  std::vector<int64_t> planes;
  std::vector<double> offsets_mm;
  try {
    planes = run.at("acquired").at("planes").get<std::vector<int64_t>>();
    offsets_mm = run.at("acquired").at("offsets_mm").get<std::vector<double>>();
    for (const json& phase : run.at("phases")) {
      heart.phase_names.push_back(phase.at("name"));
      if (phase.contains("time_ms")) heart.times_ms.push_back(phase.at("time_ms"));
    }
  } catch (const json::exception&) {
    throw Error("{}: is no run.json of dmcvr reconstruct", path.string());
  }
  const auto phases = static_cast<size_t>(heart.dense->phase_count());
  const bool is_rising = !planes.empty() && planes.front() >= 0 &&
                         planes.back() < heart.dense->grid.size[2] &&
                         std::is_sorted(planes.begin(), planes.end(), std::less_equal<int64_t>());
  if (!is_rising || planes.size() != offsets_mm.size() || heart.phase_names.size() != phases ||
      (!heart.times_ms.empty() && heart.times_ms.size() != phases)) {
    throw Error("{}: does not belong to labels.nii.gz beside it", path.string());
  }
  try {
    check_phase_names(heart.phase_names);
  } catch (const Error& error) {
    throw error.in(path.string());
  }
  take_slices(heart, planes, offsets_mm);
  const auto& z = heart.slice_z_mm;
  const auto is_not_above = [](double a, double b) { return !(std::isfinite(a) && a < b); };
  if (!std::isfinite(z.back()) || std::adjacent_find(z.begin(), z.end(), is_not_above) != z.end()) {
    throw Error("{}: the acquired planes do not lie one above the other", path.string());
  }
  read_body(folder / "measures.json", heart);
  return heart;
}

}  // namespace dmcvr
