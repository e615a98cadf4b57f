// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/series_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace dmcvr {
namespace {

// Of what check_stack (study_files.h) takes.
constexpr double kSmallestPixelMm = 0.2, kLargestPixelMm = 10;
constexpr int64_t kFewestPixels = 16;
// What an adult's heart is scanned with.
constexpr double kLeastFieldMm = 180, kMostFieldMm = 500;
constexpr double kLeastStackMm = 40, kMostStackMm = 200;
constexpr double kEven = 0.05;          // share of the median gap
constexpr double kHole = 1.5;           // gaps that are so much wider lack a slice
constexpr double kParallel = 0.985;     // cosine of 10 degrees
constexpr double kNextSlice = 1.5;      // times the pitch
constexpr double kFarFromPlaneMm = 60;  // of the middle of a heart that a view shows

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void check_gaps(FoundSeries& series) {
  const auto& z = series.slice_z_mm;
  if (z.size() < 3) return;
  std::vector<double> gaps;
  for (size_t k = 1; k < z.size(); ++k) gaps.push_back(z[k] - z[k - 1]);
  const double pitch = median_of(gaps), pixel = series.grid.spacing_mm()[0];
  int64_t doubled = 0, lost = 0;
  double uneven = 0;
  for (const double gap : gaps) {
    if (gap < pixel / 2) {
      ++doubled;
    } else if (gap > kHole * pitch) {
      lost += std::max<int64_t>(1, std::llround(gap / pitch) - 1);
    } else {
      uneven = std::max(uneven, std::abs(gap - pitch));
    }
  }
  if (doubled > 0) {
    series.problems.push_back(
        {"duplicate_slices",
         fmt::format("{} of {} slices lie where another one does", doubled, z.size()),
         "keep one slice per place", true});
  }
  if (lost > 0) {
    series.problems.push_back(
        {"missing_slices",
         fmt::format("about {} slice{} missing between others {:.4g} mm apart", lost,
                     lost == 1 ? " is" : "s are", pitch),
         "they are drawn like all planes between slices"});
  }
  if (uneven > kEven * pitch) {
    series.problems.push_back(
        {"uneven_slices",
         fmt::format("distances between slices differ by up to {:.2g} mm from {:.4g} mm", uneven,
                     pitch),
         "planes follow the median distance, each slice lies on the nearest one"});
  }
}

void check_short_axis(FoundSeries& series) {
  const auto& size = series.grid.size;
  const auto spacing = series.grid.spacing_mm();
  auto& problems = series.problems;
  if (size[2] < 2) {
    problems.push_back({"single_slice", "one slice, a stack of at least 2 is needed",
                        "give the whole short-axis stack", true});
    return;
  }
  if (size[0] < kFewestPixels || size[1] < kFewestPixels) {
    problems.push_back({"small_matrix",
                        fmt::format("slices of {}x{} pixels, at least {}x{} are needed", size[0],
                                    size[1], kFewestPixels, kFewestPixels),
                        "give the uncut pictures", true});
  }
  for (int axis = 0; axis < 2; ++axis) {
    if (spacing[axis] >= kSmallestPixelMm && spacing[axis] <= kLargestPixelMm) continue;
    problems.push_back({"pixel_size",
                        fmt::format("pixels of {:.4g} x {:.4g} mm, {} to {} are expected",
                                    spacing[0], spacing[1], kSmallestPixelMm, kLargestPixelMm),
                        "put the true spacing and unit into the header", true});
    break;
  }
  const double stack_mm = spacing[2] * static_cast<double>(size[2]);
  if (stack_mm < kLeastStackMm || stack_mm > kMostStackMm) {
    problems.push_back({"implausible_stack",
                        fmt::format("{} slices {:.4g} mm apart are a stack of {:.4g} mm, {} to {} "
                                    "are expected",
                                    size[2], spacing[2], stack_mm, kLeastStackMm, kMostStackMm),
                        "taken as it is; check the spacing in the header"});
  }
  if (series.thickness_mm && std::abs(*series.thickness_mm - spacing[2]) > 0.01 * spacing[2]) {
    problems.push_back({"thickness_is_not_pitch",
                        fmt::format("slices are {:.4g} mm thick and {:.4g} mm apart",
                                    *series.thickness_mm, spacing[2]),
                        "positions decide, the thickness is not used"});
  }
  check_gaps(series);
}

Point middle_of(const Grid& grid) {
  Point p{};
  for (int axis = 0; axis < 3; ++axis) p[axis] = static_cast<double>(grid.size[axis] - 1) / 2;
  return grid.world_from_voxel(p);
}

Point normal_of(const Grid& grid) {
  const auto& affine = grid.world_from_voxel;
  return unit_vector(cross(affine.column(0), affine.column(1)));
}

// Where the slices lie along a normal, in mm from the origin.
std::vector<double> heights_along(const FoundSeries& series, const Point& normal) {
  std::vector<double> heights;
  for (int64_t k = 0; k < series.grid.size[2]; ++k) {
    const Point p = series.grid.world_from_voxel({0, 0, static_cast<double>(k)});
    heights.push_back(dot(normal, p));
    const auto n = static_cast<size_t>(k);
    if (series.slice_z_mm.empty()) continue;
    heights.back() = heights.front() + series.slice_z_mm[n] - series.slice_z_mm[0];
  }
  return heights;
}

// Slices of another film that go on where the stack ends or lacks one.
void add_left_out(const FoundSeries& other, const FoundSeries& stack,
                  std::vector<Problem>& problems) {
  const bool is_film = stack.phases > 1 && 2 * other.phases >= stack.phases;
  if (other.view != "other" || !is_film || !are_parallel(other.grid, stack.grid)) return;
  const double pitch = stack.grid.spacing_mm()[2];
  const auto heights = heights_along(stack, normal_of(stack.grid));
  const auto [lowest, highest] = std::minmax_element(heights.begin(), heights.end());
  int64_t count = 0;
  for (const double z : heights_along(other, normal_of(stack.grid))) {
    const bool is_near = z > *lowest - kNextSlice * pitch && z < *highest + kNextSlice * pitch;
    const bool is_there = std::any_of(heights.begin(), heights.end(), [&](double known) {
      return std::abs(known - z) < pitch / 2;
    });
    if (is_near && !is_there) ++count;
  }
  if (count == 0) return;
  const auto& size = other.grid.size;
  problems.push_back(
      {"slices_left_out",
       fmt::format(
           "{} slice{} of {} ({}x{} pixels, {} phases) lie{} where the short axis has none, "
           "and fit{} no grid of it",
           count, count == 1 ? "" : "s", other.name.empty() ? "a film" : other.name, size[0],
           size[1], other.phases, count == 1 ? "s" : "", count == 1 ? "s" : ""),
       "left out: volumes may be too small; export them along the others"});
}

}  // namespace

