// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/tissue_map.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/geometry/cine.h"
#include "dmcvr/io/nifti.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

namespace dmcvr {
namespace {

// A bowl of muscle around a half-ellipsoid of blood, open at its base, with a ball beside it, in
// the values of MM-WHS. The axes of the file are turned against those of the bowl by `angle` about
// the file's second axis; voxels of `mm`.
struct Bowl {
  double mm = 1.2, angle = 0.5;
  Point apex() const { return {std::sin(angle), 0, std::cos(angle)}; }
};

std::filesystem::path bowl_file(const Bowl& bowl, const std::string& descrip = "") {
  const auto side = static_cast<int64_t>(150 / bowl.mm);
  Cine map;
  map.grid.size = {side, side, side};
  for (size_t a = 0; a < 3; ++a) {
    map.grid.world_from_voxel.matrix[a] = {};
    map.grid.world_from_voxel.matrix[a][a] = bowl.mm;
    map.grid.world_from_voxel.offset[a] = -75;
  }
  map.voxels = torch::zeros({1, side, side, side});
  auto* voxels = map.voxels.data_ptr<float>();
  const Point z = bowl.apex(), x = {std::cos(bowl.angle), 0, -std::sin(bowl.angle)};
  for (int64_t n = 0; n < side * side * side; ++n) {
    const Point p = map.grid.world_from_voxel({static_cast<double>(n % side),
                                               static_cast<double>(n / side % side),
                                               static_cast<double>(n / side / side)});
    const double u = dot(p, x), v = p[1], w = dot(p, z) + 30;  // the base is at w = 0
    const auto inside = [&](double a, double b) {
      return w >= 0 && (u * u + v * v) / (a * a) + w * w / (b * b) <= 1;
    };
    if (inside(20, 62))
      voxels[n] = 3;
    else if (inside(30, 72))
      voxels[n] = 1;
    else if (std::hypot(u + 48, v) < 17 && std::abs(w - 25) < 20)
      voxels[n] = 5;
    else if (std::hypot(u, v) < 18 && w < 0 && w > -25)
      voxels[n] = 2;
  }
  const auto path = test::fresh_folder() / "bowl.nii.gz";
  NiftiWriteOptions options;
  options.compression_level = 1;
  options.descrip = descrip;
  write_nifti(path, map, options);
  return path;
}

std::string map_error(const std::filesystem::path& path, const std::string& labels_are) {
  try {
    read_tissue_map(path, labels_are);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

int64_t count_of(const TissueMap& map, Tissue tissue) {
  return (map.voxels == static_cast<int64_t>(tissue)).sum().item<int64_t>();
}

}  // namespace

TEST(TissueMap, FindsTheFrameOfTheHeartInAnyOrientation) {
  for (const double angle : {0.0, 0.9, 2.5}) {
    const Bowl bowl{1.2, angle};
    const TissueMap map = read_tissue_map(bowl_file(bowl), "mmwhs");
    // Along the axis within the angle that cubes and a voxel's error at the border leave.
    EXPECT_GT(dot(map.world_from_heart.column(2), bowl.apex()), std::cos(0.03)) << angle;
    const Point x = {std::cos(angle), 0, -std::sin(angle)};
    EXPECT_GT(dot(map.world_from_heart.column(0), x), std::cos(0.03));
    EXPECT_LT(map.world_from_heart.determinant(), 0);  // left-handed
    EXPECT_NEAR(std::abs(map.world_from_heart.determinant()), 1, 1e-9);
    EXPECT_NEAR(map.length_mm, 72, 4);
    // The base at the axis.
    const Point base = times(-30, bowl.apex());
    EXPECT_LT(length(minus(map.world_from_heart({0, 0, 0}), base)), 4);
  }
}

TEST(TissueMap, KeepsVolumesInCubes) {
  const TissueMap map = read_tissue_map(bowl_file({}), "mmwhs");
  const double cavity_ml = 2.0 / 3 * 3.14159265 * 20 * 20 * 62 / 1000;
  EXPECT_NEAR(static_cast<double>(count_of(map, Tissue::lvc)) / 1000, cavity_ml, 0.03 * cavity_ml);
  EXPECT_NEAR(map.grid.voxel_ml(), 0.001, 1e-9);
  EXPECT_GT(count_of(map, Tissue::left_atrium), 0);
}

TEST(TissueMap, SurroundingsTakeNothingFromTheHeart) {
  const TissueMap map = read_tissue_map(bowl_file({}), "mmwhs");
  const TissueMap around = with_surroundings(map, 4);
  const auto heart = map.voxels > 0;
  EXPECT_TRUE(around.voxels.masked_select(heart).equal(map.voxels.masked_select(heart)));
  EXPECT_GT(count_of(around, Tissue::wall), 0);
  EXPECT_GT(count_of(around, Tissue::fat), count_of(with_surroundings(map, 1), Tissue::fat));
}

TEST(TissueMap, TheHeaderOrTheUserSaysWhatValuesMean) {
  EXPECT_NE(map_error(bowl_file({}), "").find("does not say what its values mean"),
            std::string::npos);
  const auto told = read_tissue_map(bowl_file({}, "1=LVM 2=LA 3=LVC 5=RVC"));
  EXPECT_GT(count_of(told, Tissue::lvc), 0);
  EXPECT_NE(map_error(bowl_file({}), "dmcvr").find("holds the value 5"), std::string::npos);
  EXPECT_EQ(tissue_table_from("acdc").at(1), Tissue::rvc);
  EXPECT_EQ(tissue_table_from("mmwhs").at(820), Tissue::aorta);
  EXPECT_EQ(tissue_table_from("3=LVC,1=LVM").size(), 2U);
  for (const auto* text : {"mmhws", "1=LVX", "1=LVC,1=LVM", "0=LVC", "=LVC"})
    EXPECT_THROW(tissue_table_from(text), Error) << text;
}

TEST(TissueMap, RefusesWhatIsNoDenseMap) {
  EXPECT_NE(map_error(bowl_file({5}), "mmwhs").find("voxels of 5 mm"), std::string::npos);
  EXPECT_NE(map_error(bowl_file({}), "1=LVM,2=LA,3=LVC,5=RA").find("holds no RVC"),
            std::string::npos);
  EXPECT_NE(map_error(test::fresh_folder() / "none.nii.gz", "mmwhs").find("none.nii.gz"),
            std::string::npos);
}

TEST(FindTissueMaps, TakesFilesThatAreNamedAsLabels) {
  const auto folder = test::fresh_folder();
  for (const auto* name : {"b.nii.gz", "a.nii"}) std::ofstream(folder / name) << "x";
  EXPECT_EQ(find_tissue_maps(folder).size(), 2U);
  std::ofstream(folder / "ct_train_1001_label.nii.gz") << "x";
  EXPECT_EQ(find_tissue_maps(folder),
            std::vector<std::filesystem::path>{folder / "ct_train_1001_label.nii.gz"});
  EXPECT_EQ(find_tissue_maps(folder / "a.nii").size(), 1U);
  EXPECT_THROW(find_tissue_maps(folder / "none"), Error);
}

}  // namespace dmcvr
