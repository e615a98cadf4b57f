// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/problem_log.h"

#include "support.h"

#include <gtest/gtest.h>

#include <thread>

namespace dmcvr {
namespace {

TEST(ProblemLog, TheInnermostOfThisThreadListens) {
  say("a", {"lost", "nobody listens", "it is in the log alone"});
  ProblemLog outer;
  say("a", {"first", "text", "remedy"});
  {
    ProblemLog inner;
    say("a", {"second", "text", "remedy"});
    std::thread([] { say("b", {"elsewhere", "text", "remedy"}); }).join();
    ASSERT_EQ(inner.problems.size(), 1u);
    EXPECT_EQ(inner.problems[0].code, "second");
  }
  say("a", {"third", "text", "remedy"});
  ASSERT_EQ(outer.problems.size(), 2u);
  EXPECT_EQ(outer.problems[0].code, "first");
  EXPECT_EQ(outer.problems[1].code, "third");
}

TEST(ProblemLog, WhatIsNotToBeSaidIsKept) {
  const auto warning = [] { say("a", {"code", "text", "remedy"}); };
  EXPECT_NE(test::log_of(warning), "");
  const ProblemLog silent(/*is_said=*/false);
  const ProblemLog inner;
  EXPECT_EQ(test::log_of(warning), "");
  EXPECT_EQ(inner.problems.size(), 1u);
}

}  // namespace
}  // namespace dmcvr
