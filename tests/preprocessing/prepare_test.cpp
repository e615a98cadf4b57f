// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/prepare.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/layouts.h"

#include <gtest/gtest.h>

#include <fstream>
#include <set>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// ACDC patients of two phases, 3 slices of 40 x 36 pixels of 2 mm, whose brightness tells them
// apart.
fs::path dataset(int count) {
  const fs::path root = test::fresh_folder();
  for (int number = 1; number <= count; ++number) {
    const std::string name = fmt::format("patient{:03}", number);
    fs::create_directories(root / name);
    std::ofstream(root / name / "Info.cfg")
        << "ED: 1\nES: 5\nGroup: NOR\nHeight: 170.0\nNbFrame: 9\nWeight: 70.0\n";
    Cine picture;
    picture.grid.size = {40, 36, 3};
    picture.grid.world_from_voxel.matrix = {{{-2, 0, 0}, {0, -2, 0}, {0, 0, 10}}};
    Labels labels{picture.grid, torch::zeros({1, 3, 36, 40}, torch::kUInt8), acdc_label_table()};
    labels.voxels.slice(2, 10, 20).slice(3, 12, 24).fill_(number % 3 + 1);
    for (const int frame : {1, 5}) {
      picture.voxels =
          test::golden_input(fmt::format("{} {}", number, frame), {1, 3, 36, 40}, 100, 200).round();
      write_nifti(root / name / fmt::format("{}_frame{:02}.nii.gz", name, frame), picture);
      write_nifti(root / name / fmt::format("{}_frame{:02}_gt.nii.gz", name, frame), labels);
    }
  }
  return root;
}

}  // namespace

