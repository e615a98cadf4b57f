// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/reconstruct.h"

#include "dmcvr/metrics/image_quality.h"
#include "dmcvr/metrics/statistics.h"
#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/reconstruction/dense_labels.h"
#include "dmcvr/reconstruction/drawn_film.h"

namespace dmcvr {
namespace {

// For films; nothing where the acquired voxels are (nearly) all equal.
std::optional<CoherenceMeter> coherence_meter(const torch::Tensor& voxels,
                                              const torch::Tensor& provenance) {
  if (voxels.size(0) < 3) return {};
  const double range = percentile(voxels, 99) - percentile(voxels, 1);
  return range > 0 ? std::make_optional<CoherenceMeter>(provenance, range) : std::nullopt;
}

}  // namespace

Reconstruction reconstruct_film(const Study& study, Networks& networks,
                                const ReconstructOptions& options, const OnVolume& on_volume,
                                const OnStage& on_stage) {
  options.check();
  check_networks(networks);
  study.check();
  const Plan plan = make_plan(study, networks, options);
  const int64_t phase_count = study.sax.phase_count();
  Stages stages(on_stage);

  // Find the heart on the full field of view and cut the patches around it.
  const Heart heart =
      stages.run("locate", plan.evaluations.locate, {}, [&](const OnProgress& progress) {
        return locate_heart(study, networks.segmenter, options.locate, options.batch_mib, progress);
      });
  const InputRule& rule = networks.generator.info.input_rule;
  const double side_mm = patch_side_mm(study.sax.grid, rule);
  const Slices slices = to_slices(study, center_for_patch(heart, study.sax.grid, side_mm), rule);

  // What all phases share.
  const ValueRange range = value_range(study.sax.voxels);
  const auto provenance = assemble_provenance(slices, plan.planes, plan.drawn_planes);
  auto labels = torch::empty(
      {phase_count, provenance.size(0), provenance.size(1), provenance.size(2)}, torch::kUInt8);
  auto coherence = coherence_meter(study.sax.voxels, provenance);
  std::vector<torch::Tensor> round_trip;

  // Phase by phase: what lies between the slices, labels of all planes, everything in its place.
  DrawnFilm film(slices, plan, networks, options, stages);
  for (int64_t t = 0; t < phase_count; ++t) {
    const Part part = {t, t + 1, phase_count};
    const DrawnPictures pictures = film.phase(t);
    labels[t].copy_(
        stages.run("segment", plan.evaluations.segment, part, [&](const OnProgress& progress) {
          return dense_labels(slices.patches[t], slices, {plan.drawn_planes, pictures.readable},
                              plan, networks.segmenter, progress);
        }));
    const auto voxels = stages.run("assemble", 0, part, [&](const OnProgress&) {
      return assemble_volume(study.sax.voxels[t], range, slices, plan.planes,
                             {plan.drawn_planes, pictures.patches});
    });
    if (options.measure_round_trip) round_trip.push_back(film.round_trip(t));
    if (coherence) coherence->add(voxels, labels[t]);
    on_volume(t, {plan.planes.grid, voxels});
    film.forget(t);
  }

  Reconstruction result;
  result.volume = {plan.planes.grid, {}, study.sax.times_ms};
  result.labels = {plan.planes.grid, labels};
  result.provenance = {plan.planes.grid, provenance.expand(labels.sizes()), provenance_table()};
  result.phase_names = study.phase_names;
  result.acquired_planes = plan.planes.acquired_planes;
  result.plane_offsets_mm = plan.planes.plane_offsets_mm;
  result.heart = heart;
  result.patch_side_mm = side_mm;
  if (options.measure_round_trip)
    result.round_trip_psnr = psnr(torch::stack(round_trip), slices.patches);
  if (coherence) result.coherence = coherence->result();
  result.stages = stages.finished();
  return result;
}

Reconstruction reconstruct(const Study& study, Networks& networks,
                           const ReconstructOptions& options, const OnStage& on_stage) {
  torch::Tensor voxels;  // [T, D', H, W]
  Reconstruction result = reconstruct_film(
      study, networks, options,
      [&](int64_t phase, const Volume& volume) {
        const auto sizes = volume.voxels.sizes();
        if (!voxels.defined())
          voxels = torch::empty({study.sax.phase_count(), sizes[0], sizes[1], sizes[2]});
        voxels[phase].copy_(volume.voxels);
      },
      on_stage);
  result.volume.voxels = voxels;
  return result;
}

}  // namespace dmcvr
