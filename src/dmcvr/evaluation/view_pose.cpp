// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_pose.h"

#include "dmcvr/core/label_table.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

namespace dmcvr {
namespace {

struct PixelShift {
  int64_t column = 0, row = 0;
  double mm = 0;
};

struct Place {
  int64_t row = 0, column = 0;
};

// All shifts within reach, the shortest first.
std::vector<PixelShift> view_shifts(const PoseSearch& search) {
  std::vector<PixelShift> shifts;
  const auto columns = static_cast<int64_t>(search.reach_mm / search.pixel_mm[0]);
  const auto rows = static_cast<int64_t>(search.reach_mm / search.pixel_mm[1]);
  for (int64_t row = -rows; row <= rows; ++row) {
    for (int64_t column = -columns; column <= columns; ++column) {
      const double mm = std::hypot(static_cast<double>(column) * search.pixel_mm[0],
                                   static_cast<double>(row) * search.pixel_mm[1]);
      if (mm <= search.reach_mm) shifts.push_back({column, row, mm});
    }
  }
  std::stable_sort(shifts.begin(), shifts.end(),
                   [](const PixelShift& a, const PixelShift& b) { return a.mm < b.mm; });
  return shifts;
}

// The pixels that are inside after every shift.
std::vector<Place> always_inside(const torch::Tensor& inside,
                                 const std::vector<PixelShift>& shifts) {
  const auto mask = inside.contiguous();
  const auto pixels = mask.accessor<bool, 2>();
  std::vector<Place> places;
  for (int64_t row = 0; row < mask.size(0); ++row) {
    for (int64_t column = 0; column < mask.size(1); ++column) {
      const bool stays = std::all_of(shifts.begin(), shifts.end(), [&](const PixelShift& shift) {
        const int64_t j = row - shift.row, i = column - shift.column;
        return j >= 0 && i >= 0 && j < mask.size(0) && i < mask.size(1) && pixels[j][i];
      });
      if (stays) places.push_back({row, column});
    }
  }
  return places;
}

// The shift of the largest fit; nothing if no shift has one.
template <typename Fit>
std::optional<std::array<double, 2>> best_fit(const std::vector<PixelShift>& shifts,
                                              const PoseSearch& search, const Fit& fit) {
  std::optional<std::array<double, 2>> best;
  double highest = -std::numeric_limits<double>::infinity();
  for (const PixelShift& shift : shifts) {
    const double found = fit(shift);
    if (!(found > highest + 1e-12)) continue;
    highest = found;
    best = {static_cast<double>(shift.column) * search.pixel_mm[0],
            static_cast<double>(shift.row) * search.pixel_mm[1]};
  }
  return best;
}

void check_view(const torch::Tensor& said, const torch::Tensor& truth, const PoseSearch& search,
                torch::ScalarType type) {
  TORCH_CHECK(said.dim() == 2 && said.sizes() == truth.sizes() &&
                  said.sizes() == search.inside.sizes() && said.scalar_type() == type &&
                  truth.scalar_type() == type,
              "view pose: ", said.sizes(), " and ", truth.sizes(), " in ", search.inside.sizes());
}

}  // namespace

std::optional<std::array<double, 2>> best_shift_of_labels(const torch::Tensor& said,
                                                          const torch::Tensor& truth,
                                                          const PoseSearch& search) {
  check_view(said, truth, search, torch::kUInt8);
  const auto shifts = view_shifts(search);
  const auto places = always_inside(search.inside, shifts);
  const auto said_here = said.contiguous(), truth_here = truth.contiguous();
  const auto said_at = said_here.accessor<uint8_t, 2>();
  const auto true_at = truth_here.accessor<uint8_t, 2>();

  std::array<int64_t, kLabelCount> known{};
  for (const Place& place : places) ++known[true_at[place.row][place.column]];
  const bool is_labeled =
      std::any_of(known.begin() + 1, known.end(), [](int64_t n) { return n > 0; });
  if (!is_labeled || !said.any().item<bool>()) return std::nullopt;

  return best_fit(shifts, search, [&](const PixelShift& shift) {
    std::array<int64_t, kLabelCount> moved{}, common{};
    for (const Place& place : places) {
      const uint8_t label = said_at[place.row - shift.row][place.column - shift.column];
      ++moved[label];
      if (label == true_at[place.row][place.column]) ++common[label];
    }
    double sum = 0, structures = 0;
    for (size_t label = 1; label < kLabelCount; ++label) {
      if (known[label] == 0) continue;
      sum +=
          2 * static_cast<double>(common[label]) / static_cast<double>(known[label] + moved[label]);
      ++structures;
    }
    return sum / structures;
  });
}

std::optional<std::array<double, 2>> best_shift_of_pictures(const torch::Tensor& said,
                                                            const torch::Tensor& truth,
                                                            const PoseSearch& search) {
  check_view(said, truth, search, torch::kFloat32);
  const auto shifts = view_shifts(search);
  const auto places = always_inside(search.inside, shifts);
  const auto said_here = said.contiguous(), truth_here = truth.contiguous();
  const auto said_at = said_here.accessor<float, 2>();
  const auto true_at = truth_here.accessor<float, 2>();
  const auto count = static_cast<double>(places.size());

  return best_fit(shifts, search, [&](const PixelShift& shift) {
    double a = 0, b = 0, aa = 0, bb = 0, ab = 0;
    for (const Place& place : places) {
      const double u = said_at[place.row - shift.row][place.column - shift.column];
      const double v = true_at[place.row][place.column];
      a += u;
      b += v;
      aa += u * u;
      bb += v * v;
      ab += u * v;
    }
    // NaN where one of them is flat, which no shift is better than.
    const double variances = (aa - a * a / count) * (bb - b * b / count);
    return variances > 0 ? (ab - a * b / count) / std::sqrt(variances)
                         : std::numeric_limits<double>::quiet_NaN();
  });
}

}  // namespace dmcvr
