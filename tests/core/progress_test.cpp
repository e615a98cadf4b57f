// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/progress.h"

#include "support.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <string>
#include <thread>

namespace dmcvr {

TEST(ReadableSeconds, ChoosesTheUnit) {
  EXPECT_EQ(readable_seconds(3.14), "3.1 s");
  EXPECT_EQ(readable_seconds(42), "42 s");
  EXPECT_EQ(readable_seconds(250), "4 min 10 s");
  EXPECT_EQ(readable_seconds(7500), "2 h 05 min");
  EXPECT_EQ(readable_seconds(-1), "0.0 s");
}

TEST(Progress, LeavesOneLineWhereNobodyLooks) {
  if (::isatty(STDERR_FILENO) != 0) GTEST_SKIP() << "on a terminal the line is drawn";
  const std::string text = test::log_of([] {
    Progress progress("decoding", 3, "slices");
    for (int64_t done = 1; done <= 3; ++done) progress.update(done, "9 evaluations");
  });
  EXPECT_EQ(text.find("decoding 3/3 slices in "), 0U) << text;
  EXPECT_NE(text.find("9 evaluations"), std::string::npos);
}

TEST(Progress, SaysTheTimeLeftOfWhatIsNotFinished) {
  if (::isatty(STDERR_FILENO) != 0) GTEST_SKIP() << "on a terminal the line is drawn";
  const std::string text = test::log_of([] {
    Progress progress("decoding", 3, "slices");
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    progress.update(1);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  });
  // A third took at least 0.1 s, so that the rest takes 0.2 s or more.
  ASSERT_EQ(text.find("decoding 1/3 slices, "), 0U) << text;
  EXPECT_GE(std::stod(text.substr(21)), 0.2) << text;
  EXPECT_NE(text.find(" s left"), std::string::npos) << text;
}

}  // namespace dmcvr
