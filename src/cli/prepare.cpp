// SPDX-License-Identifier: Apache-2.0
// dmcvr prepare: studies become one file of training slices.
#include "dmcvr/preprocessing/prepare.h"

#include "cli/commands.h"
#include "cli/input_options.h"
#include "cli/shared_options.h"
#include "cli/suggestions.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/dataset/packed_slices.h"
#include "dmcvr/preprocessing/nnunet_set.h"
#include "dmcvr/study/nnunet.h"

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
  std::string format = "slices";
  std::string labels_are;
  bool force = false;
  Settings settings;
  SharedOptions shared;
};

void check_parent(const fs::path& output) {
  const fs::path parent = fs::absolute(output).lexically_normal().parent_path();
  if (!fs::is_directory(parent))
    throw Error("{}: there is no folder {}", output.string(), parent.string());
  if (::access(parent.c_str(), W_OK | X_OK) != 0)
    throw Error("{}: cannot be made, since {} is not writable", output.string(), parent.string());
}

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
  check_parent(output);
}

void check_data_set(const PrepareCommand& command) {
  const fs::path output = command.output;
  if (command.inputs.empty()) throw CLI::RequiredError("input");
  for (const auto& [key, value] : command.settings.named.items()) {
    if (key == "input" || key == "split" || key == "subset") continue;
    throw Error(
        "--format nnunet: pictures are written as they were acquired; the option {} is for packed "
        "slices",
        key);
  }
  check_nnunet_name(output);
  if (fs::exists(output)) {
    if (!command.force)
      throw Error("{}: exists already; use --force to replace it", output.string());
    if (!is_our_nnunet_dataset(output)) {
      throw Error("{}: was not made by dmcvr prepare and is not replaced; choose another name",
                  output.string());
    }
  }
  check_parent(output);
}

// One word for both: of label maps where there are some, else of the studies.
Settings with_labels_are(const PrepareCommand& command) {
  Settings settings = command.settings;
  if (command.labels_are.empty()) return settings;
  const bool has_maps = settings.named.contains("/paint/maps"_json_pointer);
  settings.named[has_maps ? "paint" : "input"]["labels_are"] = command.labels_are;
  return settings;
}

// Who trains on it without reading warnings must not take a part for the whole.
void finish(const PrepareCommand& command, int64_t left_out) {
  std::cout << command.output << std::endl;
  if (left_out == 0) return;
  throw Error("{}: made without {} case{}, as said above", command.output, left_out,
              left_out == 1 ? "" : "s");
}

void run_prepare(const PrepareCommand& command) {
  apply(command.shared);
  const auto options = resolve<PrepareOptions>(with_labels_are(command));
  if (printed_only(command.settings, options)) return;
  const std::vector<fs::path> inputs(command.inputs.begin(), command.inputs.end());
  int64_t left_out = 0;
  std::unique_ptr<Progress> bar;
  const OnProgress show = [&](int64_t done, int64_t total) {
    throw_if_interrupted();
    if (!bar) bar = std::make_unique<Progress>("preparing", total, "cases");
    bar->update(done);
  };
  if (command.format == "nnunet") {
    check_data_set(command);
    catch_interrupts();
    int64_t cases = 0;
    write_folder(command.output, command.force, [&](const fs::path& folder) {
      cases = write_nnunet_set(inputs, options, folder, show, &left_out);
    });
    bar.reset();
    spdlog::info("{} cases", cases);
    return finish(command, left_out);
  }
  if (command.inputs.empty() && options.paint.maps.empty()) throw CLI::RequiredError("input");
  check_output(command);
  catch_interrupts();
  const PackedSlices packed = prepare(inputs, options, show, &left_out);
  bar.reset();
  write_packed(command.output, packed);
  spdlog::info("{} slices", packed.slices.size());
  finish(command, left_out);
}

}  // namespace

void add_prepare(CLI::App& app) {
  auto command = std::make_shared<PrepareCommand>();
  Settings& settings = command->settings;
  auto* verb = app.add_subcommand("prepare", "Studies become one packed file of training slices.");
  verb->add_option("input", command->inputs,
                   "Studies in any layout, or folders, zips or tars of such");
  verb->add_option("-o,--output", command->output,
                   "The packed file, or the folder DatasetNNN_NAME of --format nnunet")
      ->required()
      ->type_name("FILE");
  verb->add_option("--format", command->format,
                   "slices: what dmcvr train reads; nnunet: a data set of nnU-Net, a case for each "
                   "labeled phase, as acquired")
      ->check(one_of({"slices", "nnunet"}))
      ->type_name("WORD")
      ->capture_default_str();
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
  add_setting<std::string>(*verb, settings, "--frames", "/frames",
                           "Of films: labeled (all where none is), all, or every N-th beside the "
                           "labeled ones; unlabeled frames teach generators alone")
      ->type_name("WORD|N")
      ->default_str("labeled")
      ->group(group);

  const std::string painting = "Dense label maps, painted as phantoms are";
  verb->add_option_function<std::vector<std::string>>(
          "--label-map",
          [&settings](const std::vector<std::string>& maps) {
            settings.named["paint"]["maps"] = maps;
          },
          "A map (.nii.gz) or a folder of them; may be repeated")
      ->type_name("PATH")
      ->allow_extra_args(false)
      ->group(painting);
  verb->add_option("--labels-are", command->labels_are,
                   "What their values mean: mmwhs (1=LVM 2=LA 3=LVC 4=RA 5=RVC 6=AO "
                   "7=PA), dmcvr, acdc, or a list; default: as the file says. Without maps: the "
                   "same of NAME_gt.nii.gz beside NIfTI files")
      ->type_name("WORD|LIST")
      ->group(painting);
  add_setting<int64_t>(*verb, settings, "--paintings", "/paint/count",
                       "Of each map: other slices, sizes, contrasts, noise")
      ->type_name("N")
      ->default_str(fmt::format("{}", PaintOptions().count))
      ->group(painting);
  add_input_settings(*verb, settings, /*has_labels_are=*/false);
  add_settings(*verb, settings);
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr prepare acdc/training -o train.slices --split weights/split.json --subset train\n"
      "  dmcvr prepare acdc/training -o small.slices --split weights/split.json --subset train \\\n"
      "      --margin 64\n"
      "  dmcvr prepare acdc/training -o films.slices --frames 3\n"
      "  dmcvr prepare phantom1 phantom2 cine.nii.gz -o phantoms.slices\n"
      "  dmcvr prepare --label-map heart.nii.gz --labels-are mmwhs --paintings 2 -o maps.slices\n"
      "  dmcvr prepare acdc/training -o reference.slices --config configs/prepare-reference.json\n"
      "  dmcvr prepare acdc/training -o Dataset501_Hearts --format nnunet\n"
      "The file holds pictures and labels, and nothing that tells who they are of. Cases "
      "that cannot\nbe read are left out, which is said; the exit code is 1 then.");
  verb->callback([command] { run_prepare(*command); });
}

}  // namespace dmcvr::cli
