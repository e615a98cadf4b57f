// SPDX-License-Identifier: Apache-2.0
// Codes of slices that were never taken (DMCVR, section 2.2). z_sem and l_mor move on a line (Eq.
// 5) and x_T on a great circle (Eq. 6), since x_T resembles a Gaussian sample and a chord would
// shorten it.
#pragma once

#include "dmcvr/latent/code.h"

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace dmcvr {

enum class CodeInterpolation { lerp, slerp, nearest };

NLOHMANN_JSON_SERIALIZE_ENUM(CodeInterpolation, {{CodeInterpolation::lerp, "lerp"},
                                                 {CodeInterpolation::slerp, "slerp"},
                                                 {CodeInterpolation::nearest, "nearest"}})

struct InterpolationOptions {
  CodeInterpolation z_sem = CodeInterpolation::lerp;
  CodeInterpolation l_mor = CodeInterpolation::lerp;
  CodeInterpolation x_T = CodeInterpolation::slerp;

  void check() const {}  // every combination is allowed
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InterpolationOptions, z_sem, l_mor, x_T)

// From three words in the order z_sem, l_mor, x_T: "lerp,lerp,slerp". Throws Error for anything
// else.
InterpolationOptions interpolation_options(const std::string& words);

// Between a and b, both [N, ...], at a fraction s in [0, 1] for each item or one for all. The type
// of a.

// (1 − s) a + s b.
torch::Tensor lerp(const torch::Tensor& a, const torch::Tensor& b, const std::vector<double>& s);
torch::Tensor lerp(const torch::Tensor& a, const torch::Tensor& b, double s);

// (sin((1 − s) θ) a + sin(s θ) b) / sin θ with the angle θ between a and b, each item taken as one
// vector. Equal to lerp where θ < 1e-4 or a vector is zero. Within 1e-4 of θ = π no great circle is
// singled out, and a fixed one is taken, so that the result reaches both ends and never passes
// through zero.
torch::Tensor slerp(const torch::Tensor& a, const torch::Tensor& b, const std::vector<double>& s);
torch::Tensor slerp(const torch::Tensor& a, const torch::Tensor& b, double s);

// a where s ≤ 1/2, else b.
torch::Tensor nearest(const torch::Tensor& a, const torch::Tensor& b, const std::vector<double>& s);

// Codes at the wanted positions along the stack, from the two acquired slices around each; a slice
// at an acquired position keeps the acquired codes. acquired_z_mm: one per slice, strictly rising,
// not necessarily even. wanted_z_mm: any order. Throws Error for a position outside the stack by
// more than 1e-3 mm.
Codes interpolate(const Codes& codes, const std::vector<double>& acquired_z_mm,
                  const std::vector<double>& wanted_z_mm, const InterpolationOptions& options = {});

}  // namespace dmcvr
