// SPDX-License-Identifier: Apache-2.0
// dmcvr train segmenter | generator | diffae
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "dmcvr/core/device.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/training/run_files.h"
#include "dmcvr/training/train_generator.h"
#include "dmcvr/training/train_segmenter.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

enum class Kind { segmenter, generator, diffae };

const char* name_of(Kind kind) {
  return kind == Kind::segmenter ? "segmenter" : kind == Kind::generator ? "generator" : "diffae";
}

struct TrainCommand {
  Kind kind = Kind::segmenter;
  std::vector<std::string> data;
  std::vector<std::string> validation;
  std::string segmenter;
  std::string output;
  std::string time_limit;
  std::string from;
  std::string export_folder;
  std::string export_every;
  double export_part_mib = 15;
  bool resume = false;
  bool force = false;
  Settings settings;
  SharedOptions shared;
};

// The first Ctrl-C ends the run after its step, with a checkpoint; the second one ends the program.
void stop_politely(int) {
  stop_requested() = true;
  std::signal(SIGINT, SIG_DFL);
}

PackedSlices read_all(const std::vector<std::string>& paths) {
  std::vector<PackedSlices> parts;
  for (const std::string& path : paths) parts.push_back(read_packed(path));
  return joined(parts);
}

// "train.slices=3" is a file and its share; a file that is called so is only a file.
struct DataFile {
  std::string path;
  std::optional<double> share;
};

DataFile data_file(const std::string& text) {
  const auto equals = text.rfind('=');
  if (equals == std::string::npos || fs::exists(text)) return {text, {}};
  const std::string digits = text.substr(equals + 1);
  char* end = nullptr;
  const double share = std::strtod(digits.c_str(), &end);
  if (digits.empty() || *end != '\0' || !(share > 0 && share <= 1e6)) {
    throw Error("--data {}: '{}' is no share; expected a number above 0, or a file of that name",
                text, digits);
  }
  return {text.substr(0, equals), share};
}

// The files alone; their shares become the option data.shares.
std::vector<std::string> data_paths(const std::vector<std::string>& data, Settings& settings) {
  std::vector<std::string> paths;
  std::vector<double> shares;
  for (const std::string& text : data) {
    const DataFile file = data_file(text);
    paths.push_back(file.path);
    if (file.share) shares.push_back(*file.share);
  }
  if (!shares.empty() && shares.size() != paths.size())
    throw Error("--data: {} of {} files have a share; give all of them one, or none", shares.size(),
                paths.size());
  if (!shares.empty()) settings.named["data"]["shares"] = shares;
  return paths;
}

// A run folder is begun, gone on with, or begun anew, as the user says and never by accident.
void check_folder(const TrainCommand& command, const std::string& initial_weights) {
  const fs::path folder = command.output;
  if (fs::exists(folder) && !fs::is_directory(folder))
    throw Error("{}: is not a folder", folder.string());
  const bool has_run = holds_run(folder);
  if (has_run && !command.resume && !command.force) {
    throw Error("{}: holds a run already; --resume goes on with it, --force begins anew",
                folder.string());
  }
  if (!has_run && command.resume && command.from.empty()) {
    throw Error("{}: holds no run to go on with; leave --resume out to begin one", folder.string());
  }
  if (!initial_weights.empty() && is_file_of_run(initial_weights, folder)) {
    throw Error("{}: would be replaced by the run that begins with it; choose another --output",
                initial_weights);
  }
}

// The folder, the export and the processes of a run; each process takes its own device.
template <typename Options>
RunPlaces places_of(const TrainCommand& command, Options& options) {
  TrainOptions& training = options.training;
  RunPlaces places{fs::path(command.output)};
  places.begins_anew = command.force;
  places.from = command.from;
  places.exported.folder = command.export_folder;
  if (!command.export_every.empty())
    places.exported.every_seconds = seconds_from(command.export_every);
  places.exported.part_bytes = static_cast<int64_t>(command.export_part_mib * 1024 * 1024);
  if (const auto place = rank_place_from_environment()) {
    training.device = device_of_rank(training.device, *place);
    places.ranks = std::make_shared<const Ranks>(*place, device_named(training.device));
  }
  if (places.ranks->is_first()) {
    places.exported.check();
    check_folder(command, options.initial_weights);
    if (!command.from.empty() && !command.resume) check_export(command.from);
  }
  return places;
}

