// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/dicom_groups.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace dmcvr {
namespace {

constexpr double kSameDirection = 1e-3;
constexpr double kSamePlaceMm = 1;  // across the normal
constexpr double kSameSpacing = 1e-3;
// Of a group that joins another one.
constexpr double kLeastPitch = 0.7, kMostPitch = 1.5;  // times the pitch, from slice to slice
constexpr double kLeastPitchMm = 2, kMostPitchMm = 25;
constexpr double kPhaseFactor = 2;  // times those of the other one, or as many times less
constexpr double kSpacingFactor = 2;
constexpr size_t kLeastTogether = 4;  // slices, where all of them have grids of their own

using Pictures = std::vector<DicomPicture>;

bool close(const Point& p, const Point& q) {
  return length(minus(p, q)) < kSameDirection;
}

// One examination, direction, and frame of reference or series: some files have a frame of
// reference each, within a series they share it all the same.
bool are_parallel(const DicomPicture& a, const DicomPicture& b) {
  return a.study_uid == b.study_uid &&
         (a.frame_of_reference == b.frame_of_reference || a.series_uid == b.series_uid) &&
         close(a.place.along_columns, b.place.along_columns) &&
         close(a.place.along_rows, b.place.along_rows);
}

bool share_grid(const DicomPicture& a, const DicomPicture& b) {
  if (a.columns != b.columns || a.rows != b.rows) return false;
  for (size_t axis = 0; axis < 2; ++axis) {
    const double mm = a.place.spacing_mm[axis];
    if (std::abs(b.place.spacing_mm[axis] - mm) > kSameSpacing * mm) return false;
  }
  const Point apart = minus(b.place.position_mm, a.place.position_mm);
  return std::abs(dot(apart, a.place.along_columns)) < kSamePlaceMm &&
         std::abs(dot(apart, a.place.along_rows)) < kSamePlaceMm;
}

// A group, and the heights of its slices, rising.
struct Slices {
  DicomGroup group;
  std::vector<double> z_mm;