bool are_parallel(const Grid& a, const Grid& b) {
  return std::abs(dot(normal_of(a), normal_of(b))) > kParallel;
}

void check_series(FoundSeries& series) {
  const auto& size = series.grid.size;
  const auto spacing = series.grid.spacing_mm();
  if (series.view == "sax") check_short_axis(series);
  const double width = spacing[0] * static_cast<double>(size[0]),
               height = spacing[1] * static_cast<double>(size[1]);
  if (std::min(width, height) < kLeastFieldMm || std::max(width, height) > kMostFieldMm) {
    series.problems.push_back(
        {"implausible_field_of_view",
         fmt::format("a field of view of {:.4g} x {:.4g} mm, {} to {} are expected", width, height,
                     kLeastFieldMm, kMostFieldMm),
         "taken as it is; check the spacing in the header"});
  }
  // A single slice has no order.
  if (size[2] > 1 && series.grid.world_from_voxel.determinant() < 0) {
    series.problems.push_back({"left_handed",
                               "the axes are left-handed, as where the order of slices was flipped",
                               "places in the patient are kept, flipped or not"});
  }
}

std::optional<bool> share_frame(const std::vector<FoundSeries>& series) {
  const bool has_film = std::any_of(series.begin(), series.end(),
                                    [](const FoundSeries& one) { return one.phases > 1; });
  std::set<std::string> frames;
  size_t count = 0;
  for (const auto& one : series) {
    if (has_film && one.phases == 1) continue;  // such as a localizer
    frames.insert(one.frame_of_reference);
    ++count;
  }
  if (count < 2 || frames.count("") > 0) return std::nullopt;
  return frames.size() == 1;
}

std::vector<Problem> check_together(const std::vector<FoundSeries>& series) {
  std::vector<Problem> problems;
  if (!share_frame(series).value_or(true)) {
    problems.push_back(
        {"different_frames",
         "series are in different frames of reference: the patient was moved "
         "between them",
         "only the short-axis stack is reconstructed; do not compare views with it"});
  }
  const auto stack = std::find_if(series.begin(), series.end(), [](const FoundSeries& one) {
    return one.view == "sax" && one.grid.size[2] > 1;
  });
  if (stack == series.end()) return problems;
  for (const auto& one : series) add_left_out(one, *stack, problems);
  const Point heart = middle_of(stack->grid);
  for (const auto& view : series) {
    if (view.view == "sax" || view.view == "other" || view.grid.size[2] != 1) continue;
    const Point normal = normal_of(view.grid);
    const double away = std::abs(dot(normal, minus(heart, middle_of(view.grid))));
    if (!(away > kFarFromPlaneMm)) continue;
    problems.push_back(
        {"view_misses_stack",
         fmt::format("{} passes {:.0f} mm from the middle of {}, at most {} are expected",
                     view.name, away, stack->name, kFarFromPlaneMm),
         "views are not needed by reconstruct; leave this one out of evaluate"});
  }
  return problems;
}

}  // namespace dmcvr
