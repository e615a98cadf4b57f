// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/dicom_stacks.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/memory.h"
#include "dmcvr/geometry/resample.h"
#include "dmcvr/study/dicom_groups.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr double kEvenMm = 0.05;      // by which gaps of an even stack may differ
constexpr double kLeastShare = 0.5;   // of the phases that others have
constexpr double kSamePixels = 1e-3;  // as which a grid is taken as it is: of a spacing,
constexpr double kSameFieldMm = 1;    // and of the place of its corner

using Pictures = std::vector<DicomPicture>;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Pictures at one height each, from the lowest.
std::vector<Pictures> slices_of(Pictures pictures) {
  const Point normal = normal_of(pictures.front());
  std::stable_sort(pictures.begin(), pictures.end(), [&](const auto& a, const auto& b) {
    return height_of(a, normal) < height_of(b, normal);
  });
  std::vector<Pictures> slices;
  for (const auto& picture : pictures) {
    if (slices.empty() ||
        height_of(picture, normal) - height_of(slices.back().front(), normal) > kSameSliceMm)
      slices.emplace_back();
    slices.back().push_back(picture);
  }
  return slices;
}

// ---- phases ----

using Key = std::function<std::optional<double>(const DicomPicture&)>;

std::optional<double> trigger_of(const DicomPicture& picture) {
  return picture.place.trigger_ms;
}

bool tells_apart(const Pictures& slice, const Key& key) {
  std::set<double> seen;
  for (const auto& picture : slice) {
    const auto value = key(picture);
    if (!value || !seen.insert(*value).second) return false;
  }
  return true;
}

// Later acquisitions come later here.
auto age_of(const DicomPicture& picture) {
  return std::make_tuple(picture.series_number, picture.place.acquisition_s.value_or(0),
                         picture.series_uid);
}

// Of a slice that was acquired more than once, the pictures of the last series that is whole.
bool keep_last_series(Pictures& slice) {
  std::map<std::string, Pictures> series;
  for (const auto& picture : slice) series[picture.series_uid].push_back(picture);
  size_t most = 0;
  for (const auto& [uid, pictures] : series) most = std::max(most, pictures.size());
  bool is_repeated = series.size() > 1 && most > 1;
  if (series.size() > 1 && most == 1) {  // a series a phase, unless they show the same phase
    const auto is_one_phase = [&](const Key& key) {
      const auto value = key(slice.front());
      return value && std::all_of(slice.begin(), slice.end(),
                                  [&](const auto& picture) { return key(picture) == value; });
    };
    is_repeated = is_one_phase(trigger_of);
  }
  if (!is_repeated) return false;
  const Pictures* last = nullptr;
  for (const auto& [uid, pictures] : series) {
    if (static_cast<double>(pictures.size()) < kLeastShare * static_cast<double>(most)) continue;
    if (last == nullptr || age_of(last->front()) < age_of(pictures.front())) last = &pictures;
  }
  slice = Pictures(*last);
  return true;
}

// Pictures of one series that say the same time: the last instance counts.
bool drop_equal_times(Pictures& slice) {
  std::map<double, DicomPicture> by_time;
  for (const auto& picture : slice) {
    if (!picture.place.trigger_ms) return false;
    const auto [found, is_new] = by_time.try_emplace(*picture.place.trigger_ms, picture);
    if (!is_new && found->second.instance_number <= picture.instance_number)
      found->second = picture;
  }
  // All at one time means that times are not told.
  if (by_time.size() == slice.size() || by_time.size() < 2) return false;
  slice.clear();
  for (const auto& [time, picture] : by_time) slice.push_back(picture);
  return true;
}

void sort_by(Pictures& slice, const Key& key) {
  std::stable_sort(slice.begin(), slice.end(),
                   [&](const auto& a, const auto& b) { return key(a) < key(b); });
}

