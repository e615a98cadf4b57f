// SPDX-License-Identifier: Apache-2.0
// What a reconstruction leaves on disk: one folder that is complete or does not exist.
//
//   volume.nii.gz      the dense heart in scanner units, full field of view
//   labels.nii.gz      its structures; labels.json is the table of values, names and colors
//   provenance.nii.gz  1 acquired, 2 generated, 0 interpolated outside the heart patch
//   meshes/            surfaces of the ventricles (surface_files.h), unless none are wanted
//   dicom/             volume and labels as DICOM (dicom_files.h), where that is wanted
//   measures.json/.csv volumes, ejection fraction, mass (measures/tables.h)
//   segments.csv, …    the wall in 16 segments, the volume curve, their pictures: measure_files.h
//   preview.png        figures/preview.h
//   run.json           what was done with what, in full; also the mark of a folder of ours
//
// Images have three dimensions for one phase and four, in time order, for more. The same
// reconstruction gives the same bytes; only run.json holds seconds.
#pragma once

#include "dmcvr/measures/heart.h"
#include "dmcvr/reconstruction/reconstruct.h"
#include "dmcvr/report/dicom_files.h"
#include "dmcvr/report/film_volume.h"
#include "dmcvr/report/surface_files.h"
#include "dmcvr/study/study.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct WeightsFile {
  std::string kind;  // "segmenter", "generator", "diffae"
  std::string name;  // without folders
  std::string sha256;
  std::string license;
};

// What is written beside what study and reconstruction know.
struct RunRecord {
  nlohmann::json options;  // complete and resolved
  std::vector<WeightsFile> weights;
  std::string device = "cpu";
  int64_t threads = 1;
  double seconds = 0;                          // from reading the input to before writing
  HeartMeasures measures;                      // for measures.json and measures.csv
  std::optional<SurfaceFileOptions> surfaces;  // empty: no meshes
  LabeledHeart heart;                          // of which measures and surfaces are
  OnProgress on_surface;
  FilmVolume* film = nullptr;  // has the volume where the reconstruction has not (reconstruct_film)
  std::string batch;  // batch_sha256 of a run over many studies (case_batch.h); empty: one alone
  std::optional<DicomFileOptions> dicom;  // empty: no DICOM
  OnProgress on_dicom;
};

// To be called before any work. Throws Error if `folder` exists and `replace` is false; if it
// exists and is neither empty nor marked as ours by a file `marker`, since then something else
// would be lost; if one of `inputs` is the folder or lies in it; and if it could not be made
// because its name is no name of its own or too long, or a parent is a file or not writable.
void check_output_folder(const std::filesystem::path& folder, bool replace,
                         const std::string& marker = "run.json",
                         const std::vector<std::filesystem::path>& inputs = {});

// The same for the folder of a reconstruction: one of an evaluation, which holds a run.json as
// well, is not replaced.
void check_reconstruction_folder(const std::filesystem::path& folder, bool replace,
                                 const std::vector<std::filesystem::path>& inputs = {});

// Returns what there is to say of the surfaces. Throws Error if something cannot be written; then
// `folder` is as it was before.
std::vector<SurfaceRecord> write_reconstruction(const std::filesystem::path& folder,
                                                const Study& study,
                                                const Reconstruction& reconstruction,
                                                const RunRecord& record, bool replace);

// The content of run.json.
nlohmann::json run_json(const Study& study, const Reconstruction& reconstruction,
                        const RunRecord& record);

}  // namespace dmcvr
