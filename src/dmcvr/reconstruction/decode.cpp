// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/decode.h"

#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <algorithm>

namespace dmcvr {

torch::Tensor decode(const Codes& codes, Networks& networks, const DecodeOptions& options,
                     const OnProgress& on_progress) {
  const at::NoGradGuard no_gradients;
  codes.check();
  auto& generator = networks.generator.network;
  const auto device = generator->parameters().front().device();
  const int64_t count = codes.count(), calls = evaluations(options.solver);

  auto pictures = torch::empty_like(codes.x_T);
  for (int64_t begin = 0; begin < count; begin += options.batch_size) {
    const int64_t end = std::min(begin + options.batch_size, count);
    const Codes batch = narrow(codes, begin, end - begin);
    const PrecisionScope scope(options.precision);
    const auto condition = generator->condition(
        batch.z_sem.to(device), batch.l_mor.defined() ? batch.l_mor.to(device) : batch.l_mor);
    const auto eps = noise_prediction(networks.generator, condition);
    const auto x_0 = sample(batch.x_T.to(device), eps, options.solver,
                            [&](int64_t done, int64_t, const torch::Tensor&) {
                              if (on_progress)
                                on_progress(begin * calls + done * (end - begin), count * calls);
                            });
    pictures.slice(0, begin, end).copy_(unit_from_network(x_0, networks.generator.info.input_rule));
  }
  return pictures;
}

}  // namespace dmcvr