// The first key that tells the pictures of all slices apart; by it all are sorted.
Key sort_phases(std::vector<Pictures>& slices) {
  const Key keys[] = {
      trigger_of,
      [](const DicomPicture& picture) { return picture.place.temporal_position; },
      [](const DicomPicture& picture) { return picture.place.acquisition_s; },
  };
  for (const Key& key : keys) {
    if (!std::all_of(slices.begin(), slices.end(),
                     [&](const Pictures& slice) { return tells_apart(slice, key); }))
      continue;
    for (auto& slice : slices) sort_by(slice, key);
    return key;
  }
  Key number = [](const DicomPicture& picture) {
    return static_cast<double>(picture.instance_number) + 1e-6 * static_cast<double>(picture.frame);
  };
  for (auto& slice : slices) sort_by(slice, number);
  return number;
}

// How many phases most slices have; the larger of two that as many have.
size_t usual_count(const std::vector<Pictures>& slices) {
  std::map<size_t, size_t> votes;
  for (const auto& slice : slices) ++votes[slice.size()];
  size_t best = 0;
  for (const auto& [count, number] : votes) {
    if (best == 0 || number >= votes[best]) best = count;
  }
  return best;
}

// For each of `count` phases the picture that is nearest in time: by trigger times where they are
// known, else by its share of the heartbeat.
Pictures nearest_phases(const Pictures& slice, const std::vector<double>& times_ms, size_t count) {
  Pictures chosen;
  for (size_t phase = 0; phase < count; ++phase) {
    size_t best = 0;
    double least = std::numeric_limits<double>::infinity();
    for (size_t i = 0; i < slice.size(); ++i) {
      const double distance =
          times_ms.empty() ? std::abs(static_cast<double>(i) / static_cast<double>(slice.size()) -
                                      static_cast<double>(phase) / static_cast<double>(count))
                           : std::abs(*slice[i].place.trigger_ms - times_ms[phase]);
      if (distance < least) {
        least = distance;
        best = i;
      }
    }
    chosen.push_back(slice[best]);
  }
  return chosen;
}

// ---- one stack ----

void add_problem(FoundSeries& series, const std::string& code, const std::string& text,
                 const std::string& remedy) {
  series.problems.push_back({code, text, remedy, false});
}

// Of the slices that have `count` phases; empty where a picture does not say its time.
std::vector<double> usual_times(const std::vector<Pictures>& slices, size_t count) {
  std::vector<double> times_ms;
  for (size_t phase = 0; phase < count; ++phase) {
    std::vector<double> found;
    for (const auto& slice : slices) {
      if (slice.size() != count) continue;
      if (!slice[phase].place.trigger_ms) return {};
      found.push_back(*slice[phase].place.trigger_ms);
    }
    times_ms.push_back(median(found));
    if (phase > 0 && !(times_ms[phase] > times_ms[phase - 1])) return {};
  }
  return times_ms;
}

void make_phases_agree(DicomStack& stack, const std::vector<double>& times_ms, size_t count) {
  std::vector<Pictures> kept;
  for (size_t k = 0; k < stack.slices.size(); ++k) {
    const Pictures& slice = stack.slices[k];
    const auto what = fmt::format("slice {} of {} has {} of {} phases", k + 1, stack.slices.size(),
                                  slice.size(), count);
    if (static_cast<double>(slice.size()) < kLeastShare * static_cast<double>(count)) {
      add_problem(stack.series, "incomplete_slice", what, "it is left out");
      continue;
    }
    if (slice.size() == count) {
      kept.push_back(slice);
      continue;
    }
    const bool has_times = std::all_of(slice.begin(), slice.end(), [](const auto& picture) {
      return picture.place.trigger_ms.has_value();
    });
    kept.push_back(nearest_phases(slice, has_times ? times_ms : std::vector<double>(), count));
    add_problem(stack.series, "missing_phases", what, "those nearest in time take their places");
  }
  stack.slices = kept;
}

