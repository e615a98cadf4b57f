// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/encode.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"
#include "dmcvr/core/side_by_side.h"

#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <algorithm>

namespace dmcvr {
namespace {

// Codes without values yet, which parts of a batch fill in; x_T where it is drawn.
Codes codes_to_fill(const torch::Tensor& patches, const Networks& networks,
                    const EncodeOptions& options) {
  const int64_t count = patches.size(0), height = patches.size(2), width = patches.size(3);
  const auto& sizes = networks.generator.network->options;
  Codes codes;
  codes.z_sem = torch::empty({count, sizes.embedding});
  if (has_morphology(networks.generator))
    codes.l_mor = torch::empty({count, sizes.morphology_channels, height / 16, width / 16});
  codes.x_T = torch::empty({count, 1, height, width});
  if (options.stochastic_code == StochasticCode::drawn) {
    auto random = make_generator(static_cast<uint64_t>(options.seed), "x_T");
    codes.x_T.copy_(at::randn({1, 1, height, width}, random, torch::kFloat32));
  }
  return codes;
}

// unit: [n, 1, P, P] in unit values.
void encode_part(const torch::Tensor& unit, Networks& networks, const EncodeOptions& options,
                 const OnStep& on_step, const Codes& into) {
  auto& generator = networks.generator.network;
  const auto device = generator->parameters().front().device();
  const auto x_0 = network_from_unit(unit, networks.generator.info.input_rule).to(device);

  // The codes that the networks read off the slice, each network in its own range.
  const auto z_sem = generator->encode(x_0);  // [n, E]
  into.z_sem.copy_(z_sem);
  torch::Tensor l_mor;  // [n, C, P / 16, P / 16]
  if (into.l_mor.defined()) {
    const InputRule& rule = networks.segmenter.info.input_rule;
    l_mor = networks.segmenter.network->morphology(network_from_unit(unit, rule).to(device));
    into.l_mor.copy_(l_mor);
  }

  // What they leave out of it.
  if (options.stochastic_code == StochasticCode::drawn) return;
  const PrecisionScope scope(options.precision);
  const auto condition = generator->condition(z_sem, l_mor);
  const auto eps = noise_prediction(networks.generator, condition);
  into.x_T.copy_(invert(x_0, eps, options.solver, on_step));
}

}  // namespace

Codes encode(const torch::Tensor& patches, Networks& networks, const EncodeOptions& options,
             const OnProgress& on_progress) {
  const at::NoGradGuard no_gradients;
  TORCH_CHECK(patches.dim() == 4 && patches.size(1) == 1,
              "encode: patches [N, 1, P, P] are needed, not ", patches.sizes());
  const auto device = networks.generator.network->parameters().front().device();
  const int64_t count = patches.size(0), calls = std::max<int64_t>(1, evaluations(options));

  Codes codes = codes_to_fill(patches, networks, options);
  for (int64_t start = 0; start < count; start += options.batch_size) {
    const int64_t size = std::min(options.batch_size, count - start);
    const auto report = [&](int64_t done) {
      if (on_progress) on_progress(start * calls + done * size, count * calls);
    };
    side_by_side(size, device, [&](int64_t begin, int64_t end, const std::atomic<bool>& stopped) {
      const auto on_step = [&](int64_t done, int64_t, const torch::Tensor&) {
        if (stopped) throw Error("stopped");
        if (begin == 0) report(done);  // Parts go in step; one speaks for all.
      };
      encode_part(patches.slice(0, start + begin, start + end), networks, options, on_step,
                  narrow(codes, start + begin, end - begin));
    });
    report(calls);
  }
  return codes;
}

int64_t evaluations(const EncodeOptions& options) {
  return options.stochastic_code == StochasticCode::drawn ? 0 : evaluations(options.solver);
}

}  // namespace dmcvr
