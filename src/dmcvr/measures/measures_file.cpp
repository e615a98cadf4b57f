// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/measures_file.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/version.h"
#include "dmcvr/measures/tables.h"

#include <c10/util/Exception.h>
#include <unistd.h>

#include <fstream>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

bool is_json(const fs::path& path) {
  return path.extension() == ".json";
}

void check_ending(const fs::path& path) {
  if (is_json(path) || path.extension() == ".csv") return;
  throw Error("{}: expected a name that ends in .json or .csv", path.string());
}

// Whether write_measures made it: its first bytes say so.
bool is_ours(const fs::path& path) {
  std::ifstream stream(path);
  if (is_json(path)) {
    const auto content = nlohmann::json::parse(stream, nullptr, false);
    return content.is_object() && content.contains("format") &&
           content["format"] == kMeasuresFormat;
  }
  std::string line;
  return std::getline(stream, line) && line == csv_header();
}

}  // namespace

void write_measures(const fs::path& path, const std::vector<HeartMeasures>& hearts,
                    MeasuresLayout layout) {
  check_ending(path);
  TORCH_CHECK(layout == MeasuresLayout::cases || hearts.size() == 1,
              "write_measures: ", hearts.size(), " hearts as one");
  std::string text;
  if (is_json(path)) {
    nlohmann::json cases = nlohmann::json::array();
    for (const HeartMeasures& heart : hearts) cases.push_back(measures_json(heart));
    const nlohmann::json content =
        layout == MeasuresLayout::one
            ? cases[0]
            : nlohmann::json{{"format", kMeasuresFormat}, {"version", version()}, {"cases", cases}};
    // Names of files may hold any bytes; JSON is UTF-8.
    text = content.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  } else {
    text = csv_header() + "\n";
    for (const HeartMeasures& heart : hearts) text += csv_row(heart) + "\n";
  }
  write_file(path, [&](std::ostream& stream) { stream << text; });
}

void check_measures_file(const fs::path& path, bool replace) {
  check_ending(path);
  std::error_code failure;
  const fs::path parent = fs::absolute(path).parent_path();
  if (!fs::is_directory(parent, failure))
    throw Error("{}: there is no folder {}", path.string(), parent.string());
  if (::access(parent.c_str(), W_OK | X_OK) != 0)
    throw Error("{}: cannot be made, since {} is not writable", path.string(), parent.string());
  if (!fs::exists(fs::symlink_status(path, failure))) return;
  if (fs::is_directory(path, failure))
    throw Error("{}: is a folder, expected a file", path.string());
  if (!replace) throw Error("{}: exists already; use --force to replace it", path.string());
  if (!is_ours(path)) {
    throw Error("{}: holds no measures of dmcvr and is not replaced; choose another name",
                path.string());
  }
}

}  // namespace dmcvr
