// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/scanner.h"

#include "dmcvr/core/random.h"
#include "dmcvr/geometry/dense_grid.h"
#include "dmcvr/study/long_axis_views.h"
#include "dmcvr/study/slabs.h"

#include <fmt/format.h>

#include <cmath>

namespace dmcvr {
namespace {

void scan_sax(const Scan& scan, const Subject& subject, const Thorax& thorax, Phantom& phantom,
              const OnPhase& on_phase) {
  const PhantomOptions& options = phantom.options;
  Study& study = phantom.study;
  const auto seed = static_cast<uint64_t>(options.seed);
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
    const auto paint = [&](const PicturePlane& plane) { return subject.paint(t, plane); };
    const auto signal = slabs.pictures(paint) * gain;  // [D, H, W]
    auto generator = make_generator(seed, "noise", static_cast<uint64_t>(t));
    study.sax.voxels[t].copy_(band_limited(signal, filter, deviation, generator).round_());
    study.labels->voxels[t].copy_(labels_of(subject, t, middles));
    study.sax.times_ms.push_back(scan.beat_ms * static_cast<double>(t) /
                                 static_cast<double>(options.phases));
    study.phase_names.push_back(t == 0               ? "ed"
                                : t == scan.es_index ? "es"
                                                     : fmt::format("phase{:02}", t));
    on_phase();
  }
}

void scan_dense(const Scan& scan, const Subject& subject, const Thorax& thorax, Phantom& phantom,
                const OnPhase& on_phase) {
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

  const auto shape = {options.phases, count, side, side};
  phantom.dense_image = {grid, torch::empty(shape), phantom.study.sax.times_ms};
  phantom.dense_labels = {grid, torch::empty(shape, torch::kUInt8), label_table()};
  for (int64_t t = 0; t < options.phases; ++t) {
    const auto paint = [&](const PicturePlane& plane) { return subject.paint(t, plane); };
    phantom.dense_image.voxels[t].copy_(
        band_limited(slabs.pictures(paint).mul_(gain), filter).round_());
    phantom.dense_labels.voxels[t].copy_(labels_of(subject, t, middles));
    on_phase();
  }
}

}  // namespace

Phantom scan_subject(const Scan& scan, const Subject& subject, const PhantomOptions& options,
                     const OnProgress& on_progress) {
  int64_t done = 0;
  const int64_t total =
      options.phases * (1 + (options.long_axis ? kLongAxisViews : 0) + (options.dense ? 1 : 0));
  const auto on_phase = [&] {
    if (on_progress) on_progress(++done, total);
  };
  Phantom phantom;
  phantom.options = options;
  const Thorax thorax(static_cast<uint64_t>(options.seed), scan.room, scan.contrast);
  scan_sax(scan, subject, thorax, phantom, on_phase);
  if (options.long_axis)
    phantom.study.views = scan_long_axis(scan, subject, options, thorax, on_phase);
  if (options.dense) scan_dense(scan, subject, thorax, phantom, on_phase);
  return phantom;
}

}  // namespace dmcvr
