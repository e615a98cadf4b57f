// SPDX-License-Identifier: Apache-2.0
// What a reconstruction will do, known before it starts: options, planes to draw, network
// evaluations, memory.
#pragma once

#include "dmcvr/diffusion/solver.h"
#include "dmcvr/latent/interpolation.h"
#include "dmcvr/models/precision.h"
#include "dmcvr/reconstruction/decode.h"
#include "dmcvr/reconstruction/encode.h"
#include "dmcvr/reconstruction/networks.h"
#include "dmcvr/reconstruction/planes.h"
#include "dmcvr/segmentation/cleanup.h"
#include "dmcvr/segmentation/locate.h"
#include "dmcvr/study/study.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <vector>

namespace dmcvr {

// Where the drawing of a slice begins.
enum class Start {
  noise,         // at its x_T, as in the paper
  registration,  // at what registration of its neighbors gives (registration.h), with x_T as noise
};

NLOHMANN_JSON_SERIALIZE_ENUM(Start,
                             {{Start::noise, "noise"}, {Start::registration, "registration"}})

struct ReconstructOptions {
  double slice_spacing_mm = 0;         // of the dense planes; 0: the acquired in-plane spacing
  SolverOptions solver;                // both ways: from slices to x_T and from x_T to pictures
  InterpolationOptions interpolation;  // between the codes of neighboring slices
  Start start = Start::noise;
  double start_sigma = 0.3;   // noise on the registered pictures, in units of the clean picture
  double outline_weight = 0;  // of outline_prior.h beside what the segmenter sees, 0 to 1
  StochasticCode stochastic_code = StochasticCode::inverted;
  int64_t seed = 0;                 // of drawn stochastic codes
  bool regenerate = false;          // draw the acquired slices from their codes as well
  bool measure_round_trip = false;  // say how well acquired slices survive encode and decode
  LocateOptions locate;
  CleanupOptions cleanup;
  int64_t batch_mib = 512;                     // memory for the work of the networks
  Precision precision = Precision::automatic;  // of the generator

  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(ReconstructOptions, slice_spacing_mm, solver, interpolation,
                                   start, start_sigma, outline_weight, stochastic_code, seed,
                                   regenerate, measure_round_trip, locate, cleanup, batch_mib,
                                   precision)

// The method dmcvr+registration, which the program takes unless told otherwise: drawing begins at
// registered pictures, under noise that is the linear mix of the neighbors' x_T; labels are read
// off the registered pictures and heed the outlines of the neighbors. ReconstructOptions()
// themselves are the published method.
ReconstructOptions with_registration(ReconstructOptions options);

// Pictures that go through a network, each time counted.
struct Evaluations {
  int64_t locate = 0;
  int64_t encode = 0;
  int64_t registration = 0;
  int64_t decode = 0;
  int64_t segment = 0;
  int64_t round_trip = 0;
};

struct Plan {
  DensePlanes planes;
  std::vector<int64_t> drawn_planes;  // the missing ones; with `regenerate` all
  std::vector<double> drawn_z_mm;     // acquired planes at the true positions of their slices
  EncodeOptions encoding;
  DecodeOptions decoding;
  double patch_pixel_mm = 0;
  double outline_weight = 0;
  CleanupOptions cleanup;
  Evaluations evaluations;
};

// float32 or bfloat16: what the options come down to on the device of the networks.
Precision precision_of(const Networks& networks, const ReconstructOptions& options);

// Throws Error for fewer than two slices, and where options and slices do not agree.
Plan make_plan(const Study& study, const Networks& networks, const ReconstructOptions& options);

// Whether the volume of a film is handed over phase after phase (reconstruct_film) or kept.
enum class VolumeIs { kept, handed_over };

// Bytes that the reconstruction needs at most at any time, the study itself and what is kept of the
// result included.
int64_t forecast_bytes(const Study& study, const Networks& networks,
                       const ReconstructOptions& options, VolumeIs volume = VolumeIs::kept);

}  // namespace dmcvr
