// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/latent/interpolation.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <sstream>

namespace dmcvr {
namespace {

constexpr double kSmallAngle = 1e-4;         // rad
constexpr double kPositionTolerance = 1e-3;  // mm

// s as [N, 1], float64, on the device of the items.
torch::Tensor column(const std::vector<double>& s, const torch::Tensor& items) {
  TORCH_CHECK(static_cast<int64_t>(s.size()) == items.size(0), "interpolation: ", s.size(),
              " fractions for ", items.size(0), " items");
  return torch::tensor(s, torch::kFloat64).to(items.device()).unsqueeze(1);
}

std::vector<double> for_all(double s, const torch::Tensor& items) {
  return std::vector<double>(items.size(0), s);
}

// A vector at a right angle to each row of u, of its length (nearly, where the row is of odd
// length): elements trade places in pairs, one of them changing its sign. [N, L]
torch::Tensor perpendicular(const torch::Tensor& u) {
  const int64_t paired = u.size(1) / 2 * 2;
  const auto pairs = u.narrow(1, 0, paired).reshape({u.size(0), paired / 2, 2});
  const auto turned =
      torch::stack({-pairs.select(2, 1), pairs.select(2, 0)}, 2).reshape({u.size(0), paired});
  return torch::cat({turned, torch::zeros_like(u.narrow(1, paired, u.size(1) - paired))}, 1);
}

torch::Tensor apply(CodeInterpolation method, const torch::Tensor& a, const torch::Tensor& b,
                    const std::vector<double>& s) {
  switch (method) {
    case CodeInterpolation::lerp:
      return lerp(a, b, s);
    case CodeInterpolation::slerp:
      return slerp(a, b, s);
    case CodeInterpolation::nearest:
      return nearest(a, b, s);
  }
  TORCH_CHECK(false, "interpolation: unknown method");
}

void check_shapes(const torch::Tensor& a, const torch::Tensor& b) {
  TORCH_CHECK(a.sizes() == b.sizes(), "interpolation: shapes ", a.sizes(), " and ", b.sizes(),
              " differ");
}

}  // namespace

InterpolationOptions interpolation_options(const std::string& words) {
  std::vector<CodeInterpolation> methods;
  std::istringstream stream(words + ",");
  for (std::string word; std::getline(stream, word, ',');) {
    const auto method = nlohmann::json(word).get<CodeInterpolation>();
    // An unknown word reads as the first enumerator.
    if (nlohmann::json(method) != word) {
      throw Error("interpolation \"{}\": unknown word \"{}\", expected lerp, slerp or nearest",
                  words, word);
    }
    methods.push_back(method);
  }
  if (methods.size() != 3) {
    throw Error(
        "interpolation \"{}\": {} words, expected three, for z_sem, l_mor and x_T: lerp,lerp,slerp",
        words, methods.size());
  }
  return {methods[0], methods[1], methods[2]};
}

torch::Tensor lerp(const torch::Tensor& a, const torch::Tensor& b, const std::vector<double>& s) {
  check_shapes(a, b);
  const auto weight = column(s, a);               // [N, 1]
  const auto u = a.flatten(1), v = b.flatten(1);  // [N, L]
  const auto point = (1 - weight).to(a.scalar_type()) * u + weight.to(a.scalar_type()) * v;
  return point.view_as(a);
}

torch::Tensor slerp(const torch::Tensor& a, const torch::Tensor& b, const std::vector<double>& s) {
  check_shapes(a, b);
  if (a.numel() == 0) return a;
  const auto fraction = column(s, a);  // [N, 1]

  // Angle between the items, each taken as one vector.
  const auto u = a.flatten(1).to(torch::kFloat64), v = b.flatten(1).to(torch::kFloat64);  // [N, L]
  const auto u_norm = u.norm(2, 1, true), v_norm = v.norm(2, 1, true);                    // [N, 1]
  const auto norms = u_norm * v_norm;
  const auto cosine =
      (u * v).sum(1, true) / torch::where(norms > 0, norms, torch::ones_like(norms));
  const auto angle = torch::where(norms > 0, cosine.clamp(-1, 1).acos(), torch::zeros_like(norms));

  // Along the arc; along the chord where the arc is too short to divide by.
  const auto is_short = angle < kSmallAngle;
  const auto sine = torch::where(is_short, torch::ones_like(angle), angle.sin());
  const auto u_weight = torch::where(is_short, 1 - fraction, ((1 - fraction) * angle).sin() / sine);
  const auto v_weight = torch::where(is_short, fraction, (fraction * angle).sin() / sine);
  auto point = u_weight * u + v_weight * v;

  // Opposite vectors: half a turn by way of a fixed perpendicular, the length changing linearly.
  const auto is_opposite = angle > M_PI - kSmallAngle;
  if (is_opposite.any().item<bool>()) {
    const auto turn = M_PI * fraction;
    const auto length = (1 - fraction) + fraction * v_norm / u_norm.clamp_min(1e-300);
    const auto along = torch::where(fraction <= 0.5, turn.cos() * u, -turn.cos() * v);
    point = torch::where(is_opposite, along + length * turn.sin() * perpendicular(u), point);
  }
  return point.view_as(a).to(a.scalar_type());
}

torch::Tensor nearest(const torch::Tensor& a, const torch::Tensor& b,
                      const std::vector<double>& s) {
  check_shapes(a, b);
  return torch::where(column(s, a) <= 0.5, a.flatten(1), b.flatten(1)).view_as(a);
}

torch::Tensor lerp(const torch::Tensor& a, const torch::Tensor& b, double s) {
  return lerp(a, b, for_all(s, a));
}

torch::Tensor slerp(const torch::Tensor& a, const torch::Tensor& b, double s) {
  return slerp(a, b, for_all(s, a));
}

Codes interpolate(const Codes& codes, const std::vector<double>& acquired_z_mm,
                  const std::vector<double>& wanted_z_mm, const InterpolationOptions& options) {
  codes.check();
  const auto slices = static_cast<int64_t>(acquired_z_mm.size());
  TORCH_CHECK(slices >= 1 && slices == codes.count(), "interpolate: ", slices, " positions for ",
              codes.count(), " slices");
  TORCH_CHECK(std::adjacent_find(acquired_z_mm.begin(), acquired_z_mm.end(),
                                 std::greater_equal<double>()) == acquired_z_mm.end(),
              "interpolate: acquired positions must rise strictly");

  // The slices below and above each wanted position, and the fraction of the way between them.
  const double first = acquired_z_mm.front(), last = acquired_z_mm.back();
  std::vector<int64_t> below, above;
  std::vector<double> fraction;
  for (const double z : wanted_z_mm) {
    if (!(z >= first - kPositionTolerance && z <= last + kPositionTolerance)) {
      throw Error("position {:.3f} mm lies outside the stack, {:.3f} to {:.3f} mm", z, first, last);
    }
    const auto next = std::upper_bound(acquired_z_mm.begin(), acquired_z_mm.end(), z);
    const int64_t high = std::clamp<int64_t>(next - acquired_z_mm.begin(),
                                             std::min<int64_t>(1, slices - 1), slices - 1);
    const int64_t low = std::max<int64_t>(high - 1, 0);
    const double gap = acquired_z_mm[high] - acquired_z_mm[low];
    below.push_back(low);
    above.push_back(high);
    fraction.push_back(gap > 0 ? std::clamp((z - acquired_z_mm[low]) / gap, 0.0, 1.0) : 0.0);
  }

  const Codes a = select(codes, below), b = select(codes, above);
  const auto between = [&](CodeInterpolation method, torch::Tensor Codes::*code) {
    return (a.*code).defined() ? apply(method, a.*code, b.*code, fraction) : torch::Tensor();
  };
  return {between(options.z_sem, &Codes::z_sem), between(options.l_mor, &Codes::l_mor),
          between(options.x_T, &Codes::x_T)};
}

}  // namespace dmcvr
