// SPDX-License-Identifier: Apache-2.0
// What a user says of inputs that do not say it themselves.
#pragma once

#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace dmcvr {

struct InputOptions {
  std::string layout = "auto";  // one of layout_words(); "auto": by what is there (layouts.h)
  // Of label files that do not name their values: what label_table_from takes; empty: nothing is
  // guessed.
  std::string labels_are;

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InputOptions, layout, labels_are)

// "auto", then the layouts in the order in which they are looked for.
const std::vector<std::string>& layout_words();

}  // namespace dmcvr
