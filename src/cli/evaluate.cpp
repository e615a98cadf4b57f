// SPDX-License-Identifier: Apache-2.0
// dmcvr evaluate: methods against a truth that they have not seen.
#include "dmcvr/evaluation/evaluate.h"

#include "cli/commands.h"
#include "cli/evaluate_results.h"
#include "cli/input_options.h"
#include "cli/shared_options.h"
#include "cli/suggestions.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/core/version.h"
#include "dmcvr/evaluation/answer_folder.h"
#include "dmcvr/evaluation/questions.h"
#include "dmcvr/evaluation/shards.h"
#include "dmcvr/report/output_folder.h"
#include "dmcvr/study/cases.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>
#include <set>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

struct EvaluateCommand {
  std::vector<std::string> inputs;
  std::string output;
  std::string split, subset;
  std::string weights, diffae;
  std::string baseline;
  std::string shard;
  std::string device = "cpu";
  bool force = false;
  Settings settings;
  SharedOptions shared;
};

struct LoadedNetworks {
  std::optional<Networks> dmcvr, diffae;

  MethodNetworks pointers() { return {dmcvr ? &*dmcvr : nullptr, diffae ? &*diffae : nullptr}; }
};

fs::path weights_folder(const EvaluateCommand& command) {
  return command.weights.empty() ? bundled_folder("weights") : command.weights;
}

// The generator without l_mor: named, or beside the other weights.
fs::path diffae_path(const EvaluateCommand& command) {
  return command.diffae.empty() ? weights_folder(command) / "diffae.safetensors"
                                : fs::path(command.diffae);
}

fs::path diffae_file(const EvaluateCommand& command) {
  fs::path file = diffae_path(command);
  if (command.diffae.empty() && !fs::exists(file)) {
    throw Error(
        "method diffae: no weights come with dmcvr; make some with dmcvr train diffae and name "
        "them by --diffae FILE");
  }
  if (read_weights_info(file).kind != "diffae") {
    throw Error("{}: holds a {}, expected a diffae, a generator without l_mor", file.string(),
                read_weights_info(file).kind);
  }
  return file;
}

LoadedNetworks load(const EvaluateCommand& command, const EvaluateOptions& options) {
  LoadedNetworks networks;
  if (!needs_segmenter(options)) return networks;
  const fs::path weights = weights_folder(command);
  networks.dmcvr = load_networks(weights / "segmenter.safetensors",
                                 weights / "generator.safetensors", command.device);
  if (std::any_of(options.methods.begin(), options.methods.end(), needs_diffae)) {
    networks.diffae =
        load_networks(weights / "segmenter.safetensors", diffae_file(command), command.device);
  }
  return networks;
}

// What decides the results beside the cases.
nlohmann::json record_of(const EvaluateCommand& command, const EvaluateOptions& options,
                         const LoadedNetworks& networks) {
  nlohmann::json weights = nlohmann::json::object();
  const auto add = [&](const WeightsInfo& info) { weights[info.kind] = info.sha256; };
  if (networks.dmcvr) {
    add(networks.dmcvr->segmenter.info);
    const auto draws_with_it = [](Method method) {
      return needs_generator(method) && !needs_diffae(method);
    };
    if (std::any_of(options.methods.begin(), options.methods.end(), draws_with_it))
      add(networks.dmcvr->generator.info);
  }
  if (networks.diffae) add(networks.diffae->generator.info);
  nlohmann::json resolved = options;
  if (networks.dmcvr)
    resolved["reconstruct"]["precision"] = precision_of(*networks.dmcvr, options.reconstruct);
  return {{"version", version()},
          {"options", resolved},
          {"weights_sha256", weights},
          {"subset", command.subset}};
}

std::vector<fs::path> cases_of(const EvaluateCommand& command, const InputOptions& input) {
  auto cases = choose_cases({command.inputs.begin(), command.inputs.end()}, command.split,
                            command.subset, input);
  check_case_names(cases);
  return command.shard.empty() ? cases
                               : cases_of_shard(std::move(cases), shard_from(command.shard));
}

