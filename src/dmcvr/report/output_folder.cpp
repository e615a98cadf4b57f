// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/output_folder.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/version.h"
#include "dmcvr/figures/contours.h"
#include "dmcvr/figures/preview.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/io/png.h"
#include "dmcvr/measures/measures_file.h"
#include "dmcvr/report/measure_files.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <map>

namespace dmcvr {
namespace fs = std::filesystem;
using nlohmann::json;
namespace {

constexpr int64_t kFormat = 1;  // of run.json and the folder around it
// File systems take 255 bytes; the temporary name is longer than the final one.
constexpr size_t kLongestName = 220;

void write_json(const fs::path& path, const json& content) {
  // Names of files and folders may hold any bytes; JSON is UTF-8.
  const std::string text = content.dump(2, ' ', false, json::error_handler_t::replace);
  write_file(path, [&](std::ostream& stream) { stream << text << '\n'; });
}

json labels_json(const LabelTable& table) {
  static const std::map<int64_t, std::string> meanings = {
      {kLvc, "left ventricular cavity, papillary muscles included"},
      {kLvm, "left ventricular myocardium"},
      {kRvc, "right ventricular cavity"}};
  json entries = json::array();
  for (const auto& [value, name] : table) {
    const Color color = label_color(value);
    const auto byte = [](double share) { return std::lround(255 * share); };
    entries.push_back({{"value", value},
                       {"name", name},
                       {"meaning", meanings.at(value)},
                       {"color", {byte(color.red), byte(color.green), byte(color.blue)}}});
  }
  return {{"labels", entries}};
}

PreviewContent preview_content(const Study& study, const Reconstruction& reconstruction,
                               const FilmVolume* film) {
  PreviewContent content;
  content.title = study.name;
  content.note = "dmcvr " + version();
  content.volume = reconstruction.volume;
  if (film != nullptr) film->show(content);
  content.labels = reconstruction.labels;
  content.phase_names = reconstruction.phase_names;
  content.acquired_planes = reconstruction.acquired_planes;
  return content;
}

json phases_json(const Study& study, const Reconstruction& reconstruction) {
  json phases = json::array();
  const auto& times = reconstruction.volume.times_ms;
  for (size_t t = 0; t < reconstruction.phase_names.size(); ++t) {
    phases.push_back({{"name", reconstruction.phase_names[t]}});
    if (!study.frames.empty()) phases.back()["frame"] = study.frames[t];
    if (!times.empty()) phases.back()["time_ms"] = times[t];
  }
  return phases;
}

json heart_json(const Reconstruction& reconstruction) {
  const Heart& heart = reconstruction.heart;
  json result = {{"center_mm", heart.center_mm},
                 {"patch_side_mm", reconstruction.patch_side_mm},
                 {"center_is_given", heart.is_given}};
  if (!heart.is_given) {
    result["first_voxel"] = heart.first_voxel;
    result["last_voxel"] = heart.last_voxel;
    result["confidence"] = heart.confidence;
  }
  return result;
}

bool is_mount_point(const fs::path& folder) {
  struct stat own = {};
  struct stat above = {};
  return ::stat(folder.c_str(), &own) == 0 && ::stat(folder.parent_path().c_str(), &above) == 0 &&
         own.st_dev != above.st_dev;
}

}  // namespace

void check_output_folder(const fs::path& folder, bool replace, const std::string& marker,
                         const std::vector<fs::path>& inputs) {
  std::error_code failure;
  if (folder.empty()) throw Error("'' is no name of a folder");
  fs::path full = fs::absolute(folder).lexically_normal();
  if (!full.has_filename()) full = full.parent_path();  // a trailing slash
  const std::string name = full.has_filename() ? full.filename().string() : "";
  if (name.empty() || full == fs::current_path()) {
    throw Error("{}: cannot appear at once when complete; choose a folder of its own, such as {}",
                folder.string(), (folder / "out").lexically_normal().string());
  }
  if (name.size() > kLongestName) {
    throw Error("{}: the name has {} letters, at most {} are possible", folder.string(),
                name.size(), kLongestName);
  }
  full = fs::weakly_canonical(full, failure);
  for (const fs::path& input : inputs) {
    const fs::path place = fs::weakly_canonical(fs::absolute(input, failure), failure);
    if (std::mismatch(full.begin(), full.end(), place.begin(), place.end()).first != full.end()) {
      continue;
    }
    throw Error("{}: holds the input {}, which would be lost; choose another folder",
                folder.string(), input.string());
  }
  if (fs::exists(fs::symlink_status(folder, failure))) {
    if (!replace) throw Error("{}: exists already; use --force to replace it", folder.string());
    if (!fs::is_directory(folder)) {
      throw Error("{}: is not a folder and is not replaced; choose another name", folder.string());
    }
    if (is_mount_point(full)) {
      throw Error("{}: a disk or volume is mounted there, which cannot be replaced; choose {}",
                  folder.string(), (folder / "out").lexically_normal().string());
    }
    if (!fs::is_empty(folder, failure) && !fs::exists(folder / marker)) {
      throw Error(
          "{}: holds no {}, so it was not made by dmcvr and is not replaced; choose another folder",
          folder.string(), marker);
    }
  }

  // The first parent that exists must take new entries.
  fs::path parent = fs::absolute(folder / "").parent_path().parent_path();
  while (!fs::exists(parent, failure) && parent.has_relative_path()) parent = parent.parent_path();
  if (!fs::is_directory(parent)) {
    throw Error("{}: cannot be made, since {} is not a folder", folder.string(), parent.string());
  }
  if (::access(parent.c_str(), W_OK | X_OK) != 0) {
    throw Error("{}: cannot be made, since {} is not writable", folder.string(), parent.string());
  }
}

void check_reconstruction_folder(const fs::path& folder, bool replace,
                                 const std::vector<fs::path>& inputs) {
  check_output_folder(folder, replace, "run.json", inputs);
  const fs::path mark = folder / "run.json";
  if (!fs::exists(mark)) return;
  bool is_ours = false;
  try {
    is_ours = read_json(mark).contains("acquired");
  } catch (const Error&) {  // damaged: nobody knows whose it was
  }
  if (!is_ours) {
    throw Error("{}: is no folder of dmcvr reconstruct and is not replaced; take it away yourself",
                folder.string());
  }
}

json run_json(const Study& study, const Reconstruction& reconstruction, const RunRecord& record) {
  json inputs = json::array();
  for (const InputFile& input : study.inputs) {
    inputs.push_back({{"name", input.name}, {"sha256", input.sha256}});
  }
  json problems = json::array();
  for (const Problem& problem : study.problems) {
    problems.push_back(
        {{"code", problem.code}, {"text", problem.text}, {"remedy", problem.remedy}});
  }
  json weights = json::array();
  for (const WeightsFile& file : record.weights) {
    weights.push_back({{"kind", file.kind},
                       {"name", file.name},
                       {"sha256", file.sha256},
                       {"license", file.license}});
  }
  json stages = json::array();
  for (const Stage& stage : reconstruction.stages) {
    stages.push_back(
        {{"name", stage.name}, {"seconds", stage.seconds}, {"evaluations", stage.evaluations}});
  }
  const Grid& grid = reconstruction.volume.grid;
  json result = {
      {"format", kFormat},
      {"version", version()},
      {"commit", commit()},
      {"torch", torch_version()},
      {"study", study.name},
      {"inputs", inputs},
      {"problems", problems},
      {"options", record.options},
      {"weights", weights},
      {"device", record.device},
      {"threads", record.threads},
      {"phases", phases_json(study, reconstruction)},
      {"grid", {{"size", grid.size}, {"spacing_mm", grid.spacing_mm()}}},
      {"acquired",
       {{"planes", reconstruction.acquired_planes},
        {"offsets_mm", reconstruction.plane_offsets_mm}}},
      {"heart", heart_json(reconstruction)},
      {"stages", stages},
      {"seconds", record.seconds},
  };
  if (!record.batch.empty()) result["batch"] = record.batch;
  if (reconstruction.round_trip_psnr)
    result["round_trip_psnr_db"] = *reconstruction.round_trip_psnr;
  if (reconstruction.coherence)
    result["temporal_coherence"] = coherence_json(*reconstruction.coherence);
  return result;
}

std::vector<SurfaceRecord> write_reconstruction(const fs::path& folder, const Study& study,
                                                const Reconstruction& reconstruction,
                                                const RunRecord& record, bool replace) {
  NiftiWriteOptions labels, provenance;
  labels.times_ms = provenance.times_ms = reconstruction.volume.times_ms;
  provenance.descrip = to_string(reconstruction.provenance.table);
  std::vector<SurfaceRecord> surfaces;
  write_folder(folder, replace, [&](const fs::path& path) {
    if (record.film != nullptr) {
      record.film->move_to(path / "volume.nii.gz");
    } else {
      write_nifti(path / "volume.nii.gz", reconstruction.volume);
    }
    write_nifti(path / "labels.nii.gz", reconstruction.labels, labels);
    write_nifti(path / "provenance.nii.gz", reconstruction.provenance, provenance);
    write_json(path / "labels.json", labels_json(reconstruction.labels.table));
    for (const char* name : {"measures.json", "measures.csv"})
      write_measures(path / name, {record.measures});
    write_measure_files(path, {record.measures});
    write_png(path / "preview.png",
              to_bytes(preview(preview_content(study, reconstruction, record.film))));
    json run = run_json(study, reconstruction, record);
    if (record.surfaces) {
      fs::create_directory(path / "meshes");
      surfaces = write_surfaces(path / "meshes", record.heart, *record.surfaces, record.on_surface);
      run["surfaces"] = surfaces;
    }
    if (record.dicom) {
      fs::create_directory(path / "dicom");
      write_dicom(path / "dicom", study, reconstruction, *record.dicom, record.on_dicom);
    }
    write_json(path / "run.json", run);
  });
  return surfaces;
}

}  // namespace dmcvr
