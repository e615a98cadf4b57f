// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/latent/code.h"

#include "support.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

Codes some_codes(int64_t count) {
  return {test::golden_input("z_sem", {count, 6}), test::golden_input("l_mor", {count, 3, 2, 2}),
          test::golden_input("x_T", {count, 1, 8, 8})};
}

bool equal(const Codes& a, const Codes& b) {
  return a.z_sem.equal(b.z_sem) && a.l_mor.equal(b.l_mor) && a.x_T.equal(b.x_T);
}

TEST(CodesProperty, PartsMakeTheWhole) {
  const Codes codes = some_codes(5);
  EXPECT_EQ(codes.count(), 5);
  for (int64_t cut = 1; cut < 5; ++cut) {
    EXPECT_TRUE(equal(concatenate({narrow(codes, 0, cut), narrow(codes, cut, 5 - cut)}), codes));
  }
  EXPECT_TRUE(equal(select(codes, {0, 1, 2, 3, 4}), codes));
}

TEST(Codes, AreSelectedInTheWantedOrder) {
  const Codes codes = some_codes(5);
  const Codes chosen = select(codes, {3, 0, 3});
  ASSERT_EQ(chosen.count(), 3);
  EXPECT_TRUE(equal(narrow(chosen, 0, 1), narrow(codes, 3, 1)));
  EXPECT_TRUE(equal(narrow(chosen, 1, 1), narrow(codes, 0, 1)));
  EXPECT_TRUE(equal(narrow(chosen, 2, 1), narrow(codes, 3, 1)));
}

TEST(Codes, AMethodMayDoWithoutOne) {
  Codes codes = some_codes(4);
  codes.l_mor = torch::Tensor();
  codes.z_sem = torch::Tensor();
  EXPECT_NO_THROW(codes.check());
  EXPECT_EQ(codes.count(), 4);
  EXPECT_FALSE(select(codes, {1}).l_mor.defined());
  EXPECT_FALSE(concatenate({codes, codes}).z_sem.defined());
  EXPECT_EQ(concatenate({codes, codes}).count(), 8);
  EXPECT_EQ(Codes().count(), 0);
}

TEST(Codes, WrongShapesAreRefused) {
  Codes codes = some_codes(4);
  EXPECT_NO_THROW(codes.check());
  codes.x_T = codes.x_T.narrow(0, 0, 3);
  EXPECT_THROW(codes.check(), c10::Error);
  codes = some_codes(4);
  codes.l_mor = codes.l_mor.flatten(1);
  EXPECT_THROW(codes.check(), c10::Error);
  codes = some_codes(4);
  codes.l_mor = torch::Tensor();
  EXPECT_THROW(concatenate({codes, some_codes(4)}), c10::Error);
}

}  // namespace
}  // namespace dmcvr
