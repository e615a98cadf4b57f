// SPDX-License-Identifier: Apache-2.0
// Reading and resampling at the size of one cine phase of ACDC.
#include "dmcvr/geometry/resample.h"
#include "dmcvr/io/nifti.h"

#include <benchmark/benchmark.h>
#include <unistd.h>

#include <filesystem>

namespace dmcvr {
namespace {

Cine one_phase() {
  Cine cine;
  cine.grid.size = {216, 256, 10};
  cine.grid.world_from_voxel.matrix = {{{-1.5625, 0, 0}, {0, -1.5625, 0}, {0, 0, 10}}};
  cine.voxels = (torch::rand({1, 10, 256, 216}) * 500).round();
  return cine;
}

void nifti_reading(benchmark::State& state) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("dmcvr-benchmark-" + std::to_string(::getpid()) + ".nii.gz");
  write_nifti(path, one_phase());
  for (auto _ : state) benchmark::DoNotOptimize(read_nifti(path));
  std::filesystem::remove(path);
}
BENCHMARK(nifti_reading)->Unit(benchmark::kMillisecond);

void resampling(benchmark::State& state) {
  const Volume volume = one_phase().phase(0);
  Grid dense = volume.grid;
  dense.size[2] = 55;
  dense.world_from_voxel.matrix[2][2] = 90.0 / 54;
  for (auto _ : state) benchmark::DoNotOptimize(resample(volume, dense));
  state.SetItemsProcessed(state.iterations() * dense.voxel_count());
}
BENCHMARK(resampling)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dmcvr