TEST(Prepare, PacksEverySliceOfEveryCase) {
  const auto packed = prepare({dataset(4)}, {});
  ASSERT_EQ(packed.slices.size(), 4U * 2U * 3U);
  std::set<int64_t> cases;
  for (const auto& slice : packed.slices) {
    cases.insert(slice.case_index);
    EXPECT_EQ(slice.image.sizes(), (std::vector<int64_t>{58, 64}));  // 72 x 80 mm of 1.25 mm
    EXPECT_EQ(slice.labels.sizes(), slice.image.sizes());
    EXPECT_EQ(slice.pitch_mm, 10);
    EXPECT_GT((slice.labels > 0).sum().item<int64_t>(), 0);
  }
  EXPECT_EQ(cases, (std::set<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(packed.slices[0].spacing_mm, 1.25);
}

TEST(Prepare, TranslatesTheLabelsOfAcdc) {
  PrepareOptions options;
  options.input_rule.spacing_mm = 2;
  const auto packed = prepare({dataset(1)}, options);  // number 2 of ACDC's table: myocardium
  EXPECT_EQ(packed.slices[0].labels.max().item<int64_t>(), kLvm);
  EXPECT_EQ((packed.slices[0].labels > 0).sum().item<int64_t>(), 10 * 12);
}

TEST(Prepare, PhasesThatAreNotFullyDrawnTeachNoSegmenter) {
  Study study = read_study(dataset(1) / "patient001");
  study.drawn = {{kLvc, kLvm}, {kLvc, kLvm, kRvc}};
  PrepareOptions options;
  options.input_rule.spacing_mm = 2;
  options.margin_mm = 4;
  const auto slices = pack_study(study, options);
  ASSERT_EQ(slices.size(), 6U);
  for (size_t n = 0; n < slices.size(); ++n) {
    EXPECT_EQ(slices[n].labels.defined(), n >= 3) << n;
    // Nor do they say where the heart ends.
    EXPECT_EQ(slices[n].image.sizes(), (std::vector<int64_t>{36, 40}));
  }
}

TEST(Prepare, TakesTheSubsetAndItsOrderTellsNothing) {
  const auto root = dataset(6);
  const auto split = root / "split.json";
  std::ofstream(split)
      << R"({"train": ["patient001", "patient002", "patient004", "patient005", "patient006"], "test": ["patient003"]})";
  PrepareOptions options;
  options.split = split.string();
  options.subset = "test";
  EXPECT_EQ(prepare({root}, options).slices.size(), 6U);
  options.subset = "train";
  const auto first = prepare({root}, options);
  EXPECT_EQ(first.slices.size(), 30U);
  int others = 0;  // orders that begin with another case
  for (options.seed = 1; options.seed <= 5; ++options.seed) {
    others += first.slices[0].image.equal(prepare({root}, options).slices[0].image) ? 0 : 1;
  }
  EXPECT_GT(others, 0);
}

TEST(Prepare, ObeysTheRuleOfTheNetworks) {
  const auto root = dataset(1);
  PrepareOptions options;
  options.input_rule = reference_rule();
  const auto packed = prepare({root}, options);
  EXPECT_NO_THROW(check_rule(packed, reference_rule()));
  // Acquired pixels, 0 to p98, clipped: no value above 1.
  const Study study = read_study(root / "patient001");
  const auto& size = study.sax.grid.size;
  EXPECT_EQ(packed.slices[0].image.sizes(), (std::vector<int64_t>{size[1], size[0]}));
  EXPECT_NEAR(packed.slices[0].spacing_mm, study.sax.grid.spacing_mm()[0], 1e-9);
  for (const auto& slice : packed.slices) {
    EXPECT_LE(slice.image.max().item<int64_t>(), static_cast<int64_t>(kPackedSteps));
  }
}

TEST(Prepare, KeepsTheBoxOfTheHeartAndItsMargin) {
  PrepareOptions options;
  options.margin_mm = 4;
  const auto packed = prepare({dataset(1)}, options);
  EXPECT_EQ(packed.slices[0].image.sizes(),
            (std::vector<int64_t>{22, 26}));  // 20 + 8 by 24 + 8 mm of 1.25 mm
}

// The film of a patient of dataset(): 9 frames, ED and ES among them.
void add_film(const fs::path& patient) {
  const std::string name = patient.filename().string();
  Cine film = read_nifti(patient / (name + "_frame01.nii.gz"));
  const auto es = read_nifti(patient / (name + "_frame05.nii.gz")).voxels[0];
  film.voxels = film.voxels.repeat({9, 1, 1, 1});
  for (int64_t frame = 1; frame < 9; ++frame) film.voxels[frame] += static_cast<float>(frame);
  film.voxels[4] = es;
  film.times_ms.clear();
  write_nifti(patient / (name + "_4d.nii.gz"), film);
}

// How many slices have and lack labels, and the frames of those that lack them.
struct FrameCount {
  int64_t labeled = 0, bare = 0;
  std::set<int64_t> bare_frames;
};

FrameCount count_frames(const PackedSlices& packed) {
  FrameCount count;
  for (const auto& slice : packed.slices) {
    ++(slice.labels.defined() ? count.labeled : count.bare);
    if (!slice.labels.defined()) count.bare_frames.insert(slice.phase_index);
  }
  return count;
}

TEST(Prepare, TakesAsManyFramesOfAFilmAsAskedFor) {
  const auto root = dataset(1);
  add_film(root / "patient001");
  PrepareOptions options;
  EXPECT_EQ(count_frames(prepare({root}, options)).bare, 0);
  options.frames = "all";
  const auto packed = prepare({root}, options);
  const FrameCount all = count_frames(packed);
  EXPECT_EQ(all.labeled, 6);
  EXPECT_EQ(all.bare_frames, (std::set<int64_t>{1, 2, 3, 5, 6, 7, 8}));
  EXPECT_EQ(all.bare, 21);
  // One case, numbered by the film, cut and scaled alike.
  for (const auto& slice : packed.slices) {
    EXPECT_EQ(slice.case_index, 0);
    EXPECT_EQ(slice.image.sizes(), packed.slices[0].image.sizes());
    EXPECT_EQ(slice.labels.defined(), slice.phase_index == 0 || slice.phase_index == 4);
  }
  options.frames = "4";
  EXPECT_EQ(count_frames(prepare({root}, options)).bare_frames, (std::set<int64_t>{8}));
  for (const char* words : {"", "0", "-1", "every", "1.5", "99999"}) {
    options.frames = words;
    EXPECT_THROW(options.check(), Error) << words;
  }
}

TEST(Prepare, TakesFilmsWithoutLabels) {
  const auto root = dataset(1);
  add_film(root / "patient001");
  const fs::path film = root / "patient001" / "patient001_4d.nii.gz";
  PrepareOptions options;
  EXPECT_EQ(count_frames(prepare({film}, options)).bare, 27);
  options.frames = "3";
  EXPECT_EQ(count_frames(prepare({film}, options)).bare, 9);
}

TEST(Prepare, PaintsLabelMaps) {
  const auto root = test::fresh_folder();
  Labels map;
  map.grid.size = {60, 60, 70};
  map.grid.world_from_voxel.matrix = {{{2, 0, 0}, {0, 2, 0}, {0, 0, 2}}};
  map.voxels = torch::zeros({1, 70, 60, 60}, torch::kUInt8);
  auto heart = map.voxels[0];
  heart.slice(0, 10, 55).slice(1, 15, 45).slice(2, 25, 55).fill_(kLvm);
  heart.slice(0, 10, 50).slice(1, 20, 40).slice(2, 30, 50).fill_(kLvc);
  heart.slice(0, 10, 50).slice(1, 20, 40).slice(2, 8, 25).fill_(kRvc);
  write_nifti(root / "heart_labels.nii.gz", map);
  PrepareOptions options;
  options.paint.maps = {root.string()};
  options.paint.count = 2;
  const auto packed = prepare({}, options);
  EXPECT_EQ(packed.sources, (std::vector<std::string>{"dense label maps, 2 paintings"}));
  std::set<int64_t> cases, structures;
  for (const auto& slice : packed.slices) {
    EXPECT_TRUE(slice.is_synthetic);
    cases.insert(slice.case_index);
    ASSERT_TRUE(slice.labels.defined());
    structures.insert(slice.labels.max().item<int64_t>());
  }
  EXPECT_EQ(cases, (std::set<int64_t>{0, 1}));
  EXPECT_TRUE(structures.count(kRvc) == 1);
  EXPECT_THROW(prepare({}, PrepareOptions()), Error);
  options.paint.labels_are = "nothing";
  EXPECT_THROW(options.check(), Error);
}

TEST(Prepare, GoesOnWithTheNextCase) {
  const auto root = dataset(3);
  std::ofstream(root / "patient002" / "Info.cfg") << "ED: none\n";
  const auto packed = prepare({root}, {});
  EXPECT_EQ(packed.slices.size(), 2U * 2U * 3U);
  EXPECT_EQ(packed.sources.at(0), "ACDC, 2 cases");
  EXPECT_THROW(prepare({root / "patient002"}, {}), Error);
}

TEST(Prepare, FindsACaseWhateverItsPathEndsIn) {
  const auto root = dataset(1);
  PrepareOptions options;
  options.split = (root / "split.json").string();
  options.subset = "train";
  std::ofstream(options.split) << R"({"train": ["patient001"]})";
  EXPECT_EQ(prepare({(root / "patient001").string() + "/"}, options).slices.size(), 6U);
  std::ofstream(options.split) << R"({"train": [1, 2]})";
  EXPECT_THROW(prepare({root}, options), Error);
}

TEST(Prepare, SaysWhatIsMissing) {
  const auto root = dataset(1);
  PrepareOptions options;
  EXPECT_THROW(prepare({test::fresh_folder()}, options), Error);
  options.subset = "train";
  EXPECT_THROW(prepare({root}, options), Error);
  options.split = (root / "split.json").string();
  std::ofstream(options.split) << R"({"train": ["patient001", "patient007"]})";
  try {
    prepare({root}, options);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("patient007"), std::string::npos);
  }
  options.subset = "holdout";
  EXPECT_THROW(prepare({root}, options), Error);
}

}  // namespace dmcvr
