// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/progress.h"

#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/spdlog.h>

#include <sstream>

namespace dmcvr {

TEST(ReadableSeconds, ChoosesTheUnit) {
  EXPECT_EQ(readable_seconds(3.14), "3.1 s");
  EXPECT_EQ(readable_seconds(42), "42 s");
  EXPECT_EQ(readable_seconds(250), "4 min 10 s");
  EXPECT_EQ(readable_seconds(7500), "2 h 05 min");
  EXPECT_EQ(readable_seconds(-1), "0.0 s");
}

TEST(Progress, LeavesOneLineWhereNobodyLooks) {
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  auto logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
  logger->set_pattern("%v");
  spdlog::set_default_logger(logger);
  {
    Progress progress("decoding", 3, "slices");
    for (int64_t done = 1; done <= 3; ++done) progress.update(done, "9 evaluations");
  }
  spdlog::set_default_logger(before);
  // On a terminal the line is drawn instead of logged.
  if (!text.str().empty()) {
    EXPECT_EQ(text.str().find("decoding 3/3 slices in "), 0U) << text.str();
    EXPECT_NE(text.str().find("9 evaluations"), std::string::npos);
  }
}

}  // namespace dmcvr
