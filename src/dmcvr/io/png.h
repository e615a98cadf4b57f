// SPDX-License-Identifier: Apache-2.0
// Pictures for people.
#pragma once

#include <torch/types.h>

#include <filesystem>

namespace dmcvr {

// Writes [H, W, 3] uint8 red, green, blue, first row on top, complete or not at all. Same pixels,
// same bytes. Throws Error if the file cannot be written.
void write_png(const std::filesystem::path& path, const torch::Tensor& rgb);

}  // namespace dmcvr
