// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/measure_files.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/figures/bullseye.h"
#include "dmcvr/figures/contours.h"
#include "dmcvr/figures/curve.h"
#include "dmcvr/io/png.h"
#include "dmcvr/measures/tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

bool has_curve(const HeartMeasures& measures) {
  return measures.phase_names.size() >= kFewestCurvePhases;
}

void write_rows(const fs::path& path, const std::string& header,
                const std::vector<std::string>& rows) {
  write_file(path, [&](std::ostream& stream) {
    stream << header << '\n';
    for (const std::string& row : rows) stream << row << '\n';
  });
}

// ---- volume curve ----

std::vector<std::optional<double>> volumes_over_time(const std::vector<PhaseVolumes>& phases,
                                                     int64_t label) {
  std::vector<std::optional<double>> ml;
  for (const PhaseVolumes& phase : phases) {
    ml.emplace_back();
    if (phase.at(label).voxels > 0) ml.back() = phase.at(label).ml;
  }
  return ml;
}

// Of the dense heart, with the discs behind it; of the discs where there is no dense heart.
Picture volume_curve(const HeartMeasures& measures) {
  CurveContent content;
  content.title = measures.name;
  content.vertical = "volume / ml";
  content.horizontal = measures.times_ms.empty() ? "phase" : "time / ms";
  content.places = measures.times_ms;
  if (measures.times_ms.empty()) {
    for (size_t t = 0; t < measures.phase_names.size(); ++t)
      content.places.push_back(static_cast<double>(t));
  }
  const bool has_dense = !measures.dense_volumes.empty();
  const auto& volumes = has_dense ? measures.dense_volumes : measures.disc_volumes;
  for (const auto& [label, name] : {std::pair{kLvc, "LV cavity"}, std::pair{kRvc, "RV cavity"}}) {
    const Color color = label_color(label);
    if (has_dense) {
      content.lines.push_back({std::string(name) + ", discs", color,
                               volumes_over_time(measures.disc_volumes, label), true});
    }
    content.lines.push_back({name, color, volumes_over_time(volumes, label), false});
  }
  for (const auto& [phase, name] : {std::pair{measures.ed, "ED"}, std::pair{measures.es, "ES"}})
    if (phase) content.marks.push_back({content.places[*phase], name});
  return curve(content);
}

// ---- bull's-eye ----

void widen(const SegmentValues& values, double& low, double& high) {
  for (const auto& value : values) {
    if (!value) continue;
    low = std::min(low, *value);
    high = std::max(high, *value);
  }
}

// One scale for thickness in both phases, so that they can be compared.
std::vector<BullseyePlate> plates_of(const WallMeasures& wall) {
  double low = 1e9, high = 0, least = 1e9, most = -1e9;
  widen(wall.ed_mm, low, high);
  widen(wall.es_mm, low, high);
  widen(wall.thickening_percent, least, most);
  const auto outward = [](double value, double step, bool is_up) {
    return step * (is_up ? std::ceil(value / step) : std::floor(value / step));
  };
  std::vector<BullseyePlate> plates;
  const double thin = outward(low, 2, false), thick = outward(high, 2, true);
  if (std::any_of(wall.ed_mm.begin(), wall.ed_mm.end(), [](auto& v) { return v.has_value(); }))
    plates.push_back({"wall in ED", "mm", wall.ed_mm, thin, thick, 1});
  if (std::any_of(wall.es_mm.begin(), wall.es_mm.end(), [](auto& v) { return v.has_value(); }))
    plates.push_back({"wall in ES", "mm", wall.es_mm, thin, thick, 1});
  if (least <= most) {
    plates.push_back({"thickening", "%", wall.thickening_percent, outward(least, 20, false),
                      outward(most, 20, true), 0});
  }
  return plates;
}

}  // namespace

void write_measure_files(const fs::path& folder, const std::vector<HeartMeasures>& hearts) {
  std::vector<std::string> segments, curves;
  for (const HeartMeasures& heart : hearts) {
    for (std::string& row : segments_csv_rows(heart)) segments.push_back(std::move(row));
    if (!has_curve(heart)) continue;
    for (std::string& row : curve_csv_rows(heart)) curves.push_back(std::move(row));
  }
  write_rows(folder / "segments.csv", segments_csv_header(), segments);
  if (!curves.empty()) write_rows(folder / "volume_curve.csv", curve_csv_header(), curves);
  if (hearts.size() != 1) return;

  const HeartMeasures& heart = hearts.front();
  if (has_curve(heart)) write_png(folder / "volume_curve.png", to_bytes(volume_curve(heart)));
  const auto plates = plates_of(heart.dense_wall ? *heart.dense_wall : heart.disc_wall);
  if (!plates.empty()) write_png(folder / "bullseye.png", to_bytes(bullseye(heart.name, plates)));
}

}  // namespace dmcvr
