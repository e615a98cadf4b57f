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
#include "dmcvr/study/long_axis_views.h"
#include "dmcvr/study/phantom_scan.h"
#include "dmcvr/study/slabs.h"

#include <algorithm>
#include <cmath>
#include <ostream>

namespace dmcvr {
namespace {

constexpr double kMyocardiumGramsPerMl = 1.05;

void scan_sax(const Scan& scan, Phantom& phantom, const Thorax& thorax, const OnPhase& on_phase) {
  const PhantomOptions& options = phantom.options;
  Study& study = phantom.study;
  const auto seed = static_cast<uint64_t>(options.seed);
  const HeartPainter painter(seed, scan.shape, scan.contrast);
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
  std::vector<PicturePlane> still;  // the coil does not breathe
  for (const double z_mm : scan.slice_z_mm) still.push_back(plane_at(scan, z_mm));
  const auto gain = gain_of(scan, thorax, still);
  const auto filter = band_filter(scan.band, options.matrix, options.matrix);
  const double deviation = options.noise * scan.contrast.blood * scan.scanner_units;

  const auto slices = static_cast<int64_t>(scan.slice_z_mm.size());
  const auto shape = {options.phases, slices, options.matrix, options.matrix};
  study.sax = {scan.grid, torch::empty(shape), {}};
  study.labels = Labels{scan.grid, torch::empty(shape, torch::kUInt8), label_table()};
  for (int64_t t = 0; t < options.phases; ++t) {
    const HeartPhase& phase = scan.phases[static_cast<size_t>(t)];
    const auto signal = slabs.at_phase(painter, phase) * gain;  // [D, H, W]
    auto generator = make_generator(seed, "noise", static_cast<uint64_t>(t));
    study.sax.voxels[t].copy_(band_limited(signal, filter, deviation, generator).round_());
    study.labels->voxels[t].copy_(paint_labels(scan, phase, middles));
    study.sax.times_ms.push_back(scan.beat_ms * static_cast<double>(t) /
                                 static_cast<double>(options.phases));
    study.phase_names.push_back(t == 0               ? "ed"
                                : t == scan.es_index ? "es"
                                                     : fmt::format("phase{:02}", t));
    on_phase();
  }
}

void scan_dense(const Scan& scan, Phantom& phantom, const Thorax& thorax, const OnPhase& on_phase) {
  const PhantomOptions& options = phantom.options;
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
  const auto gain = gain_of(scan, thorax, middles);
  const auto filter = band_filter(scan.band, side, side);
  const HeartPainter painter(static_cast<uint64_t>(options.seed), scan.shape, scan.contrast);

  const auto shape = {options.phases, count, side, side};
  phantom.dense_image = {grid, torch::empty(shape), phantom.study.sax.times_ms};
  phantom.dense_labels = {grid, torch::empty(shape, torch::kUInt8), label_table()};
  for (int64_t t = 0; t < options.phases; ++t) {
    const HeartPhase& phase = scan.phases[static_cast<size_t>(t)];
    phantom.dense_image.voxels[t].copy_(
        band_limited(slabs.at_phase(painter, phase).mul_(gain), filter).round_());
    phantom.dense_labels.voxels[t].copy_(paint_labels(scan, phase, middles));
    on_phase();
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
          {"pathology", phantom.options.pathology},
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
  if (!(breath_hold_mm <= 30)) {
    throw Error("breath_hold_mm {}: expected 0 to 30, or a negative number to draw it",
                breath_hold_mm);
  }
}

Phantom make_phantom(const PhantomOptions& options, const OnProgress& on_progress) {
  options.check();
  int64_t done = 0;
  const int64_t total =
      options.phases * (1 + (options.long_axis ? kLongAxisViews : 0) + (options.dense ? 1 : 0));
  const auto on_phase = [&] {
    if (on_progress) on_progress(++done, total);
  };
  Phantom phantom;
  phantom.options = options;
  const Scan scan = draw_scan(phantom.options);

  const Thorax thorax(static_cast<uint64_t>(options.seed), scan.room, scan.contrast);

  phantom.study.name = fmt::format("phantom-{}", options.seed);
  phantom.study.source = "phantom";
  scan_sax(scan, phantom, thorax, on_phase);
  if (options.long_axis)
    phantom.study.views = scan_long_axis(scan, phantom.options, thorax, on_phase);
  if (options.dense) scan_dense(scan, phantom, thorax, on_phase);
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
    for (const View& view : study.views) {
      write_nifti(path / ("lax_" + view.name + ".nii.gz"), view.cine, fast);
      write_nifti(path / ("lax_" + view.name + "_labels.nii.gz"), *view.labels, fast);
    }
    if (phantom.options.dense) {
      write_nifti(path / "dense_image.nii.gz", phantom.dense_image, fast);
      write_nifti(path / "dense_labels.nii.gz", phantom.dense_labels, fast);
    }
    write_file(path / "truth.json", [&](std::ostream& stream) { stream << truth.dump(2) << "\n"; });
  });
}

}  // namespace dmcvr
