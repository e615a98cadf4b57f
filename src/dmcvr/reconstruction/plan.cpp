// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/plan.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/core/options.h"
#include "dmcvr/segmentation/segment.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {

void ReconstructOptions::check() const {
  if (!std::isfinite(slice_spacing_mm) || slice_spacing_mm < 0) {
    throw Error("slice_spacing_mm: {} is neither positive nor 0 (the in-plane spacing)",
                slice_spacing_mm);
  }
  check_range<int64_t>("batch_mib", batch_mib, 1, int64_t{1} << 20);
  if (seed < 0) throw Error("seed: {} is negative", seed);
  solver.check();
  if (start != Start::noise && regenerate)
    throw Error(
        "regenerate: draws acquired slices from their codes, for which start has to be noise, as "
        "in the method dmcvr; it is registration");
  if (!(outline_weight >= 0 && outline_weight <= 1))
    throw Error("outline_weight: {} is not between 0 and 1", outline_weight);
  if (start != Start::noise) evaluations_from(start_sigma, solver);  // says what is possible
  interpolation.check();
  locate.check();
  cleanup.check();
}

ReconstructOptions with_registration(ReconstructOptions options) {
  options.start = Start::registration;
  options.interpolation.x_T = CodeInterpolation::lerp;
  options.outline_weight = 0.25;
  return options;
}

Precision precision_of(const Networks& networks, const ReconstructOptions& options) {
  return resolved(options.precision, networks.generator.network->parameters().front().device());
}

Plan make_plan(const Study& study, const Networks& networks, const ReconstructOptions& options) {
  const Grid& acquired = study.sax.grid;
  const int64_t batch_size = patches_per_batch(networks, options.batch_mib);
  if (acquired.size[2] < 2) {
    throw Error("{} slice, at least 2 are needed, since slices are drawn between slices",
                acquired.size[2]);
  }

  Plan plan;
  plan.planes = dense_planes(acquired, slice_positions(study), options.slice_spacing_mm);
  const auto precision = precision_of(networks, options);
  plan.encoding = {options.solver, options.stochastic_code, options.seed, batch_size, precision};
  plan.decoding = {options.solver, batch_size, precision, options.start_sigma};
  plan.patch_pixel_mm = patch_side_mm(acquired, networks.generator.info.input_rule) /
                        static_cast<double>(networks.generator.info.input_rule.patch_size);
  plan.outline_weight = options.outline_weight;
  plan.cleanup = options.cleanup;

  // Missing planes, or all of them.
  plan.drawn_planes = plan.planes.missing_planes;
  plan.drawn_z_mm = plan.planes.missing_z_mm;
  if (options.regenerate) {
    for (size_t k = 0; k < plan.planes.acquired_planes.size(); ++k) {
      const auto place = std::lower_bound(plan.drawn_planes.begin(), plan.drawn_planes.end(),
                                          plan.planes.acquired_planes[k]);
      plan.drawn_z_mm.insert(plan.drawn_z_mm.begin() + (place - plan.drawn_planes.begin()),
                             plan.planes.acquired_z_mm[k]);
      plan.drawn_planes.insert(place, plan.planes.acquired_planes[k]);
    }
  }

  const int64_t phases = study.sax.phase_count();
  const int64_t slices = phases * acquired.size[2];
  const int64_t drawn = phases * static_cast<int64_t>(plan.drawn_planes.size());
  const int64_t code_networks = has_morphology(networks.generator) ? 2 : 1;
  plan.evaluations.locate = options.locate.center_mm.empty() ? slices : 0;
  plan.evaluations.encode = slices * (code_networks + evaluations(plan.encoding));
  plan.evaluations.registration = options.start == Start::registration ? slices : 0;
  plan.evaluations.decode = drawn * (options.start == Start::noise
                                         ? evaluations(options.solver)
                                         : evaluations_from(options.start_sigma, options.solver));
  plan.evaluations.segment = drawn + (options.regenerate ? 0 : slices);
  plan.evaluations.round_trip =
      options.measure_round_trip ? slices * evaluations(options.solver) : 0;
  return plan;
}

int64_t forecast_bytes(const Study& study, const Networks& networks,
                       const ReconstructOptions& options, VolumeIs volume) {
  const Plan plan = make_plan(study, networks, options);
  const auto& generator = networks.generator.network->options;
  const auto& segmenter = networks.segmenter.network->options;
  const Grid& acquired = study.sax.grid;
  const int64_t phases = study.sax.phase_count(), slices = acquired.size[2];
  const int64_t dense = plan.planes.grid.size[2],
                drawn = static_cast<int64_t>(plan.drawn_planes.size());
  const int64_t pixels = acquired.size[0] * acquired.size[1];
  const int64_t patch = generator.image_size * generator.image_size;
  const int64_t side = whole_slice_pixels(acquired, networks.segmenter.info.input_rule);
  constexpr int64_t kFloat = sizeof(float), kDouble = sizeof(double);

  // The networks: weights, and one batch at work.
  const int64_t at_work = std::max({options.batch_mib << 20, generator_bytes(generator),
                                    segmenter_bytes(segmenter, side * side)});
  // The study, a copy for the percentiles, and its patches; acquired ones drawn again and compared.
  const int64_t study_bytes = phases * slices * pixels * kFloat;
  const int64_t patches =
      phases * slices * patch * (options.measure_round_trip ? 3 * (kFloat + kDouble) : kFloat);
  // Locating the heart: whole slices of one phase and their probabilities.
  const int64_t locating = (4 + 3 * kLabelCount) * slices * side * side * kFloat;

  // Codes, pictures and their starts: of one phase and of the batch that reaches into the next
  // ones, twice while a batch is added. Interpolation works in double precision on one phase.
  const int64_t batch = plan.decoding.batch_size;
  const int64_t phases_held = std::min(phases, drawn == 0 ? 1 : batch / drawn + 2);
  const int64_t drawn_held = phases_held * drawn;
  const int64_t slices_held = std::min(phases * slices, phases_held * slices + batch);
  const int64_t code = patch * kFloat + generator.embedding * kFloat +
                       generator.morphology_channels * patch / 256 * kFloat;
  const int64_t codes = 2 * (slices_held + drawn_held) * code + 6 * drawn * patch * kDouble;
  const int64_t pictures = (options.start == Start::noise ? 2 : 4) * drawn_held * patch * kFloat;
  // Outlines of one phase, and probabilities of one batch beside the prior.
  const int64_t outlines =
      options.outline_weight > 0
          ? 3 * slices * pixels * kDouble + 6 * kLabelCount * batch * pixels * kFloat
          : 0;
  // Labels of all phases, and volumes where they are kept.
  const int64_t voxels = dense * pixels;
  const int64_t kept = phases * voxels * (volume == VolumeIs::kept ? 1 + kFloat : 1);
  // Volumes of one phase in the making, of the one before, and on their way to the disk and into
  // the preview; afterwards what the preview makes of one: masks of the labels, twice.
  const int64_t making = codes + pictures + outlines + 8 * voxels * kFloat;
  const int64_t showing = (8 + 2 * kLabelCount) * voxels * kFloat;
  // The program itself and its libraries, measured: 260 MiB, and 120 more of scratch that they keep
  // once networks work.
  constexpr int64_t kProgram = int64_t{384} << 20;
  return kProgram + parameter_bytes(networks) + at_work + 2 * study_bytes + patches + kept +
         std::max({locating, making, showing});
}

}  // namespace dmcvr