// What the others are compared with; where nobody chose, `shape`, or `original` where slices are
// made again, which is among the methods or not.
std::string baseline_of(const EvaluateCommand& command, const EvaluateOptions& options) {
  if (command.baseline.empty()) {
    return method_name(options.protocol == Protocol::regenerate ? Method::original : Method::shape);
  }
  for (const Method method : options.methods) {
    if (method_name(method) == command.baseline) return command.baseline;
  }
  for (const std::string& folder : options.folders) {
    if (answer_folder_from(folder).method == command.baseline) return command.baseline;
  }
  throw Error("--baseline {}: is not among the methods that are compared", command.baseline);
}

// "shape" is a method of ours, "deeprecon=DIR" one of another program.
bool names_folder(const std::string& word) {
  return word.find('=') != std::string::npos;
}

CLI::Validator method_word() {
  const CLI::Validator ours = one_of(method_names());
  return CLI::Validator(
      [ours](std::string& word) { return names_folder(word) ? std::string() : ours(word); }, "");
}

void name_methods(const std::vector<std::string>& words, Settings& settings) {
  settings.named["methods"] = settings.named["folders"] = nlohmann::json::array();
  for (const std::string& word : words)
    settings.named[names_folder(word) ? "folders" : "methods"].push_back(word);
}

// A word in place of the first input, since a verb below this one could not be told from other
// inputs. A file or folder of that name is ./WORD.
bool begins_with(const EvaluateCommand& command, const char* word) {
  return command.inputs.front() == word;
}

std::vector<fs::path> files_read(const EvaluateCommand& command) {
  std::vector<fs::path> files(command.inputs.begin(), command.inputs.end());
  for (const auto& file : {command.weights, command.diffae, command.split}) {
    if (!file.empty()) files.emplace_back(file);
  }
  return files;
}

// dmcvr evaluate questions: what methods are given, for programs that are not ours.
void run_questions(EvaluateCommand command) {
  command.inputs.erase(command.inputs.begin());
  if (command.inputs.empty()) throw Error("evaluate questions: names no cases");
  auto options = resolve<EvaluateOptions>(command.settings);
  if (printed_only(command.settings, options)) return;
  check_output_folder(command.output, command.force, kQuestionsFile, files_read(command));
  catch_interrupts();
  const auto cases = cases_of(command, options.input);
  throw_if_interrupted();
  options.methods = {Method::nearest};
  LoadedNetworks networks = load(command, options);
  std::vector<FailedCase> failed;
  write_folder(command.output, command.force, [&](const fs::path& folder) {
    Progress bar("writing", static_cast<int64_t>(cases.size()), "cases");
    failed = write_questions(cases, folder, options, networks.pointers(),
                             [&](int64_t done, int64_t, const std::string& note) {
                               throw_if_interrupted();
                               bar.update(done, note);
                             });
  });
  std::cout << command.output << std::endl;
  if (failed.empty()) return;
  throw Error("{} of {} cases failed and are left out; the first, {}: {}", failed.size(),
              cases.size(), failed.front().name, failed.front().error);
}

EvaluateOptions resolved_options(const EvaluateCommand& command) {
  auto options = resolve<EvaluateOptions>(command.settings);
  const bool has_diffae =
      options.protocol == Protocol::regenerate && fs::exists(diffae_path(command));
  return with_methods(std::move(options), has_diffae);
}

// What shards were asked for stands in their folders.
void refuse_options_of_merge(const CLI::App& verb) {
  static const std::set<std::string> taken = {"input",   "--output",  "--force",
                                              "--quiet", "--verbose", "--threads"};
  for (const CLI::Option* option : verb.get_options()) {
    if (option->count() > 0 && taken.count(option->get_name()) == 0)
      throw Error("evaluate merge: {} is of the shards, which have ended; leave it out",
                  option->get_name());
  }
}

