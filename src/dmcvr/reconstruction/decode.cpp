// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/decode.h"

#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <algorithm>

namespace dmcvr {
namespace {

// batch: items begin to end; returns their pictures in network values.
using DecodeBatch = std::function<torch::Tensor(int64_t begin, int64_t end, const Epsilon& eps,
                                                const OnStep& on_step)>;

torch::Tensor in_batches(const Codes& codes, Networks& networks, const DecodeOptions& options,
                         const OnProgress& on_progress, const DecodeBatch& decode_batch) {
  const at::NoGradGuard no_gradients;
  codes.check();
  auto& generator = networks.generator.network;
  const auto device = generator->parameters().front().device();
  const int64_t count = codes.count();

  auto pictures = torch::empty_like(codes.x_T);
  for (int64_t begin = 0; begin < count; begin += options.batch_size) {
    const int64_t end = std::min(begin + options.batch_size, count);
    const Codes batch = narrow(codes, begin, end - begin);
    const PrecisionScope scope(options.precision);
    const auto condition = generator->condition(
        batch.z_sem.to(device), batch.l_mor.defined() ? batch.l_mor.to(device) : batch.l_mor);
    const auto eps = noise_prediction(networks.generator, condition);
    const auto x_0 =
        decode_batch(begin, end, eps, [&](int64_t done, int64_t calls, const torch::Tensor&) {
          if (on_progress) on_progress(begin * calls + done * (end - begin), count * calls);
        });
    pictures.slice(0, begin, end).copy_(unit_from_network(x_0, networks.generator.info.input_rule));
  }
  return pictures;
}

}  // namespace

torch::Tensor decode(const Codes& codes, Networks& networks, const DecodeOptions& options,
                     const OnProgress& on_progress) {
  const auto device = networks.generator.network->parameters().front().device();
  return in_batches(codes, networks, options, on_progress,
                    [&](int64_t begin, int64_t end, const Epsilon& eps, const OnStep& on_step) {
                      return sample(codes.x_T.slice(0, begin, end).to(device), eps, options.solver,
                                    on_step);
                    });
}

torch::Tensor decode_from(const torch::Tensor& pictures, const Codes& codes, Networks& networks,
                          const DecodeOptions& options, const OnProgress& on_progress) {
  TORCH_CHECK(pictures.sizes() == codes.x_T.sizes(), "decode_from: pictures ", pictures.sizes(),
              " for codes ", codes.x_T.sizes());
  const auto device = networks.generator.network->parameters().front().device();
  const InputRule& rule = networks.generator.info.input_rule;
  return in_batches(codes, networks, options, on_progress,
                    [&](int64_t begin, int64_t end, const Epsilon& eps, const OnStep& on_step) {
                      const auto x_0 = network_from_unit(pictures.slice(0, begin, end), rule);
                      const auto noise = codes.x_T.slice(0, begin, end);
                      return sample_from({x_0.to(device), noise.to(device), options.start_sigma},
                                         eps, options.solver, on_step);
                    });
}

}  // namespace dmcvr
