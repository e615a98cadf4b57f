// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/heart.h"

#include "dmcvr/core/error.h"
#include "dmcvr/measures/plausibility.h"

#include <c10/util/Exception.h>

#include <algorithm>

namespace dmcvr {
namespace {

using Value = std::optional<double>;

constexpr double kSlowestPerMin = 20, kFastestPerMin = 300;

Value minus(const Value& a, const Value& b) {
  return a && b ? Value(*a - *b) : Value();
}

Value times(const Value& a, const Value& b) {
  return a && b ? Value(*a * *b) : Value();
}

Value over(const Value& a, const Value& b) {
  return a && b && *b > 0 ? Value(*a / *b) : Value();
}

// Nothing for a structure of no voxel, since that is more often a gap in the labels than a heart
// without it.
Value volume_ml(const std::vector<PhaseVolumes>& phases, const std::optional<size_t>& phase,
                int64_t label) {
  if (!phase) return {};
  const StructureVolume& volume = phases[*phase].at(label);
  return volume.voxels > 0 ? Value(volume.ml) : Value();
}

Value cap_ml(const std::vector<PhaseVolumes>& phases, const std::optional<size_t>& phase,
             int64_t label) {
  if (!volume_ml(phases, phase, label)) return {};
  return phases[*phase].at(label).cap_ml;
}

// ED and ES: by their names, else the phases of largest and smallest cavity; of equal ones the
// first.
void choose_phases(HeartMeasures& result) {
  const auto& names = result.phase_names;
  const auto named = [&](const char* name) -> std::optional<size_t> {
    const auto match = std::find(names.begin(), names.end(), name);
    if (match == names.end()) return std::nullopt;
    return static_cast<size_t>(match - names.begin());
  };
  result.ed = named("ed");
  result.es = named("es");
  if (result.ed || result.es) {
    result.phases_chosen_by = "name";
    return;
  }
  if (names.size() < 2) return;
  for (const auto& [label, word] : {std::pair{kLvc, "LV cavity"}, std::pair{kRvc, "RV cavity"}}) {
    std::optional<size_t> largest, smallest;
    int64_t with_cavity = 0;
    for (size_t t = 0; t < names.size(); ++t) {
      const auto volume = volume_ml(result.disc_volumes, t, label);
      if (!volume) continue;
      ++with_cavity;
      if (!largest || *volume > *volume_ml(result.disc_volumes, largest, label)) largest = t;
      if (!smallest || *volume < *volume_ml(result.disc_volumes, smallest, label)) smallest = t;
    }
    if (with_cavity < 2 || largest == smallest) continue;
    result.ed = largest;
    result.es = smallest;
    result.phases_chosen_by = word;
    return;
  }
}

Measures measures_of(const std::vector<PhaseVolumes>& phases, const HeartMeasures& heart) {
  Measures m;
  m.lv_edv_ml = volume_ml(phases, heart.ed, kLvc);
  m.lv_esv_ml = volume_ml(phases, heart.es, kLvc);
  m.lv_sv_ml = minus(m.lv_edv_ml, m.lv_esv_ml);
  m.lv_ef_percent = times(over(m.lv_sv_ml, m.lv_edv_ml), 100);
  m.lv_mass_g = times(volume_ml(phases, heart.ed, kLvm), kMyocardiumGramsPerMl);
  m.lv_mass_es_g = times(volume_ml(phases, heart.es, kLvm), kMyocardiumGramsPerMl);
  m.rv_edv_ml = volume_ml(phases, heart.ed, kRvc);
  m.rv_esv_ml = volume_ml(phases, heart.es, kRvc);
  m.rv_sv_ml = minus(m.rv_edv_ml, m.rv_esv_ml);
  m.rv_ef_percent = times(over(m.rv_sv_ml, m.rv_edv_ml), 100);
  m.cardiac_output_l_per_min = over(times(m.lv_sv_ml, heart.heart_rate_per_min), 1000);

  m.lv_edv_ml_per_m2 = over(m.lv_edv_ml, heart.bsa_m2);
  m.lv_esv_ml_per_m2 = over(m.lv_esv_ml, heart.bsa_m2);
  m.lv_sv_ml_per_m2 = over(m.lv_sv_ml, heart.bsa_m2);
  m.lv_mass_g_per_m2 = over(m.lv_mass_g, heart.bsa_m2);
  m.rv_edv_ml_per_m2 = over(m.rv_edv_ml, heart.bsa_m2);
  m.rv_esv_ml_per_m2 = over(m.rv_esv_ml, heart.bsa_m2);
  m.rv_sv_ml_per_m2 = over(m.rv_sv_ml, heart.bsa_m2);
  m.cardiac_index_l_per_min_per_m2 = over(m.cardiac_output_l_per_min, heart.bsa_m2);

  m.lv_edv_cap_ml = cap_ml(phases, heart.ed, kLvc);
  m.lv_esv_cap_ml = cap_ml(phases, heart.es, kLvc);
  m.lv_mass_cap_g = times(cap_ml(phases, heart.ed, kLvm), kMyocardiumGramsPerMl);
  m.rv_edv_cap_ml = cap_ml(phases, heart.ed, kRvc);
  m.rv_esv_cap_ml = cap_ml(phases, heart.es, kRvc);
  return m;
}

// Heart rate: as given, else from the film, if that makes a heart rate.
void find_heart_rate(const LabeledHeart& heart, HeartMeasures& result) {
  if (result.body.heart_rate_per_min > 0) {
    result.heart_rate_per_min = result.body.heart_rate_per_min;
    result.heart_rate_from = "given";
    return;
  }
  if (heart.film_heart_rate_per_min > 0) {
    result.heart_rate_per_min = heart.film_heart_rate_per_min;
    result.heart_rate_from = "film";
    result.notes.push_back(
        fmt::format("heart rate {:.0f}/min: the film was assumed to cover one whole beat",
                    heart.film_heart_rate_per_min));
    return;
  }
  const auto beat = beat_ms(heart.film_times_ms);
  if (!beat) return;
  const double per_min = 60000 / *beat;
  if (!(per_min >= kSlowestPerMin && per_min <= kFastestPerMin)) {
    result.notes.push_back(fmt::format(
        "the times of the film would make one beat of {:.4g} s, so no heart rate is taken from "
        "them",
        *beat / 1000));
    return;
  }
  result.heart_rate_per_min = per_min;
  result.heart_rate_from = "film";
  result.notes.push_back(
      fmt::format("heart rate {:.0f}/min: the film of {} phases is assumed to cover one whole beat",
                  per_min, heart.film_times_ms.size()));
}

double given_or(double given, double known) {
  return given > 0 ? given : known;
}

}  // namespace

const std::vector<MeasureKey>& measure_keys() {
  using M = Measures;
  static const std::vector<MeasureKey> keys = {
      {"lv_edv_ml", "LV EDV", "ml", &M::lv_edv_ml},
      {"lv_esv_ml", "LV ESV", "ml", &M::lv_esv_ml},
      {"lv_sv_ml", "LV SV", "ml", &M::lv_sv_ml},
      {"lv_ef_percent", "LV EF", "%", &M::lv_ef_percent},
      {"lv_mass_g", "LV mass", "g", &M::lv_mass_g},
      {"lv_mass_es_g", "LV mass in ES", "g", &M::lv_mass_es_g},
      {"rv_edv_ml", "RV EDV", "ml", &M::rv_edv_ml},
      {"rv_esv_ml", "RV ESV", "ml", &M::rv_esv_ml},
      {"rv_sv_ml", "RV SV", "ml", &M::rv_sv_ml},
      {"rv_ef_percent", "RV EF", "%", &M::rv_ef_percent},
      {"cardiac_output_l_per_min", "cardiac output", "l/min", &M::cardiac_output_l_per_min},
      {"lv_edv_ml_per_m2", "LV EDV / BSA", "ml/m2", &M::lv_edv_ml_per_m2},
      {"lv_esv_ml_per_m2", "LV ESV / BSA", "ml/m2", &M::lv_esv_ml_per_m2},
      {"lv_sv_ml_per_m2", "LV SV / BSA", "ml/m2", &M::lv_sv_ml_per_m2},
      {"lv_mass_g_per_m2", "LV mass / BSA", "g/m2", &M::lv_mass_g_per_m2},
      {"rv_edv_ml_per_m2", "RV EDV / BSA", "ml/m2", &M::rv_edv_ml_per_m2},
      {"rv_esv_ml_per_m2", "RV ESV / BSA", "ml/m2", &M::rv_esv_ml_per_m2},
      {"rv_sv_ml_per_m2", "RV SV / BSA", "ml/m2", &M::rv_sv_ml_per_m2},
      {"cardiac_index_l_per_min_per_m2", "cardiac index", "l/min/m2",
       &M::cardiac_index_l_per_min_per_m2},
      {"lv_edv_cap_ml", "cap of LV EDV", "ml", &M::lv_edv_cap_ml},
      {"lv_esv_cap_ml", "cap of LV ESV", "ml", &M::lv_esv_cap_ml},
      {"lv_mass_cap_g", "cap of LV mass", "g", &M::lv_mass_cap_g},
      {"rv_edv_cap_ml", "cap of RV EDV", "ml", &M::rv_edv_cap_ml},
      {"rv_esv_cap_ml", "cap of RV ESV", "ml", &M::rv_esv_cap_ml},
  };
  return keys;
}

void LabeledHeart::check() const {
  slices.check();
  const auto phases = static_cast<size_t>(slices.phase_count());
  TORCH_CHECK(phase_names.size() == phases, "LabeledHeart: ", phase_names.size(), " names for ",
              phases, " phases");
  TORCH_CHECK(times_ms.empty() || times_ms.size() == phases, "LabeledHeart: ", times_ms.size(),
              " times for ", phases, " phases");
  if (dense) {
    dense->check();
    TORCH_CHECK(dense->phase_count() == slices.phase_count(),
                "LabeledHeart: slices and dense heart differ in their phases");
  }
}

HeartMeasures measure_heart(const LabeledHeart& heart, const BodyOptions& body) {
  heart.check();
  body.check();

  HeartMeasures result;
  result.name = heart.name;
  result.phase_names = heart.phase_names;
  result.times_ms = heart.times_ms;
  result.notes = heart.notes;

  // Whose heart it is.
  result.body = body;
  result.body.height_cm = given_or(body.height_cm, heart.body.height_cm);
  result.body.weight_kg = given_or(body.weight_kg, heart.body.weight_kg);
  result.body.heart_rate_per_min = given_or(body.heart_rate_per_min, heart.body.heart_rate_per_min);
  if (body.bsa_formula.empty()) result.body.bsa_formula = heart.body.bsa_formula;
  if (result.body.height_cm > 0 && result.body.weight_kg > 0) {
    result.bsa_m2 =
        bsa_formula(result.body.bsa_formula).m2(result.body.height_cm, result.body.weight_kg);
  }
  find_heart_rate(heart, result);

  // Volumes, both ways, and what follows from them.
  const double pitch_mm = heart.slices.grid.spacing_mm()[2];
  result.disc_volumes = structure_volumes(heart.slices, acquired_stack(heart.slice_z_mm, pitch_mm));
  choose_phases(result);
  result.discs = measures_of(result.disc_volumes, result);
  result.disc_wall = measure_wall(heart.slices, heart.slice_z_mm, result.ed, result.es);
  if (heart.dense) {
    result.dense_volumes =
        structure_volumes(*heart.dense, dense_stack(heart.dense->grid, heart.slice_z_mm));
    result.dense = measures_of(result.dense_volumes, result);
    result.dense_wall =
        measure_wall(*heart.dense, plane_positions(heart.dense->grid), result.ed, result.es);
  }
  for (std::string& note : plausibility_notes(result)) result.notes.push_back(std::move(note));
  return result;
}

}  // namespace dmcvr
