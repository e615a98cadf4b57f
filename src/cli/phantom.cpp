// SPDX-License-Identifier: Apache-2.0
// dmcvr phantom: a heart whose truth is known.
#include "dmcvr/study/phantom.h"

#include "cli/commands.h"
#include "cli/shared_options.h"
#include "cli/suggestions.h"

#include "dmcvr/core/progress.h"
#include "dmcvr/report/output_folder.h"
#include "dmcvr/study/painted_map.h"

#include <spdlog/spdlog.h>

#include <filesystem>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

namespace dmcvr::cli {
namespace {

struct PhantomCommand {
  std::string output;
  std::string label_map, labels_are;
  bool force = false;
  Settings settings;
  SharedOptions shared;
};

// A few slices in the middle hold a part of the heart; truth.json tells of all of it.
void warn_of_missing_slices(const Phantom& phantom) {
  constexpr double kMuchMissing = 0.05;  // of the cavity: more than discs are off by
  const Labels& labels = *phantom.study.labels;
  const double held_ml = (labels.voxels[0] == kLvc).sum().item<double>() * labels.grid.voxel_ml();
  const double whole_ml = phantom.truth.lv_ml.front();
  if (held_ml >= (1 - kMuchMissing) * whole_ml) return;
  spdlog::warn(
      "{} slices hold {:.0f} % of the left cavity; the volumes in truth.json are those of the "
      "whole "
      "heart",
      labels.grid.size[2], 100 * held_ml / whole_ml);
}

void run_phantom(const PhantomCommand& command) {
  apply(command.shared);
  const auto options = resolve<PhantomOptions>(command.settings);
  if (printed_only(command.settings, options)) return;
  std::vector<std::filesystem::path> inputs;
  if (!command.label_map.empty()) inputs.emplace_back(command.label_map);
  check_output_folder(command.output, command.force, "truth.json", inputs);
  catch_interrupts();
  std::unique_ptr<Progress> bar;
  const OnProgress on_progress = [&](int64_t done, int64_t total) {
    throw_if_interrupted();
    if (!bar) bar = std::make_unique<Progress>("drawing", total, "pictures");
    bar->update(done);
  };
  const Phantom phantom =
      command.label_map.empty()
          ? make_phantom(options, on_progress)
          : paint_map(read_tissue_map(command.label_map, command.labels_are), options, on_progress);
  bar.reset();
  throw_if_interrupted();
  write_phantom(command.output, phantom, command.force);
  warn_of_missing_slices(phantom);
  std::cout << command.output << std::endl;
}

}  // namespace

void add_phantom(CLI::App& app) {
  auto command = std::make_shared<PhantomCommand>();
  Settings& settings = command->settings;
  auto* verb = app.add_subcommand(
      "phantom",
      "A heart whose dense truth is known: beating, of formulas, or painted from labels.");
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
  add_setting<std::string>(*verb, settings, "--pathology", "/pathology",
                           "normal, dilated, hypertrophic or rv-overload; default: drawn")
      ->check(one_of({"normal", "dilated", "hypertrophic", "rv-overload"}))
      ->type_name("WORD")
      ->group(group);
  add_setting<double>(*verb, settings, "--ejection-fraction", "/ejection_fraction",
                      "Of the left ventricle, 0 to 0.8; default: drawn, 0.15 to 0.75")
      ->type_name("SHARE")
      ->group(group);
  add_setting<double>(*verb, settings, "--breath-hold", "/breath_hold_mm",
                      "Deviation of the slices' in-plane shifts, in mm; default: drawn, about 1")
      ->type_name("MM")
      ->group(group);

  const std::string map = "A heart of somebody's labels in place of formulas";
  auto* label_map =
      verb->add_option("--label-map", command->label_map,
                       "Dense labels (.nii.gz, voxels of 4 mm at most), painted and scanned: one "
                       "phase; the seed draws size, tilt, contrasts and the scan")
          ->type_name("FILE")
          ->group(map);
  verb->add_option("--labels-are", command->labels_are,
                   "What their values mean: mmwhs (1=LVM 2=LA 3=LVC 4=RA 5=RVC 6=AO 7=PA), dmcvr, "
                   "acdc, or a list; default: as the file says")
      ->needs(label_map)
      ->type_name("WORD|LIST")
      ->group(map);
  add_settings(*verb, settings);
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr phantom -o phantom\n"
      "  dmcvr phantom -o dilated --seed 7 --phases 2 --pathology dilated --breath-hold 0\n"
      "  dmcvr phantom -o painted --label-map heart.nii.gz --labels-are mmwhs --pitch 10\n"
      "The folder holds sax.nii.gz (the sparse short-axis cine), lax_2ch.nii.gz, lax_3ch.nii.gz "
      "and\n"
      "lax_4ch.nii.gz (the long-axis views), each with its _labels.nii.gz, dense_image.nii.gz and\n"
      "dense_labels.nii.gz (the truth), and truth.json (pathology, volumes, ejection fraction, "
      "mass).");
  verb->callback([command] { run_phantom(*command); });
}

}  // namespace dmcvr::cli
