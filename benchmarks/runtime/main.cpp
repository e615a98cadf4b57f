// SPDX-License-Identifier: Apache-2.0
#include <ATen/Parallel.h>
#include <benchmark/benchmark.h>

#include <algorithm>
#include <thread>

int main(int argc, char** argv) {
  at::set_num_threads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
