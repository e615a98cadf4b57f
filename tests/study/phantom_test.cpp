// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/phantom.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/geometry/dense_grid.h"
#include "dmcvr/study/layouts.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace dmcvr {
namespace {

PhantomOptions small_phantom(int64_t seed) {
  PhantomOptions options;
  options.seed = seed;
  options.phases = 2;
  options.spacing_mm = 2;
  options.matrix = 120;
  return options;
}

double label_ml(const Labels& labels, int64_t phase, int64_t label) {
  return static_cast<double>((labels.voxels[phase] == label).sum().item<int64_t>()) *
         labels.grid.voxel_ml();
}

double mean_where(const torch::Tensor& image, const torch::Tensor& mask) {
  return image.masked_select(mask).mean().item<double>();
}

}  // namespace

TEST(PhantomProperty, DenseLabelsCountToTheTruth) {
  for (int64_t seed = 0; seed < 4; ++seed) {
    const Phantom phantom = make_phantom(small_phantom(seed));
    phantom.dense_image.check();
    phantom.dense_labels.check();
    for (int64_t t = 0; t < 2; ++t) {
      // Half a plane of 2 mm where the ventricles end, 25 cm^2 for the LV and 45 for the RV, and
      // half a percent for the voxels at the border.
      const double lv_ml = phantom.truth.lv_ml[t], rv_ml = phantom.truth.rv_ml[t];
      EXPECT_NEAR(label_ml(phantom.dense_labels, t, kLvc), lv_ml, 2.5 + 0.005 * lv_ml) << seed;
      EXPECT_NEAR(label_ml(phantom.dense_labels, t, kRvc), rv_ml, 4.5 + 0.005 * rv_ml) << seed;
      EXPECT_NEAR(1.05 * label_ml(phantom.dense_labels, t, kLvm), phantom.truth.lvm_g,
                  2.5 + 0.01 * phantom.truth.lvm_g);
    }
    EXPECT_NEAR(phantom.truth.lv_ejection_fraction,
                1 - phantom.truth.lv_ml[1] / phantom.truth.lv_ml[0], 1e-12);
  }
}

TEST(PhantomProperty, LabelsFitThePicture) {
  for (int64_t seed = 4; seed < 8; ++seed) {
    const Phantom phantom = make_phantom(small_phantom(seed));
    const auto& image = phantom.study.sax.voxels;
    const auto& labels = phantom.study.labels->voxels;
    const double blood = mean_where(image, labels == kLvc),
                 muscle = mean_where(image, labels == kLvm);
    // Muscle is drawn at 0.25 to 0.51 of blood. What papillary muscles and thick slices mix leaves
    // a third of the contrast at least; the right ventricle is up to a quarter darker.
    EXPECT_GT(blood, 1.45 * muscle) << seed;
    EXPECT_GT(mean_where(image, labels == kRvc), 1.2 * muscle) << seed;
    EXPECT_EQ(phantom.study.phase_names, (std::vector<std::string>{"ed", "es"}));
  }
}

TEST(Phantom, AcquiredPlanesLieOnTheDenseGrid) {
  PhantomOptions options = small_phantom(11);
  options.noise = 0;
  options.breath_hold_mm = 0;
  const Phantom phantom = make_phantom(options);
  const DenseGrid dense = dense_grid(phantom.study.sax.grid);
  ASSERT_TRUE(same_grid(dense.grid, phantom.dense_labels.grid));
  // Without noise and shifts a slice is a slab of the dense image, up to how finely both are cut.
  for (size_t k = 0; k < dense.acquired_planes.size(); ++k) {
    const auto slice = phantom.study.sax.voxels.select(1, static_cast<int64_t>(k));
    const auto slab = phantom.dense_image.voxels.select(1, dense.acquired_planes[k]);
    const double scale = phantom.study.sax.voxels.max().item<double>();
    EXPECT_LT((slice - slab).abs().mean().item<double>(), 0.005 * scale) << k;
    EXPECT_TRUE(phantom.study.labels->voxels.select(1, static_cast<int64_t>(k))
                    .equal(phantom.dense_labels.voxels.select(1, dense.acquired_planes[k])));
  }
}

TEST(Phantom, SameOptionsGiveTheSameBytesOnAnyThreads) {
  PhantomOptions options = small_phantom(3);
  options.breath_hold_mm = 2;
  const int before = at::get_num_threads();
  at::set_num_threads(2);
  const Phantom a = make_phantom(options);
  at::set_num_threads(1);
  const Phantom b = make_phantom(options);
  at::set_num_threads(before);
  EXPECT_TRUE(a.study.sax.voxels.equal(b.study.sax.voxels));
  EXPECT_TRUE(a.study.labels->voxels.equal(b.study.labels->voxels));
  EXPECT_TRUE(a.dense_image.voxels.equal(b.dense_image.voxels));
  EXPECT_TRUE(a.dense_labels.voxels.equal(b.dense_labels.voxels));
  ASSERT_EQ(a.study.views.size(), 3u);
  for (size_t n = 0; n < 3; ++n) {
    EXPECT_TRUE(a.study.views[n].cine.voxels.equal(b.study.views[n].cine.voxels));
    EXPECT_TRUE(a.study.views[n].labels->voxels.equal(b.study.views[n].labels->voxels));
  }
  EXPECT_FALSE(a.study.sax.voxels.equal(make_phantom(small_phantom(3)).study.sax.voxels));
}

