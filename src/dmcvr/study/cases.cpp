// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/cases.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/study/layouts.h"

#include <set>

namespace dmcvr {
namespace fs = std::filesystem;

std::vector<fs::path> choose_cases(const std::vector<fs::path>& inputs, const std::string& split,
                                   const std::string& subset, const InputOptions& options) {
  check_split(split, subset);
  std::vector<fs::path> cases;
  for (const auto& input : inputs) {
    const auto found = find_cases(input, options);
    cases.insert(cases.end(), found.begin(), found.end());
  }
  if (split.empty()) return cases;

  const auto subsets = read_json(split);
  if (!subsets.contains(subset) || !subsets[subset].is_array()) {
    throw Error("{}: has no subset '{}'", split, subset);
  }
  std::set<std::string> wanted;
  for (const auto& name : subsets[subset]) {
    if (!name.is_string()) {
      throw Error("{}: subset '{}' holds {}, names of cases are expected", split, subset,
                  name.dump());
    }
    wanted.insert(name.get<std::string>());
  }
  std::vector<fs::path> chosen;
  for (const auto& path : cases) {
    if (wanted.erase(case_name(path)) > 0) chosen.push_back(path);
  }
  if (!wanted.empty()) {
    throw Error("{} of the cases of subset '{}' are missing in the input, '{}' among them",
                wanted.size(), subset, *wanted.begin());
  }
  return chosen;
}

void check_split(const std::string& split, const std::string& subset) {
  if (split.empty() != subset.empty())
    throw Error("split and subset belong together: give both or neither");
}

}  // namespace dmcvr
