// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/measure_files.h"

#include "measures/ring_heart.h"
#include "support.h"

#include "dmcvr/io/csv.h"

#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

// A film of a ring that beats once.
HeartMeasures toy_film(size_t phases) {
  LabeledHeart heart;
  heart.name = "toy, \"one\"";
  const Grid grid = test::ring_grid({});
  std::vector<torch::Tensor> voxels;
  for (size_t t = 0; t < phases; ++t) {
    const double beat =
        2 * 180 * test::kDegree * static_cast<double>(t) / static_cast<double>(phases);
    test::RingHeart ring;
    ring.cavity_mm = 18 + 3 * std::cos(beat);
    ring.wall_mm = [&](double) { return 10 - 2 * std::cos(beat); };
    voxels.push_back(test::ring_labels(ring, grid).voxels);
    heart.phase_names.push_back("phase" + std::to_string(t));
    heart.times_ms.push_back(800.0 * static_cast<double>(t) / static_cast<double>(phases));
  }
  heart.film_times_ms = heart.times_ms;
  heart.slices = {grid, torch::cat(voxels)};
  heart.slice_z_mm = plane_positions(grid);
  return measure_heart(heart);
}

TEST(MeasureFiles, OfAFilmAreFour) {
  const fs::path folder = test::fresh_folder();
  const HeartMeasures film = toy_film(16);
  write_measure_files(folder, {film});
  EXPECT_GT(fs::file_size(folder / "bullseye.png"), 5000U);
  EXPECT_GT(fs::file_size(folder / "volume_curve.png"), 5000U);

  const CsvTable segments = read_csv(folder / "segments.csv");
  ASSERT_EQ(segments.rows.size(), 16U);
  EXPECT_EQ(segments.rows[1][*segments.column("wall")], "anteroseptal");
  EXPECT_NEAR(std::stod(segments.rows[1][*segments.column("ed_mm")]), 8, 0.4);
  EXPECT_NEAR(std::stod(segments.rows[1][*segments.column("es_mm")]), 12, 0.4);
  EXPECT_EQ(segments.rows[0][0], film.name);

  const CsvTable curve = read_csv(folder / "volume_curve.csv");
  ASSERT_EQ(curve.rows.size(), 16U);
  EXPECT_NEAR(std::stod(curve.rows[8][*curve.column("discs_lv_ml")]), *film.discs.lv_esv_ml, 1e-4);
  EXPECT_EQ(curve.rows[0][*curve.column("dense_lv_ml")], "");
  EXPECT_NEAR(std::stod(curve.rows[0][*curve.column("discs_lvm_g")]), *film.discs.lv_mass_g, 1e-4);
}

TEST(MeasureFiles, TwoPhasesMakeNoCurveAndSeveralHeartsNoPictures) {
  const fs::path folder = test::fresh_folder();
  write_measure_files(folder, {toy_film(2)});
  EXPECT_TRUE(fs::exists(folder / "bullseye.png"));
  EXPECT_FALSE(fs::exists(folder / "volume_curve.csv") || fs::exists(folder / "volume_curve.png"));
  fs::create_directory(folder / "many");
  write_measure_files(folder / "many", {toy_film(2), toy_film(3)});
  EXPECT_EQ(read_csv(folder / "many" / "segments.csv").rows.size(), 32U);
  EXPECT_EQ(read_csv(folder / "many" / "volume_curve.csv").rows.size(), 3U);
  EXPECT_FALSE(fs::exists(folder / "many" / "bullseye.png"));
}

// The film of a whole beat: closed forms of a cylinder whose radius is a cosine.
TEST(MeasureFiles, RatesOfTheFilmAreThoseOfItsVolume) {
  const HeartMeasures film = toy_film(24);
  double fastest = 0;
  for (double fraction = 0; fraction < 1; fraction += 0.001) {
    const double beat = 2 * 180 * test::kDegree * fraction;
    const double radius = 18 + 3 * std::cos(beat),
                 speed = 3 * std::sin(beat) * 2 * 180 * test::kDegree / 0.8;
    fastest = std::max(fastest, 2 * 180 * test::kDegree * radius * speed * 88 / 1000);
  }
  EXPECT_NEAR(*film.discs.lv_peak_ejection_rate_ml_per_s / fastest, 1, 0.05);
  EXPECT_NEAR(*film.discs.lv_peak_filling_rate_ml_per_s / fastest, 1, 0.05);
  EXPECT_NEAR(*film.discs.lv_peak_filling_rate_edv_per_s * *film.discs.lv_edv_ml,
              *film.discs.lv_peak_filling_rate_ml_per_s, 1e-6);
  // Ejection and filling are mirror images around ES, 400 ms after ED.
  EXPECT_NEAR(*film.discs.lv_time_to_peak_ejection_ms, 400 - *film.discs.lv_time_to_peak_filling_ms,
              20);
  EXPECT_NEAR(*film.heart_rate_per_min, 75, 1e-6);
  EXPECT_NEAR(*film.discs.cardiac_output_l_per_min, *film.discs.lv_sv_ml * 75 / 1000, 1e-6);
}

}  // namespace
}  // namespace dmcvr
