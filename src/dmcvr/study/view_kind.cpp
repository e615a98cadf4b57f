// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/view_kind.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

namespace dmcvr {
namespace {

constexpr int64_t kLeastSlices = 3;  // of a stack that gets views beside it
constexpr double kUpright = 0.5;     // cosine between the normals of short and long axis, at most

// From base to apex, where a heart usually lies: to the left, the front and the feet.
const Point kUsualAxis = unit_vector({-2, 2, -1});

Point normal_of(const FoundSeries& series) {
  return unit_vector(
      cross(series.grid.world_from_voxel.column(0), series.grid.world_from_voxel.column(1)));
}

// Letters and digits alone, in small letters: "LAX 2-Ch" -> "lax2ch".
std::string plain(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      text += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  }
  return text;
}

// How much a stack looks like the short axis; 0: not at all.
double short_axis_score(const FoundSeries& series) {
  const auto slices = static_cast<double>(series.grid.size[2]);
  if (slices < 2) return 0;
  const double fit = 0.5 + std::abs(dot(normal_of(series), kUsualAxis));
  const std::string named = view_in_name(series.name);
  const double name = named == "sax" ? 2 : named.empty() ? 1 : 0.25;
  const double film = series.phases > 1 ? 4 : 1;
  return slices * fit * name * film * (slices < kLeastSlices ? 0.1 : 1);
}

// By the angle of a long-axis plane around the long axis of the heart.
std::string chambers_by_angle(const FoundSeries& view, const Point& long_axis) {
  const Point up = {0, 0, 1};
  const Point upright = unit_vector(minus(up, times(dot(up, long_axis), long_axis)));
  const Point normal = normal_of(view);
  const Point across = unit_vector(minus(normal, times(dot(normal, long_axis), long_axis)));
  const double degrees = std::acos(std::min(1.0, std::abs(dot(across, upright)))) * 180 / M_PI;
  return degrees < 30 ? "4ch" : degrees > 65 ? "2ch" : "3ch";
}

}  // namespace

std::string view_in_name(const std::string& name) {
  const std::string text = plain(name);
  const auto has = [&text](const char* word) { return text.find(word) != std::string::npos; };
  const std::pair<const char*, const char*> words[] = {{"4ch", "4ch"},
                                                       {"ch4", "4ch"},
                                                       {"fourchamber", "4ch"},
                                                       {"hla", "4ch"},
                                                       {"horizontallong", "4ch"},
                                                       {"3ch", "3ch"},
                                                       {"ch3", "3ch"},
                                                       {"threechamber", "3ch"},
                                                       {"lvot", "3ch"},
                                                       {"2ch", "2ch"},
                                                       {"ch2", "2ch"},
                                                       {"twochamber", "2ch"},
                                                       {"vla", "2ch"},
                                                       {"verticallong", "2ch"},
                                                       {"rvot", "other"},
                                                       {"aort", "other"},
                                                       {"sax", "sax"},
                                                       {"short", "sax"},
                                                       {"lax", "lax"},
                                                       {"longaxis", "lax"}};
  for (const auto& [word, view] : words) {
    if (has(word)) return view;
  }
  return "";
}

void tell_views(std::vector<FoundSeries>& series) {
  for (auto& one : series) {
    one.view = "other";
    one.view_by = "geometry";
  }
  const auto best = std::max_element(
      series.begin(), series.end(),
      [](const auto& a, const auto& b) { return short_axis_score(a) < short_axis_score(b); });
  if (best == series.end() || short_axis_score(*best) == 0) return;
  best->view = "sax";
  const Point long_axis = normal_of(*best);
  for (auto& one : series) {
    if (&one == &*best || std::abs(dot(normal_of(one), long_axis)) > kUpright) continue;
    const auto& frame = one.frame_of_reference;
    if (!frame.empty() && !best->frame_of_reference.empty() && frame != best->frame_of_reference)
      continue;
    const std::string named = view_in_name(one.name);
    if (named == "other") continue;
    const bool is_named = named == "2ch" || named == "3ch" || named == "4ch";
    one.view = is_named ? named : one.grid.size[2] > 1 ? "lax" : chambers_by_angle(one, long_axis);
    one.view_by = is_named ? "name" : "geometry";
  }
}

}  // namespace dmcvr
