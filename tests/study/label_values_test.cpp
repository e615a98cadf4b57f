// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/label_values.h"

#include "support.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

Cine with_voxels(const torch::Tensor& voxels) {
  Cine cine;
  cine.voxels = voxels.to(torch::kFloat32);
  return cine;
}

}  // namespace

TEST(LabelValues, AreThoseOfAMapAndOfNoPicture) {
  const auto map = (torch::arange(2 * 3 * 4 * 5) % 4).reshape({2, 3, 4, 5});
  EXPECT_EQ(label_values(with_voxels(map)), (std::vector<int64_t>{0, 1, 2, 3}));
  EXPECT_EQ(label_values(with_voxels(map * 85)), (std::vector<int64_t>{0, 85, 170, 255}));
  EXPECT_EQ(label_values(with_voxels((torch::arange(80) % 8).reshape({1, 4, 4, 5}))).size(), 8U);

  const std::vector<int64_t> none;
  EXPECT_EQ(label_values(with_voxels((torch::arange(90) % 9).reshape({1, 2, 9, 5}))), none);
  EXPECT_EQ(label_values(with_voxels(map + 1)), none);  // no background
  EXPECT_EQ(label_values(with_voxels(map - 1)), none);
  EXPECT_EQ(label_values(with_voxels(map * 0.5)), none);
  EXPECT_EQ(label_values(with_voxels(map * 100)), none);
  EXPECT_EQ(label_values(with_voxels(map * 0)), none);
  EXPECT_EQ(label_values(with_voxels(test::golden_input("film", {1, 2, 9, 10}, 100, 200).round())),
            none);
}

}  // namespace dmcvr
