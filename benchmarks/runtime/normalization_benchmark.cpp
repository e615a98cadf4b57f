// SPDX-License-Identifier: Apache-2.0
// Normalization, modulation and activation of four pictures at the bundled size: the joined loop
// beside the same in LibTorch's own operations, forward and with the backward pass.
#include "dmcvr/models/normalization.h"

#include <benchmark/benchmark.h>
#include <torch/nn/functional/activation.h>
#include <torch/nn/functional/normalization.h>

namespace dmcvr {
namespace {

namespace F = torch::nn::functional;

struct Layer {
  torch::Tensor x = torch::randn({4, 48, 128, 128}).contiguous(at::MemoryFormat::ChannelsLast);
  GroupNormParameters parameters = {torch::ones({48}), torch::zeros({48}), 8};
  Modulation modulation = {torch::randn({1, 96}), torch::randn({4, 48})};
};

torch::Tensor joined(const Layer& layer) {
  return group_norm_silu(layer.x, layer.parameters, layer.modulation);
}

torch::Tensor libtorch(const Layer& layer) {
  const auto& [weight, bias, groups] = layer.parameters;
  const auto time = layer.modulation.time.unsqueeze(2).unsqueeze(3).chunk(2, 1);
  const auto z = layer.modulation.z_scale.unsqueeze(2).unsqueeze(3);
  auto y = F::group_norm(layer.x, F::GroupNormFuncOptions(groups).weight(weight).bias(bias));
  y = y * (1 + time[0]) + time[1];
  return F::silu(y * z);
}

void forward(benchmark::State& state, torch::Tensor (*work)(const Layer&)) {
  const torch::NoGradGuard no_grad;
  const Layer layer;
  for (auto _ : state) benchmark::DoNotOptimize(work(layer));
  state.SetItemsProcessed(state.iterations() * 4);
}

void with_gradient(benchmark::State& state, torch::Tensor (*work)(const Layer&)) {
  Layer layer;
  layer.x.requires_grad_();
  layer.parameters.weight.requires_grad_();
  layer.modulation.z_scale.requires_grad_();
  const auto g = torch::randn_like(layer.x);
  for (auto _ : state) work(layer).backward(g);
  state.SetItemsProcessed(state.iterations() * 4);
}

BENCHMARK_CAPTURE(forward, joined, joined)
    ->Name("normalization/joined")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(forward, libtorch, libtorch)
    ->Name("normalization/libtorch")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(with_gradient, joined, joined)
    ->Name("normalization_gradient/joined")
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(with_gradient, libtorch, libtorch)
    ->Name("normalization_gradient/libtorch")
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dmcvr