void run_evaluate(const EvaluateCommand& command, const CLI::App& verb) {
  apply(command.shared);
  if (begins_with(command, "questions")) return run_questions(command);
  if (begins_with(command, "merge")) {
    refuse_options_of_merge(verb);
    merge_evaluations({command.inputs.begin() + 1, command.inputs.end()}, command.output,
                      command.force);
    return;
  }
  const auto options = resolved_options(command);
  if (printed_only(command.settings, options)) return;
  const std::string baseline = baseline_of(command, options);
  check_output_folder(command.output, true, "run.json", files_read(command));
  catch_interrupts();
  const auto cases = cases_of(command, options.input);
  throw_if_interrupted();
  LoadedNetworks networks = load(command, options);
  const auto record = record_of(command, options, networks);
  const RunFolder folder = open_run_folder(command.output, record, command.force);

  auto bar = std::make_unique<Progress>("evaluating", static_cast<int64_t>(cases.size()), "cases");
  const Evaluation evaluation = evaluate(
      cases, folder, options, networks.pointers(),
      [&](int64_t done, int64_t, const std::string& note) {
        throw_if_interrupted("finished cases stay, and the same command goes on behind them");
        bar->update(done, note);
      });
  bar.reset();
  const Results results{evaluation.cases, evaluation.failed, baseline};
  write_results(folder, record, results);
  if (evaluation.already_done > 0) {
    spdlog::info("{} {} done by an earlier run", evaluation.already_done,
                 evaluation.already_done == 1 ? "case was" : "cases were");
  }
  if (cases.empty()) spdlog::info("this shard has no case");
  print_results(record, results, command.output);
  if (evaluation.failed.empty()) return;
  const FailedCase& first = evaluation.failed.front();
  throw Error("{} of {} cases failed and are left out; the first, {}: {}", evaluation.failed.size(),
              cases.size(), first.name, first.error);
}

}  // namespace

