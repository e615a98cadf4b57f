// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/sunnybrook.h"

#include "study/dicom_files.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using test::DicomFilm;
using test::DicomPage;
using Corners = std::vector<std::array<double, 2>>;

// The outline of the largest part of a mask [H, W], along the sides of its pixels.
Corners outline_of(const torch::Tensor& mask) {
  using Point = std::pair<int64_t, int64_t>;  // of a corner between pixels: column, row
  std::map<Point, std::vector<Point>> next;
  const auto is_in = [&](int64_t row, int64_t column) {
    return row >= 0 && column >= 0 && row < mask.size(0) && column < mask.size(1) &&
           mask[row][column].item<bool>();
  };
  for (int64_t row = 0; row < mask.size(0); ++row) {
    for (int64_t column = 0; column < mask.size(1); ++column) {
      if (!is_in(row, column)) continue;
      if (!is_in(row - 1, column)) next[{column, row}].push_back({column + 1, row});
      if (!is_in(row, column + 1)) next[{column + 1, row}].push_back({column + 1, row + 1});
      if (!is_in(row + 1, column)) next[{column + 1, row + 1}].push_back({column, row + 1});
      if (!is_in(row, column - 1)) next[{column, row + 1}].push_back({column, row});
    }
  }
  Corners best;
  while (!next.empty()) {
    Corners corners;
    Point place = next.begin()->first;
    while (next.count(place) > 0) {
      corners.push_back(
          {static_cast<double>(place.first) - 0.5, static_cast<double>(place.second) - 0.5});
      auto& ways = next[place];
      const Point step = ways.back();
      ways.pop_back();
      if (ways.empty()) next.erase(place);
      place = step;
    }
    if (corners.size() > best.size()) best = corners;
  }
  return best;
}

void write_contour(const fs::path& folder, int64_t number, bool is_inner, const Corners& corners) {
  const auto place = folder / "contours" / (is_inner ? "i-contours" : "o-contours");
  fs::create_directories(place);
  std::ofstream stream(
      place / fmt::format("IM-0001-{:04}-{}contour-manual.txt", number, is_inner ? 'i' : 'o'));
  for (const auto& [x, y] : corners) stream << fmt::format("{:.2f} {:.2f}\n", x, y);
}

const Corners kSquare = {{4, 4}, {12, 4}, {12, 12}, {4, 12}};
const Corners kWide = {{2, 2}, {15, 2}, {15, 15}, {2, 15}};

// Instance number of slice k, phase t in a film of `phases`.
int64_t number_of(int64_t k, int64_t t, int64_t phases) {
  return 1 + k * phases + t;
}

fs::path sunnybrook_patient(
    DicomFilm film = {}, const std::function<void(DicomPage& page, int64_t slice)>& change = {}) {
  const auto folder = test::fresh_folder() / "SCD0000001";
  film.change = [phases = film.phases, &change](DicomPage& page, int64_t k, int64_t t) {
    page.instance = number_of(k, t, phases);
    if (change) change(page, k);
    return true;
  };
  fs::create_directories(folder / "dicom");
  for (const auto& [page, pixels] : pages_of(film))
    std::ofstream(folder / "dicom" / fmt::format("{}.dcm", page.instance), std::ios::binary)
        << dicom_bytes(page, pixels);
  return folder;
}

