// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/input_options.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(InputOptions, TakeTheWordsThatAreKnown) {
  for (const auto& word : layout_words()) EXPECT_NO_THROW((InputOptions{word, ""}.check())) << word;
  EXPECT_THROW((InputOptions{"ACDC", ""}.check()), Error);
  EXPECT_THROW((InputOptions{"", ""}.check()), Error);
  EXPECT_NO_THROW((InputOptions{"pairs", "3=LVC,1=RVC"}.check()));
  EXPECT_THROW((InputOptions{"pairs", "1=left"}.check()), Error);
}

}  // namespace dmcvr
