// SPDX-License-Identifier: Apache-2.0
// The two networks of a reconstruction, and what they cost.
#pragma once

#include "dmcvr/diffusion/epsilon.h"
#include "dmcvr/models/weights.h"

#include <cstdint>
#include <filesystem>
#include <string>

namespace dmcvr {

struct Networks {
  Segmenter segmenter;
  Generator generator;
};

// Both networks on `device` ("cpu", "cuda", "cuda:1"). Throws Error for a file of the wrong kind,
// an unknown or absent device, and networks that do not belong together: patches of another size or
// brightness, or an l_mor of another width than the generator learned with. Warns when the
// generator learned with another segmenter of equal size.
Networks load_networks(const std::filesystem::path& segmenter,
                       const std::filesystem::path& generator, const std::string& device = "cpu");

// The last of the checks above.
void check_networks(const Networks& networks);

// The noise that the generator names, for the solvers, whatever its prediction. Both arguments have
// to outlive the function.
Epsilon noise_prediction(Generator& generator, const Condition& condition);

// Whether the generator wants l_mor.
bool has_morphology(const Generator& generator);

// Bytes of parameters and buffers of both networks.
int64_t parameter_bytes(const Networks& networks);

// Bytes that the generator needs for one patch while it works: a bound from measurements.
int64_t generator_bytes(const AutoencoderOptions& options);

// How many patches go through either network at once within `batch_mib` MiB, at least one.
int64_t patches_per_batch(const Networks& networks, int64_t batch_mib);

}  // namespace dmcvr
