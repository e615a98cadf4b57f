// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/case_batch.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/failure.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/measures/tables.h"
#include "dmcvr/report/output_folder.h"
#include "dmcvr/study/layouts.h"

#include <algorithm>
#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// As RFC 4180 asks.
std::string quoted(const std::string& text) {
  std::string field = "\"";
  for (const char letter : text) field += letter == '"' ? "\"\"" : std::string(1, letter);
  return field + '"';
}

// The measures that a finished case left, and its seconds.
std::string finished_row(const fs::path& folder) {
  std::ifstream stream(folder / "measures.csv");
  std::string header, row;
  std::getline(stream, header);
  std::getline(stream, row);
  if (header != csv_header() || row.empty()) {
    throw Error("{}: holds no measures of this version; take the folder away, or use --force",
                (folder / "measures.csv").string());
  }
  const nlohmann::json run = read_json(folder / "run.json");
  const auto seconds = run.find("seconds");
  return fmt::format("{},{},", row,
                     seconds != run.end() && seconds->is_number()
                         ? fmt::format("{:.1f}", seconds->get<double>())
                         : "");
}

// Of the input, and of all that lies in it if it is a folder; of a place in an archive that of the
// archive.
fs::file_time_type newest_change(fs::path input) {
  std::error_code failure;
  while (!fs::exists(input, failure) && input.has_parent_path()) input = input.parent_path();
  auto newest = fs::last_write_time(input, failure);
  if (failure) return fs::file_time_type::max();
  for (fs::recursive_directory_iterator entry(input, failure), end; !failure && entry != end;
       entry.increment(failure)) {
    std::error_code unknown;
    const auto time = entry->last_write_time(unknown);
    if (!unknown) newest = std::max(newest, time);
  }
  return newest;
}

// A finished case was made from the input as it is. The input is read only where it is newer: a
// hundred thousand studies would take days.
void check_made_from(const fs::path& input, const fs::path& output, const CaseBatch& batch) {
  const fs::path file = output / "run.json";
  if (newest_change(input) <= fs::last_write_time(file)) return;
  std::vector<InputFile> inputs;
  for (const auto& one : read_json(file).value("inputs", nlohmann::json::array()))
    inputs.push_back({one.value("name", ""), one.value("sha256", "")});
  // A reconstruction draws from pictures: labels that experts add later change nothing.
  if (has_inputs(input, inputs, batch.limits, batch.input, LaterFiles::pass)) return;
  throw Error(
      "{}: was made from other data than the input holds; take the folder away, or use --force",
      output.string());
}

// What decides a reconstruction, as far as its own run.json tells; where the heart lies may be told
// for one of many.
nlohmann::json deciding(const nlohmann::json& version, nlohmann::json options,
                        const nlohmann::json& weights) {
  if (options.is_object()) options.erase("locate");
  return {{"version", version}, {"options", options}, {"weights_sha256", weights}};
}

// Whether a finished case is one of this batch. Throws Error for one that was reconstructed by
// itself with other options; what is left of an earlier batch is simply none.
bool is_of_batch(const fs::path& output, const CaseBatch& batch) {
  const fs::path file = output / "run.json";
  if (!fs::exists(file)) return false;
  const nlohmann::json run = read_json(file);
  if (run.contains("batch")) return run["batch"] == batch_sha256(batch.record);
  if (!run.contains("acquired")) return false;
  nlohmann::json weights = nlohmann::json::object();
  for (const auto& one : run.value("weights", nlohmann::json::array()))
    weights[one.value("kind", "")] = one.value("sha256", "");
  const auto part = [&](const char* key) { return batch.record.value(key, nlohmann::json()); };
  const std::string difference =
      first_difference(deciding(run.value("version", nlohmann::json()),
                                run.value("options", nlohmann::json()), weights),
                       deciding(part("version"), part("options"), part("weights_sha256")));
  if (difference.empty()) return true;
  throw Error(
      "{}: was reconstructed by itself, otherwise: {}; take the folder away, or use --force",
      output.string(), difference);
}

std::string failed_row(const FailedCase& failed) {
  const std::string header = csv_header();
  const auto commas = std::count(header.begin(), header.end(), ',');
  return quoted(failed.name) + std::string(static_cast<size_t>(commas), ',') + ",," +
         quoted(failed.error);
}

// By the names of the cases: an order that tells nothing about those that are named by what they
// hold.
void write_table(const CaseBatch& batch, std::vector<std::pair<std::string, std::string>> rows) {
  std::sort(rows.begin(), rows.end());
  write_file(batch.folder / batch.table, [&](std::ostream& stream) {
    stream << csv_header() << ",seconds,error\n";
    for (const auto& [name, row] : rows) stream << row << '\n';
  });
}

}  // namespace

std::string batch_sha256(const nlohmann::json& record) {
  return sha256_of(record.dump());
}

void open_batch(const CaseBatch& batch) {
  check_output_folder(batch.folder, true, kBatchFile);
  const fs::path file = batch.folder / kBatchFile;
  if (fs::exists(file) && !batch.replace) {
    const std::string difference = first_difference(read_json(file), batch.record);
    if (!difference.empty()) {
      throw Error("{}: an earlier run was asked for other things: {}; use --force to do all anew",
                  batch.folder.string(), difference);
    }
    return;
  }
  fs::create_directories(batch.folder);
  write_file(file, [&](std::ostream& stream) {
    stream << batch.record.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  });
}

BatchOutcome run_batch(
    const std::vector<fs::path>& cases, const CaseBatch& batch,
    const std::function<void(const fs::path& input, const fs::path& output)>& work,
    const std::function<void(int64_t done, const std::string& name)>& on_case) {
  BatchOutcome outcome;
  std::vector<std::pair<std::string, std::string>> rows;  // with the names of their cases
  for (size_t n = 0; n < cases.size(); ++n) {
    const std::string name = case_name(cases[n]);
    const fs::path output = batch.folder / name;
    on_case(static_cast<int64_t>(n), name);
    bool is_done = false;
    std::string row;
    const std::string failure = failure_of([&] {
      is_done = !batch.replace && is_of_batch(output, batch);
      if (is_done) {
        check_made_from(cases[n], output, batch);
      } else {
        check_reconstruction_folder(output, true);
        work(cases[n], output);
      }
      row = finished_row(output);
    });
    // An interrupt is no failure of the case.
    if (!failure.empty()) {
      on_case(static_cast<int64_t>(n), name);
      outcome.failed.push_back({name, failure});
      row = failed_row(outcome.failed.back());
    } else if (is_done) {
      ++outcome.already_done;
    }
    rows.emplace_back(name, row);
    write_table(batch, rows);
  }
  if (cases.empty()) write_table(batch, rows);
  on_case(static_cast<int64_t>(cases.size()), "");
  return outcome;
}

}  // namespace dmcvr
