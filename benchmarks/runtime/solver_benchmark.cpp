// SPDX-License-Identifier: Apache-2.0
// Ten slices at the bundled size, to x_T and back: the default solver beside the reference's 100
// steps.
#include "dmcvr/diffusion/solver.h"
#include "dmcvr/models/autoencoder.h"

#include <benchmark/benchmark.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

using Way = torch::Tensor (*)(const torch::Tensor&, const Epsilon&, const SolverOptions&,
                             const OnStep&);

void solve(benchmark::State& state, Solver solver, Way way) {
  const torch::NoGradGuard no_grad;
  Autoencoder network(small_autoencoder());
  network->eval();
  const int64_t side = network->options.image_size;
  const auto x_0 = torch::rand({10, 1, side, side}) * 2 - 1;
  const auto l_mor = torch::randn({10, network->options.morphology_channels, side / 16, side / 16});
  const auto condition = network->condition(network->encode(x_0), l_mor);
  const Epsilon eps = [&](const torch::Tensor& x, const torch::Tensor& t) {
    return network->predict(x, t, condition);
  };
  SolverOptions options;
  options.solver = solver;
  options.nodes = state.range(0);
  for (auto _ : state) benchmark::DoNotOptimize(way(x_0, eps, options, {}));
  state.SetItemsProcessed(state.iterations() * 10);
}
void inversion(benchmark::State& state, Solver solver) {
  solve(state, solver, invert);
}
void decode(benchmark::State& state, Solver solver) {
  solve(state, solver, sample);
}
BENCHMARK_CAPTURE(inversion, dpm, Solver::dpm)->Arg(10)->Arg(20)->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(inversion, reference, Solver::reference)
    ->Arg(100)
    ->Unit(benchmark::kSecond)
    ->Iterations(1);
BENCHMARK_CAPTURE(decode, dpm, Solver::dpm)->Arg(10)->Arg(20)->Unit(benchmark::kSecond);
BENCHMARK_CAPTURE(decode, reference, Solver::reference)
    ->Arg(100)
    ->Unit(benchmark::kSecond)
    ->Iterations(1);

}  // namespace
}  // namespace dmcvr
