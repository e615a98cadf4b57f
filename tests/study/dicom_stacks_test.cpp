// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/dicom_stacks.h"

#include "study/dicom_files.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dmcvr {
namespace {

using test::DicomFilm;
using test::DicomPage;
using test::write_dicom_film;

// The only stack of the film, and its pixels.
std::pair<DicomStack, Cine> read_only(const DicomFilm& film) {
  const auto folder = write_dicom_film(film);
  const auto stacks = dicom_stacks(list_dicom(folder).pictures);
  EXPECT_EQ(stacks.size(), 1u);
  return {stacks.at(0), read_dicom_stacks(folder, stacks).at(0)};
}

// Whether every voxel but the corner says where it belongs.
void expect_in_order(const Cine& cine, const std::vector<int64_t>& slices,
                     const std::vector<int64_t>& phases) {
  ASSERT_EQ(cine.voxels.size(0), static_cast<int64_t>(phases.size()));
  ASSERT_EQ(cine.voxels.size(1), static_cast<int64_t>(slices.size()));
  for (size_t t = 0; t < phases.size(); ++t) {
    for (size_t k = 0; k < slices.size(); ++k) {
      const auto expected = DicomFilm::pixels(slices[k], phases[t]).to(torch::kFloat32);
      EXPECT_TRUE(cine.voxels[static_cast<int64_t>(t)][static_cast<int64_t>(k)].equal(expected))
          << t << ' ' << k;
    }
  }
}

std::vector<std::string> codes(const DicomStack& stack) {
  std::vector<std::string> found;
  for (const auto& problem : stack.series.problems) found.push_back(problem.code);
  return found;
}

TEST(DicomStacks, OrderIsThatOfPlaceAndTime) {
  const auto [stack, cine] = read_only({});
  expect_in_order(cine, {0, 1, 2, 3}, {0, 1, 2, 3, 4});
  EXPECT_EQ(cine.times_ms, (std::vector<double>{10, 40, 70, 100, 130}));
  EXPECT_TRUE(codes(stack).empty());
  cine.check();

  // RAS: the file's x and y are turned over; rows are 1.25 mm, columns 1.5 mm apart.
  const Affine& affine = cine.grid.world_from_voxel;
  EXPECT_EQ(cine.grid.size, (std::array<int64_t, 3>{24, 20, 4}));
  for (size_t axis = 0; axis < 3; ++axis) {
    EXPECT_NEAR(affine({0, 0, 0})[axis], (Point{-10, -20, 30})[axis], 1e-9);
    EXPECT_NEAR(affine({1, 1, 1})[axis], (Point{-11.5, -21.25, 39})[axis], 1e-9);
  }
}

// Without trigger times the next best key orders phases: each film lacks those before it.
TEST(DicomStacks, PhasesByWhatTellsThemApart) {
  for (const int kind : {0, 1, 2, 3}) {
    DicomFilm film;
    film.change = [kind](DicomPage& page, int64_t k, int64_t t) {
      page.trigger = kind == 0 ? page.trigger : kind == 1 ? "" : "0";
      if (kind == 1) page.temporal_position = std::to_string(t + 1);
      if (kind == 2) page.acquisition = fmt::format("1200{:02}", 10 * k + t);
      if (kind == 3) page.instance = 10 * k + t;
      return true;
    };
    const auto [stack, cine] = read_only(film);
    expect_in_order(cine, {0, 1, 2, 3}, {0, 1, 2, 3, 4});
    EXPECT_EQ(cine.times_ms.empty(), kind != 0) << kind;
  }
}

TEST(DicomStacks, ASliceMayBeASeriesAndAPhaseToo) {
  DicomFilm by_slice;
  by_slice.change = [](DicomPage& page, int64_t k, int64_t) {
    page.series = k + 1;
    page.series_uid = "1.2.3." + std::to_string(k + 1);
    return true;
  };
  expect_in_order(read_only(by_slice).second, {0, 1, 2, 3}, {0, 1, 2, 3, 4});
  DicomFilm by_phase;
  by_phase.change = [](DicomPage& page, int64_t, int64_t t) {
    page.series = 10 - t;
    page.series_uid = "1.2.3." + std::to_string(t + 1);
    return true;
  };
  expect_in_order(read_only(by_phase).second, {0, 1, 2, 3}, {0, 1, 2, 3, 4});
}

TEST(DicomStacks, OfRepeatedSlicesTheLastCounts) {
  DicomFilm film;
  film.change = [](DicomPage& page, int64_t k, int64_t t) {
    if (k == 2) {  // acquired first, in place of slice 1, at another heart rate
      page.position[2] -= 9;
      page.series = 1;
      page.series_uid = "1.2.3.7";
      page.trigger = std::to_string(12 + 33 * t);
    } else {
      page.series = 2;
    }
    return true;
  };
  const auto [stack, cine] = read_only(film);
  EXPECT_EQ(codes(stack), std::vector<std::string>{"repeated_slice"});
  expect_in_order(cine, {0, 1, 3}, {0, 1, 2, 3, 4});
  EXPECT_EQ(stack.series.slice_z_mm, (std::vector<double>{0, 9, 27}));
}

TEST(DicomStacks, MissingPhasesAreTakenFromTheNearest) {
  DicomFilm film;
  film.change = [](DicomPage&, int64_t k, int64_t t) { return !(k == 1 && t == 2); };
  const auto [stack, cine] = read_only(film);
  EXPECT_EQ(codes(stack), std::vector<std::string>{"missing_phases"});
  EXPECT_NE(stack.series.problems[0].text.find("slice 2 of 4 has 4 of 5 phases"),
            std::string::npos);
  EXPECT_TRUE(cine.voxels[2][1].equal(DicomFilm::pixels(1, 1).to(torch::kFloat32)) ||
              cine.voxels[2][1].equal(DicomFilm::pixels(1, 3).to(torch::kFloat32)));
  EXPECT_TRUE(cine.voxels[2][0].equal(DicomFilm::pixels(0, 2).to(torch::kFloat32)));
}

TEST(DicomStacks, ASliceWithFewPhasesIsLeftOut) {
  DicomFilm film;
  film.change = [](DicomPage&, int64_t k, int64_t t) { return k != 3 || t == 0; };
  const auto [stack, cine] = read_only(film);
  EXPECT_EQ(codes(stack), std::vector<std::string>{"incomplete_slice"});
  expect_in_order(cine, {0, 1, 2}, {0, 1, 2, 3, 4});
}

TEST(DicomStacks, UnevenSlicesKeepTheirPlaces) {
  DicomFilm film;
  film.change = [](DicomPage& page, int64_t k, int64_t) {
    if (k == 3) page.position[2] += 4;
    return true;
  };
  const auto [stack, cine] = read_only(film);
  EXPECT_EQ(stack.series.slice_z_mm, (std::vector<double>{0, 9, 18, 31}));
  EXPECT_NEAR(cine.grid.spacing_mm()[2], 9, 1e-9);
}

// Some archives give each file its own frame of reference.
// Slice 3 was taken 3 mm to the left (of LPS: +x), which is two columns.
TEST(DicomStacks, SlicesOfAnotherFieldOfViewAreResampled) {
  DicomFilm film;
  film.change = [](DicomPage& page, int64_t k, int64_t) {
    if (k == 3) page.position[0] += 3;
    return true;
  };
  const auto [stack, cine] = read_only(film);
  EXPECT_EQ(codes(stack), std::vector<std::string>{"mixed_grids"});
  EXPECT_EQ(stack.series.problems[0].text,
            "1 of 4 slices have another matrix, pixel size or place in the plane");
  expect_in_order(Cine{cine.grid, cine.voxels.slice(1, 0, 3), cine.times_ms}, {0, 1, 2},
                  {0, 1, 2, 3, 4});
  for (int64_t t = 0; t < 5; ++t) {
    const auto slice = cine.voxels[t][3], pixels = DicomFilm::pixels(3, t).to(torch::kFloat32);
    EXPECT_TRUE(slice.slice(1, 0, 2).eq(0).all().item<bool>());
    EXPECT_TRUE(slice.slice(1, 2).allclose(pixels.slice(1, 0, -2)));
  }
}

TEST(DicomStacks, FramesOfReferenceOfOneSeriesAreOne) {
  DicomFilm film;
  film.change = [](DicomPage& page, int64_t k, int64_t t) {
    page.frame_of_reference = fmt::format("1.2.{}.{}", k + 1, t + 1);
    return true;
  };
  const auto [stack, cine] = read_only(film);
  expect_in_order(cine, {0, 1, 2, 3}, {0, 1, 2, 3, 4});
  EXPECT_EQ(stack.series.frame_of_reference, "");
}

TEST(DicomStacks, OtherDirectionsSizesAndPlacesAreOtherStacks) {
  const auto folder = write_dicom_film({});
  DicomFilm other;
  other.slices = 1;
  int64_t number = 0;
  const std::vector<std::function<void(DicomPage&)>> changes = {
      [](DicomPage& page) { page.directions = {0, 1, 0, 0, 0, 1}; },
      [](DicomPage& page) { page.position[0] += 5; },
      [](DicomPage& page) {
        page.spacing = {1.25, 1.6};
      },
      [](DicomPage& page) { page.study_uid = "1.2.4"; },
      [](DicomPage& page) { page.frame_of_reference = "1.5", page.series_uid = "1.2.3.8"; }};
  for (const auto& change : changes) {
    other.change = [&](DicomPage& page, int64_t, int64_t) {
      change(page);
      return true;
    };
    write_dicom_film(other, folder / std::to_string(number++));
  }
  EXPECT_EQ(dicom_stacks(list_dicom(folder).pictures).size(), changes.size() + 1);
}

}  // namespace
}  // namespace dmcvr
