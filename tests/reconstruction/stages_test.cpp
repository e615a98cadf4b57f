// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/stages.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(Stages, PartsThatTakeTurnsAddUp) {
  int64_t last = 0, whole = 0;
  const OnStage on_stage = [&](const std::string& name, int64_t done, int64_t total) {
    if (name != "draw") return;
    EXPECT_GT(done, last);
    last = done;
    whole = total;
  };
  Stages stages(on_stage);
  for (const auto& [begin, end] : {std::pair<int64_t, int64_t>(0, 2), {2, 3}}) {
    // Two evaluations of each item, told one by one.
    EXPECT_EQ(7, stages.run("draw", 6, {begin, end, 3},
                            [&, count = 2 * (end - begin)](const OnProgress& on_progress) {
                              for (int64_t n = 1; n <= count; ++n) on_progress(n, count);
                              return 7;
                            }));
    stages.run("label", 3, {begin, end, 3}, [](const OnProgress&) { return true; });
  }
  EXPECT_EQ(last, 6);
  EXPECT_EQ(whole, 6);
  ASSERT_EQ(stages.finished().size(), 2U);
  EXPECT_EQ(stages.finished()[0].name, "draw");
  EXPECT_EQ(stages.finished()[0].evaluations, 6);
  EXPECT_EQ(stages.finished()[1].evaluations, 3);
}

}  // namespace dmcvr
