// SPDX-License-Identifier: Apache-2.0
// Names of files that tell who they are of. UK Biobank calls what it hands out EID_FIELD_INSTANCE_
// ARRAY, "1000001_20209_2_0.zip", and the EID leads to a person for whoever holds a list of them.
// Whatever this program says or writes has `*` in its place, unless somebody asks to keep it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace dmcvr {

struct ParticipantFile {
  std::string id;      // seven digits
  int64_t field = 0;   // 20209 is the short axis, 20208 the long one
  std::string visit;   // instance and array, "2_0"
  std::string ending;  // behind them, ".zip"
};

// What a file's or folder's name says; nothing where it is not called so. Ids that were seen once
// are known to without_ids from then on.
std::optional<ParticipantFile> participant_file(const std::string& name);

// The text with `*` for every id in a name of that kind, and for ids that were seen before wherever
// they stand, and with_said_paths (said_paths.h). All errors are made so, and all lines of the log.
std::string without_ids(std::string_view text);

// From here on ids stay where they are.
void keep_ids(bool is_kept);
bool keeps_ids();

}  // namespace dmcvr
