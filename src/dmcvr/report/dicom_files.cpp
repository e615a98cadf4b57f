// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/dicom_files.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/core/version.h"
#include "dmcvr/io/dicom_segmentation.h"
#include "dmcvr/io/dicom_write.h"

#include <ATen/Functions.h>
#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <string>
#include <vector>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kVolumeSeries = 9001, kLabelSeries = 9002;  // far from those of scanners
constexpr double kWhiteShare = 0.995;  // of the voxels are below white in a viewer
constexpr size_t kIdDigits = 10;

// Codes of PS3.16 (CID 7150, 7152, 7166).
std::vector<DicomSegment> heart_segments() {
  const DicomCode tissue{"85756007", "SCT", "Tissue"}, blood{"87612001", "SCT", "Blood"};
  const DicomCode muscle{"74281007", "SCT", "Myocardium"};
  const DicomCode left{"87878005", "SCT", "Left Ventricle"};
  const DicomCode right{"53085002", "SCT", "Right Ventricle"};
  return {
      {kLvc, "LVC", "left ventricular blood pool, papillary muscles included", tissue, blood, left},
      {kLvm, "LVM", "left ventricular myocardium", tissue, muscle, left},
      {kRvc, "RVC", "right ventricular blood pool", tissue, blood, right}};
}

void add_tensor(Sha256& digest, const torch::Tensor& tensor) {
  const auto plain = tensor.contiguous();
  digest.update(plain.data_ptr(), plain.nbytes());
}

// Of all that the files hold.
std::string content_digest(const Reconstruction& reconstruction, const DicomFileOptions& options) {
  const Cine& volume = reconstruction.volume;
  Sha256 digest;
  const auto add_text = [&](const std::string& text) {
    digest.update(text.data(), text.size());
    digest.update("\n", 1);
  };
  add_text(version());
  for (const auto& name : reconstruction.phase_names) add_text(name);
  for (const double ms : volume.times_ms) add_text(decimal_string(ms));
  for (const int64_t size : volume.grid.size) add_text(std::to_string(size));
  for (int64_t corner = 0; corner < 4; ++corner) {
    const Point p = volume.grid.world_from_voxel(
        {corner == 1 ? 1.0 : 0.0, corner == 2 ? 1.0 : 0.0, corner == 3 ? 1.0 : 0.0});
    for (const double mm : p) add_text(decimal_string(mm));
  }
  if (options.identity) {
    for (const auto& text : {options.identity->patient_name, options.identity->patient_id,
                             options.identity->study_uid, options.identity->frame_of_reference})
      add_text(text);
  }
  add_tensor(digest, volume.voxels);
  add_tensor(digest, reconstruction.labels.voxels);
  add_tensor(digest, reconstruction.provenance.voxels);
  return digest.hex();
}

std::string input_digest(const Study& study, const std::string& content) {
  if (study.inputs.empty()) return content;
  if (study.inputs.size() == 1) return study.inputs.front().sha256;
  std::string all;
  for (const InputFile& input : study.inputs) all += input.sha256 + '\n';
  return sha256_of(all);
}

DicomIdentity identity_of(const std::string& source, const DicomFileOptions& options) {
  DicomIdentity identity;
  identity.patient_name = "Anonymous";
  identity.patient_id = "case_" + source.substr(0, kIdDigits);
  if (options.identity) identity = *options.identity;
  if (identity.study_uid.empty()) identity.study_uid = dicom_uid("study " + source);
  if (identity.frame_of_reference.empty())
    identity.frame_of_reference = dicom_uid("frame of reference " + source);
  return identity;
}

