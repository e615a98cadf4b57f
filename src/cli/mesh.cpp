// SPDX-License-Identifier: Apache-2.0
// dmcvr mesh: surfaces from anybody's labels.
#include "cli/commands.h"
#include "cli/shared_options.h"
#include "cli/suggestions.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/io/mesh_file.h"
#include "dmcvr/mesh/surfaces.h"
#include "dmcvr/report/label_maps.h"
#include "dmcvr/report/output_folder.h"
#include "dmcvr/report/surface_files.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <filesystem>
#include <iostream>
#include <memory>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

struct MeshCommand {
  std::vector<std::string> inputs;
  std::string output;
  std::string labels_are;
  bool force = false;
  Settings settings;
  SharedOptions shared;
};

LabeledHeart read_heart(const MeshCommand& command) {
  const bool is_folder = fs::is_directory(command.inputs.front());
  if (!is_folder)
    return read_label_maps({command.inputs.begin(), command.inputs.end()}, command.labels_are);
  if (command.inputs.size() > 1)
    throw Error("{}: expected one folder, or the label maps of one heart", command.inputs[1]);
  if (!command.labels_are.empty()) {
    throw Error("--labels-are {}: is for label maps; in {} the order is known", command.labels_are,
                command.inputs.front());
  }
  return read_labeled_folder(command.inputs.front());
}

// Three times as far as pixels: steps that no filter takes away without taking the shape.
void warn_of_steps(const LabeledHeart& heart) {
  const auto spacing = (heart.dense ? *heart.dense : heart.slices).grid.spacing_mm();
  if (spacing[2] > 3 * std::max(spacing[0], spacing[1])) {
    spdlog::warn(
        "{}: its slices are {:.3g} mm apart, and the surfaces have steps as high; dmcvr "
        "reconstruct makes the planes between",
        heart.name, spacing[2]);
  }
}

void run_mesh(const MeshCommand& command) {
  apply(command.shared);
  const auto options = resolve<SurfaceFileOptions>(command.settings);
  if (printed_only(command.settings, options)) return;
  std::vector<fs::path> inputs(command.inputs.begin(), command.inputs.end());
  check_output_folder(command.output, command.force, "surfaces.json", inputs);
  const LabeledHeart heart = read_heart(command);
  for (const std::string& note : heart.notes) spdlog::warn("{}: {}", heart.name, note);
  warn_of_steps(heart);
  catch_interrupts();
  std::vector<SurfaceRecord> records;
  write_folder(command.output, command.force, [&](const fs::path& folder) {
    Progress bar("surfaces",
                 static_cast<int64_t>(heart.phase_names.size() * options.structures.size()));
    records = write_surfaces(folder, heart, options, [&](int64_t done, int64_t) {
      throw_if_interrupted();
      bar.update(done);
    });
    if (std::all_of(records.begin(), records.end(),
                    [](const auto& record) { return record.files.empty(); }))
      throw Error("{}: none of the structures has a voxel", heart.name);
    const nlohmann::json content = {
        {"name", heart.name}, {"notes", heart.notes}, {"options", options}, {"surfaces", records}};
    // Names of files may hold any bytes; JSON is UTF-8.
    const std::string text = content.dump(2, ' ', false, nlohmann::json::error_handler_t::replace);
    write_file(folder / "surfaces.json", [&](std::ostream& stream) { stream << text << '\n'; });
  });
  for (const std::string& note : surface_notes(records)) spdlog::warn("{}", note);
  for (const std::string& line : surface_table(records)) std::cout << line << '\n';
  std::cout << command.output << std::endl;
}

}  // namespace

void add_mesh(CLI::App& app) {
  auto command = std::make_shared<MeshCommand>();
  Settings& settings = command->settings;
  auto* verb = app.add_subcommand("mesh", "Smooth closed surfaces from labels of a heart.");
  verb->add_option("labels", command->inputs,
                   "Label maps of one heart (one film, or a file per phase), or one folder: an "
                   "output of reconstruct, an ACDC patient, a phantom")
      ->required();
  verb->add_option("-o,--output", command->output, "Folder that appears when all is done")
      ->required()
      ->type_name("DIR");
  verb->add_flag("--force", command->force, "Replace earlier surfaces");
  verb->add_option("--labels-are", command->labels_are,
                   "What the values of label maps mean: dmcvr, mnms or ukb (1=LVC 2=LVM 3=RVC), "
                   "acdc (1=RVC 2=LVM 3=LVC), or a list; default: as the file says")
      ->type_name("WORD|LIST");
  const auto list = [&](const char* flag, const char* key, const std::string& help) {
    return verb
        ->add_option_function<std::vector<std::string>>(
            flag,
            [&settings, key](const std::vector<std::string>& words) {
              settings.named[key] = words;
            },
            help)
        ->delimiter(',')
        ->allow_extra_args(false)
        ->type_name("A,B,...");
  };
  list("--formats", "formats", "Of the files: vtp, stl, ply, obj, glb")
      ->check(one_of(mesh_formats()))
      ->default_str("vtp");
  list("--structures", "structures",
       "lv_endocardium, lv_epicardium, rv_endocardium, and lv_myocardium, the wall as one shell")
      ->check(one_of(surface_names()))
      ->default_str("the first three");
  add_setting<int64_t>(*verb, settings, "--smoothing", "/surface/smoothing",
                       "Iterations of the filter, 0 to 1000; 0 leaves the steps of the voxels")
      ->type_name("N")
      ->default_str(std::to_string(SurfaceOptions().smoothing));
  add_settings(*verb, settings);
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr mesh heart -o surfaces\n"
      "  dmcvr mesh labels.nii.gz -o surfaces --formats stl,obj --structures lv_epicardium\n"
      "Points are RAS millimeters of the patient, and files say so for 3D Slicer (SPACE=RAS); "
      "GLB files\n"
      "hold a matrix that makes meters with y up of them. A surface holds the volume of its "
      "voxels; the ends\n"
      "reach half a gap between slices beyond the outermost ones. Several phases as VTP come with "
      "heart.pvd,\n"
      "a film for ParaView. surfaces.json holds volumes and Euler numbers (2: a sphere).\n"
      "Reference: Taubin, Zhang, Golub, Optimal surface smoothing as filter design, ECCV 1996.");
  verb->callback([command] { run_mesh(*command); });
}

}  // namespace dmcvr::cli
