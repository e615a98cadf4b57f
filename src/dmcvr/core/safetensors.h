// SPDX-License-Identifier: Apache-2.0
// Tensors by name in one file (https://huggingface.co/docs/safetensors): u64 header length, JSON
// header, raw little-endian data. Nothing in it is ever executed.
#pragma once

#include <torch/types.h>

#include <filesystem>
#include <map>
#include <string>

namespace dmcvr {

struct Safetensors {
  std::map<std::string, torch::Tensor> tensors;  // CPU, contiguous
  std::map<std::string, std::string> metadata;
};

// Reads all tensors. Strict: throws Error for a header above 100 MB or beyond the file, duplicate
// keys, holes, overlaps, an unknown dtype, a size that is not shape x dtype, bytes behind the last
// tensor. Dtypes: BOOL U8 I8 I16 I32 I64 F16 BF16 F32 F64.
Safetensors read_safetensors(const std::filesystem::path& path);

// Only the metadata; the header is checked as above.
std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& path);

// Writes atomically (atomic_file.h), wide types first, so that every tensor is aligned to its type.
// Throws Error for a dtype without a safetensors name and when writing fails.
void write_safetensors(const std::filesystem::path& path, const Safetensors& content);

}  // namespace dmcvr
