// SPDX-License-Identifier: Apache-2.0
// What sets a heart in relation to its owner: body surface and heart rate.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

// 0 stands for unknown.
struct BodyOptions {
  double height_cm = 0;           // 30 to 250
  double weight_kg = 0;           // 0.5 to 400
  double heart_rate_per_min = 0;  // 20 to 300
  std::string bsa_formula;        // "mosteller", "dubois", or "" for the former

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(BodyOptions, height_cm, weight_kg, heart_rate_per_min,
                                   bsa_formula)

// A formula of body surface area in m², from height in cm and weight in kg.
struct BsaFormula {
  std::string word;     // "mosteller"
  std::string name;     // "Mosteller"
  std::string formula;  // as one writes it
  std::string source;
  double (*m2)(double height_cm, double weight_kg);
};

// "mosteller", which "" stands for, or "dubois". Throws Error for other words.
const BsaFormula& bsa_formula(const std::string& word);

// How long a beat lasts according to the times of a film that covers one, its phases evenly spaced:
// their number times their distance. Nothing for fewer than eight phases, which are no film, and
// for times that do not rise.
std::optional<double> beat_ms(const std::vector<double>& film_times_ms);

}  // namespace dmcvr
