// SPDX-License-Identifier: Apache-2.0
// Measures for programs (JSON), for statistics (CSV) and for the eye (text). Keys carry their
// units: lv_edv_ml, lv_ef_percent.
#pragma once

#include "dmcvr/measures/heart.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace dmcvr {

constexpr const char* kMeasuresFormat = "dmcvr measures 1";

// One heart: format, case, ed and es (names of phases), body, heart_rate, discs and dense (the keys
// of measure_keys(), null where not known), segments (per way of counting, lists of 16), phases
// (volumes over time, with caps), notes. Numbers are rounded to four decimals.
nlohmann::json measures_json(const HeartMeasures& measures);

// One line without its end, columns in the order of csv_header: case, ed_phase, es_phase,
// phases_chosen_by, height_cm, weight_kg, bsa_m2, heart_rate_per_min, then discs_KEY for every key
// of measure_keys(), then dense_KEY likewise, then notes, joined by "; ". Empty where not known.
// Quoted as RFC 4180 asks.
std::string csv_header();
std::string csv_row(const HeartMeasures& measures);

// The wall, a row per segment and way of counting: case, planes (discs or dense), segment (1 to
// 16), level, wall, ed_mm, es_mm, thickening_percent. Empty where not known.
std::string segments_csv_header();
std::vector<std::string> segments_csv_rows(const HeartMeasures& measures);

// Volumes over the beat, a row per phase: case, phase, time_ms, then discs_lv_ml, discs_rv_ml and
// discs_lvm_g, then the same for dense. Empty where not known.
std::string curve_csv_header();
std::vector<std::string> curve_csv_rows(const HeartMeasures& measures);

// A table of one heart with both ways of counting side by side, and the notes below it.
std::vector<std::string> measures_table(const HeartMeasures& measures);

// One line per heart: the most asked for, by summation of discs.
std::string short_table_header();
std::string short_table_row(const HeartMeasures& measures);

}  // namespace dmcvr
