// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/run_log.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

TEST(RunLog, GoesOnBehindATornLine) {
  const auto path = test::fresh_folder() / "log.jsonl";
  RunLog(path).write({{"step", 1}});
  std::ofstream(path, std::ios::app) << R"({"step": 2, "lo)";
  RunLog(path).write({{"step", 3}});
  const auto lines = read_run_log(path);
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_EQ(lines[0].at("step"), 1);
  EXPECT_EQ(lines[1].at("step"), 3);
}

TEST(RunLog, UnwritableFolderIsAnError) {
  EXPECT_THROW(RunLog(test::fresh_folder() / "absent" / "log.jsonl"), Error);
  EXPECT_THROW(read_run_log(test::fresh_folder() / "absent.jsonl"), Error);
}

}  // namespace
}  // namespace dmcvr
