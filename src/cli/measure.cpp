// SPDX-License-Identifier: Apache-2.0
// dmcvr measure: volumes, ejection fraction and mass from anybody's labels.
#include "cli/body_options.h"
#include "cli/commands.h"
#include "cli/shared_options.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/measures/measures_file.h"
#include "dmcvr/measures/tables.h"
#include "dmcvr/report/label_maps.h"
#include "dmcvr/report/measure_files.h"
#include "dmcvr/report/output_folder.h"
#include "dmcvr/study/layouts.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <map>
#include <memory>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

struct MeasureCommand {
  std::vector<std::string> inputs;
  std::vector<std::string> outputs;
  std::string details;
  std::string labels_are;
  std::string name;
  bool force = false;
  Settings settings;
  SharedOptions shared;
};

bool is_folder(const std::string& input) {
  std::error_code failure;
  const auto status = fs::status(input, failure);
  if (input.empty() || status.type() == fs::file_type::not_found)
    throw Error("{}: no such file or folder", input);
  return fs::is_directory(status);
}

// The folders to measure; none where the inputs are label maps of one heart.
std::vector<fs::path> cases_of(const MeasureCommand& command) {
  std::vector<fs::path> cases;
  const bool are_folders = is_folder(command.inputs.front());
  for (const std::string& input : command.inputs) {
    if (is_folder(input) != are_folders) {
      throw Error("{} and {}: expected either folders, or the label maps of one heart",
                  command.inputs.front(), input);
    }
    if (!are_folders) continue;
    for (fs::path& path : find_labeled_folders(input)) cases.push_back(std::move(path));
  }
  if (are_folders && !command.labels_are.empty()) {
    throw Error("--labels-are {}: is for label maps; in {} the order is known", command.labels_are,
                cases.front().string());
  }
  return cases;
}

HeartMeasures measure_one(const MeasureCommand& command, const std::vector<fs::path>& cases,
                          const BodyOptions& body) {
  LabeledHeart heart =
      cases.empty()
          ? read_label_maps({command.inputs.begin(), command.inputs.end()}, command.labels_are)
          : read_labeled_folder(cases.front());
  if (!command.name.empty()) heart.name = command.name;
  return measure_heart(heart, body);
}

void write_outputs(const MeasureCommand& command, const std::vector<HeartMeasures>& hearts,
                   MeasuresLayout layout) {
  for (const std::string& output : command.outputs) {
    write_measures(output, hearts, layout);
    spdlog::info("wrote {}", output);
  }
  if (command.details.empty()) return;
  write_folder(command.details, command.force,
               [&](const fs::path& folder) { write_measure_files(folder, hearts); });
  spdlog::info("wrote {}", command.details);
}

// As their folders are called, with the way there where several are called alike, but no ids.
std::vector<std::string> distinct_names(const std::vector<fs::path>& cases) {
  std::map<std::string, int64_t> count;
  for (const fs::path& path : cases) ++count[case_name(path)];
  std::vector<std::string> names;
  std::map<std::string, int64_t> used;
  for (const fs::path& path : cases) {
    std::string name = case_name(path);
    if (count[name] > 1) name = without_ids(path.lexically_normal().generic_string());
    const int64_t number = ++used[name];
    names.push_back(number == 1 ? name : fmt::format("{} ({})", name, number));
  }
  return names;
}

// A case that cannot be measured is said, and does not keep the others.
void measure_many(const MeasureCommand& command, const std::vector<fs::path>& cases) {
  std::vector<HeartMeasures> hearts;
  size_t failed = 0;
  {
    Progress bar("measuring", static_cast<int64_t>(cases.size()), "cases");
    const auto names = distinct_names(cases);
    for (size_t n = 0; n < cases.size(); ++n) {
      throw_if_interrupted();
      try {
        LabeledHeart heart = read_labeled_folder(cases[n]);
        heart.name = names[n];
        hearts.push_back(measure_heart(heart));
        for (const std::string& note : hearts.back().notes)
          spdlog::debug("{}: {}", hearts.back().name, note);
      } catch (const std::exception& error) {
        const std::string text = error.what();
        spdlog::warn("left out: {}", text.substr(0, text.find('\n')));
        ++failed;
      }
      bar.update(static_cast<int64_t>(hearts.size() + failed));
    }
  }
  if (!hearts.empty()) write_outputs(command, hearts, MeasuresLayout::cases);
  if (!hearts.empty()) std::cout << short_table_header() << '\n';
  for (const HeartMeasures& heart : hearts) std::cout << short_table_row(heart) << '\n';
  std::cout.flush();
  const auto noted = std::count_if(hearts.begin(), hearts.end(),
                                   [](const HeartMeasures& heart) { return !heart.notes.empty(); });
  if (noted > 0)
    spdlog::info("{} notes; -v and -o FILE show them",
                 noted == 1 ? "1 case has" : fmt::format("{} cases have", noted));
  if (failed > 0) throw Error("{} of {} cases could not be measured", failed, cases.size());
}

