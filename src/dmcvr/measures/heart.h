// SPDX-License-Identifier: Apache-2.0
// The numbers that a clinician reads: volumes, ejection fraction, mass, output.
//
// Counted twice where a dense heart is there: as a summation of discs on the acquired slices, the
// clinical convention, and on the dense planes. Both hold the outermost slices constant over half a
// gap; that part, the caps, is named. Papillary muscles belong to the cavity. Both ventricles are
// measured in end-diastole (ED) and end-systole (ES) of the left one.
#pragma once

#include "dmcvr/geometry/labels.h"
#include "dmcvr/measures/body.h"
#include "dmcvr/measures/volumes.h"
#include "dmcvr/measures/wall_thickness.h"

#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

// What there is to measure.
struct LabeledHeart {
  std::string name;
  std::vector<std::string> phase_names;  // "ed" and "es" are taken by their name
  std::vector<double> times_ms;          // of the phases; empty where unknown
  std::vector<double> film_times_ms;     // of all phases of their film; empty where unknown
  Labels slices;                         // of label_table(), at the acquired slices
  std::vector<double> slice_z_mm;        // where they lie along their normal, from the first one
  std::optional<Labels> dense;         // the same phases on planes from the first slice to the last
  BodyOptions body;                    // as far as known beside the labels
  double film_heart_rate_per_min = 0;  // as the whole film said earlier; 0: unknown
  std::vector<std::string> notes;      // what was to be said about the input

  void check() const;  // TORCH_CHECKs that the parts agree
};

// By one way of counting. Empty where it is not known: a phase or a structure that is not there.
struct Measures {
  std::optional<double> lv_edv_ml, lv_esv_ml, lv_sv_ml, lv_ef_percent;
  std::optional<double> lv_mass_g;     // in ED
  std::optional<double> lv_mass_es_g;  // the same muscle in ES
  std::optional<double> rv_edv_ml, rv_esv_ml, rv_sv_ml, rv_ef_percent;
  std::optional<double> cardiac_output_l_per_min;

  // Of a film of a whole beat: peak_rates.h. Times count from ED to the fastest ejection, and from
  // ES to the fastest filling.
  std::optional<double> lv_peak_ejection_rate_ml_per_s, lv_peak_ejection_rate_edv_per_s;
  std::optional<double> lv_peak_filling_rate_ml_per_s, lv_peak_filling_rate_edv_per_s;
  std::optional<double> lv_time_to_peak_ejection_ms, lv_time_to_peak_filling_ms;
  std::optional<double> rv_peak_ejection_rate_ml_per_s, rv_peak_ejection_rate_edv_per_s;
  std::optional<double> rv_peak_filling_rate_ml_per_s, rv_peak_filling_rate_edv_per_s;

  // By body surface area.
  std::optional<double> lv_edv_ml_per_m2, lv_esv_ml_per_m2, lv_sv_ml_per_m2, lv_mass_g_per_m2;
  std::optional<double> rv_edv_ml_per_m2, rv_esv_ml_per_m2, rv_sv_ml_per_m2;
  std::optional<double> cardiac_index_l_per_min_per_m2;

  // Of the values above, what lies beyond the centers of the outermost slices.
  std::optional<double> lv_edv_cap_ml, lv_esv_cap_ml, lv_mass_cap_g, rv_edv_cap_ml, rv_esv_cap_ml;
};

// The members of Measures in the order of every table.
struct MeasureKey {
  const char* key;      // "lv_edv_ml"
  const char* heading;  // "LV EDV"
  const char* unit;     // "ml"
  std::optional<double> Measures::*value;
};
const std::vector<MeasureKey>& measure_keys();

struct HeartMeasures {
  std::string name;
  std::vector<std::string> phase_names;
  std::vector<double> times_ms;
  std::optional<size_t> ed, es;  // the phases that were taken for ED and ES, see measure_heart
  std::string phases_chosen_by;  // "name", "LV cavity", "RV cavity", or "" where none was
  std::vector<size_t> outliers;  // phases whose cavity leaps, which were not eligible
  double beat_ms = 0;  // after which the phases begin anew; 0: unknown, or they cover no beat
  std::vector<PhaseVolumes> disc_volumes;
  std::vector<PhaseVolumes> dense_volumes;  // empty without a dense heart
  Measures discs;
  std::optional<Measures> dense;
  WallMeasures disc_wall;
  std::optional<WallMeasures> dense_wall;
  BodyOptions body;
  std::optional<double> bsa_m2;
  std::optional<double> heart_rate_per_min;
  std::string heart_rate_from;     // "given", "film", or "" where there is none
  std::vector<std::string> notes;  // what a reader must know: nothing is left out in silence
};

// ED and ES are the phases of these names, else those of largest and smallest LV cavity, in the
// dense heart where there is one (geometry/end_phases.h). `body` goes before what the heart knows
// by itself. Throws Error for a body that cannot be. Labels without any voxel give no numbers, and
// say so.
HeartMeasures measure_heart(const LabeledHeart& heart, const BodyOptions& body = {});

}  // namespace dmcvr
