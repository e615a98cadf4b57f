// SPDX-License-Identifier: Apache-2.0
#include "cli/many_cases.h"

#include "cli/shared_options.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/evaluation/evaluate.h"
#include "dmcvr/evaluation/shards.h"
#include "dmcvr/report/case_batch.h"
#include "dmcvr/report/output_folder.h"
#include "dmcvr/study/cases.h"

#include <spdlog/spdlog.h>

#include <iostream>

namespace dmcvr::cli {
namespace fs = std::filesystem;

void run_many(const ManyCases& many,
              const std::function<void(const fs::path& input, const fs::path& output,
                                       const OnStage&)>& work) {
  CaseBatch batch{many.output, many.replace};
  batch.input = many.layout;
  batch.limits = many.limits;
  batch.record = many.record;
  auto cases = find_cases(many.input, many.layout);
  check_case_names(cases);
  if (!many.shard.empty()) {
    const Shard shard = shard_from(many.shard);
    cases = cases_of_shard(std::move(cases), shard);
    batch.table = fmt::format("cases-{}-of-{}.csv", shard.number, shard.count);
  }
  check_output_folder(many.output, true, kBatchFile, {many.input});
  open_batch(batch);

  auto bar =
      std::make_unique<Progress>("reconstructing", static_cast<int64_t>(cases.size()), "cases");
  int64_t behind = 0;
  std::string current;
  const OnStage show = [&](const std::string& stage, int64_t, int64_t) {
    throw_if_interrupted();
    bar->update(behind, fmt::format("{}: {}", current, stage));
  };
  const BatchOutcome outcome = run_batch(
      cases, batch,
      [&](const fs::path& input, const fs::path& output) { work(input, output, show); },
      [&](int64_t done, const std::string& name) {
        throw_if_interrupted("finished cases stay, and the same command goes on behind them");
        behind = done;
        current = name;
        bar->update(done, name);
      });
  bar.reset();
  for (const FailedCase& failed : outcome.failed)
    spdlog::warn("left out: {}: {}", failed.name, failed.error);
  if (outcome.already_done > 0) {
    spdlog::info("{} {} done by an earlier run", outcome.already_done,
                 outcome.already_done == 1 ? "case was" : "cases were");
  }
  std::cout << (batch.folder / batch.table).string() << std::endl;
  if (!outcome.failed.empty())
    throw Error("{} of {} cases failed and are left out", outcome.failed.size(), cases.size());
}

}  // namespace dmcvr::cli
