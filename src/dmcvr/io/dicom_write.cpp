// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/dicom_write.h"

#include "dmcvr/core/version.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

namespace dmcvr {
namespace {

constexpr double kLowest = -32768, kHighest = 32767;
constexpr double kFewestSteps = 1024;  // of the stored values, where whole numbers allow it

Point lps_from_ras(const Point& p) {
  return {-p[0], -p[1], p[2]};
}

double as_stored_in_text(double number) {
  return std::stod(decimal_string(number));
}

std::string stored_bytes(const torch::Tensor& values, const DicomScale& scale) {
  const auto stored = ((values.to(torch::kFloat64) - scale.intercept) / scale.slope)
                          .round()
                          .clamp(kLowest, kHighest)
                          .to(torch::kInt16)
                          .contiguous();
  return {static_cast<const char*>(stored.data_ptr()), stored.nbytes()};
}

}  // namespace

DicomScale dicom_scale(double low, double high, bool are_whole) {
  DicomScale scale;
  if (!(high > low)) return {1, std::floor(low)};
  const double floor = std::floor(low), ceil = std::ceil(high);
  if (are_whole && ceil - floor <= kHighest - kLowest) {
    while ((high - low) / scale.slope < kFewestSteps && scale.slope > 1 / kFewestSteps)
      scale.slope /= 2;
    const bool fits = floor / scale.slope >= kLowest && ceil / scale.slope <= kHighest;
    if (!fits) scale.intercept = scale.slope < 1 ? floor : floor - kLowest;
    return scale;
  }
  scale.slope = as_stored_in_text((high - low) / (kHighest - kLowest));
  scale.intercept = as_stored_in_text(low - kLowest * scale.slope);
  return scale;
}

DicomSet series_attributes(const DicomSeriesOut& series, const char* modality,
                           const char* sop_class, const std::string& sop_instance) {
  const DicomIdentity& identity = series.identity;
  DicomSet set;
  if (!identity.character_set.empty()) set.put_text(0x00080005, "CS", identity.character_set);
  set.put_text(0x00080016, "UI", sop_class);
  set.put_text(0x00080018, "UI", sop_instance);
  set.put_text(0x00080020, "DA", "");  // study date
  set.put_text(0x00080030, "TM", "");
  set.put_text(0x00080050, "SH", "");  // accession number
  set.put_text(0x00080060, "CS", modality);
  set.put_text(0x00080070, "LO", "dmcvr");  // manufacturer
  set.put_text(0x00080090, "PN", "");       // referring physician
  set.put_text(0x0008103e, "LO", series.description);
  set.put_text(0x00081090, "LO", "dmcvr");  // model
  set.put_text(0x00100010, "PN", identity.patient_name);
  set.put_text(0x00100020, "LO", identity.patient_id);
  set.put_text(0x00100030, "DA", "");  // birth date
  set.put_text(0x00100040, "CS", "");  // sex
  if (!series.keeps_identity) {
    set.put_text(0x00120062, "CS", "YES");  // identity removed, and how
    set.put_text(0x00120063, "LO", "nothing but pixels, places and times was taken over");
  }
  set.put_text(0x00181000, "LO", "none");  // serial number
  set.put_text(0x00181020, "LO", version());
  set.put_text(0x0020000d, "UI", identity.study_uid);
  set.put_text(0x0020000e, "UI", series.uid);
  set.put_text(0x00200010, "SH", "");  // study id
  set.put_whole(0x00200011, series.number);
  set.put_text(0x00200052, "UI", identity.frame_of_reference);
  set.put_text(0x00201040, "LO", "");  // position reference indicator
  return set;
}

std::vector<double> image_position(const Grid& grid, int64_t plane) {
  const Point p = lps_from_ras(grid.world_from_voxel({0, 0, static_cast<double>(plane)}));
  return {p[0], p[1], p[2]};
}

std::vector<double> image_orientation(const Grid& grid) {
  std::vector<double> directions;
  for (int axis = 0; axis < 2; ++axis) {
    for (const double part : lps_from_ras(unit_vector(grid.world_from_voxel.column(axis))))
      directions.push_back(part);
  }
  return directions;
}

void put_pixel_measures(DicomSet& set, const Grid& grid) {
  const auto spacing = grid.spacing_mm();
  set.put_decimals(0x00180050, {spacing[2]});
  set.put_decimals(0x00180088, {spacing[2]});
  set.put_decimals(0x00280030, {spacing[1], spacing[0]});
}

std::string dicom_plane_bytes(const DicomSeriesOut& series, const Grid& grid,
                              const DicomPlaneOut& plane, const torch::Tensor& values) {
  TORCH_CHECK(values.dim() == 2 && values.size(0) == grid.size[1] && values.size(1) == grid.size[0],
              "dicom_plane_bytes: a picture ", values.sizes(), " of another grid");
  DicomSet set = series_attributes(series, "MR", kMrImageStorage, plane.uid);
  set.put_text(0x00080008, "CS", "DERIVED\\SECONDARY\\OTHER");
  set.put_text(0x00082111, "ST", plane.derivation);
  set.put_text(0x00185100, "CS", "");    // patient position
  set.put_text(0x00180020, "CS", "RM");  // a sequence of research
  set.put_text(0x00180021, "CS", "NONE");
  set.put_text(0x00180022, "CS", "");  // scan options
  set.put_text(0x00180023, "CS", "");  // acquisition type
  set.put_text(0x00180081, "DS", "");  // echo time
  set.put_text(0x00180091, "IS", "");  // echo train length
  put_pixel_measures(set, grid);
  if (plane.trigger_ms) set.put_decimals(0x00181060, {*plane.trigger_ms});
  set.put_whole(0x00200013, plane.instance_number);
  set.put_decimals(0x00200032, image_position(grid, plane.plane));
  set.put_decimals(0x00200037, image_orientation(grid));
  if (plane.phases > 1) {
    set.put_whole(0x00200100, plane.phase + 1);
    set.put_whole(0x00200105, plane.phases);
  }
  set.put_words(0x00280002, {1});
  set.put_text(0x00280004, "CS", "MONOCHROME2");
  set.put_words(0x00280010, {static_cast<uint16_t>(grid.size[1])});
  set.put_words(0x00280011, {static_cast<uint16_t>(grid.size[0])});
  set.put_words(0x00280100, {16});
  set.put_words(0x00280101, {16});
  set.put_words(0x00280102, {15});
  set.put_words(0x00280103, {1});  // signed
  const double width = plane.window_high - plane.window_low;
  if (width >= 1) {  // the least that the standard allows
    set.put_decimals(0x00281050, {plane.window_low + width / 2});
    set.put_decimals(0x00281051, {width});
  }
  set.put_decimals(0x00281052, {plane.scale.intercept});
  set.put_decimals(0x00281053, {plane.scale.slope});
  set.put_text(0x00281054, "LO", "US");  // unspecified units
  set.put_bytes(0x7fe00010, "OW", stored_bytes(values, plane.scale));
  return dicom_file_bytes(set);
}

}  // namespace dmcvr
