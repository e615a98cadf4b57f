// SPDX-License-Identifier: Apache-2.0
// What tests share: a fresh folder, golden tensors, inputs filled from names, real data where it
// is.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace dmcvr::test {

// An empty folder of the running test, removed when the program ends.
std::filesystem::path fresh_folder();

// The root of the source tree: tests/, weights/, configs/ lie below.
std::filesystem::path source_folder();

// The folder that the variable DMCVR_DATA names (acdc/, sunnybrook/, …), or nothing. Tests on real
// data begin with: const auto data = data_folder(); if (!data) GTEST_SKIP() << "DMCVR_DATA is not
// set";
std::optional<std::filesystem::path> data_folder();

// The bytes of a file; of one that cannot be read, none.
std::string content_of(const std::filesystem::path& path);

// What `work` logs, at any level from `info` on: one message a line.
std::string log_of(const std::function<void()>& work);

// ---- golden tensors (tests/golden/README.md) ----

// All tensors of tests/golden/<name>.safetensors.
std::map<std::string, torch::Tensor> golden(const std::string& name);

// Input tensor filled from the stream "input:<name>": u scale + shift in float32, u in [-1, 1).
torch::Tensor golden_input(const std::string& name, at::IntArrayRef shape, double scale = 1,
                           double shift = 0);

// The parameter or buffer `key` of a reference network, filled from the stream "<prefix>:<key>" by
// the rules of tests/golden/README.md. num_batches_tracked is int64 zero.
torch::Tensor golden_weight(const std::string& prefix, const std::string& key,
                            at::IntArrayRef shape);

// Raw stream: u of the first `count` elements.
torch::Tensor golden_stream(const std::string& stream, int64_t count);

// EXPECTs |actual - expected| <= tolerance everywhere, with equal shapes, and prints the largest
// deviation as one line "golden <what>: 3.1e-06 (limit 2e-05)".
void expect_close(const torch::Tensor& actual, const torch::Tensor& expected, double tolerance,
                  const std::string& what);

}  // namespace dmcvr::test
