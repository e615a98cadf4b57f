// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/report/surface_files.h"

#include "dmcvr/core/error.h"
#include "dmcvr/figures/contours.h"
#include "dmcvr/io/mesh_file.h"
#include "dmcvr/measures/volumes.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

constexpr double kVolumeTolerance = 0.01;  // beyond which a surface does not stand for its voxels

void check_words(const char* name, const std::vector<std::string>& words,
                 const std::vector<std::string>& known) {
  for (const std::string& word : words) {
    if (std::find(known.begin(), known.end(), word) == known.end())
      throw Error("{}: '{}', expected {}", name, word, fmt::join(known, ", "));
  }
  if (words.empty()) throw Error("{}: none, expected {}", name, fmt::join(known, ", "));
}

Caps caps_of(const LabeledHeart& heart) {
  const PlaneStack stack =
      heart.dense ? dense_stack(heart.dense->grid, heart.slice_z_mm)
                  : acquired_stack(heart.slice_z_mm, heart.slices.grid.spacing_mm()[2]);
  return {stack.first_cap_mm, stack.last_cap_mm};
}

// As figures draw the label that the surface bounds.
MeshLook look_of(const std::string& structure) {
  const Color color = label_color(structure == "lv_endocardium"   ? kLvc
                                  : structure == "rv_endocardium" ? kRvc
                                                                  : kLvm);
  return {structure, {color.red, color.green, color.blue}};
}

// Milliseconds, or the number of the phase where they are not known.
double time_of(const LabeledHeart& heart, size_t phase) {
  return heart.times_ms.empty() ? static_cast<double>(phase) : heart.times_ms[phase];
}

}  // namespace

void SurfaceFileOptions::check() const {
  check_words("formats", formats, mesh_formats());
  check_words("structures", structures, surface_names());
  surface.check();
}

std::vector<SurfaceRecord> write_surfaces(const std::filesystem::path& folder,
                                          const LabeledHeart& heart,
                                          const SurfaceFileOptions& options,
                                          const OnProgress& on_progress) {
  options.check();
  heart.check();
  const Labels& labels = heart.dense ? *heart.dense : heart.slices;
  const Caps caps = caps_of(heart);
  const auto total = static_cast<int64_t>(heart.phase_names.size() * options.structures.size());
  std::vector<SurfaceRecord> records;
  std::vector<TimedFile> film;
  for (size_t t = 0; t < heart.phase_names.size(); ++t) {
    for (const std::string& structure : options.structures) {
      const Surface surface = heart_surface(labels.voxels[static_cast<int64_t>(t)], structure,
                                            labels.grid, caps, options.surface);
      SurfaceRecord record;
      record.phase = heart.phase_names[t];
      record.structure = structure;
      record.volume_ml = volume_ml(surface.mesh);
      record.voxel_ml = surface.voxel_ml;
      record.triangles = static_cast<int64_t>(surface.mesh.triangles.size());
      record.euler = surface.euler;
      record.voxels_left_out = surface.voxels_left_out;
      record.voxels_filled = surface.voxels_filled;
      record.smoothing = surface.smoothing;
      record.smoothing_asked = options.surface.smoothing;
      for (const std::string& format : options.formats) {
        if (surface.mesh.triangles.empty()) break;
        const auto name = fmt::format("{}_{}.{}", record.phase, structure, format);
        write_mesh(folder / name, surface.mesh, look_of(structure));
        record.files.push_back(name);
        if (format == "vtp") film.push_back({time_of(heart, t), structure, name});
      }
      records.push_back(record);
      if (on_progress) on_progress(static_cast<int64_t>(records.size()), total);
    }
  }
  if (heart.phase_names.size() > 1 && !film.empty()) write_pvd(folder / "heart.pvd", film);
  return records;
}

std::vector<std::string> surface_notes(const std::vector<SurfaceRecord>& records) {
  std::vector<std::string> notes;
  for (const SurfaceRecord& record : records) {
    const auto note = [&](const std::string& text) {
      notes.push_back(fmt::format("{} {}: {}", record.phase, record.structure, text));
    };
    if (record.triangles == 0) {
      note("no voxel, no surface");
      continue;
    }
    if (record.euler > 2)
      note(fmt::format("Euler number {}: {} closed surfaces", record.euler, record.euler / 2));
    if (record.euler < 2)
      note(fmt::format("Euler number {}: {} handles", record.euler, (2 - record.euler) / 2));
    if (record.voxels_left_out > 0)
      note(fmt::format("{} voxels apart from it, or across handles, are left out",
                       record.voxels_left_out));
    if (record.voxels_filled > 0)
      note(fmt::format("{} voxels of holes are filled", record.voxels_filled));
    if (record.smoothing < record.smoothing_asked)
      note(fmt::format("{:.2g} ml are too small for {} iterations of smoothing; {} were made",
                       record.voxel_ml, record.smoothing_asked, record.smoothing));
    if (std::abs(record.volume_ml - record.voxel_ml) > kVolumeTolerance * record.voxel_ml)
      note(fmt::format("holds {:.3g} ml, its voxels {:.3g} ml", record.volume_ml, record.voxel_ml));
  }
  return notes;
}

std::vector<std::string> surface_table(const std::vector<SurfaceRecord>& records) {
  std::vector<std::string> lines = {fmt::format("{:<10} {:<16} {:>9} {:>10} {:>6}", "phase",
                                                "surface", "volume/ml", "triangles", "Euler")};
  for (const SurfaceRecord& record : records) {
    lines.push_back(record.triangles == 0
                        ? fmt::format("{:<10} {:<16} {:>9} {:>10} {:>6}", record.phase,
                                      record.structure, "-", "-", "-")
                        : fmt::format("{:<10} {:<16} {:>9.1f} {:>10} {:>6}", record.phase,
                                      record.structure, record.volume_ml, record.triangles,
                                      record.euler));
  }
  return lines;
}

}  // namespace dmcvr
