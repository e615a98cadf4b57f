// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/decode.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/side_by_side.h"

#include <ATen/core/grad_mode.h>
#include <torch/nn/module.h>

#include <algorithm>

namespace dmcvr {
namespace {

// Of items begin to end; returns their pictures in network values.
using DecodePart = std::function<torch::Tensor(int64_t begin, int64_t end, const Epsilon& eps,
                                               const OnStep& on_step)>;

torch::Tensor in_batches(const Codes& codes, Networks& networks, const DecodeOptions& options,
                         const OnProgress& on_progress, const DecodePart& decode_part) {
  const at::NoGradGuard no_gradients;
  codes.check();
  auto& generator = networks.generator.network;
  const auto device = generator->parameters().front().device();
  const int64_t count = codes.count();

  auto pictures = torch::empty_like(codes.x_T);
  for (int64_t start = 0; start < count; start += options.batch_size) {
    const int64_t size = std::min(options.batch_size, count - start);
    side_by_side(size, device, [&](int64_t first, int64_t last, const std::atomic<bool>& stopped) {
      const int64_t begin = start + first, end = start + last;
      const Codes part = narrow(codes, begin, end - begin);
      const PrecisionScope scope(options.precision);
      const auto condition = generator->condition(
          part.z_sem.to(device), part.l_mor.defined() ? part.l_mor.to(device) : part.l_mor);
      const auto eps = noise_prediction(networks.generator, condition);
      const auto on_step = [&](int64_t done, int64_t calls, const torch::Tensor&) {
        if (stopped) throw Error("stopped");
        // Parts go in step; one speaks for all.
        if (first == 0 && on_progress) on_progress(start * calls + done * size, count * calls);
      };
      const auto x_0 = decode_part(begin, end, eps, on_step);
      pictures.slice(0, begin, end)
          .copy_(unit_from_network(x_0, networks.generator.info.input_rule));
    });
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
