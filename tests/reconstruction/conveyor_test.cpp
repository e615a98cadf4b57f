// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/conveyor.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

// The numbers 0 to count − 1, and the batches that they were made in.
struct Numbers {
  explicit Numbers(int64_t count, int64_t batch_size)
      : conveyor(count, batch_size, [this](const Part& part) {
          batches.emplace_back(part.begin, part.end);
          return torch::arange(part.begin, part.end);
        }) {}

  std::vector<std::pair<int64_t, int64_t>> batches;
  Conveyor<torch::Tensor> conveyor;
};

}  // namespace

TEST(ConveyorProperty, BatchesAndItemsAreTheSameHoweverTheyAreTaken) {
  constexpr int64_t kCount = 24;
  for (const int64_t batch_size : {1, 5, 6, 7, 24, 100}) {
    Numbers whole(kCount, batch_size);
    EXPECT_TRUE(whole.conveyor.take(0, kCount).equal(torch::arange(kCount)));
    for (const int64_t group : {1, 4, 6, 12}) {
      Numbers parts(kCount, batch_size);
      for (int64_t begin = 0; begin < kCount; begin += group) {
        const auto items = parts.conveyor.take(begin, begin + group);
        EXPECT_TRUE(items.equal(torch::arange(begin, begin + group)));
        parts.conveyor.forget(begin + group);
      }
      EXPECT_EQ(parts.batches, whole.batches) << batch_size << " in groups of " << group;
    }
  }
}

TEST(Conveyor, MakesNothingBeforeItIsNeeded) {
  Numbers numbers(12, 4);
  numbers.conveyor.take(0, 3);
  EXPECT_EQ(numbers.batches.size(), 1U);
  numbers.conveyor.take(3, 5);
  EXPECT_EQ(numbers.batches.size(), 2U);
}

TEST(Conveyor, HoldsWhatIsNotForgottenAndNothingElse) {
  Numbers numbers(12, 4);
  numbers.conveyor.take(0, 6);
  numbers.conveyor.forget(5);
  EXPECT_TRUE(numbers.conveyor.take(5, 8).equal(torch::arange(5, 8)));
  EXPECT_THROW(numbers.conveyor.take(4, 6), c10::Error);
  EXPECT_THROW(numbers.conveyor.take(6, 13), c10::Error);
  // What is left does not hold the memory of what is gone.
  EXPECT_EQ(numbers.conveyor.take(5, 8).storage().nbytes(), 3 * sizeof(int64_t));
}

TEST(Conveyor, CarriesCodes) {
  Conveyor<Codes> codes(5, 2, [](const Part& part) {
    const auto value = torch::arange(part.begin, part.end, torch::kFloat32);
    return Codes{value.view({-1, 1}), {}, value.view({-1, 1, 1, 1})};
  });
  codes.take(0, 1);
  codes.forget(1);
  const Codes some = codes.take(1, 4);
  EXPECT_TRUE(some.z_sem.flatten().equal(torch::arange(1, 4, torch::kFloat32)));
  EXPECT_TRUE(some.x_T.flatten().equal(torch::arange(1, 4, torch::kFloat32)));
  EXPECT_FALSE(some.l_mor.defined());
}

}  // namespace dmcvr
