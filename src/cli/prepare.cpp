// SPDX-License-Identifier: Apache-2.0
// dmcvr prepare: studies become one file of training slices.
#include "dmcvr/preprocessing/prepare.h"

#include "cli/commands.h"
#include "cli/shared_options.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/dataset/packed_slices.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <filesystem>
#include <iostream>
#include <memory>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

struct PrepareCommand {
  std::vector<std::string> inputs;
  std::string output;
  bool force = false;
  Settings settings;
  SharedOptions shared;
};

// A mistyped output is said before the work, and takes nothing away.
void check_output(const PrepareCommand& command) {
  const fs::path output = command.output;
  if (output.empty()) throw Error("'' is no name of a file");
  if (fs::is_directory(output)) throw Error("{}: is a folder, expected a file", output.string());
  if (fs::exists(output)) {
    if (!command.force)
      throw Error("{}: exists already; use --force to replace it", output.string());
    if (!is_packed(output)) {
      throw Error("{}: was not made by dmcvr prepare and is not replaced; choose another name",
                  output.string());
    }
  }
  const fs::path parent = fs::absolute(output).parent_path();
  if (!fs::is_directory(parent))
    throw Error("{}: there is no folder {}", output.string(), parent.string());
  if (::access(parent.c_str(), W_OK | X_OK) != 0)
    throw Error("{}: cannot be made, since {} is not writable", output.string(), parent.string());
}

void run_prepare(const PrepareCommand& command) {
  apply(command.shared);
  const auto options = resolve<PrepareOptions>(command.settings);
  if (printed_only(command.settings, options)) return;
  check_output(command);
  const std::vector<fs::path> inputs(command.inputs.begin(), command.inputs.end());
  catch_interrupts();
  std::unique_ptr<Progress> bar;
  const PackedSlices packed = prepare(inputs, options, [&](int64_t done, int64_t total) {
    throw_if_interrupted();
    if (!bar) bar = std::make_unique<Progress>("preparing", total, "cases");
    bar->update(done);
  });
  bar.reset();
  write_packed(command.output, packed);
  spdlog::info("{} slices", packed.slices.size());
  std::cout << command.output << std::endl;
}

}  // namespace

void add_prepare(CLI::App& app) {
  auto command = std::make_shared<PrepareCommand>();
  Settings& settings = command->settings;
  auto* verb = app.add_subcommand("prepare", "Studies become one packed file of training slices.");
  verb->add_option("input", command->inputs,
                   "Folders of ACDC patients, single patients, or phantoms")
      ->required();
  verb->add_option("-o,--output", command->output, "The packed file")
      ->required()
      ->type_name("FILE");
  verb->add_flag("--force", command->force, "Replace an earlier file");

  const std::string group = "Which and how";
  add_setting<std::string>(*verb, settings, "--split", "/split",
                           "JSON of subset names and their cases")
      ->type_name("FILE")
      ->group(group);
  add_setting<std::string>(*verb, settings, "--subset", "/subset",
                           "Which of them to take: train, validation, test")
      ->type_name("WORD")
      ->group(group);
  add_setting<double>(*verb, settings, "--spacing", "/input_rule/spacing_mm",
                      "Pixel size to learn at, in mm; 0: the acquired one")
      ->type_name("MM")
      ->default_str(fmt::format("{}", PrepareOptions().input_rule.spacing_mm))
      ->group(group);
  add_setting<double>(*verb, settings, "--margin", "/margin_mm",
                      "Keep only this much around the labeled heart, in mm; 0: the whole picture")
      ->type_name("MM")
      ->default_str("0")
      ->group(group);
  add_settings(*verb, settings);
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr prepare acdc/training -o train.slices --split weights/split.json --subset train\n"
      "  dmcvr prepare phantom1 phantom2 -o phantoms.slices\n"
      "  dmcvr prepare acdc/training -o reference.slices --config configs/prepare-reference.json\n"
      "The file holds pictures and labels, and nothing that tells who they are of.");
  verb->callback([command] { run_prepare(*command); });
}

}  // namespace dmcvr::cli