std::string refusal_of_contours(const fs::path& folder) {
  try {
    read_study(folder);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(PolygonMask, HasTheAreaOfThePolygon) {
  // A polygon of half pixels has exactly the pixels inside; others up to half their perimeter.
  EXPECT_EQ(
      polygon_mask({{1.5, 2.5}, {6.5, 2.5}, {6.5, 5.5}, {1.5, 5.5}}, 10, 10).sum().item<int>(), 15);
  Corners circle, triangle = {{3.2, 4.1}, {90.7, 20.3}, {40.1, 88.8}};
  for (int n = 0; n < 200; ++n) {
    const double angle = 2 * M_PI * n / 200;
    circle.push_back({50.3 + 30 * std::cos(angle), 49.8 + 30 * std::sin(angle)});
  }
  EXPECT_NEAR(polygon_mask(circle, 100, 100).sum().item<double>(), M_PI * 900, 30);
  const double area = std::abs((90.7 - 3.2) * (88.8 - 4.1) - (40.1 - 3.2) * (20.3 - 4.1)) / 2;
  EXPECT_NEAR(polygon_mask(triangle, 100, 100).sum().item<double>(), area, 40);
  // Neighbors that share a side share no pixel, and leave none out.
  const auto left = polygon_mask({{2, 2}, {6, 2}, {6, 9}, {2, 9}}, 12, 12),
             right = polygon_mask({{6, 2}, {10, 2}, {10, 9}, {6, 9}}, 12, 12),
             both = polygon_mask({{2, 2}, {10, 2}, {10, 9}, {2, 9}}, 12, 12);
  EXPECT_FALSE((left & right).any().item<bool>());
  EXPECT_TRUE((left | right).equal(both));
}

TEST(Sunnybrook, ContoursBecomeLabelsOfTheirPhases) {
  const auto folder = sunnybrook_patient();
  for (const int64_t k : {1, 2}) {
    write_contour(folder, number_of(k, 1, 5), true, {{5, 5}, {9, 5}, {9, 9}, {5, 9}});  // ES
    write_contour(folder, number_of(k, 4, 5), true, kSquare);                           // ED
    write_contour(folder, number_of(k, 4, 5), false, kWide);
  }
  const Study study = read_study(folder);
  study.check();
  EXPECT_EQ(study.source, "Sunnybrook");
  EXPECT_EQ(study.phase_names,
            (std::vector<std::string>{"phase00", "es", "phase02", "phase03", "ed"}));
  ASSERT_TRUE(study.labels);
  const auto count = [&](int64_t phase, int64_t label) {
    return (study.labels->voxels[phase] == label).sum().item<int64_t>();
  };
  EXPECT_EQ(count(1, kLvc), 2 * 4 * 4);
  EXPECT_EQ(count(1, kLvm), 0);
  EXPECT_EQ(count(4, kLvc), 2 * 8 * 8);
  EXPECT_EQ(count(4, kLvm), 2 * (13 * 13 - 8 * 8));
  EXPECT_FALSE(study.labels->voxels[4][0].any().item<bool>());
  // What nobody drew is not known.
  EXPECT_EQ(study.drawn, (std::vector<std::set<int64_t>>{{}, {kLvc}, {}, {}, {kLvc, kLvm}}));
  EXPECT_EQ(select_phases(study, {}).drawn, (std::vector<std::set<int64_t>>{{kLvc}, {kLvc, kLvm}}));
  EXPECT_FALSE(is_fully_labeled(study));
  EXPECT_TRUE(has_inputs(folder, study.inputs));
}

TEST(Sunnybrook, PicturesWithoutNumbersOfTheirOwnAreKnownByTheirFiles) {
  const auto folder = test::fresh_folder() / "SCD0000003";
  fs::create_directories(folder / "dicom");
  DicomFilm film;
  film.change = [](DicomPage& page, int64_t, int64_t t) {
    page.instance = 1 + t;  // begins anew in each slice
    return true;
  };
  int64_t number = 0;
  for (const auto& [page, pixels] : pages_of(film))
    std::ofstream(folder / "dicom" / fmt::format("IM-0003-{:04}.dcm", ++number), std::ios::binary)
        << dicom_bytes(page, pixels);
  write_contour(folder, number_of(2, 3, film.phases), true, kSquare);
  const Study study = read_study(folder);
  EXPECT_EQ((study.labels->voxels[3][2] == kLvc).sum().item<int64_t>(), 8 * 8);
  EXPECT_EQ((study.labels->voxels == kLvc).sum().item<int64_t>(), 8 * 8);
}

// Slice 3 was taken two columns to the left on pixels of half the height; its contours are in
// those.
TEST(Sunnybrook, ContoursFollowTheirPictureOntoTheGridOfTheOthers) {
  const auto folder = sunnybrook_patient({}, [](DicomPage& page, int64_t k) {
    if (k != 3) return;
    page.position[0] += 2 * page.spacing[1];
    page.spacing[0] /= 2;
  });
  for (const int64_t k : {1, 3}) write_contour(folder, number_of(k, 4, 5), true, kSquare);
  const Study study = read_study(folder);
  ASSERT_EQ(study.problems.size(), 1U);
  EXPECT_EQ(study.problems[0].code, "mixed_grids");
  const auto labels = study.labels->voxels[4];
  EXPECT_TRUE(labels[1].to(torch::kBool).equal(polygon_mask(kSquare, 20, 24)));
  EXPECT_TRUE(
      labels[3].to(torch::kBool).equal(polygon_mask({{6, 2}, {14, 2}, {14, 6}, {6, 6}}, 20, 24)));
}

TEST(Sunnybrook, AWallThatSlicesLackIsNotKnown) {
  const auto folder = sunnybrook_patient();
  for (const int64_t k : {0, 1, 2}) write_contour(folder, number_of(k, 0, 5), true, kSquare);
  write_contour(folder, number_of(1, 0, 5), false, kWide);
  const Study study = read_study(folder);
  EXPECT_EQ(study.drawn, (std::vector<std::set<int64_t>>{{kLvc}, {}, {}, {}, {}}));
  EXPECT_FALSE((study.labels->voxels == kLvm).any().item<bool>());
  EXPECT_EQ(study.phase_names.front(), "phase00");  // of one phase nobody knows which it is
}

TEST(Sunnybrook, RefusesContoursThatFitNoPicture) {
  const auto other = sunnybrook_patient();
  write_contour(other, 999, true, kSquare);
  EXPECT_NE(refusal_of_contours(other).find("picture 999"), std::string::npos);
  const auto outside = sunnybrook_patient();
  write_contour(outside, 3, true, {{4, 4}, {400, 4}, {4, 9}});
  EXPECT_NE(refusal_of_contours(outside).find("line 2"), std::string::npos);
  const auto text = sunnybrook_patient();
  write_contour(text, 3, true, kSquare);
  std::ofstream(text / "contours/i-contours/IM-0001-0003-icontour-manual.txt")
      << "1 2\nno number\n";
  EXPECT_NE(refusal_of_contours(text).find("line 2"), std::string::npos);
  const auto few = sunnybrook_patient();
  write_contour(few, 3, true, {{4, 4}, {5, 5}});
  EXPECT_NE(refusal_of_contours(few).find("2 points"), std::string::npos);
}

// The phantom's own labels, written as contours along the sides of pixels, come back.
TEST(Sunnybrook, ThePhantomsContoursComeBack) {
  PhantomOptions options;
  options.seed = 4;
  options.phases = 4;
  options.slices = 5;
  options.spacing_mm = 4;
  options.matrix = 64;
  options.dense = options.long_axis = false;
  const Study phantom = make_phantom(options).study;
  const auto folder = test::fresh_folder() / "SCD0000002";
  fs::create_directories(folder / "CINESAX_300");
  const auto is_lv = [&](int64_t t, int64_t k, bool with_wall) {
    const auto labels = phantom.labels->voxels[t][k];
    return with_wall ? (labels == kLvc).logical_or(labels == kLvm) : labels == kLvc;
  };
  std::vector<int64_t> ends;
  for (int64_t t = 0; t < 4; ++t) {
    const auto& name = phantom.phase_names[static_cast<size_t>(t)];
    if (name == "ed" || name == "es") ends.push_back(t);
    for (int64_t k = 0; k < 5; ++k) {
      DicomPage page;
      page.position = {0, 0, 9.0 * static_cast<double>(k)};
      page.spacing = {4, 4};
      page.trigger = std::to_string(40 * t);
      page.instance = 1 + 4 * k + t;
      std::ofstream(folder / "CINESAX_300" / fmt::format("IM-0003-{:04}.dcm", page.instance),
                    std::ios::binary)
          << dicom_bytes(page, phantom.sax.voxels[t][k].round().to(torch::kInt64));
      if (name != "ed" && name != "es") continue;
      if (is_lv(t, k, false).any().item<bool>())
        write_contour(folder, page.instance, true, outline_of(is_lv(t, k, false)));
      if (is_lv(t, k, true).any().item<bool>())
        write_contour(folder, page.instance, false, outline_of(is_lv(t, k, true)));
    }
  }
  ASSERT_EQ(ends.size(), 2U);
  const Study study = select_phases(read_study(folder), {});
  EXPECT_EQ(study.drawn, (std::vector<std::set<int64_t>>(2, {kLvc, kLvm})));
  EXPECT_EQ(study.frames, ends);
  for (size_t n = 0; n < 2; ++n) {
    const auto t = static_cast<size_t>(ends[n]);
    EXPECT_EQ(study.phase_names[n], phantom.phase_names[t]);
    const auto truth = phantom.labels->voxels[ends[n]];
    const auto found = study.labels->voxels[static_cast<int64_t>(n)];
    EXPECT_GT((truth == kLvc).sum().item<int64_t>(), 50);
    EXPECT_EQ(((found == kLvc) != (truth == kLvc)).sum().item<int64_t>(), 0);
    EXPECT_EQ(((found == kLvm) != (truth == kLvm)).sum().item<int64_t>(), 0);
  }
}

TEST(Sunnybrook, RealContours) {
  const auto data = test::data_folder();
  if (!data) GTEST_SKIP() << "DMCVR_DATA is not set";
  const Study film = read_study(*data / "sunnybrook/SCD0000101");
  EXPECT_EQ(film.sax.phase_count(), 20);
  const Study study = select_phases(film, {});
  EXPECT_EQ(study.phase_names, (std::vector<std::string>{"es", "ed"}));
  EXPECT_EQ(study.frames, (std::vector<int64_t>{7, 18}));
  EXPECT_EQ(study.drawn, (std::vector<std::set<int64_t>>{{kLvc}, {kLvc, kLvm}}));
  // The brightest of the heart is blood: the cavity is far brighter than the wall.
  const auto ed = study.sax.voxels[1];
  const double blood = ed.masked_select(study.labels->voxels[1] == kLvc).mean().item<double>();
  const double wall = ed.masked_select(study.labels->voxels[1] == kLvm).mean().item<double>();
  EXPECT_GT(blood, 1.5 * wall);
}

}  // namespace dmcvr
