// SPDX-License-Identifier: Apache-2.0
// dmcvr phantom: a heart whose truth is known.
#include "dmcvr/study/phantom.h"

#include "cli/commands.h"
#include "cli/shared_options.h"

#include "dmcvr/report/output_folder.h"

#include <spdlog/spdlog.h>

#include <iostream>
#include <memory>

namespace dmcvr::cli {
namespace {

struct PhantomCommand {
  std::string output;
  bool force = false;
  Settings settings;
  SharedOptions shared;
};

void run_phantom(const PhantomCommand& command) {
  apply(command.shared);
  const auto options = resolve<PhantomOptions>(command.settings);
  if (printed_only(command.settings, options)) return;
  check_output_folder(command.output, command.force, "truth.json");
  catch_interrupts();
  const Phantom phantom = make_phantom(options);
  throw_if_interrupted();
  write_phantom(command.output, phantom, command.force);
  std::cout << command.output << std::endl;
}

}  // namespace

void add_phantom(CLI::App& app) {
  auto command = std::make_shared<PhantomCommand>();
  Settings& settings = command->settings;
  auto* verb = app.add_subcommand("phantom", "A beating heart of formulas, with its dense truth.");
  verb->add_option("-o,--output", command->output, "Folder that appears when all is done")
      ->required()
      ->type_name("DIR");
  verb->add_flag("--force", command->force, "Replace an earlier phantom");

  const std::string group = "The heart and its scan";
  const PhantomOptions defaults;
  add_setting<int64_t>(*verb, settings, "--seed", "/seed", "Another seed is another heart")
      ->type_name("N")
      ->default_str(std::to_string(defaults.seed))
      ->group(group);
  add_setting<int64_t>(*verb, settings, "--phases", "/phases", "Pictures of one heartbeat")
      ->type_name("N")
      ->default_str(std::to_string(defaults.phases))
      ->group(group);
  add_setting<int64_t>(*verb, settings, "--slices", "/slices",
                       "Short-axis slices; default: as many as cover the heart")
      ->type_name("N")
      ->group(group);
  add_setting<double>(*verb, settings, "--pitch", "/pitch_mm",
                      "From slice to slice, in mm; default: drawn from the seed")
      ->type_name("MM")
      ->group(group);
  add_setting<double>(*verb, settings, "--thickness", "/thickness_mm",
                      "Of a slice, in mm; default: drawn")
      ->type_name("MM")
      ->group(group);
  add_setting<double>(*verb, settings, "--spacing", "/spacing_mm",
                      "Of pixels in a slice, in mm; default: drawn")
      ->type_name("MM")
      ->group(group);
  add_settings(*verb, settings);
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr phantom -o phantom\n"
      "  dmcvr phantom -o phantom --seed 7 --phases 2 --pitch 8 --set ejection_fraction=0.35\n"
      "The folder holds sax.nii.gz and sax_labels.nii.gz (the sparse cine), dense_image.nii.gz "
      "and\n"
      "dense_labels.nii.gz (the truth), and truth.json (volumes, ejection fraction, mass).");
  verb->callback([command] { run_phantom(*command); });
}

}  // namespace dmcvr::cli
