// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/nnunet_set.h"

#include "dmcvr/core/failure.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/nnunet.h"

#include <spdlog/spdlog.h>

namespace dmcvr {
namespace fs = std::filesystem;

int64_t write_nnunet_set(const std::vector<fs::path>& inputs, const PrepareOptions& options,
                         const fs::path& folder, const OnProgress& on_progress, int64_t* left_out) {
  options.check();
  const auto cases = choose_cases(inputs, options.split, options.subset, options.input);
  NnunetWriter writer(folder);
  int64_t written = 0, failed = 0, done = 0;
  const auto total = static_cast<int64_t>(cases.size());
  for (const fs::path& path : cases) {
    const std::string name = case_name(path);
    const std::string failure = failure_of([&] {
      const Study study = read_study(path, {}, options.input);
      const int64_t count = writer.add(study);
      written += count;
      if (count == 0) {
        ++failed;
        spdlog::warn("{}: no phase has labels of all of {}; left out", name,
                     to_string(label_table()));
      }
    });
    if (!failure.empty()) {
      ++failed;
      spdlog::warn("{}: {}; left out", name, failure);
    }
    if (on_progress) on_progress(++done, total);
  }
  if (failed > 0) spdlog::warn("{} of {} studies were left out", failed, total);
  if (left_out != nullptr) *left_out = failed;
  writer.finish();
  return written;
}

}  // namespace dmcvr