DicomScale scale_of(const Reconstruction& reconstruction) {
  double low = std::numeric_limits<double>::infinity(), high = -low;
  bool has_acquired = false, are_whole = true;
  for (int64_t t = 0; t < reconstruction.volume.phase_count(); ++t) {
    const auto values = reconstruction.volume.voxels[t];
    low = std::min(low, values.min().item<double>());
    high = std::max(high, values.max().item<double>());
    const auto acquired = values.masked_select(reconstruction.provenance.voxels[t] == kAcquired);
    has_acquired = has_acquired || acquired.numel() > 0;
    are_whole = are_whole && acquired.equal(acquired.round());
  }
  return dicom_scale(low, high, has_acquired && are_whole);
}

std::string derivation_of(const Reconstruction& reconstruction, int64_t phase, int64_t plane) {
  const auto origins = reconstruction.provenance.voxels[phase][plane];
  if ((origins == kAcquired).all().item<bool>()) return "acquired slice, voxels as measured";
  return fmt::format("computed by dmcvr {} from the acquired slices around; not measured",
                     version());
}

}  // namespace

void write_dicom(const fs::path& folder, const Study& study, const Reconstruction& reconstruction,
                 const DicomFileOptions& options, const OnProgress& on_progress) {
  const Cine& volume = reconstruction.volume;
  volume.check();
  const int64_t planes = volume.grid.size[2], phases = volume.phase_count();
  constexpr int64_t kMostSide = std::numeric_limits<uint16_t>::max();
  if (volume.grid.size[0] > kMostSide || volume.grid.size[1] > kMostSide) {
    throw Error("{}: planes of {} x {} pixels, DICOM allows {}", folder.string(),
                volume.grid.size[0], volume.grid.size[1], kMostSide);
  }
  const std::string content = content_digest(reconstruction, options);
  DicomSeriesOut series;
  series.identity = identity_of(input_digest(study, content), options);
  series.keeps_identity = options.identity.has_value();

  // Pictures.
  series.uid = dicom_uid("volume " + content);
  series.number = kVolumeSeries;
  series.description = "dmcvr: dense short axis";
  DicomSegmentationOut segmentation;
  segmentation.picture_series = series.uid;
  DicomPlaneOut plane;
  plane.phases = phases;
  plane.scale = scale_of(reconstruction);
  const auto first = volume.voxels[0].flatten();
  const auto white = static_cast<int64_t>(kWhiteShare * static_cast<double>(first.numel() - 1));
  plane.window_low = first.min().item<double>();
  plane.window_high = std::get<0>(first.kthvalue(white + 1)).item<double>();
  fs::create_directory(folder / "volume");
  for (int64_t t = 0; t < phases; ++t) {
    for (int64_t k = 0; k < planes; ++k) {
      plane.uid = dicom_uid(fmt::format("picture {} {} {}", t, k, content));
      plane.instance_number = t * planes + k + 1;
      plane.plane = k;
      plane.phase = t;
      if (!volume.times_ms.empty()) plane.trigger_ms = volume.times_ms[static_cast<size_t>(t)];
      plane.derivation = derivation_of(reconstruction, t, k);
      const std::string bytes = dicom_plane_bytes(series, volume.grid, plane, volume.voxels[t][k]);
      const auto name =
          fmt::format("{}_{:03}.dcm", reconstruction.phase_names[static_cast<size_t>(t)], k);
      write_file(folder / "volume" / name, [&](std::ostream& stream) { stream << bytes; });
      segmentation.pictures.push_back(plane.uid);
      if (on_progress) on_progress(plane.instance_number, planes * phases);
    }
  }

  // Labels.
  if (!reconstruction.labels.voxels.any().item<bool>()) return;
  segmentation.uid = dicom_uid("labels " + content);
  segmentation.dimension_uid = dicom_uid("dimensions " + content);
  segmentation.algorithm = "dmcvr " + version();
  segmentation.segments = heart_segments();
  series.uid = dicom_uid("labels series " + content);
  series.number = kLabelSeries;
  series.description = "dmcvr: ventricles";
  const std::string bytes = dicom_segmentation_bytes(series, reconstruction.labels, segmentation);
  write_file(folder / "labels.dcm", [&](std::ostream& stream) { stream << bytes; });
}

}  // namespace dmcvr
