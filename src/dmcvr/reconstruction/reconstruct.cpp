// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/reconstruct.h"

#include "dmcvr/metrics/image_quality.h"
#include "dmcvr/preprocessing/slices.h"
#include "dmcvr/reconstruction/dense_labels.h"
#include "dmcvr/reconstruction/registration.h"
#include "dmcvr/segmentation/segment.h"

#include <chrono>

namespace dmcvr {
namespace {

// Runs the stages one after the other and writes down what each took.
class Stages {
 public:
  explicit Stages(const OnStage& on_stage) : on_stage_(on_stage) {}

  template <typename Work>
  auto run(const std::string& name, int64_t evaluations, const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    const OnProgress progress = [&](int64_t done, int64_t total) {
      if (on_stage_) on_stage_(name, done, total);
    };
    auto result = work(progress);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    finished.push_back({name, seconds.count(), evaluations});
    return result;
  }

  std::vector<Stage> finished;

 private:
  const OnStage& on_stage_;
};

// Codes of the slices of all phases -> codes at z_mm in all phases. Nothing passes between phases.
Codes interpolate_phases(const Codes& codes, const DensePlanes& planes,
                         const std::vector<double>& z_mm, const InterpolationOptions& options) {
  const auto slices = static_cast<int64_t>(planes.acquired_planes.size());
  std::vector<Codes> phases;
  for (int64_t first = 0; first < codes.count(); first += slices) {
    phases.push_back(
        interpolate(narrow(codes, first, slices), planes.acquired_z_mm, z_mm, options));
  }
  return concatenate(phases);
}

// What registration of acquired patches [T, D, P, P] and of their labels gives at the positions to
// draw, [T M, 1, P, P].
torch::Tensor register_phases(const torch::Tensor& patches, const Plan& plan, Segmenter& segmenter,
                              double pixel_mm, const OnProgress& on_progress) {
  const auto labels = most_likely(label_probabilities(patches.flatten(0, 1).unsqueeze(1), segmenter,
                                                      plan.decoding.batch_size, on_progress))
                          .view(patches.sizes());
  std::vector<torch::Tensor> phases;
  for (int64_t t = 0; t < patches.size(0); ++t) {
    phases.push_back(mix_registered(patches[t], cleanup(labels[t], plan.cleanup),
                                    plan.planes.acquired_z_mm, plan.drawn_z_mm,
                                    {pixel_mm, pixel_mm})
                         .images);
  }
  return torch::cat(phases).unsqueeze(1);
}

// [T M, 1, P, P] -> [T, M, P, P]
torch::Tensor by_phase(const torch::Tensor& pictures, int64_t phase_count) {
  return pictures.view(
      {phase_count, pictures.size(0) / phase_count, pictures.size(2), pictures.size(3)});
}

}  // namespace

Reconstruction reconstruct(const Study& study, Networks& networks,
                           const ReconstructOptions& options, const OnStage& on_stage) {
  options.check();
  check_networks(networks);
  study.check();
  const Plan plan = make_plan(study, networks, options);
  const int64_t phase_count = study.sax.phase_count();
  Stages stages(on_stage);

  // Find the heart on the full field of view and cut the patches around it.
  const Heart heart =
      stages.run("locate", plan.evaluations.locate, [&](const OnProgress& progress) {
        return locate_heart(study, networks.segmenter, options.locate, options.batch_mib, progress);
      });
  const InputRule& rule = networks.generator.info.input_rule;
  const double side_mm = patch_side_mm(study.sax.grid, rule);
  const Slices slices = to_slices(study, center_for_patch(heart, study.sax.grid, side_mm), rule);

  // Three codes per slice, codes between them, and the pictures of those.
  const Codes codes =
      stages.run("encode", plan.evaluations.encode, [&](const OnProgress& progress) {
        return encode(slices.patches.flatten(0, 1).unsqueeze(1), networks, plan.encoding, progress);
      });
  const Codes between = stages.run("interpolate", 0, [&](const OnProgress&) {
    return interpolate_phases(codes, plan.planes, plan.drawn_z_mm, options.interpolation);
  });
  torch::Tensor starts;  // [T M, 1, P, P]; undefined where drawing begins at x_T
  if (options.start == Start::registration) {
    starts = stages.run("register", plan.evaluations.registration, [&](const OnProgress& progress) {
      return register_phases(slices.patches, plan, networks.segmenter,
                             side_mm / static_cast<double>(slices.patches.size(-1)), progress);
    });
  }
  const auto pictures =
      stages.run("decode", plan.evaluations.decode, [&](const OnProgress& progress) {
        return starts.defined() ? decode_from(starts, between, networks, plan.decoding, progress)
                                : decode(between, networks, plan.decoding, progress);
      });
  const Drawn drawn{plan.drawn_planes, by_phase(pictures, phase_count)};

  // Labels of all planes, and everything in its place. Registered pictures, made of measured
  // pixels, are what the segmenter learned to read; the generator moves nothing that it could
  // correct there.
  const Drawn readable =
      starts.defined() ? Drawn{plan.drawn_planes, by_phase(starts, phase_count)} : drawn;
  Reconstruction result;
  result.labels = stages.run("segment", plan.evaluations.segment, [&](const OnProgress& progress) {
    return dense_labels(slices, readable, plan, networks.segmenter, progress);
  });
  result.volume = stages.run("assemble", 0, [&](const OnProgress&) {
    return assemble_volume(study, slices, plan.planes, drawn);
  });
  result.provenance = assemble_provenance(slices, plan.planes, drawn, phase_count);
  if (options.measure_round_trip) {
    result.round_trip_psnr =
        stages.run("round trip", plan.evaluations.round_trip, [&](const OnProgress& progress) {
          return psnr(decode(codes, networks, plan.decoding, progress).view_as(slices.patches),
                      slices.patches);
        });
  }
  result.phase_names = study.phase_names;
  result.acquired_planes = plan.planes.acquired_planes;
  result.plane_offsets_mm = plan.planes.plane_offsets_mm;
  result.heart = heart;
  result.patch_side_mm = side_mm;
  result.stages = stages.finished;
  return result;
}

}  // namespace dmcvr
