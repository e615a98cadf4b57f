// SPDX-License-Identifier: Apache-2.0
// dmcvr reconstruct: the main job.
#include "dmcvr/reconstruction/reconstruct.h"

#include "cli/body_options.h"
#include "cli/commands.h"
#include "cli/input_options.h"
#include "cli/reconstruct_work.h"
#include "cli/shared_options.h"
#include "cli/suggestions.h"

#include <memory>
#include <string>
#include <vector>

namespace dmcvr::cli {

void add_reconstruct(CLI::App& app) {
  auto command = std::make_shared<ReconstructCommand>();
  Settings& settings = command->settings;
  auto* verb = app.add_subcommand("reconstruct",
                                  "A sparse short-axis stack becomes a dense, labeled heart.");
  verb->add_option("input", command->input,
                   "NIfTI file (one phase or a cine), DICOM films (folder, zip, tar, multi-frame "
                   "file), a zip of UK Biobank, or a subject of ACDC, M&Ms, M&Ms-2, Sunnybrook, "
                   "nnU-Net or a phantom; or a folder, zip or tar of such: each becomes DIR/CASE, "
                   "finished ones are skipped")
      ->required();
  verb->add_option("-o,--output", command->output, "Folder that appears when all is done")
      ->required()
      ->type_name("DIR");
  verb->add_flag("--force", command->force, "Replace an earlier output");
  verb->add_flag("--trust-archives", command->trusts_archives,
                 "Read a zip or tar however many files it holds and however far it expands");
  add_input_options(*verb, command->layout);
  verb->add_option(
          "--phases", command->phases,
          "Phases: ed, es (found by their LV volume where not named), all, or names such as "
          "phase03; default: ed,es where named, else all")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,...");

  verb->add_option("--shard", command->shard,
                   "Of a folder of studies only every M-th, beginning with the N-th; slurm: by the "
                   "task of the array")
      ->type_name("N/M|slurm");

  const std::string what = "What is made";
  add_setting<double>(*verb, settings, "--slice-spacing", "/slice_spacing_mm",
                      "Between dense planes, in mm; default: the in-plane spacing")
      ->type_name("MM")
      ->group(what);
  verb->add_option_function<std::vector<double>>(
          "--center",
          [&settings](const std::vector<double>& center) {
            settings.named["locate"]["center_mm"] = center;
          },
          "Of the heart, in mm to the right, front and head; default: found")
      ->delimiter(',')
      ->expected(3)
      ->type_name("R,A,S")
      ->group(what);
  verb->add_flag_function(
          "--regenerate", [&settings](int64_t) { settings.named["regenerate"] = true; },
          "Draw acquired slices from their codes as well (Table 1 of the paper)")
      ->group(what);

  verb->add_option("--mesh-formats", command->surfaces.formats,
                   "Of the surfaces in meshes/: vtp, stl, ply, obj, glb; default: vtp")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("A,B,...")
      ->group(what);
  verb->add_flag_callback(
          "--no-meshes", [command] { command->has_meshes = false; }, "Leave the surfaces out")
      ->group(what);
  verb->add_flag("--dicom", command->has_dicom,
                 "Write volume and labels as DICOM, too: dicom/volume/ (a derived MR series) and "
                 "dicom/labels.dcm (SEG)")
      ->group(what);

  const std::string how = "How";
  verb->add_option(
          "--method", command->method,
          "dmcvr+registration: drawing begins at the registered neighbors, and labels heed "
          "their outlines; dmcvr: as published, at x_T (what --regenerate and --solver reference "
          "take)")
      ->check(one_of({"dmcvr", "dmcvr+registration"}))
      ->type_name("WORD")
      ->default_str("dmcvr+registration")
      ->group(how);
  add_setting<int64_t>(
      *verb, settings, "--steps", "/solver/nodes",
      "Noise levels, 2 to 1000; each way takes one evaluation less; 20 for quality; of --solver "
      "reference 100")
      ->type_name("N")
      ->default_str("10")
      ->group(how);
  add_setting<std::string>(*verb, settings, "--solver", "/solver/solver",
                           "dpm, ddim, or reference as published")
      ->check(one_of({"dpm", "ddim", "reference"}))
      ->type_name("WORD")
      ->default_str("dpm")
      ->group(how);
  verb->add_option_function<std::string>(
          "--interpolation",
          [&settings](const std::string& words) {
            settings.named["interpolation"] = interpolation_options(words);
          },
          "Between slices, of z_sem, l_mor and x_T: lerp, slerp or nearest each; default: all "
          "lerp; "
          "of --method dmcvr lerp,lerp,slerp")
      ->type_name("A,B,C")
      ->group(how);
  verb->add_option(
          "--weights", command->weights,
          "Folder with segmenter.safetensors and generator.safetensors; default: the bundled ones")
      ->type_name("DIR")
      ->group(how);
  verb->add_option("--device", command->device, "cpu, cuda, cuda:1, ...")
      ->capture_default_str()
      ->type_name("NAME")
      ->group(how);
  add_setting<std::string>(
      *verb, settings, "--precision", "/precision",
      "Of the generator: float32, bfloat16, or automatic: bfloat16 where CPU or GPU "
      "have instructions for it")
      ->check(one_of({"automatic", "float32", "bfloat16"}))
      ->type_name("WORD")
      ->default_str("automatic")
      ->group(how);
  add_setting<int64_t>(*verb, settings, "--seed", "/seed", "Of stochastic codes that are drawn")
      ->type_name("N")
      ->default_str("0")
      ->group(how);
  verb->add_option("--truth", command->truth,
                   "Folder of dmcvr phantom: print how close the result comes to its dense truth")
      ->type_name("DIR")
      ->group(how);
  add_body_options(*verb, command->body);
  add_settings(*verb, settings);
  add_shared_options(*verb, command->shared);
  verb->footer(
      "Examples:\n"
      "  dmcvr reconstruct cine.nii.gz -o heart\n"
      "  dmcvr reconstruct acdc/training/patient001 -o heart --phases ed\n"
      "  dmcvr reconstruct dicom.zip -o heart --phases ed,es\n"
      "  dmcvr reconstruct cine.nii.gz -o beat --phases ed,es --slice-spacing 2.5\n"
      "  dmcvr reconstruct acdc/training -o hearts --no-meshes\n"
      "The folder holds volume.nii.gz, labels.nii.gz (1=LVC 2=LVM 3=RVC), provenance.nii.gz, "
      "labels.json,\n"
      "measures.json, measures.csv, segments.csv, bullseye.png, meshes/, preview.png, run.json, "
      "of three\n"
      "phases or more volume_curve.csv and volume_curve.png, and with --dicom dicom/. Acquired "
      "slices come\n"
      "out voxel for voxel.\n"
      "Of a folder of studies: DIR/CASE of each, and cases.csv with the measures of all; a study "
      "that fails\n"
      "is said and left out, exit code 1.\n"
      "Method: He et al., DMCVR: Morphology-Guided Diffusion Model for 3D Cardiac Volume "
      "Reconstruction,\n"
      "MICCAI 2023.");
  verb->callback([command] { run_reconstruct(*command); });
}

}  // namespace dmcvr::cli
