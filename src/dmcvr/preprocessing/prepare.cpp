// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/prepare.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"
#include "dmcvr/geometry/resample.h"
#include "dmcvr/preprocessing/intensity.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/layouts.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// Where the stored picture lies in the acquired slice.
struct StoredPlane {
  PlaneAffine slice_from_stored;
  std::array<int64_t, 2> size;  // columns, rows
};

// All of the slice, or the box of all labeled pixels grown by the margin, at the stored pixel size.
StoredPlane stored_plane(const Study& study, const PrepareOptions& options) {
  const auto spacing = study.sax.grid.spacing_mm();
  StoredPlane plane;
  for (size_t axis = 0; axis < 2; ++axis) {
    double first = -0.5, last = static_cast<double>(study.sax.grid.size[axis]) - 0.5;
    if (options.margin_mm > 0 && study.labels) {
      const int64_t dimension = axis == 0 ? 3 : 2;  // of [T, D, H, W]
      auto labeled = study.labels->voxels > 0;
      for (int64_t other = 3; other >= 0; --other) {
        if (other != dimension) labeled = labeled.any(other);
      }
      const auto indices = labeled.nonzero();
      if (indices.numel() > 0) {
        const double margin = options.margin_mm / spacing[axis];
        first = std::max(first, indices.min().item<double>() - 0.5 - margin);
        last = std::min(last, indices.max().item<double>() + 0.5 + margin);
      }
    }
    const double wanted = options.input_rule.spacing_mm;
    const double step = wanted > 0 ? wanted / spacing[axis] : 1;
    plane.size[axis] = std::max<int64_t>(1, std::llround((last - first) / step));
    plane.slice_from_stored.matrix[axis][axis] = step;
    plane.slice_from_stored.offset[axis] =
        (first + last) / 2 - step * static_cast<double>(plane.size[axis] - 1) / 2;
  }
  return plane;
}

}  // namespace

void PrepareOptions::check() const {
  check_split(split, subset);
  input_rule.check();
  if (input_rule.spacing_mm != 0 && input_rule.spacing_mm < 0.2) {
    throw Error("input_rule.spacing_mm {}: expected 0.2 to 10, or 0 for the acquired pixels",
                input_rule.spacing_mm);
  }
  if (!(margin_mm >= 0)) throw Error("margin_mm {}: expected 0 or more", margin_mm);
}

std::vector<PackedSlice> pack_study(const Study& study, const PrepareOptions& options) {
  const StoredPlane plane = stored_plane(study, options);
  const IntensityMap intensity = intensity_map(study.sax.voxels, options.input_rule);
  ResampleInPlaneOptions nearest;
  nearest.interpolation = Interpolation::nearest;

  std::vector<PackedSlice> slices;
  for (int64_t phase = 0; phase < study.sax.phase_count(); ++phase) {
    const auto units = to_unit(study.sax.voxels[phase], intensity);
    const auto pictures = resample_in_plane(units, plane.slice_from_stored, plane.size);
    const auto stored =
        (pictures * kPackedSteps).round_().clamp_(0, 255).to(torch::kUInt8);  // [D, h, w]
    torch::Tensor labels;
    if (study.labels) {
      labels = resample_in_plane(study.labels->voxels[phase], plane.slice_from_stored, plane.size,
                                 nearest);
    }
    for (int64_t k = 0; k < stored.size(0); ++k) {
      PackedSlice slice;
      slice.image = stored[k].clone();
      if (labels.defined()) slice.labels = labels[k].clone();
      slice.phase_index = phase;
      slice.slice_index = k;
      slice.pitch_mm = study.sax.grid.spacing_mm()[2];
      slice.spacing_mm = plane.slice_from_stored.matrix[0][0] * study.sax.grid.spacing_mm()[0];
      slices.push_back(std::move(slice));
    }
  }
  return slices;
}

PackedSlices prepare(const std::vector<fs::path>& inputs, const PrepareOptions& options,
                     const OnProgress& on_progress) {
  options.check();
  auto cases = choose_cases(inputs, options.split, options.subset);

  // A random order, so that the number of a case tells nothing about the subject.
  auto generator = make_generator(static_cast<uint64_t>(options.seed), "order of cases");
  for (size_t last = cases.size(); last > 1; --last) {
    std::swap(cases[last - 1],
              cases[static_cast<size_t>(uniform_index(generator, static_cast<int64_t>(last)))]);
  }

  PackedSlices packed;
  packed.rule = options.input_rule;
  std::set<std::string> sources;
  size_t left_out = 0;
  for (size_t index = 0; index < cases.size(); ++index) {
    try {
      const Study study = read_study(cases[index]);
      sources.insert(study.source);
      for (auto& slice : pack_study(study, options)) {
        slice.case_index = static_cast<int64_t>(index);
        slice.is_synthetic = study.source == "phantom";
        packed.slices.push_back(std::move(slice));
      }
    } catch (const Error& error) {
      spdlog::warn("{}; left out", error.in(case_name(cases[index])).what());
      ++left_out;
    }
    if (on_progress)
      on_progress(static_cast<int64_t>(index) + 1, static_cast<int64_t>(cases.size()));
  }
  if (left_out == cases.size()) throw Error("none of the {} cases can be read", cases.size());
  if (left_out > 0) spdlog::warn("{} of {} cases were left out", left_out, cases.size());
  std::string text;
  for (const auto& source : sources) text += text.empty() ? source : " and " + source;
  packed.sources = {fmt::format("{}, {} cases{}", text, cases.size() - left_out,
                                options.subset.empty() ? "" : ", subset " + options.subset)};
  return packed;
}

}  // namespace dmcvr