// plane: a picture whose matrix, pixels and place across the normal count.
void set_grid(DicomStack& stack, const DicomPicture& plane) {
  const DicomPicture& first = stack.slices.front().front();
  const Point normal = normal_of(plane);
  std::vector<double> z_mm, gaps;
  for (const auto& slice : stack.slices) {
    z_mm.push_back(height_of(slice.front(), normal) - height_of(first, normal));
    if (z_mm.size() > 1) gaps.push_back(z_mm.back() - z_mm[z_mm.size() - 2]);
  }
  const double pitch = gaps.empty() ? first.place.thickness_mm.value_or(1) : median(gaps);
  const auto count = static_cast<double>(gaps.size());
  const bool is_even = std::all_of(gaps.begin(), gaps.end(),
                                   [&](double gap) { return std::abs(gap - pitch) <= kEvenMm; });

  Grid& grid = stack.series.grid;
  grid.size = {plane.columns, plane.rows, static_cast<int64_t>(stack.slices.size())};
  // Gaps are rounded in the files; their mean is not.
  const double step = is_even && !gaps.empty() ? z_mm.back() / count : pitch > 0 ? pitch : 1;
  const std::array<Point, 3> columns = {times(plane.place.spacing_mm[0], plane.place.along_columns),
                                        times(plane.place.spacing_mm[1], plane.place.along_rows),
                                        times(step, normal)};
  for (size_t row = 0; row < 3; ++row) {
    for (size_t axis = 0; axis < 3; ++axis)
      grid.world_from_voxel.matrix[row][axis] = columns[axis][row];
  }
  grid.world_from_voxel.offset = plus(
      plane.place.position_mm, times(height_of(first, normal) - height_of(plane, normal), normal));
  if (!is_even) stack.series.slice_z_mm = z_mm;
}

DicomStack stack_of(const DicomGroup& found) {
  const Pictures& group = found.pictures;
  DicomStack stack;
  stack.slices = slices_of(group);
  int64_t repeated = 0;
  for (auto& slice : stack.slices) {
    const bool had_series = keep_last_series(slice);
    const bool had_times = drop_equal_times(slice);
    if (had_series || had_times) ++repeated;
  }
  const size_t count = usual_count(stack.slices);
  sort_phases(stack.slices);
  const auto times_ms = usual_times(stack.slices, count);
  if (repeated > 0) {
    add_problem(
        stack.series, "repeated_slice",
        fmt::format("{} of {} slices were acquired more than once", repeated, stack.slices.size()),
        "the last acquisition counts");
  }
  if (found.joined_slices > 0) {
    add_problem(stack.series, "mixed_grids",
                fmt::format("{} of {} slices have another matrix, pixel size or place in the plane",
                            found.joined_slices, stack.slices.size()),
                "resampled onto the grid of the others");
  }
  make_phases_agree(stack, times_ms, count);
  set_grid(stack, group.front());

  const DicomPicture& first = stack.slices.front().front();
  stack.series.name = first.description;
  stack.series.format = "DICOM";
  stack.series.view = "other";
  stack.series.phases = static_cast<int64_t>(count);
  if (count > 1) stack.series.times_ms = times_ms;
  stack.series.thickness_mm = first.place.thickness_mm;
  const bool has_one_frame = std::all_of(group.begin(), group.end(), [&](const auto& picture) {
    return picture.frame_of_reference == first.frame_of_reference;
  });
  if (has_one_frame) stack.series.frame_of_reference = first.frame_of_reference;
  return stack;
}

bool lies_on(const DicomPicture& picture, const Grid& grid, const PlaneAffine& affine) {
  if (picture.columns != grid.size[0] || picture.rows != grid.size[1]) return false;
  for (size_t axis = 0; axis < 2; ++axis) {
    if (std::abs(affine.matrix[axis][axis] - 1) > kSamePixels ||
        std::abs(affine.offset[axis]) * picture.place.spacing_mm[axis] > kSameFieldMm)
      return false;
  }
  return true;
}

// The pixels [H, W] of a picture on the grid of its stack.
torch::Tensor on_grid(const torch::Tensor& pixels, const DicomPicture& picture, const Grid& grid) {
  const auto affine = picture_from_grid(picture, grid);
  if (!affine) return pixels;
  return resample_in_plane(pixels.unsqueeze(0), *affine, {grid.size[0], grid.size[1]})[0];
}

}  // namespace

