// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/label_table.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <sstream>

namespace dmcvr {

const LabelTable& label_table() {
  static const LabelTable table = {{kLvc, "LVC"}, {kLvm, "LVM"}, {kRvc, "RVC"}};
  return table;
}

const LabelTable& acdc_label_table() {
  static const LabelTable table = {{1, "RVC"}, {2, "LVM"}, {3, "LVC"}};
  return table;
}

LabelTable label_table_from(const std::string& text) {
  if (text == "dmcvr" || text == "mnms" || text == "ukb") return label_table();
  if (text == "acdc") return acdc_label_table();
  const auto refuse = [&](const std::string& why) {
    throw Error("label order '{}': {}; expected dmcvr, mnms, ukb, acdc, or a list such as {}", text,
                why, "1=LVC,2=LVM,3=RVC");
  };

  LabelTable table;
  std::string list = text;
  std::replace(list.begin(), list.end(), ',', ' ');
  std::istringstream entries(list);
  for (std::string entry; entries >> entry;) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos) refuse(fmt::format("'{}' is no VALUE=NAME", entry));
    const std::string digits = entry.substr(0, equals), name = entry.substr(equals + 1);
    const bool is_number = !digits.empty() && digits.size() <= 3 &&
                           digits.find_first_not_of("0123456789") == std::string::npos;
    const int64_t value = is_number ? std::stoll(digits) : 0;
    if (value < 1 || value > 255) refuse(fmt::format("'{}' is no value of 1 to 255", digits));
    if (name != "LVC" && name != "LVM" && name != "RVC")
      refuse(fmt::format("'{}' is none of LVC, LVM, RVC", name));
    if (!table.emplace(value, name).second) refuse(fmt::format("{} stands twice", value));
  }
  if (table.empty()) refuse("no labels");
  return table;
}

std::optional<LabelTable> described_labels(const std::string& description) {
  // As tools write it, whatever the names are; "TE=1.6;Time=…" is none.
  std::istringstream entries(description);
  bool is_list = false;
  for (std::string entry; entries >> entry; is_list = true) {
    const size_t equals = entry.find('=');
    if (equals == 0 || equals == std::string::npos || equals + 1 == entry.size()) return {};
    if (entry.substr(0, equals).find_first_not_of("0123456789") != std::string::npos) return {};
  }
  if (!is_list) return {};
  return label_table_from(description);
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
