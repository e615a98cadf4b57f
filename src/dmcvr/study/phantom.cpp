// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/phantom.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/random.h"
#include "dmcvr/core/version.h"
#include "dmcvr/geometry/dense_grid.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/heart_painting.h"
#include "dmcvr/study/slabs.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <ostream>

namespace dmcvr {
namespace {

constexpr double kMyocardiumGramsPerMl = 1.05;

// Of a drawn pitch; few slices then lie around the middle of the heart.
constexpr double kWidestPitchMm = 12;

// Everything between the options and the pixels.
struct Scan {
  HeartShape shape;
  std::vector<double> contractions;  // per phase
  std::vector<HeartPhase> phases;
  int64_t es_index = 0;
  double beat_ms = 900;
  PicturePlane picture;            // without z
  std::vector<double> slice_z_mm;  // in the order of the slices
  Grid grid;
  double scanner_units = 400;  // of brightness 1
};

// The heart frame in the patient: the long axis runs to the left, front and feet; pictures have the
// feet below and the back to the right. The frame is left-handed, as short-axis pictures from base
// to apex are.
Affine draw_world_from_heart(at::Generator& generator) {
  const auto wobble = [&](double mean) { return mean + normal(generator, 0, 0.07); };
  const Point apex = unit_vector({wobble(-0.65), wobble(0.6), wobble(-0.45)});
  const Point feet = {0, 0, -1};
  const Point down = unit_vector(minus(feet, times(dot(apex, feet), apex)));
  const Point right = cross(apex, down);
  Affine world_from_heart;
  for (size_t row = 0; row < 3; ++row)
    world_from_heart.matrix[row] = {right[row], down[row], apex[row]};
  world_from_heart.offset = {normal(generator, -20, 10), normal(generator, 5, 10),
                             normal(generator, 0, 30)};
  return world_from_heart;
}

// Where slices lie along the heart, and the options that this settles.
std::vector<double> place_slices(const HeartShape& shape, const HeartPhase& ed,
                                 PhantomOptions& options, at::Generator& generator) {
  const double drawn_pitch = uniform(generator, 8, 10), above = uniform(generator, 0.2, 1);
  const double top_mm = std::min(0.0, shape.rv_base_mm), bottom_mm = ed.z_apex_mm();
  double first_mm = 0;
  if (options.slices == 0) {
    if (options.pitch_mm == 0) options.pitch_mm = drawn_pitch;
    first_mm = top_mm - above * options.pitch_mm;
    options.slices = static_cast<int64_t>(std::ceil((bottom_mm - first_mm) / options.pitch_mm)) + 1;
  } else {
    const double reach_mm = bottom_mm - top_mm;
    const auto gaps = static_cast<double>(options.slices - 1);
    if (options.pitch_mm == 0) options.pitch_mm = std::min(kWidestPitchMm, 1.08 * reach_mm / gaps);
    first_mm = top_mm + (reach_mm - gaps * options.pitch_mm) / 2;
  }
  std::vector<double> z_mm;
  for (int64_t k = 0; k < options.slices; ++k)
    z_mm.push_back(first_mm + static_cast<double>(k) * options.pitch_mm);
  return z_mm;
}

// Fills the drawn options in.
Scan draw_scan(PhantomOptions& options) {
  const auto seed = static_cast<uint64_t>(options.seed);
  auto generator = make_generator(seed, "scan");
  Scan scan;
  scan.shape = draw_heart(seed, {options.ejection_fraction, -1});
  options.ejection_fraction = scan.shape.ejection_fraction;

  // One heartbeat. ES falls on a phase, so that the ejection fraction is reached.
  scan.beat_ms = uniform(generator, 700, 1150);
  const auto count = static_cast<double>(options.phases);
  scan.es_index = options.phases == 1 ? 0 : std::max<int64_t>(1, std::llround(0.36 * count));
  for (int64_t t = 0; t < options.phases; ++t) {
    const double fraction = static_cast<double>(t) / count,
                 es = static_cast<double>(scan.es_index) / count;
    scan.phases.push_back(heart_at(scan.shape, t == 0 ? 0 : contraction_at(fraction, es)));
  }

  // Pixels and slices.
  const double drawn_spacing = uniform(generator, 1.3, 1.7),
               drawn_thickness = uniform(generator, 0.65, 1);
  const double drawn_noise = uniform(generator, 0.01, 0.04);
  if (options.spacing_mm == 0) options.spacing_mm = drawn_spacing;
  if (options.noise < 0) options.noise = drawn_noise;
  scan.slice_z_mm = place_slices(scan.shape, scan.phases[0], options, generator);
  if (options.thickness_mm == 0) options.thickness_mm = drawn_thickness * options.pitch_mm;

  // The heart lies near the middle of the picture, turned a little.
  PicturePlane& picture = scan.picture;
  picture.columns = picture.rows = options.matrix;
  picture.spacing_mm = options.spacing_mm;
  const double turn = normal(generator, 0, 0.3);
  picture.across = {std::cos(turn), std::sin(turn)};
  const double column = uniform(generator, 0.4, 0.5) * static_cast<double>(options.matrix);
  const double row = uniform(generator, 0.45, 0.55) * static_cast<double>(options.matrix);
  const double middle_mm = 0.5 * scan.shape.length_mm;
  const double x = column * picture.spacing_mm, y = row * picture.spacing_mm;
  picture.origin_mm = {
      scan.shape.lean[0] * middle_mm - (picture.across[0] * x - picture.across[1] * y),
      scan.shape.lean[1] * middle_mm - (picture.across[1] * x + picture.across[0] * y)};

  // The grid in the patient. Scanners number slices either way.
  const Affine world_from_heart = draw_world_from_heart(generator);
  if (uniform(generator) < 0.5) std::reverse(scan.slice_z_mm.begin(), scan.slice_z_mm.end());
  const double step = scan.slice_z_mm[1] - scan.slice_z_mm[0];
  Affine heart_from_voxel;
  const double s = picture.spacing_mm;
  heart_from_voxel.matrix = {{{s * picture.across[0], -s * picture.across[1], 0},
                              {s * picture.across[1], s * picture.across[0], 0},
                              {0, 0, step}}};
  heart_from_voxel.offset = {picture.origin_mm[0], picture.origin_mm[1], scan.slice_z_mm[0]};
  scan.grid.size = {options.matrix, options.matrix, options.slices};
  scan.grid.world_from_voxel = world_from_heart * heart_from_voxel;
  scan.scanner_units = uniform(generator, 220, 1300);
  return scan;
}

PicturePlane plane_at(const Scan& scan, double z_mm,
                      const std::array<double, 2>& shift_mm = {0, 0}) {
  PicturePlane plane = scan.picture;
  plane.z_mm = z_mm;
  for (size_t axis = 0; axis < 2; ++axis) plane.origin_mm[axis] += shift_mm[axis];
  return plane;
}

// Magnitude of a complex signal with Gaussian noise in both parts (Rice).
torch::Tensor with_noise(const torch::Tensor& signal, double deviation, at::Generator generator) {
  const auto real = torch::randn(signal.sizes(), generator, torch::kFloat32) * deviation;
  const auto imaginary = torch::randn(signal.sizes(), generator, torch::kFloat32) * deviation;
  return torch::hypot(signal + real, imaginary);
}

torch::Tensor labels_of(const Scan& scan, const HeartPhase& phase,
                        const std::vector<PicturePlane>& planes) {
  std::vector<torch::Tensor> labels(planes.size());
  at::parallel_for(0, static_cast<int64_t>(planes.size()), 1, [&](int64_t begin, int64_t end) {
    for (int64_t k = begin; k < end; ++k) {
      labels[static_cast<size_t>(k)] =
          paint_labels(scan.shape, phase, planes[static_cast<size_t>(k)]);
    }
  });
  return torch::stack(labels);
}

void scan_sax(const Scan& scan, const PhantomOptions& options, const Thorax& thorax, Study& study) {
  const auto seed = static_cast<uint64_t>(options.seed);
  const Contrast contrast;
  const HeartPainter painter(seed, scan.shape, contrast);
  const SlabRule rule = slab_rule(options.thickness_mm, options.spacing_mm);

  // The thin planes of every slice, shifted as the breath was held.
  auto breath = make_generator(seed, "breath");
  std::vector<PicturePlane> middles, thin;
  std::vector<int64_t> first;
  for (const double z_mm : scan.slice_z_mm) {
    const std::array<double, 2> shift_mm = {normal(breath, 0, options.breath_hold_mm),
                                            normal(breath, 0, options.breath_hold_mm)};
    middles.push_back(plane_at(scan, z_mm, shift_mm));
    first.push_back(static_cast<int64_t>(thin.size()));
    for (const double offset_mm : rule.offsets_mm)
      thin.push_back(plane_at(scan, z_mm + offset_mm, shift_mm));
  }
  const Slabs slabs(thorax, std::move(thin), std::move(first), rule);
  const auto gain = thorax.shading(plane_at(scan, 0)) * scan.scanner_units;  // [H, W]
  const double deviation = options.noise * contrast.blood * scan.scanner_units;

  const auto slices = static_cast<int64_t>(scan.slice_z_mm.size());
  const auto shape = {options.phases, slices, options.matrix, options.matrix};
  study.sax = {scan.grid, torch::empty(shape), {}};
  study.labels = Labels{scan.grid, torch::empty(shape, torch::kUInt8), label_table()};
  for (int64_t t = 0; t < options.phases; ++t) {
    const HeartPhase& phase = scan.phases[static_cast<size_t>(t)];
    const auto signal = slabs.at_phase(painter, phase) * gain;  // [D, H, W]
    auto generator = make_generator(seed, "noise", static_cast<uint64_t>(t));
    study.sax.voxels[t].copy_(with_noise(signal, deviation, generator).round_());
    study.labels->voxels[t].copy_(labels_of(scan, phase, middles));
    study.sax.times_ms.push_back(scan.beat_ms * static_cast<double>(t) /
                                 static_cast<double>(options.phases));
    study.phase_names.push_back(t == 0               ? "ed"
                                : t == scan.es_index ? "es"
                                                     : fmt::format("phase{:02}", t));
  }
}

void scan_dense(const Scan& scan, const PhantomOptions& options, const Thorax& thorax,
                Phantom& phantom) {
  const Grid grid = dense_grid(scan.grid).grid;
  const int64_t count = grid.size[2], side = options.matrix;
  const double step_mm =
      (scan.slice_z_mm.back() - scan.slice_z_mm.front()) / static_cast<double>(count - 1);
  const SlabRule rule =
      slab_rule(options.thin ? std::abs(step_mm) : options.thickness_mm, std::abs(step_mm));
  const auto reach = static_cast<int64_t>(rule.shares.size() / 2);

  // Slabs share their thin planes, some of which lie beyond the ends.
  std::vector<PicturePlane> thin;
  std::vector<int64_t> first;
  for (int64_t k = -reach; k < count + reach; ++k) {
    thin.push_back(plane_at(scan, scan.slice_z_mm.front() + static_cast<double>(k) * step_mm));
    if (k < count - reach) first.push_back(k + reach);
  }
  const std::vector<PicturePlane> middles(thin.begin() + reach, thin.end() - reach);
  const Slabs slabs(thorax, std::move(thin), std::move(first), rule);
  const auto gain = thorax.shading(plane_at(scan, 0)) * scan.scanner_units;
  const HeartPainter painter(static_cast<uint64_t>(options.seed), scan.shape, {});

  const auto shape = {options.phases, count, side, side};
  phantom.dense_image = {grid, torch::empty(shape), phantom.study.sax.times_ms};
  phantom.dense_labels = {grid, torch::empty(shape, torch::kUInt8), label_table()};
  for (int64_t t = 0; t < options.phases; ++t) {
    const HeartPhase& phase = scan.phases[static_cast<size_t>(t)];
    phantom.dense_image.voxels[t].copy_(slabs.at_phase(painter, phase).mul_(gain).round_());
    phantom.dense_labels.voxels[t].copy_(labels_of(scan, phase, middles));
  }
}

PhantomTruth truth_of(const Scan& scan) {
  PhantomTruth truth;
  for (const auto& phase : scan.phases) {
    truth.lv_ml.push_back(phase.lv_ml);
    truth.rv_ml.push_back(phase.rv_ml);
  }
  const auto ejected = [&](const std::vector<double>& ml) {
    return 1 - ml[static_cast<size_t>(scan.es_index)] / ml[0];
  };
  truth.lvm_g = scan.phases[0].lvm_ml * kMyocardiumGramsPerMl;
  truth.lv_ejection_fraction = ejected(truth.lv_ml);
  truth.rv_ejection_fraction = ejected(truth.rv_ml);
  return truth;
}

nlohmann::json truth_json(const Phantom& phantom) {
  auto phases = nlohmann::json::array();
  for (size_t t = 0; t < phantom.study.phase_names.size(); ++t) {
    phases.push_back({{"name", phantom.study.phase_names[t]},
                      {"time_ms", phantom.study.sax.times_ms[t]},
                      {"lv_ml", phantom.truth.lv_ml[t]},
                      {"rv_ml", phantom.truth.rv_ml[t]}});
  }
  return {{"format", "dmcvr phantom 1"},
          {"version", version()},
          {"options", phantom.options},
          {"phases", phases},
          {"lv_ejection_fraction", phantom.truth.lv_ejection_fraction},
          {"rv_ejection_fraction", phantom.truth.rv_ejection_fraction},
          {"lvm_g", phantom.truth.lvm_g}};
}

}  // namespace

void PhantomOptions::check() const {
  const auto zero_or_within = [](const char* name, double value, double low, double high) {
    if (value != 0) check_range(name, value, low, high);
  };
  if (seed < 0) throw Error("seed {}: expected 0 or more", seed);
  check_range<int64_t>("phases", phases, 1, 200);
  zero_or_within("slices", static_cast<double>(slices), 2, 200);
  zero_or_within("pitch_mm", pitch_mm, 0.5, 30);
  zero_or_within("thickness_mm", thickness_mm, 0.5, 30);
  zero_or_within("spacing_mm", spacing_mm, 0.5, 5);
  check_range<int64_t>("matrix", matrix, 32, 1024);
  if (!(noise <= 1))
    throw Error("noise {}: expected 0 to 1, or a negative number to draw it", noise);
  if (!(ejection_fraction <= 0.8)) {
    throw Error("ejection_fraction {}: expected 0 to 0.8, or a negative number to draw it",
                ejection_fraction);
  }
  check_range<double>("breath_hold_mm", breath_hold_mm, 0, 30);
}

Phantom make_phantom(const PhantomOptions& options) {
  options.check();
  Phantom phantom;
  phantom.options = options;
  const Scan scan = draw_scan(phantom.options);

  // The chest wall gives room to the heart, and the diaphragm carries it.
  const HeartPhase& ed = scan.phases[0];
  const ThoraxShape room{ed.epi_a_mm + ed.rv_gap_mm + 8, ed.epi_a_mm + 2};
  const Thorax thorax(static_cast<uint64_t>(options.seed), room, {});

  phantom.study.name = fmt::format("phantom-{}", options.seed);
  phantom.study.source = "phantom";
  scan_sax(scan, phantom.options, thorax, phantom.study);
  if (options.dense) scan_dense(scan, phantom.options, thorax, phantom);
  phantom.truth = truth_of(scan);
  return phantom;
}

void write_phantom(const std::filesystem::path& folder, const Phantom& phantom, bool replace) {
  const Study& study = phantom.study;
  NiftiWriteOptions fast;
  fast.compression_level = 1;
  const auto truth = truth_json(phantom);
  write_folder(folder, replace, [&](const std::filesystem::path& path) {
    write_nifti(path / "sax.nii.gz", study.sax, fast);
    write_nifti(path / "sax_labels.nii.gz", *study.labels, fast);
    if (phantom.options.dense) {
      write_nifti(path / "dense_image.nii.gz", phantom.dense_image, fast);
      write_nifti(path / "dense_labels.nii.gz", phantom.dense_labels, fast);
    }
    write_file(path / "truth.json", [&](std::ostream& stream) { stream << truth.dump(2) << "\n"; });
  });
}

}  // namespace dmcvr
