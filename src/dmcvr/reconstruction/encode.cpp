// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/encode.h"

#include "dmcvr/core/random.h"

#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <algorithm>

namespace dmcvr {

Codes encode(const torch::Tensor& patches, Networks& networks, const EncodeOptions& options,
             const OnProgress& on_progress) {
  const at::NoGradGuard no_gradients;
  TORCH_CHECK(patches.dim() == 4 && patches.size(1) == 1,
              "encode: patches [N, 1, P, P] are needed, not ", patches.sizes());
  auto& generator = networks.generator.network;
  auto& segmenter = networks.segmenter.network;
  const auto device = generator->parameters().front().device();
  const int64_t count = patches.size(0), calls = evaluations(options.solver);

  torch::Tensor drawn;  // [1, 1, P, P]
  if (options.stochastic_code == StochasticCode::drawn) {
    auto random = make_generator(static_cast<uint64_t>(options.seed), "x_T");
    drawn = at::randn({1, 1, patches.size(2), patches.size(3)}, random, torch::kFloat32);
  }

  std::vector<Codes> parts;
  for (int64_t begin = 0; begin < count; begin += options.batch_size) {
    const int64_t end = std::min(begin + options.batch_size, count);
    const auto unit = patches.slice(0, begin, end);
    const auto x_0 = network_from_unit(unit, networks.generator.info.input_rule).to(device);

    // The codes that the networks read off the slice, each network in its own range.
    const auto z_sem = generator->encode(x_0);  // [n, E]
    torch::Tensor l_mor;                        // [n, C, P / 16, P / 16]
    if (has_morphology(networks.generator)) {
      l_mor = segmenter->morphology(
          network_from_unit(unit, networks.segmenter.info.input_rule).to(device));
    }

    // What they leave out of it.
    torch::Tensor x_T = drawn;  // [n, 1, P, P]
    if (drawn.defined()) {
      x_T = drawn.expand({end - begin, 1, patches.size(2), patches.size(3)}).contiguous();
      if (on_progress) on_progress(end, count);
    } else {
      const PrecisionScope scope(options.precision);
      const auto condition = generator->condition(z_sem, l_mor);
      const auto eps = noise_prediction(networks.generator, condition);
      x_T = invert(x_0, eps, options.solver, [&](int64_t done, int64_t, const torch::Tensor&) {
        if (on_progress) on_progress(begin * calls + done * (end - begin), count * calls);
      });
    }
    parts.push_back({z_sem.cpu(), l_mor.defined() ? l_mor.cpu() : l_mor, x_T.cpu()});
  }
  return concatenate(parts);
}

int64_t evaluations(const EncodeOptions& options) {
  return options.stochastic_code == StochasticCode::drawn ? 0 : evaluations(options.solver);
}

}  // namespace dmcvr
