// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/random.h"

#include <ATen/CPUGeneratorImpl.h>

#include <cmath>

namespace dmcvr {
namespace {

// The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): every input bit moves every
// output bit.
uint64_t mix(uint64_t z) {
  z += 0x9E3779B97F4A7C15;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
  return z ^ (z >> 31);
}

uint64_t draw(at::Generator& generator) {
  auto* engine = at::check_generator<at::CPUGeneratorImpl>(generator);
  return engine->random64();
}

}  // namespace

uint64_t stream_seed(uint64_t seed, std::string_view purpose, uint64_t index) {
  uint64_t state = mix(seed);
  for (const char letter : purpose) state = mix(state ^ static_cast<unsigned char>(letter));
  return mix(mix(state) ^ index);
}

at::Generator make_generator(uint64_t seed, std::string_view purpose, uint64_t index) {
  return at::detail::createCPUGenerator(stream_seed(seed, purpose, index));
}

double uniform(at::Generator& generator, double low, double high) {
  const double unit = static_cast<double>(draw(generator) >> 11) * 0x1.0p-53;  // [0, 1)
  return low + (high - low) * unit;
}

int64_t uniform_index(at::Generator& generator, int64_t count) {
  TORCH_CHECK(count > 0, "uniform_index: count ", count);
  return static_cast<int64_t>(draw(generator) % static_cast<uint64_t>(count));
}

double normal(at::Generator& generator, double mean, double deviation) {
  // Box and Muller; 1 − u keeps the logarithm finite.
  const double radius = std::sqrt(-2 * std::log(1 - uniform(generator)));
  return mean + deviation * radius * std::cos(2 * M_PI * uniform(generator));
}

}  // namespace dmcvr
