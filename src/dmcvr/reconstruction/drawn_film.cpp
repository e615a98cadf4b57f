// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/drawn_film.h"

#include "dmcvr/reconstruction/registration.h"
#include "dmcvr/segmentation/cleanup.h"
#include "dmcvr/segmentation/segment.h"

namespace dmcvr {

DrawnFilm::DrawnFilm(const Slices& slices, const Plan& plan, Networks& networks,
                     const ReconstructOptions& options, Stages& stages)
    : slices_(slices),
      plan_(plan),
      networks_(networks),
      options_(options),
      stages_(stages),
      patches_(slices.patches.flatten(0, 1).unsqueeze(1)),
      depth_(slices.patches.size(1)),
      drawn_depth_(static_cast<int64_t>(plan.drawn_planes.size())),
      codes_(patches_.size(0), plan.encoding.batch_size,
             [this](const Part& part) { return encode_slices(part); }),
      between_(slices.patches.size(0) * drawn_depth_, drawn_depth_,
               [this](const Part& part) { return codes_between(part); }),
      acquired_labels_(patches_.size(0), plan.decoding.batch_size,
                       [this](const Part& part) { return label_slices(part); }),
      starts_(slices.patches.size(0) * drawn_depth_, drawn_depth_,
              [this](const Part& part) { return registered(part); }),
      pictures_(slices.patches.size(0) * drawn_depth_, plan.decoding.batch_size,
                [this](const Part& part) { return drawn(part); }),
      restored_(patches_.size(0), plan.decoding.batch_size,
                [this](const Part& part) { return restored(part); }) {}

Codes DrawnFilm::encode_slices(const Part& part) {
  return stages_.run("encode", plan_.evaluations.encode, part, [&](const OnProgress& progress) {
    return encode(patches_.slice(0, part.begin, part.end), networks_, plan_.encoding, progress);
  });
}

Codes DrawnFilm::codes_between(const Part& part) {
  const int64_t first = part.begin / drawn_depth_ * depth_;
  const Codes around = codes_.take(first, first + depth_);
  return stages_.run("interpolate", 0, part, [&](const OnProgress&) {
    return interpolate(around, plan_.planes.acquired_z_mm, plan_.drawn_z_mm,
                       options_.interpolation);
  });
}

torch::Tensor DrawnFilm::label_slices(const Part& part) {
  return stages_.run(
      "register", plan_.evaluations.registration, part, [&](const OnProgress& progress) {
        return most_likely(label_probabilities(patches_.slice(0, part.begin, part.end),
                                               networks_.segmenter, plan_.decoding.batch_size,
                                               progress));
      });
}

torch::Tensor DrawnFilm::registered(const Part& part) {
  const int64_t phase = part.begin / drawn_depth_;
  const auto labels = acquired_labels_.take(phase * depth_, (phase + 1) * depth_);
  return stages_.run("register", 0, part, [&](const OnProgress&) {
    return mix_registered(slices_.patches[phase], cleanup(labels, plan_.cleanup),
                          plan_.planes.acquired_z_mm, plan_.drawn_z_mm,
                          {plan_.patch_pixel_mm, plan_.patch_pixel_mm})
        .images.unsqueeze(1);
  });
}

torch::Tensor DrawnFilm::drawn(const Part& part) {
  const Codes codes = between_.take(part.begin, part.end);
  torch::Tensor from;
  if (options_.start == Start::registration) from = starts_.take(part.begin, part.end);
  return stages_.run("decode", plan_.evaluations.decode, part, [&](const OnProgress& progress) {
    return from.defined() ? decode_from(from, codes, networks_, plan_.decoding, progress)
                          : decode(codes, networks_, plan_.decoding, progress);
  });
}

torch::Tensor DrawnFilm::restored(const Part& part) {
  const Codes codes = codes_.take(part.begin, part.end);
  return stages_.run("round trip", plan_.evaluations.round_trip, part,
                     [&](const OnProgress& progress) {
                       return decode(codes, networks_, plan_.decoding, progress);
                     });
}

DrawnPictures DrawnFilm::phase(int64_t phase_index) {
  if (drawn_depth_ == 0) return {};
  const int64_t begin = phase_index * drawn_depth_, end = begin + drawn_depth_;
  DrawnPictures result;
  result.patches = pictures_.take(begin, end).squeeze(1);
  result.readable =
      options_.start == Start::registration ? starts_.take(begin, end).squeeze(1) : result.patches;
  return result;
}

torch::Tensor DrawnFilm::round_trip(int64_t phase_index) {
  return restored_.take(phase_index * depth_, (phase_index + 1) * depth_).squeeze(1).clone();
}

void DrawnFilm::forget(int64_t phase_index) {
  const int64_t acquired_end = (phase_index + 1) * depth_;
  const int64_t drawn_end = (phase_index + 1) * drawn_depth_;
  codes_.forget(acquired_end);
  acquired_labels_.forget(acquired_end);
  restored_.forget(acquired_end);
  between_.forget(drawn_end);
  starts_.forget(drawn_end);
  pictures_.forget(drawn_end);
}

}  // namespace dmcvr
