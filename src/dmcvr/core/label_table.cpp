// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/label_table.h"

#include "dmcvr/core/error.h"

#include <algorithm>

namespace dmcvr {

const LabelTable& label_table() {
  static const LabelTable table = {{kLvc, "LVC"}, {kLvm, "LVM"}, {kRvc, "RVC"}};
  return table;
}

const LabelTable& acdc_label_table() {
  static const LabelTable table = {{1, "RVC"}, {2, "LVM"}, {3, "LVC"}};
  return table;
}

std::string to_string(const LabelTable& table) {
  std::string text;
  for (const auto& [value, name] : table) {
    text += fmt::format("{}{}={}", text.empty() ? "" : " ", value, name);
  }
  return text;
}

std::map<int64_t, int64_t> mapping(const LabelTable& from, const LabelTable& to) {
  std::map<int64_t, int64_t> result = {{0, 0}};
  for (const auto& [value, name] : from) {
    const auto match = std::find_if(
        to.begin(), to.end(), [&label = name](const auto& item) { return item.second == label; });
    if (match == to.end())
      throw Error("no label is named '{}' in the table {}", name, to_string(to));
    result[value] = match->first;
  }
  return result;
}

}  // namespace dmcvr
