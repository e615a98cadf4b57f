// SPDX-License-Identifier: Apache-2.0
// Forward and backward pass of one batch of the small generator, in float32 and in bfloat16.
#include "dmcvr/models/precision.h"
#include "dmcvr/training/train_generator.h"

#include <benchmark/benchmark.h>

namespace dmcvr {
namespace {

void generator_step(benchmark::State& state, Precision precision) {
  Autoencoder network(small_autoencoder());
  network->train();
  const int64_t count = 4, side = network->options.image_size;
  NoisedBatch batch;
  batch.x_0 = torch::rand({count, 1, side, side}) * 2 - 1;
  batch.l_mor = torch::randn({count, network->options.morphology_channels, side / 16, side / 16});
  batch.t = torch::randint(1000, {count}, torch::kInt64);
  batch.eps = torch::randn_like(batch.x_0);
  const auto schedule = linear_schedule();
  for (auto _ : state) {
    network->zero_grad();
    torch::Tensor loss;
    {
      const PrecisionScope scope(precision);
      loss = generator_loss(network, batch, schedule).mean();
    }
    loss.backward();
  }
  state.SetItemsProcessed(state.iterations() * count);
}
BENCHMARK_CAPTURE(generator_step, float32, Precision::float32)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(generator_step, bfloat16, Precision::bfloat16)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace dmcvr
