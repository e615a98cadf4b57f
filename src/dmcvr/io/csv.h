// SPDX-License-Identifier: Apache-2.0
// Tables of text, one record per line (.csv), as data sets describe their subjects with.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct CsvTable {
  std::vector<std::string> columns;            // names in the first line
  std::vector<std::vector<std::string>> rows;  // as many fields each as there are columns

  // Where a column of that name is; upper and lower case are the same.
  std::optional<size_t> column(const std::string& name) const;
};

// Fields are separated by commas, or by semicolons where the first line has more of those, and may
// be quoted as RFC 4180 has it; spaces around them, a byte order mark and empty lines are dropped.
// Throws Error, in one line that begins with the path, for a file that cannot be read, is larger
// than 16 MiB, has no line, or has a line of more fields than columns. Missing ones are empty.
CsvTable read_csv(const std::filesystem::path& path);

}  // namespace dmcvr
