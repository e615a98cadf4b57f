// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/view_phases.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// `phases` frames in `beat_ms`; without a beat times are unknown. Frame t holds t everywhere.
Cine film_of(int64_t phases, double beat_ms, int64_t slices = 1) {
  Cine film;
  film.grid.size = {5, 4, slices};
  const auto frames = torch::arange(phases, torch::kFloat32).view({phases, 1, 1, 1});
  film.voxels = frames.expand({phases, slices, 4, 5}).contiguous();
  for (int64_t t = 0; t < phases && beat_ms > 0; ++t)
    film.times_ms.push_back(beat_ms * static_cast<double>(t) / static_cast<double>(phases));
  return film;
}

View view_of(const Cine& film) {
  View view{"4ch", film, {}};
  view.labels = Labels{film.grid, (film.voxels + 1).to(torch::kUInt8)};
  return view;
}

// Which frame of the view each phase of the short axis got; labels have to be of the same.
std::vector<int64_t> frames_for(const Cine& sax, const View& view) {
  const View chosen = with_phases_of(sax, view);
  std::vector<int64_t> frames;
  for (int64_t t = 0; t < chosen.cine.phase_count(); ++t) {
    frames.push_back(static_cast<int64_t>(chosen.cine.voxels[t][0][0][0].item<float>()));
    EXPECT_EQ(chosen.labels->voxels[t][0][0][0].item<int64_t>(), frames.back() + 1);
  }
  return frames;
}

std::string phase_error(const Cine& sax, const View& view) {
  try {
    with_phases_of(sax, view);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(ViewPhases, AreTheNearestInTime) {
  const std::vector<int64_t> same = {0, 1, 2, 3, 4};
  EXPECT_EQ(frames_for(film_of(5, 1000), view_of(film_of(5, 1000))), same);
  // 200 ms steps beside 100 ms steps, and the other way around.
  EXPECT_EQ(frames_for(film_of(5, 1000), view_of(film_of(10, 1000))),
            (std::vector<int64_t>{0, 2, 4, 6, 8}));
  EXPECT_EQ(frames_for(film_of(10, 1000), view_of(film_of(5, 1000))).size(), 10U);
  // A heart that beats 8 % faster in the other breath-hold.
  EXPECT_EQ(frames_for(film_of(5, 1000), view_of(film_of(5, 920))), same);
}

TEST(ViewPhases, AreThoseOfEqualNumberWhereTimesAreMissing) {
  const std::vector<int64_t> same = {0, 1, 2};
  EXPECT_EQ(frames_for(film_of(3, 0), view_of(film_of(3, 0))), same);
  EXPECT_EQ(frames_for(film_of(3, 900), view_of(film_of(3, 0))), same);
  EXPECT_NE(phase_error(film_of(3, 900), view_of(film_of(4, 0))).find("4 phases"),
            std::string::npos);
}

TEST(ViewPhases, ThatDoNotOverlapAreRefused) {
  const std::string error = phase_error(film_of(20, 1000), view_of(film_of(6, 300)));
  EXPECT_NE(error.find("no phase near 400 ms"), std::string::npos) << error;
  EXPECT_NE(error.find("nearest is at 250 ms"), std::string::npos) << error;
  EXPECT_EQ(error.find('\n'), std::string::npos);
}

TEST(ViewPhases, AreOfOneSliceWithItsOwnLabels) {
  EXPECT_NE(phase_error(film_of(3, 900), View{"4ch", film_of(3, 900, 2), {}}).find("2 slices"),
            std::string::npos);
  View view = view_of(film_of(3, 900));
  view.labels->grid.world_from_voxel.offset = {1, 0, 0};
  EXPECT_NE(phase_error(film_of(3, 900), view).find("another grid"), std::string::npos);
}

}  // namespace dmcvr
