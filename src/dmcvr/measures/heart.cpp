// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/heart.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/end_phases.h"
#include "dmcvr/measures/peak_rates.h"
#include "dmcvr/measures/plausibility.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>

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

// ED and ES: by their names, else the phases of largest and smallest cavity in `volumes`.
void choose_phases(const std::vector<PhaseVolumes>& volumes, HeartMeasures& result) {
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
    std::vector<Value> ml;
    for (size_t t = 0; t < names.size(); ++t) ml.push_back(volume_ml(volumes, t, label));
    const EndPhases ends = end_phases(ml);
    if (!ends.ed) continue;
    result.ed = ends.ed;
    result.es = ends.es;
    result.outliers = ends.outliers;
    result.phases_chosen_by = word;
    return;
  }
}

// A beat as long as the phases say, unless the heart beats at another rate than that.
double closed_beat_ms(const HeartMeasures& heart) {
  constexpr double kTolerance = 0.15;
  const auto beat = dmcvr::beat_ms(heart.times_ms);
  if (!beat || !heart.heart_rate_per_min) return 0;
  return std::abs(*beat * *heart.heart_rate_per_min / 60000 - 1) <= kTolerance ? *beat : 0;
}

// Of the cavity `label`; nothing where it is missing in a phase.
std::optional<PeakRates> rates_of(const std::vector<PhaseVolumes>& phases,
                                  const HeartMeasures& heart, int64_t label) {
  if (heart.times_ms.empty() || heart.beat_ms == 0) return std::nullopt;
  std::vector<double> ml;
  for (size_t t = 0; t < phases.size(); ++t) {
    const auto volume = volume_ml(phases, t, label);
    if (!volume) return std::nullopt;
    ml.push_back(*volume);
  }
  return peak_rates(heart.times_ms, ml, heart.beat_ms);
}

// From a phase onward to a moment of the beat.
double delay_ms(const HeartMeasures& heart, size_t phase, double moment_ms) {
  const double delay = moment_ms - heart.times_ms[phase];
  return delay < 0 ? delay + heart.beat_ms : delay;
}

void add_rates(const std::vector<PhaseVolumes>& phases, const HeartMeasures& heart, Measures& m) {
  if (const auto lv = rates_of(phases, heart, kLvc)) {
    m.lv_peak_ejection_rate_ml_per_s = lv->ejection_ml_per_s;
    m.lv_peak_filling_rate_ml_per_s = lv->filling_ml_per_s;
    if (heart.ed) m.lv_time_to_peak_ejection_ms = delay_ms(heart, *heart.ed, lv->ejection_ms);
    if (heart.es) m.lv_time_to_peak_filling_ms = delay_ms(heart, *heart.es, lv->filling_ms);
  }
  if (const auto rv = rates_of(phases, heart, kRvc)) {
    m.rv_peak_ejection_rate_ml_per_s = rv->ejection_ml_per_s;
    m.rv_peak_filling_rate_ml_per_s = rv->filling_ml_per_s;
  }
  m.lv_peak_ejection_rate_edv_per_s = over(m.lv_peak_ejection_rate_ml_per_s, m.lv_edv_ml);
  m.lv_peak_filling_rate_edv_per_s = over(m.lv_peak_filling_rate_ml_per_s, m.lv_edv_ml);
  m.rv_peak_ejection_rate_edv_per_s = over(m.rv_peak_ejection_rate_ml_per_s, m.rv_edv_ml);
  m.rv_peak_filling_rate_edv_per_s = over(m.rv_peak_filling_rate_ml_per_s, m.rv_edv_ml);
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
  add_rates(phases, heart, m);
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
      {"lv_peak_ejection_rate_ml_per_s", "LV PER", "ml/s", &M::lv_peak_ejection_rate_ml_per_s},
      {"lv_peak_ejection_rate_edv_per_s", "LV PER / EDV", "1/s",
       &M::lv_peak_ejection_rate_edv_per_s},
      {"lv_time_to_peak_ejection_ms", "ED to PER", "ms", &M::lv_time_to_peak_ejection_ms},
      {"lv_peak_filling_rate_ml_per_s", "LV PFR", "ml/s", &M::lv_peak_filling_rate_ml_per_s},
      {"lv_peak_filling_rate_edv_per_s", "LV PFR / EDV", "1/s", &M::lv_peak_filling_rate_edv_per_s},
      {"lv_time_to_peak_filling_ms", "ES to PFR", "ms", &M::lv_time_to_peak_filling_ms},
      {"rv_peak_ejection_rate_ml_per_s", "RV PER", "ml/s", &M::rv_peak_ejection_rate_ml_per_s},
      {"rv_peak_ejection_rate_edv_per_s", "RV PER / EDV", "1/s",
       &M::rv_peak_ejection_rate_edv_per_s},
      {"rv_peak_filling_rate_ml_per_s", "RV PFR", "ml/s", &M::rv_peak_filling_rate_ml_per_s},
      {"rv_peak_filling_rate_edv_per_s", "RV PFR / EDV", "1/s", &M::rv_peak_filling_rate_edv_per_s},
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
  if (heart.dense) {
    result.dense_volumes =
        structure_volumes(*heart.dense, dense_stack(heart.dense->grid, heart.slice_z_mm));
  }
  choose_phases(heart.dense ? result.dense_volumes : result.disc_volumes, result);
  result.beat_ms = closed_beat_ms(result);
  result.discs = measures_of(result.disc_volumes, result);
  result.disc_wall = measure_wall(heart.slices, heart.slice_z_mm, result.ed, result.es);
  if (heart.dense) {
    result.dense = measures_of(result.dense_volumes, result);
    result.dense_wall =
        measure_wall(*heart.dense, plane_positions(heart.dense->grid), result.ed, result.es);
  }
  for (std::string& note : plausibility_notes(result)) result.notes.push_back(std::move(note));
  return result;
}

}  // namespace dmcvr