TEST(Phantom, DoesWhatIsAsked) {
  PhantomOptions options = small_phantom(12);
  options.phases = 5;
  options.slices = 7;
  options.pitch_mm = 9;
  options.thickness_mm = 6;
  options.ejection_fraction = 0.35;
  options.pathology = Pathology::dilated;
  options.dense = options.long_axis = false;
  const Phantom phantom = make_phantom(options);
  EXPECT_EQ(phantom.study.sax.voxels.sizes(), at::IntArrayRef({5, 7, 120, 120}));
  const auto spacing = phantom.study.sax.grid.spacing_mm();
  EXPECT_NEAR(spacing[0], 2, 1e-9);
  EXPECT_NEAR(spacing[1], 2, 1e-9);
  EXPECT_NEAR(spacing[2], 9, 1e-9);
  EXPECT_NEAR(phantom.truth.lv_ejection_fraction, 0.35, 1e-12);
  EXPECT_EQ(phantom.options.pathology, Pathology::dilated);
  EXPECT_FALSE(phantom.dense_image.voxels.defined());
  EXPECT_TRUE(phantom.study.views.empty());
  // ED is the first phase and ES the one of least volume, named once each.
  const auto& ml = phantom.truth.lv_ml;
  const auto least = std::min_element(ml.begin(), ml.end()) - ml.begin();
  EXPECT_EQ(phantom.study.phase_names[0], "ed");
  EXPECT_EQ(phantom.study.phase_names[static_cast<size_t>(least)], "es");
  EXPECT_EQ(std::max_element(ml.begin(), ml.end()), ml.begin());
}

TEST(Phantom, BreathHoldsMoveSlicesAndNotTheTruth) {
  PhantomOptions still = small_phantom(2), moved = still;
  still.breath_hold_mm = 0;
  moved.breath_hold_mm = 4;
  const Phantom a = make_phantom(still), b = make_phantom(moved);
  EXPECT_TRUE(a.dense_labels.voxels.equal(b.dense_labels.voxels));
  EXPECT_FALSE(a.study.labels->voxels.equal(b.study.labels->voxels));
  // A shift keeps areas, up to pixels at the border.
  EXPECT_NEAR(label_ml(*a.study.labels, 0, kLvc), label_ml(*b.study.labels, 0, kLvc),
              0.02 * a.truth.lv_ml[0]);
}

TEST(Phantom, RefusesBadOptions) {
  const auto options = [](const char* key, double value) {
    return options_from_json<PhantomOptions>({{key, value}}, "test");
  };
  EXPECT_THROW(options("noise", 3.5), Error);
  EXPECT_THROW(options("ejection_fraction", 0.95), Error);
  EXPECT_THROW(options("pitch_mm", -1.5), Error);
  EXPECT_THROW(options("spacing_mm", 0.1), Error);
  EXPECT_THROW(options("breath_hold_mm", 31), Error);
  EXPECT_THROW(options_from_json<PhantomOptions>({{"pathology", "broken"}}, "test"), Error);
  PhantomOptions bad;
  bad.slices = 1;
  EXPECT_THROW(make_phantom(bad), Error);
}

TEST(Phantom, ComesBackFromItsFolder) {
  const auto folder = test::fresh_folder() / "phantom";
  PhantomOptions options = small_phantom(21);
  options.phases = 3;
  const Phantom phantom = make_phantom(options);
  write_phantom(folder, phantom);
  EXPECT_THROW(write_phantom(folder, phantom), Error);
  const Study study = read_study(folder);
  EXPECT_EQ(study.source, "phantom");
  EXPECT_EQ(study.phase_names, phantom.study.phase_names);
  EXPECT_TRUE(study.sax.voxels.equal(phantom.study.sax.voxels));
  EXPECT_TRUE(study.labels->voxels.equal(phantom.study.labels->voxels));
  EXPECT_TRUE(same_grid(study.sax.grid, phantom.study.sax.grid));
  study.check();
  ASSERT_EQ(study.views.size(), 3u);
  for (size_t n = 0; n < 3; ++n) {
    EXPECT_EQ(study.views[n].name, phantom.study.views[n].name);
    EXPECT_TRUE(same_grid(study.views[n].cine.grid, phantom.study.views[n].cine.grid));
    EXPECT_TRUE(study.views[n].cine.voxels.equal(phantom.study.views[n].cine.voxels));
    EXPECT_TRUE(study.views[n].labels->voxels.equal(phantom.study.views[n].labels->voxels));
  }
  const Study es = select_phases(study, {"es"});
  es.check();
  EXPECT_EQ(es.views[0].cine.phase_count(), 1);
  ASSERT_EQ(study.sax.times_ms.size(), 3u);
  EXPECT_NEAR(study.sax.times_ms[2], phantom.study.sax.times_ms[2], 0.01);
  const auto truth = read_json(folder / "truth.json");
  EXPECT_EQ(truth.at("phases").size(), 3u);
  EXPECT_NE(truth.at("pathology"), "drawn");
  EXPECT_EQ(truth.at("options"), nlohmann::json(phantom.options));
}

}  // namespace dmcvr
