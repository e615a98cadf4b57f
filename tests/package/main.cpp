// SPDX-License-Identifier: Apache-2.0
// A program of somebody else: a phantom's slices become a dense heart, and its cavity is measured.
//   consumer FOLDER_OF_WEIGHTS
#include "dmcvr/core/error.h"
#include "dmcvr/reconstruction/reconstruct.h"
#include "dmcvr/study/phantom.h"

#include <cstdio>
#include <exception>

int main(int argc, char** argv) try {
  if (argc != 2) throw dmcvr::Error("usage: consumer FOLDER_OF_WEIGHTS");
  const std::filesystem::path weights = argv[1];

  dmcvr::PhantomOptions scan;
  scan.seed = 11;
  scan.phases = 1;
  scan.dense = false;
  const dmcvr::Phantom phantom = dmcvr::make_phantom(scan);

  dmcvr::Networks networks =
      dmcvr::load_networks(weights / "segmenter.safetensors", weights / "generator.safetensors");
  dmcvr::ReconstructOptions options;
  options.slice_spacing_mm = 5;
  const dmcvr::Reconstruction heart = dmcvr::reconstruct(phantom.study, networks, options);

  const double lv_ml =
      static_cast<double>((heart.labels.voxels == dmcvr::kLvc).sum().item<int64_t>()) *
      heart.volume.grid.voxel_ml();
  std::printf("planes %ld of %ld acquired\n", static_cast<long>(heart.volume.grid.size[2]),
              static_cast<long>(heart.acquired_planes.size()));
  std::printf("lv_ml %.1f true %.1f\n", lv_ml, phantom.truth.lv_ml.front());
  return 0;
} catch (const std::exception& error) {
  std::fprintf(stderr, "consumer: %s\n", error.what());
  return 1;
}
