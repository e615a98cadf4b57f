// SPDX-License-Identifier: Apache-2.0
// Our reader and writer against nibabel, an implementation that nobody here wrote.
#include "geometry/oblique.h"
#include "io/raw_nifti.h"
#include "support.h"

#include "dmcvr/core/options.h"
#include "dmcvr/core/random.h"
#include "dmcvr/io/nifti.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

namespace dmcvr {
namespace {

// A python3 that has nibabel, the system's own included; empty without one.
const std::string& python() {
  static const std::string found = [] {
    for (const std::string name : {"python3", "/usr/bin/python3"}) {
      if (std::system((name + " -c 'import nibabel' >/dev/null 2>&1").c_str()) == 0) return name;
    }
    return std::string();
  }();
  return found;
}

void run_oracle(const std::string& command, const std::filesystem::path& folder) {
  const auto script = test::source_folder() / "tests" / "io" / "nibabel_oracle.py";
  const std::string line =
      python() + " '" + script.string() + "' " + command + " '" + folder.string() + "'";
  ASSERT_EQ(std::system(line.c_str()), 0) << line;
}

// Our reading of every file of the folder is the one described beside it. Returns the number of
// files.
int expect_agreement(const std::filesystem::path& folder, bool check_qform) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto path = entry.path();
    if (path.extension() != ".json") continue;
    ++count;
    const auto image = path.parent_path() / path.stem();
    const auto described = read_json(path);
    const Cine cine = read_nifti(image);
    std::vector<int64_t> shape = described["shape"];
    shape.resize(4, 1);
    EXPECT_EQ(cine.voxels.sizes(), at::IntArrayRef({shape[3], shape[2], shape[1], shape[0]}))
        << image;
    for (const char* form : {"affine", "qform"}) {
      if (std::string(form) == "qform" && !check_qform) continue;
      for (int row = 0; row < 3; ++row) {
        // Near half a turn a float32 quaternion leaves up to 5e-4 rad: 4 µm over a voxel of 8 mm.
        const double tolerance = std::string(form) == "qform" ? 5e-3 : 1e-5;
        for (int axis = 0; axis < 3; ++axis) {
          EXPECT_NEAR(described[form][row][axis].get<double>(),
                      cine.grid.world_from_voxel.matrix[row][axis], tolerance)
              << image;
        }
        EXPECT_NEAR(described[form][row][3].get<double>(), cine.grid.world_from_voxel.offset[row],
                    1e-4)
            << image;
      }
    }
    const std::string raw = test::content_of(image.string() + ".raw");
    auto values = torch::empty({static_cast<int64_t>(raw.size() / 8)}, torch::kFloat64);
    std::memcpy(values.data_ptr(), raw.data(), raw.size());
    EXPECT_TRUE(cine.voxels.flatten().equal(values.to(torch::kFloat32))) << image;
  }
  return count;
}

}  // namespace

TEST(Nibabel, WritesWhatWeRead) {
  if (python().empty()) GTEST_SKIP() << "no python3 with nibabel";
  const auto folder = test::fresh_folder();
  run_oracle("write", folder);
  EXPECT_EQ(expect_agreement(folder, false), 40);
}

TEST(Nibabel, ReadsWhatWeWrite) {
  if (python().empty()) GTEST_SKIP() << "no python3 with nibabel";
  const auto folder = test::fresh_folder();
  auto generator = make_generator(1, "nibabel");
  for (uint64_t seed = 0; seed < 8; ++seed) {
    const Grid grid = test::oblique_grid(seed, seed % 2 == 1);
    auto voxels = torch::randn({seed % 4 < 2 ? 1 : 3, 5, 6, 7}, generator) * 500;
    if (seed >= 4) voxels = voxels.round();
    write_nifti(folder / fmt::format("image{}.nii{}", seed, seed % 3 == 0 ? "" : ".gz"),
                Cine{grid, voxels, {}});
  }
  const auto labels = torch::randint(0, 4, {2, 5, 6, 7}, generator, torch::kUInt8);
  write_nifti(folder / "labels.nii.gz", Labels{test::oblique_grid(9, true), labels});
  run_oracle("read", folder);
  EXPECT_EQ(expect_agreement(folder, true), 9);
}

}  // namespace dmcvr