  const DicomPicture& first() const { return group.pictures.front(); }
  double phases() const {
    return static_cast<double>(group.pictures.size()) / static_cast<double>(z_mm.size());
  }
};

std::vector<double> heights_of(const Pictures& pictures, const Point& normal) {
  std::vector<double> all, heights;
  for (const auto& picture : pictures) all.push_back(height_of(picture, normal));
  std::sort(all.begin(), all.end());
  for (const double z : all) {
    if (heights.empty() || z - heights.back() > kSameSliceMm) heights.push_back(z);
  }
  return heights;
}

double distance_to(const std::vector<double>& heights, double z_mm) {
  double least = std::abs(heights.front() - z_mm);
  for (const double other : heights) least = std::min(least, std::abs(other - z_mm));
  return least;
}

double median_gap(const std::vector<double>& z_mm) {
  std::vector<double> gaps;
  for (size_t k = 1; k < z_mm.size(); ++k) gaps.push_back(z_mm[k] - z_mm[k - 1]);
  const auto middle = gaps.begin() + static_cast<std::ptrdiff_t>(gaps.size() / 2);
  std::nth_element(gaps.begin(), middle, gaps.end());
  return *middle;
}

// Whether the middle of one picture lies in the other one's field of view.
bool see_the_same(const DicomPicture& a, const DicomPicture& b) {
  const auto half = [](const DicomPicture& picture, size_t axis) {
    const auto pixels = static_cast<double>(axis == 0 ? picture.columns : picture.rows);
    return picture.place.spacing_mm[axis] * (pixels - 1) / 2;
  };
  const Point apart = minus(b.place.position_mm, a.place.position_mm);
  const Point along[] = {a.place.along_columns, a.place.along_rows};
  for (size_t axis = 0; axis < 2; ++axis) {
    const double ratio = b.place.spacing_mm[axis] / a.place.spacing_mm[axis];
    const double middles = dot(apart, along[axis]) + half(b, axis) - half(a, axis);
    if (ratio > kSpacingFactor || ratio < 1 / kSpacingFactor || std::abs(middles) > half(a, axis))
      return false;
  }
  return true;
}

bool can_join(const Slices& host, const Slices& guest) {
  if (!are_parallel(host.first(), guest.first()) || !see_the_same(host.first(), guest.first()))
    return false;
  const double share = guest.phases() / host.phases();
  if (share > kPhaseFactor || share < 1 / kPhaseFactor) return false;
  // Stacks of single pictures are of many kinds, and stand beside each other.
  if (host.phases() < 2 && host.first().series_uid != guest.first().series_uid) return false;

  const Point normal = normal_of(host.first());
  const auto z_mm = heights_of(guest.group.pictures, normal);
  double nearest = distance_to(host.z_mm, z_mm.front());
  for (const double z : z_mm) nearest = std::min(nearest, distance_to(host.z_mm, z));
  const double pitch = host.z_mm.size() > 1 ? median_gap(host.z_mm) : nearest;
  const auto fits = [pitch](double gap) {
    return gap >= kLeastPitch * pitch && gap <= kMostPitch * pitch;
  };
  return pitch >= kLeastPitchMm && pitch <= kMostPitchMm && fits(nearest) &&
         (z_mm.size() == 1 || fits(median_gap(z_mm)));
}

void join(Slices& host, const Slices& guest) {
  auto& pictures = host.group.pictures;
  pictures.insert(pictures.end(), guest.group.pictures.begin(), guest.group.pictures.end());
  host.group.joined_slices += static_cast<int64_t>(guest.z_mm.size());
  host.z_mm = heights_of(pictures, normal_of(host.first()));
}

// Takes what can join `host` out of `others`.
void join_all(Slices& host, std::vector<Slices>& others) {
  Slices joined = host;
  std::vector<bool> is_taken(others.size(), false);
  for (bool is_new = true; is_new;) {
    is_new = false;
    for (size_t n = 0; n < others.size(); ++n) {
      if (is_taken[n] || !can_join(joined, others[n])) continue;
      join(joined, others[n]);
      is_taken[n] = is_new = true;
    }
  }
  if (host.z_mm.size() == 1 && joined.z_mm.size() < kLeastTogether) return;
  host = std::move(joined);
  size_t n = 0;
  others.erase(
      std::remove_if(others.begin(), others.end(), [&](const Slices&) { return is_taken[n++]; }),
      others.end());
}

}  // namespace

Point normal_of(const DicomPicture& picture) {
  return cross(picture.place.along_columns, picture.place.along_rows);
}

double height_of(const DicomPicture& picture, const Point& normal) {
  return dot(picture.place.position_mm, normal);
}

std::vector<DicomGroup> dicom_groups(const Pictures& pictures) {
  // Those that share a grid.
  std::vector<Slices> left;
  for (const auto& picture : pictures) {
    const auto found = std::find_if(left.begin(), left.end(), [&](const Slices& slices) {
      return are_parallel(slices.first(), picture) && share_grid(slices.first(), picture);
    });
    if (found != left.end()) {
      found->group.pictures.push_back(picture);
    } else {
      left.push_back({{{picture}, 0}, {}});
    }
  }
  for (auto& slices : left)
    slices.z_mm = heights_of(slices.group.pictures, normal_of(slices.first()));

  // The largest takes what fits it, and so on.
  std::vector<Slices> done;
  while (!left.empty()) {
    const auto largest = std::max_element(
        left.begin(), left.end(),
        [](const Slices& a, const Slices& b) { return a.z_mm.size() < b.z_mm.size(); });
    Slices host = std::move(*largest);
    left.erase(largest);
    join_all(host, left);
    done.push_back(std::move(host));
  }
  const auto place_of = [&](const Slices& slices) {
    const auto& first = slices.first();
    return std::find_if(pictures.begin(), pictures.end(), [&](const DicomPicture& picture) {
      return picture.file == first.file && picture.frame == first.frame;
    });
  };
  std::vector<std::pair<Pictures::const_iterator, DicomGroup>> ordered;
  for (auto& slices : done) ordered.emplace_back(place_of(slices), std::move(slices.group));
  std::sort(ordered.begin(), ordered.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<DicomGroup> groups;
  for (auto& item : ordered) groups.push_back(std::move(item.second));
  return groups;
}

}  // namespace dmcvr
