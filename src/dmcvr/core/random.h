// SPDX-License-Identifier: Apache-2.0
// Random streams keyed by (seed, purpose, index): what is drawn for slice 7 does not depend on
// batch size, worker count or restarts.
#pragma once

#include <ATen/core/Generator.h>

#include <cstdint>
#include <string_view>

namespace dmcvr {

// A well-mixed 64-bit seed for one stream.
uint64_t stream_seed(uint64_t seed, std::string_view purpose, uint64_t index = 0);

// A CPU generator at the start of that stream, for torch::randn(sizes, generator, …) and kin.
at::Generator make_generator(uint64_t seed, std::string_view purpose, uint64_t index = 0);

// Uniform in [low, high), from a generator of make_generator.
double uniform(at::Generator& generator, double low = 0, double high = 1);

// Uniform in {0, …, count − 1}.
int64_t uniform_index(at::Generator& generator, int64_t count);

// Gaussian with the given mean and standard deviation.
double normal(at::Generator& generator, double mean = 0, double deviation = 1);

}  // namespace dmcvr
