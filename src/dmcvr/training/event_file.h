// SPDX-License-Identifier: Apache-2.0
// What TensorBoard shows: scalars and pictures by step, in its own file format (docs/decisions/
// 0012). A file holds records (u64 length, masked CRC-32C of the length, a protocol buffer message,
// masked CRC-32C of the message) and is only ever appended to; each call of a run has its own.
#pragma once

#include <torch/types.h>

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace dmcvr {

class EventFile {
 public:
  // Nothing is written yet. A run that goes on gives `first_step`, the step after its checkpoint:
  // TensorBoard drops what earlier files of the folder hold from there on. 0: a run begins.
  explicit EventFile(std::filesystem::path folder, int64_t first_step = 0);

  // In the file, which is made with the first event, when the call returns. Throws Error if that
  // cannot be written.
  void write_scalars(int64_t step, const std::map<std::string, double>& values);
  // picture: [H, W, 3] uint8.
  void write_picture(int64_t step, const std::string& tag, const torch::Tensor& picture);

 private:
  void write_event(const std::string& fields);

  std::filesystem::path folder_;
  std::filesystem::path path_;  // events.out.tfevents.<unix time>.dmcvr; empty: none yet
  int64_t first_step_;
};

// CRC-32 with the polynomial of Castagnoli (RFC 3720, appendix B.4).
uint32_t crc32c(std::string_view bytes);

// A PNG file of [H, W, 3] uint8.
std::string png_of(const torch::Tensor& picture);

}  // namespace dmcvr
