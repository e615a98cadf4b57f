// SPDX-License-Identifier: Apache-2.0
// One evaluation of each network at the bundled size, per picture.
#include "dmcvr/models/autoencoder.h"
#include "dmcvr/models/medformer.h"

#include <benchmark/benchmark.h>
#include <torch/utils.h>

namespace dmcvr {
namespace {

void noise_prediction(benchmark::State& state) {
  const torch::NoGradGuard no_grad;
  Autoencoder network(small_autoencoder());
  network->eval();
  const int64_t count = state.range(0), side = network->options.image_size;
  const auto x = torch::randn({count, 1, side, side}), t = torch::full({1}, 500.0f);
  const auto l_mor =
      torch::randn({count, network->options.morphology_channels, side / 16, side / 16});
  const auto condition = network->condition(network->encode(x), l_mor);
  for (auto _ : state) benchmark::DoNotOptimize(network->predict(x, t, condition));
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK(noise_prediction)->Arg(1)->Arg(10)->Unit(benchmark::kMillisecond);

void semantic_code(benchmark::State& state) {
  const torch::NoGradGuard no_grad;
  Autoencoder network(small_autoencoder());
  network->eval();
  const auto x = torch::randn({10, 1, network->options.image_size, network->options.image_size});
  for (auto _ : state) benchmark::DoNotOptimize(network->encode(x));
  state.SetItemsProcessed(state.iterations() * 10);
}
BENCHMARK(semantic_code)->Unit(benchmark::kMillisecond);

void segmentation(benchmark::State& state) {
  const torch::NoGradGuard no_grad;
  MedFormer network(small_medformer());
  network->eval();
  const auto x = torch::rand({10, 1, state.range(0), state.range(0)});
  for (auto _ : state) benchmark::DoNotOptimize(network->forward(x));
  state.SetItemsProcessed(state.iterations() * 10);
}
BENCHMARK(segmentation)
    ->Arg(128)
    ->Arg(288)
    ->Unit(benchmark::kMillisecond);  // a patch, a whole slice

}  // namespace
}  // namespace dmcvr
