// SPDX-License-Identifier: Apache-2.0
// dmcvr info: what is in there, and what is wrong with it.
#include "cli/commands.h"
#include "cli/input_options.h"
#include "cli/shared_options.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/study/audit_tables.h"
#include "dmcvr/study/cases.h"

#include <CLI/Error.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

constexpr int kRepaired = 3;

struct InfoCommand {
  std::vector<std::string> inputs;
  bool is_json = false;
  bool headers_only = false;
  InputOptions input;
  SharedOptions shared;
};

// A single file or subject is audited even where nobody would call it a study, unless a layout was
// asked for.
std::vector<fs::path> cases_of(const InfoCommand& command) {
  std::vector<fs::path> cases;
  for (const std::string& input : command.inputs) {
    if (command.input.layout == "auto" && is_one_study(input, command.input)) {
      cases.emplace_back(input);
    } else {
      for (fs::path& path : find_cases(input, command.input)) cases.push_back(std::move(path));
    }
  }
  return cases;
}

void run_info(const InfoCommand& command) {
  apply(command.shared);
  command.input.check();
  catch_interrupts();
  const auto cases = cases_of(command);
  // What readers warn of stands in the table.
  if (command.shared.verbosity == 0) spdlog::set_level(spdlog::level::err);
  std::vector<Audit> audits;
  {
    Progress bar("reading", static_cast<int64_t>(cases.size()), "cases");
    for (const fs::path& path : cases) {
      throw_if_interrupted();
      audits.push_back(audit_study(path, command.headers_only, command.input));
      bar.update(static_cast<int64_t>(audits.size()));
    }
  }

  if (command.is_json) {
    constexpr auto kReplace = nlohmann::json::error_handler_t::replace;  // names of any bytes
    std::cout << audits_json(audits).dump(2, ' ', false, kReplace) << std::endl;
  } else {
    const bool is_one = audits.size() == 1 && is_one_study(command.inputs.front(), command.input);
    for (const std::string& line : is_one ? audit_table(audits.front()) : audits_table(audits))
      std::cout << line << '\n';
    std::cout.flush();
  }
  const auto refused = std::count_if(audits.begin(), audits.end(), [](const Audit& audit) {
    return audit.verdict() == Verdict::refused;
  });
  if (refused > 0)
    throw Error("reconstruct refuses {} of {} case{}", refused, audits.size(),
                audits.size() == 1 ? "" : "s");
  if (std::any_of(audits.begin(), audits.end(),
                  [](const Audit& audit) { return audit.verdict() == Verdict::repaired; }))
    throw CLI::RuntimeError(kRepaired);
}

}  // namespace

void add_info(CLI::App& app) {
  auto command = std::make_shared<InfoCommand>();
  auto* verb = app.add_subcommand(
      "info", "What is in a study, where it lies in the patient, and what is wrong with it.");
  verb->add_option(
          "input", command->inputs,
          "Studies in any layout that docs/reference/inputs.md lists, or folders, zips or tars "
          "of such")
      ->required();
  verb->add_flag("--json", command->is_json,
                 "For programs; docs/reference/inputs.md lists the keys");
  verb->add_flag("--headers-only", command->headers_only,
                 "Do not read voxels: quick, but damage to voxels and label values is not seen");
  add_input_options(*verb, command->input);
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr info cine.nii.gz\n"
      "  dmcvr info acdc/training --headers-only\n"
      "  dmcvr info phantom1 --json\n"
      "Exit codes: 0 nothing is wrong, 3 reconstruct takes it and says above what it does about "
      "each\n"
      "problem, 1 reconstruct refuses it. Sizes are in voxels, lengths in mm; pitch: from slice to "
      "slice;\n"
      "step: from phase to phase; axes: the sides of the patient toward which columns, rows and\n"
      "slices grow (Right, Left, Anterior, Posterior, Superior, Inferior).");
  verb->callback([command] { run_info(*command); });
}

}  // namespace dmcvr::cli