template <typename Options>
Options resolve_training(const TrainCommand& command, const Options& defaults) {
  Settings settings = command.settings;
  if (settings.config.empty()) {
    const fs::path recipes = bundled_folder("configs");
    settings.config = (recipes / (std::string(name_of(command.kind)) + "-small.json")).string();
  }
  Options options = resolve(settings, defaults);
  if (!command.time_limit.empty())
    options.training.time_limit_seconds = seconds_from(command.time_limit);
  options.check();
  return options;
}

TrainResult train_chosen(TrainCommand command) {
  command.data = data_paths(command.data, command.settings);
  const auto read_data = [&](const RunPlaces& places) {
    TrainingData data{read_all(command.data), read_all(command.validation)};
    const int64_t shared = count_shared(data.validation, data.training);
    if (shared > 0 && places.ranks->is_first()) {
      spdlog::warn(
          "{} of {} validation slices are among those to learn from: the score says nothing of "
          "other subjects",
          shared, data.validation.slices.size());
    }
    return data;
  };
  if (command.kind == Kind::segmenter) {
    auto options = resolve_training(command, TrainSegmenterOptions());
    if (printed_only(command.settings, options)) return {0, true, {}};
    const RunPlaces places = places_of(command, options);
    return train_segmenter(read_data(places), options, places);
  }

  TrainGeneratorOptions defaults;
  if (command.kind == Kind::diffae) defaults.network.morphology_channels = 0;
  auto options = resolve_training(command, defaults);
  if ((options.network.morphology_channels == 0) != (command.kind == Kind::diffae)) {
    throw Error(
        "option 'network.morphology_channels' is {}: 'train diffae' wants 0, 'train generator' "
        "more",
        options.network.morphology_channels);
  }
  if (printed_only(command.settings, options)) return {0, true, {}};
  const RunPlaces places = places_of(command, options);
  std::optional<Segmenter> segmenter;
  if (command.kind == Kind::generator) {
    segmenter = load_segmenter(command.segmenter.empty()
                                   ? fs::path(bundled_folder("weights")) / "segmenter.safetensors"
                                   : fs::path(command.segmenter));
  }
  return train_generator(read_data(places), segmenter, options, places);
}

void run_train(const TrainCommand& command) {
  apply(command.shared);
  stop_requested() = false;
  std::signal(SIGINT, stop_politely);
  std::signal(SIGTERM, stop_politely);
  std::signal(SIGXFSZ, SIG_IGN);  // A file size limit is an error like a full disk.
  const TrainResult result = train_chosen(command);
  if (command.settings.is_dry_run) return;
  const auto place = rank_place_from_environment();
  if (place && place->rank != 0) return;
  if (!result.is_finished) {
    spdlog::info("stopped after step {}; the same command with --resume goes on", result.step);
  }
  if (result.best_score) spdlog::info("best validation score {:.4f}", *result.best_score);
  const fs::path weights = fs::path(command.output) / "weights.safetensors";
  if (fs::exists(weights)) std::cout << weights.string() << std::endl;
}