std::optional<PlaneAffine> picture_from_grid(const DicomPicture& picture, const Grid& grid) {
  const Point apart = minus(grid.world_from_voxel.offset, picture.place.position_mm);
  const Point along[] = {picture.place.along_columns, picture.place.along_rows};
  const auto spacing = grid.spacing_mm();
  PlaneAffine affine;
  for (size_t axis = 0; axis < 2; ++axis) {
    affine.matrix[axis][axis] = spacing[axis] / picture.place.spacing_mm[axis];
    affine.offset[axis] = dot(apart, along[axis]) / picture.place.spacing_mm[axis];
  }
  if (lies_on(picture, grid, affine)) return std::nullopt;
  return affine;
}

std::vector<DicomStack> dicom_stacks(const Pictures& pictures) {
  Pictures ordered = pictures;
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return std::tie(a.series_number, a.series_uid, a.instance_number, a.frame) <
           std::tie(b.series_number, b.series_uid, b.instance_number, b.frame);
  });
  std::vector<DicomStack> stacks;
  for (const auto& group : dicom_groups(ordered)) stacks.push_back(stack_of(group));
  return stacks;
}

std::vector<Cine> read_dicom_stacks(const fs::path& path, const std::vector<DicomStack>& stacks,
                                    const ArchiveLimits& limits) {
  struct Use {
    torch::Tensor voxels;  // where its pixels go
    const DicomPicture* picture;
    const Grid* grid;
  };
  double voxels = 0;
  for (const auto& stack : stacks) {
    const auto& size = stack.series.grid.size;
    voxels += static_cast<double>(stack.series.phases) * static_cast<double>(size[0]) *
              static_cast<double>(size[1]) * static_cast<double>(size[2]);
  }
  check_memory(voxels * sizeof(float), path.string() + ": its voxels");
  std::vector<Cine> cines;
  std::map<std::string, std::vector<Use>> uses;
  for (const auto& stack : stacks) {
    Cine cine;
    cine.grid = stack.series.grid;
    cine.times_ms = stack.series.times_ms;
    const auto& size = cine.grid.size;
    cine.voxels = torch::zeros({stack.series.phases, size[2], size[1], size[0]});
    for (size_t k = 0; k < stack.slices.size(); ++k) {
      for (size_t t = 0; t < stack.slices[k].size(); ++t) {
        const DicomPicture& picture = stack.slices[k][t];
        uses[picture.file].push_back({cine.voxels[static_cast<int64_t>(t)][static_cast<int64_t>(k)],
                                      &picture, &stack.series.grid});
      }
    }
    cines.push_back(cine);
  }
  size_t found = 0;
  const auto wants = [&](const std::string& name, std::string_view) {
    return uses.count(name) > 0;
  };
  visit_dicom(path, limits,
              {wants, [&](const std::string& name, std::string_view bytes) {
                 ++found;
                 try {
                   const auto frames = read_dicom_pixels(bytes);
                   for (const Use& use : uses.at(name)) {
                     TORCH_CHECK(use.picture->frame < frames.size(0),
                                 "a frame that the header has and the pixels lack");
                     use.voxels.copy_(on_grid(frames[use.picture->frame], *use.picture, *use.grid));
                   }
                 } catch (const Error& error) {
                   throw error.in(fmt::format("{}: one of its DICOM files", path.string()));
                 }
               }});
  if (found < uses.size())
    throw Error("{}: {} of its files went while they were read", path.string(),
                uses.size() - found);
  return cines;
}

DicomIdentity identity_of_stack(const fs::path& path, const DicomStack& stack,
                                const ArchiveLimits& limits) {
  std::optional<DicomIdentity> identity;
  const std::string& file = stack.slices.front().front().file;
  const auto wants = [&](const std::string& name, std::string_view) { return name == file; };
  visit_dicom(path, limits, {wants, [&](const std::string& /*name*/, std::string_view bytes) {
                               identity = read_dicom_identity(bytes);
                             }});
  if (!identity) throw Error("{}: one of its files went while it was read", path.string());
  return *identity;
}

}  // namespace dmcvr
