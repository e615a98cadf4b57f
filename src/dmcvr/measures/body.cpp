// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/body.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"

#include <cmath>
#include <map>

namespace dmcvr {
namespace {

constexpr size_t kFewestFilmPhases = 8;

double mosteller_m2(double height_cm, double weight_kg) {
  return std::sqrt(height_cm * weight_kg / 3600);
}

double du_bois_m2(double height_cm, double weight_kg) {
  return 0.007184 * std::pow(height_cm, 0.725) * std::pow(weight_kg, 0.425);
}

}  // namespace

void BodyOptions::check() const {
  const auto zero_or_within = [](const char* name, double value, double low, double high) {
    if (value != 0) check_range(name, value, low, high);
  };
  zero_or_within("height_cm", height_cm, 30, 250);
  zero_or_within("weight_kg", weight_kg, 0.5, 400);
  zero_or_within("heart_rate_per_min", heart_rate_per_min, 20, 300);
  dmcvr::bsa_formula(bsa_formula);
}

const BsaFormula& bsa_formula(const std::string& word) {
  static const std::map<std::string, BsaFormula> formulas = {
      {"mosteller",
       {"mosteller", "Mosteller", "sqrt(height_cm * weight_kg / 3600)",
        "Mosteller RD, N Engl J Med 1987;317:1098", mosteller_m2}},
      {"dubois",
       {"dubois", "Du Bois", "0.007184 * height_cm^0.725 * weight_kg^0.425",
        "Du Bois D, Du Bois EF, Arch Intern Med 1916;17:863-871", du_bois_m2}}};
  const auto found = formulas.find(word.empty() ? "mosteller" : word);
  if (found == formulas.end()) throw Error("bsa_formula '{}': expected mosteller or dubois", word);
  return found->second;
}

std::optional<double> beat_ms(const std::vector<double>& film_times_ms) {
  if (film_times_ms.size() < kFewestFilmPhases) return std::nullopt;
  const auto phases = static_cast<double>(film_times_ms.size());
  const double step_ms = (film_times_ms.back() - film_times_ms.front()) / (phases - 1);
  if (!(step_ms > 0)) return std::nullopt;
  return phases * step_ms;
}

}  // namespace dmcvr