// Other folders hold a segments.csv, too, and what lies in it would be replaced with it.
void check_details_folder(const MeasureCommand& command) {
  const fs::path folder = fs::weakly_canonical(command.details);
  if (fs::exists(folder / "run.json")) {
    throw Error("{}: is an output of dmcvr reconstruct and is not replaced; choose another folder",
                command.details);
  }
  for (const std::string& output : command.outputs) {
    const fs::path file = fs::weakly_canonical(output);
    if (std::mismatch(folder.begin(), folder.end(), file.begin(), file.end()).first == folder.end())
      throw Error("{}: lies in the folder of --details, which is replaced; choose another place",
                  output);
  }
}

void run_measure(const MeasureCommand& command) {
  apply(command.shared);
  const auto body = resolve<BodyOptions>(command.settings);
  if (printed_only(command.settings, body)) return;
  for (const std::string& output : command.outputs) check_measures_file(output, command.force);
  if (!command.details.empty()) {
    check_output_folder(command.details, command.force, "segments.csv",
                        {command.inputs.begin(), command.inputs.end()});
    check_details_folder(command);
  }
  const auto cases = cases_of(command);
  catch_interrupts();
  if (cases.size() > 1) {
    if (nlohmann::json(body) != nlohmann::json(BodyOptions()) || !command.name.empty()) {
      throw Error("{} cases: --height, --weight, --heart-rate, --bsa and --name are of one heart",
                  cases.size());
    }
    measure_many(command, cases);
    return;
  }
  const HeartMeasures measures = measure_one(command, cases, body);
  write_outputs(command, {measures}, MeasuresLayout::one);
  for (const std::string& line : measures_table(measures)) std::cout << line << '\n';
  std::cout.flush();
}

}  // namespace

void add_measure(CLI::App& app) {
  auto command = std::make_shared<MeasureCommand>();
  auto* verb =
      app.add_subcommand("measure", "Volumes, ejection fraction and mass from labels of a heart.");
  verb->add_option("labels", command->inputs,
                   "Label maps of one heart (one film, or a file per phase); or folders: outputs "
                   "of reconstruct, ACDC patients, phantoms, or folders of these")
      ->required();
  verb->add_option("-o,--output", command->outputs,
                   "Write measures as .json or .csv, by the ending; may be repeated")
      ->type_name("FILE")
      ->allow_extra_args(false);
  verb->add_option(
          "--details", command->details,
          "Folder for the wall in 16 segments and the volumes over the beat: segments.csv, "
          "volume_curve.csv, and of one heart bullseye.png and volume_curve.png")
      ->type_name("DIR");
  verb->add_flag("--force", command->force, "Replace earlier measures");
  verb->add_option("--labels-are", command->labels_are,
                   "What the values of label maps mean: dmcvr, mnms or ukb (1=LVC 2=LVM 3=RVC), "
                   "acdc (1=RVC 2=LVM 3=LVC), or a list; default: as the file says")
      ->type_name("WORD|LIST");
  verb->add_option("--name", command->name, "Of the case; default: from the names of the files")
      ->type_name("TEXT");
  add_body_options(*verb, command->settings);
  add_settings(*verb, command->settings);
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr measure heart\n"
      "  dmcvr measure ed.nii.gz es.nii.gz --labels-are acdc --height 184 --weight 95\n"
      "  dmcvr measure acdc/training -o acdc.csv\n"
      "  dmcvr measure heart --details heart_details\n"
      "discs: every acquired slice stands for half of the way to its neighbors. dense: the same on "
      "the dense\n"
      "planes, where there are any. Both hold the outermost slices constant over half a gap; "
      "\"cap\" "
      "names that\n"
      "part. Phases: those called ed and es, else of largest and smallest LV cavity. Papillary "
      "muscles belong\n"
      "to the cavity; mass is of 1.05 g/ml, in ED. A CSV has a header, whose names carry the "
      "units, "
      "and a row\n"
      "per case.\n"
      "References: Schulz-Menger et al., J Cardiovasc Magn Reson 2020;22:19 (conventions); "
      "Mosteller,\n"
      "N Engl J Med 1987;317:1098, and Du Bois and Du Bois, Arch Intern Med 1916;17:863 (BSA); "
      "Cerqueira et\n"
      "al., Circulation 2002;105:539 (segments).");
  verb->callback([command] { run_measure(*command); });
}

}  // namespace dmcvr::cli
