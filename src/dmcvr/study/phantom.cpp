// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/phantom.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/version.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/heart_painting.h"
#include "dmcvr/study/phantom_scan.h"
#include "dmcvr/study/scanner.h"
#include "dmcvr/study/wall_truth.h"

#include <ostream>

namespace dmcvr {
namespace {

PhantomTruth truth_of(const HeartScan& drawn) {
  PhantomTruth truth;
  for (const auto& phase : drawn.phases) {
    truth.lv_ml.push_back(phase.lv_ml);
    truth.rv_ml.push_back(phase.rv_ml);
  }
  const auto ejected = [&](const std::vector<double>& ml) {
    return 1 - ml[static_cast<size_t>(drawn.scan.es_index)] / ml[0];
  };
  truth.lvm_g = drawn.phases[0].lvm_ml * kMyocardiumGramsPerMl;
  truth.lv_ejection_fraction = ejected(truth.lv_ml);
  truth.rv_ejection_fraction = ejected(truth.rv_ml);
  const auto wall_mm = [&](const HeartPhase& phase) {
    const auto segments = true_wall_mm(drawn.shape, phase);
    return std::vector<double>(segments.begin(), segments.end());
  };
  truth.wall_ed_mm = wall_mm(drawn.phases[0]);
  if (drawn.phases.size() > 1)
    truth.wall_es_mm = wall_mm(drawn.phases[static_cast<size_t>(drawn.scan.es_index)]);
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
  nlohmann::json truth = {
      {"format", "dmcvr phantom 1"}, {"version", version()}, {"source", phantom.study.source},
      {"options", phantom.options},  {"phases", phases},     {"lvm_g", phantom.truth.lvm_g}};
  if (phantom.study.source != "phantom") return truth;  // A map knows one phase, and no pathology.
  truth["pathology"] = phantom.options.pathology;
  truth["lv_ejection_fraction"] = phantom.truth.lv_ejection_fraction;
  truth["rv_ejection_fraction"] = phantom.truth.rv_ejection_fraction;
  truth["wall_ed_mm"] = phantom.truth.wall_ed_mm;
  truth["wall_es_mm"] = phantom.truth.wall_es_mm;
  return truth;
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
  PhantomOptions complete = options;
  const HeartScan drawn = draw_scan(complete);
  const HeartPainter painter(static_cast<uint64_t>(options.seed), drawn.shape, drawn.scan.contrast);
  const auto phase = [&](int64_t index) -> const HeartPhase& {
    return drawn.phases[static_cast<size_t>(index)];
  };
  Subject subject;
  subject.paint = [&](int64_t index, const PicturePlane& plane) {
    return painter.paint(phase(index), plane);
  };
  subject.labels = [&](int64_t index, const PicturePlane& plane) {
    return paint_labels(drawn.shape, phase(index), plane);
  };
  Phantom phantom = scan_subject(drawn.scan, subject, complete, on_progress);
  phantom.study.name = fmt::format("phantom-{}", options.seed);
  phantom.study.source = "phantom";
  phantom.truth = truth_of(drawn);
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