void add_evaluate(CLI::App& app) {
  auto command = std::make_shared<EvaluateCommand>();
  Settings& settings = command->settings;
  auto* verb = app.add_subcommand(
      "evaluate", "Methods are scored against slices or whole hearts that they have not seen.");
  verb->add_option("input", command->inputs,
                   "Studies in any layout, or folders, zips or tars of such; "
                   "or the word questions and those, to write what methods are given; or the word "
                   "merge and the folders of shards that have ended")
      ->required();
  verb->add_option("-o,--output", command->output,
                   "Folder of the scores; a second run goes on with what is missing")
      ->required()
      ->type_name("DIR");
  verb->add_flag("--force", command->force, "Begin an earlier evaluation anew");

  const std::string what = "What is compared";
  add_setting<std::string>(
      *verb, settings, "--protocol", "/protocol",
      "held-out-slices: every second slice is hidden; dense: the truth of a "
      "phantom; regenerate: nothing is hidden, do slices survive encode and decode? long-axis: "
      "nothing is hidden, does the dense heart agree with long-axis views?")
      ->check(one_of({"held-out-slices", "dense", "regenerate", "long-axis"}))
      ->type_name("WORD")
      ->default_str("held-out-slices")
      ->group(what);
  verb->add_option_function<std::vector<std::string>>(
          "--methods",
          [&settings](const std::vector<std::string>& words) { name_methods(words, settings); },
          fmt::format(
              "{}, or NAME=DIR: what another program left in a folder; default: original,"
              "nearest,linear,shape,dmcvr,dmcvr+registration; of long-axis the same without "
              "original; of regenerate: original,dmcvr-reference,dmcvr,dmcvr-codes, where diffae "
              "has weights the same of it. A -reference takes minutes per case: 200 evaluations "
              "per slice",
              fmt::join(method_names(), ", ")))
      ->delimiter(',')
      ->allow_extra_args(false)
      ->check(method_word())
      ->type_name("A,B,...")
      ->group(what);
  verb->add_option(
          "--baseline", command->baseline,
          "Differences from this method are shown, with 95 % intervals; default: shape, of "
          "regenerate original")
      ->type_name("WORD")
      ->group(what);
  verb->add_option("--split", command->split, "JSON of subset names and their cases")
      ->type_name("FILE")
      ->group(what);
  verb->add_option("--subset", command->subset, "Which of them to take: train, validation, test")
      ->type_name("WORD")
      ->group(what);
  verb->add_option("--shard", command->shard,
                   "Every N-th case from the K-th on, to run side by side; slurm: by the task of a "
                   "job array; dmcvr evaluate merge joins the folders")
      ->type_name("K/N")
      ->group(what);
  verb->add_option_function<std::vector<std::string>>(
          "--phases",
          [&settings](const std::vector<std::string>& names) { settings.named["phases"] = names; },
          "Phases, as for reconstruct; default: ed,es where named, else all")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,...")
      ->group(what);

  const std::string how = "How";
  add_setting<double>(
      *verb, settings, "--slice-spacing", "/reconstruct/slice_spacing_mm",
      "Between planes of the protocols dense and long-axis, in mm; default: the in-plane "
      "spacing")
      ->type_name("MM")
      ->group(how);
  add_setting<int64_t>(*verb, settings, "--steps", "/reconstruct/solver/nodes",
                       "Noise levels of the generators, 2 to 1000")
      ->type_name("N")
      ->default_str("10")
      ->group(how);
  verb->add_option(
          "--weights", command->weights,
          "Folder with segmenter.safetensors and generator.safetensors; default: the bundled ones")
      ->type_name("DIR")
      ->group(how);
  verb->add_option("--diffae", command->diffae,
                   "Weights of dmcvr train diffae; default: diffae.safetensors beside the others")
      ->type_name("FILE")
      ->group(how);
  verb->add_option("--device", command->device, "cpu, cuda, cuda:1, ...")
      ->capture_default_str()
      ->type_name("NAME")
      ->group(how);
  add_setting<std::string>(
      *verb, settings, "--precision", "/reconstruct/precision",
      "Of the generators: float32, bfloat16, or automatic: bfloat16 where CPU or GPU have "
      "instructions for it")
      ->check(one_of({"automatic", "float32", "bfloat16"}))
      ->type_name("WORD")
      ->default_str("automatic")
      ->group(how);
  verb->add_flag_callback(
          "--surfaces", [&settings] { settings.named["surfaces"] = true; },
          "Also draw the hearts as surfaces, seconds per case and method: "
          "figures/NAME_surfaces.png")
      ->group(how);
  add_setting<int64_t>(*verb, settings, "--seed", "/reconstruct/seed",
                       "Of stochastic codes that are drawn")
      ->type_name("N")
      ->default_str("0")
      ->group(how);
  add_input_settings(*verb, settings);
  add_settings(*verb, settings);
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr evaluate phantom -o scores --protocol dense --methods nearest,linear,dmcvr\n"
      "  dmcvr evaluate phantom1 phantom2 -o scores --methods original,shape,dmcvr\n"
      "  dmcvr evaluate acdc/training -o bounds --split weights/split.json --subset validation \\\n"
      "      --methods nearest-expert,shape-expert\n"
      "  dmcvr evaluate phantom1 phantom2 -o views --protocol long-axis --methods shape,dmcvr\n"
      "  dmcvr evaluate phantom1 phantom2 -o scores1 --shard 1/2 --methods "
      "shape,dmcvr+registration\n"
      "  dmcvr evaluate phantom1 phantom2 -o scores2 --shard 2/2 --methods "
      "shape,dmcvr+registration\n"
      "  dmcvr evaluate questions phantom1 phantom2 -o questions\n"
      "  dmcvr evaluate phantom1 phantom2 -o scores --methods linear,ours=answers\n"
      "Printed: mean 3D Dice +- standard deviation over the volumes (phases of cases), as is and\n"
      "with each slice moved in its plane to where it fits best (at most 5 pixels), and PSNR\n"
      "around the heart; then how much better than the baseline, with the interval in which 95 %\n"
      "of resampled groups of cases lie; errors of clinical measures, and those beside the\n"
      "baseline's; and what each method takes. A structure that a method misses has Dice 0 and\n"
      "the largest distance there is. Of long-axis: Dice in the planes of the views, inside the\n"
      "stack of slices and whole, by phase, correlation and edges of the pictures, and how far\n"
      "the heart would have to be moved to fit best (it is not moved). The folder holds\n"
      "summary.json, cases.csv with every volume or views.csv with every picture, table.md,\n"
      "table.tex, a JSON per case, and figures/. Without experts' labels the segmenter's of the\n"
      "true pictures are the truth; views without labels are compared as pictures. Shape: Raya\n"
      "and Udupa, Shape-based interpolation, IEEE TMI 9(1), 1990. dmcvr and diffae: He et al.,\n"
      "DMCVR, MICCAI 2023.");
  verb->callback([command, verb] { run_evaluate(*command, *verb); });
}

}  // namespace dmcvr::cli