void add_kind(CLI::App& train, Kind kind, const std::string& description) {
  const std::string name = name_of(kind);
  auto command = std::make_shared<TrainCommand>();
  command->kind = kind;
  auto* app = train.add_subcommand(name, description);
  app->add_option("--data", command->data,
                  "Packed slices to learn from (dmcvr prepare); may be repeated, each with its "
                  "share of the patches: a.slices=3. Without: as many as it has slices")
      ->required()
      ->type_name("FILE[=SHARE]")
      ->allow_extra_args(false);
  app->add_option("--validation", command->validation,
                  "Packed slices of other subjects to validate on")
      ->type_name("FILE")
      ->allow_extra_args(false);
  app->add_option("-o,--output", command->output,
                  "Run folder: checkpoints, weights.safetensors, log.jsonl")
      ->required()
      ->type_name("DIR");
  if (kind == Kind::generator) {
    app->add_option("--segmenter", command->segmenter,
                    "Weights that make l_mor; default: the bundled ones")
        ->type_name("FILE");
  }
  add_setting<std::string>(*app, command->settings, "--initial-weights", "/initial_weights",
                           "Begin with the weights of this file instead of random ones: "
                           "fine-tuning; default: random")
      ->type_name("FILE");
  auto* resume = app->add_flag("--resume", command->resume, "Go on with the run in the folder");
  app->add_flag("--force", command->force, "Begin anew where a run exists")->excludes(resume);
  app->add_option("--time-limit", command->time_limit,
                  "Stop with a checkpoint after this time: 90s, 40m, 2h")
      ->type_name("TIME");
  app->add_option("--from", command->from,
                  "Begin from the export of another run, where the folder holds none to resume")
      ->type_name("DIR");
  auto* exported =
      app->add_option("--export", command->export_folder,
                      "Also leave the run in small files, for --from; replaces an earlier export")
          ->type_name("DIR");
  app->add_option("--export-every", command->export_every,
                  "Export so often, and not only when the command ends: 90s, 40m, 2h")
      ->needs(exported)
      ->type_name("TIME");
  app->add_option("--export-part-size", command->export_part_mib,
                  "Largest file of an export, in MiB")
      ->needs(exported)
      ->check(CLI::Range(0.001, 1024.0))
      ->capture_default_str()
      ->type_name("MIB");
  add_setting<int64_t>(*app, command->settings, "--steps", "/training/steps",
                       "Updates of the weights")
      ->type_name("N");
  add_setting<int64_t>(*app, command->settings, "--seed", "/training/seed", "Of everything random")
      ->type_name("N");
  add_setting<std::string>(*app, command->settings, "--device", "/training/device",
                           "cpu, cuda, cuda:1, ...")
      ->type_name("NAME")
      ->default_str("cpu");
  add_settings(*app, command->settings);
  add_shared_options(*app, command->shared);
  app->footer(fmt::format(
      "Examples:\n"
      "  dmcvr train {0} --data train.slices --validation validation.slices -o runs/{0} \\\n"
      "      --time-limit 2h --export exports/{0}\n"
      "  dmcvr train {0} --data train.slices --validation validation.slices -o runs/{0} --resume\n"
      "  dmcvr train {0} --data train.slices --validation validation.slices -o runs/{0}-2 \\\n"
      "      --from exports/{0} --export exports/{0} --time-limit 9m\n"
      "  dmcvr train {0} --data train.slices=3 --data phantoms.slices=1 -o runs/{0}-3\n"
      "Without --config the options are those of configs/{0}-small.json.\n"
      "Ctrl-C saves a checkpoint and stops; the same command with --resume goes on.",
      name));
  app->callback([command] { run_train(*command); });
}

}  // namespace

void add_train(CLI::App& app) {
  auto* train = app.add_subcommand("train", "Weights from packed slices.");
  add_kind(*train, Kind::segmenter,
           "MedFormer: finds the heart, labels it, and describes its morphology (l_mor).");
  add_kind(*train, Kind::generator,
           "DMCVR: draws slices from z_sem, l_mor and x_T (He et al., MICCAI 2023).");
  add_kind(*train, Kind::diffae,
           "The baseline without l_mor: a diffusion autoencoder (Preechakul et al., CVPR 2022).");
  train->require_subcommand(1);
  train->footer(
      "Example:\n  dmcvr train segmenter --data train.slices --validation validation.slices -o "
      "runs/segmenter");
}

}  // namespace dmcvr::cli
