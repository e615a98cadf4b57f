// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/peak_rates.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <functional>

namespace dmcvr {
namespace {

constexpr int64_t kLeastReach = 3;    // phases on either side
constexpr double kReachShare = 0.15;  // of all phases

// c[0] + c[1] x + c[2] x^2 + c[3] x^3.
using Cubic = std::array<double, 4>;

// By the normal equations, Gaussian elimination with pivots; x within [-1, 1] or so.
Cubic fitted_cubic(const std::vector<double>& x, const std::vector<double>& y) {
  std::array<std::array<double, 5>, 4> m{};  // the last column is the right side
  for (size_t n = 0; n < x.size(); ++n) {
    const std::array<double, 4> power = {1, x[n], x[n] * x[n], x[n] * x[n] * x[n]};
    for (size_t i = 0; i < 4; ++i) {
      for (size_t j = 0; j < 4; ++j) m[i][j] += power[i] * power[j];
      m[i][4] += power[i] * y[n];
    }
  }
  for (size_t i = 0; i < 4; ++i) {
    size_t pivot = i;
    for (size_t r = i + 1; r < 4; ++r)
      if (std::abs(m[r][i]) > std::abs(m[pivot][i])) pivot = r;
    std::swap(m[i], m[pivot]);
    for (size_t r = 0; r < 4; ++r) {
      if (r == i) continue;
      const double share = m[r][i] / m[i][i];
      for (size_t j = i; j < 5; ++j) m[r][j] -= share * m[i][j];
    }
  }
  Cubic c{};
  for (size_t i = 0; i < 4; ++i) c[i] = m[i][4] / m[i][i];
  return c;
}

double derivative(const Cubic& c, double x) {
  return c[1] + 2 * c[2] * x + 3 * c[3] * x * x;
}

bool are_usable(const std::vector<double>& times_ms, double beat_ms) {
  if (times_ms.size() < kFewestRatePhases) return false;
  if (std::adjacent_find(times_ms.begin(), times_ms.end(), std::greater_equal<>()) !=
      times_ms.end()) {
    return false;
  }
  return times_ms.back() - times_ms.front() < beat_ms;
}

}  // namespace

std::optional<PeakRates> peak_rates(const std::vector<double>& times_ms,
                                    const std::vector<double>& ml, double beat_ms) {
  TORCH_CHECK(times_ms.size() == ml.size(), "peak_rates: ", times_ms.size(), " times for ",
              ml.size(), " volumes");
  if (!are_usable(times_ms, beat_ms)) return std::nullopt;
  const auto phases = static_cast<int64_t>(ml.size());
  const int64_t reach =
      std::max(kLeastReach, static_cast<int64_t>(kReachShare * static_cast<double>(phases)));
  // Phases before the first and after the last are those of the beats around.
  const auto time_ms = [&](int64_t t) {
    const int64_t beat = t < 0 ? -1 : t / phases;
    return times_ms[static_cast<size_t>(t - beat * phases)] + static_cast<double>(beat) * beat_ms;
  };

  PeakRates peaks;
  for (int64_t t = 0; t < phases; ++t) {
    // The cubic around this phase, over time in units of the window's half width.
    const double unit_ms = 0.5 * (time_ms(t + reach) - time_ms(t - reach));
    std::vector<double> x, y;
    for (int64_t n = t - reach; n <= t + reach; ++n) {
      x.push_back((time_ms(n) - time_ms(t)) / unit_ms);
      y.push_back(ml[static_cast<size_t>((n + phases) % phases)]);
    }
    const Cubic c = fitted_cubic(x, y);

    // Its fastest moments halfway to the neighbors: at the ends, or where the parabola turns.
    const double first = 0.5 * x[static_cast<size_t>(reach - 1)],
                 last = 0.5 * x[static_cast<size_t>(reach + 1)];
    std::vector<double> moments = {first, last};
    if (c[3] != 0) moments.push_back(std::clamp(-c[2] / (3 * c[3]), first, last));
    for (const double moment : moments) {
      const double ml_per_s = 1000 * derivative(c, moment) / unit_ms;
      double at_ms = time_ms(t) + moment * unit_ms;
      if (at_ms < times_ms.front()) at_ms += beat_ms;
      if (-ml_per_s > peaks.ejection_ml_per_s) {
        peaks.ejection_ml_per_s = -ml_per_s;
        peaks.ejection_ms = at_ms;
      }
      if (ml_per_s > peaks.filling_ml_per_s) {
        peaks.filling_ml_per_s = ml_per_s;
        peaks.filling_ms = at_ms;
      }
    }
  }
  // Rounding alone makes a constant volume move.
  const double still_ml_per_s = 1e-6;
  if (peaks.ejection_ml_per_s < still_ml_per_s || peaks.filling_ml_per_s < still_ml_per_s)
    return std::nullopt;
  return peaks;
}

}  // namespace dmcvr
