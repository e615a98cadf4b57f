// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/event_file.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <utility>

// Private to this file, whatever else is linked: its functions are static.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wextra"
#pragma GCC diagnostic ignored "-Wpedantic"
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic ignored "-Wmissing-field-initializers"
#define STB_IMAGE_WRITE_STATIC
#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#include <stb/stb_image_write.h>
#undef STB_IMAGE_WRITE_STATIC
#undef STB_IMAGE_WRITE_IMPLEMENTATION
#undef STBI_WRITE_NO_STDIO
#pragma GCC diagnostic pop

namespace dmcvr {
namespace fs = std::filesystem;

namespace {

// ---- protocol buffers: a message is its fields, each a number with a wire type and a value ----

// Little endian.
template <typename Number>
std::string bytes_of_number(Number number) {
  std::string bytes(sizeof(number), '\0');
  std::memcpy(bytes.data(), &number, sizeof(number));
  return bytes;
}

std::string varint(uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>((number & 0x7f) | 0x80);
  return bytes + static_cast<char>(number);
}

std::string field(int number, int64_t value) {
  return varint(static_cast<uint64_t>(number) << 3) + varint(static_cast<uint64_t>(value));
}
std::string field(int number, double value) {
  return varint(static_cast<uint64_t>(number) << 3 | 1) + bytes_of_number(value);
}
std::string field(int number, const std::string& value) {
  return varint(static_cast<uint64_t>(number) << 3 | 2) + varint(value.size()) + value;
}
std::string field(int number, float value) {
  return varint(static_cast<uint64_t>(number) << 3 | 5) + bytes_of_number(value);
}

// Fields of the messages of tensorboard/compat/proto/event.proto and summary.proto.
constexpr int kEventWallTime = 1, kEventStep = 2, kEventFileVersion = 3, kEventSummary = 5,
              kEventSessionLog = 7;
constexpr int kSummaryValue = 1;
constexpr int kValueTag = 1, kValueSimple = 2, kValueImage = 4;
constexpr int kImageHeight = 1, kImageWidth = 2, kImageColors = 3, kImageBytes = 4;
constexpr int kSessionStatus = 1;
constexpr int64_t kSessionStart = 1;

// ---- records ----

uint32_t masked(uint32_t crc) {
  return ((crc >> 15) | (crc << 17)) + 0xa282ead8U;
}

std::string record_of(const std::string& message) {
  const auto length = bytes_of_number(static_cast<uint64_t>(message.size()));
  return length + bytes_of_number(masked(crc32c(length))) + message +
         bytes_of_number(masked(crc32c(message)));
}

// ---- files ----

double unix_time() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

const std::string kNameBegin = "events.out.tfevents.", kNameEnd = ".dmcvr";

// TensorBoard reads the files of a folder in the order of their names: later than all that are
// there, even within a second and on a machine whose clock is behind.
fs::path next_name(const fs::path& folder) {
  auto time = static_cast<int64_t>(unix_time());
  for (const auto& entry : fs::directory_iterator(folder)) {
    const auto name = entry.path().filename().string();
    if (name.rfind(kNameBegin, 0) != 0) continue;
    time = std::max<int64_t>(time, std::atoll(name.c_str() + kNameBegin.size()) + 1);
  }
  return folder / (kNameBegin + std::to_string(time) + kNameEnd);
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static const auto table = [] {
    std::array<uint32_t, 256> made{};
    for (uint32_t i = 0; i < 256; ++i) {
      uint32_t crc = i;
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? 0x82f63b78U : 0);
      made[i] = crc;
    }
    return made;
  }();
  uint32_t crc = 0xffffffffU;
  for (const char byte : bytes) crc = table[(crc ^ static_cast<uint8_t>(byte)) & 0xff] ^ (crc >> 8);
  return ~crc;
}

std::string png_of(const torch::Tensor& picture) {
  TORCH_CHECK(picture.dim() == 3 && picture.size(2) == 3 && picture.dtype() == torch::kUInt8,
              "png_of: [H, W, 3] uint8 is needed, not ", picture.sizes());
  const auto pixels = picture.contiguous();
  int length = 0;
  const std::unique_ptr<unsigned char, decltype(&std::free)> bytes(
      stbi_write_png_to_mem(pixels.data_ptr<uint8_t>(), 0, static_cast<int>(pixels.size(1)),
                            static_cast<int>(pixels.size(0)), 3, &length),
      &std::free);
  TORCH_CHECK(bytes, "png_of: the picture cannot be encoded");
  return {reinterpret_cast<const char*>(bytes.get()), static_cast<size_t>(length)};
}

EventFile::EventFile(fs::path folder, int64_t first_step)
    : folder_(std::move(folder)), first_step_(first_step) {}

void EventFile::write_event(const std::string& fields) {
  std::string records;
  if (path_.empty()) {
    path_ = next_name(folder_);
    const auto time = field(kEventWallTime, unix_time());
    records = record_of(time + field(kEventFileVersion, std::string("brain.Event:2")));
    if (first_step_ > 0) {
      records += record_of(time + field(kEventStep, first_step_) +
                           field(kEventSessionLog, field(kSessionStatus, kSessionStart)));
    }
  }
  records += record_of(field(kEventWallTime, unix_time()) + fields);
  errno = 0;
  std::ofstream stream(path_, std::ios::binary | std::ios::app);
  stream << records << std::flush;
  if (!stream) {
    throw Error("{}: cannot be written: {}", path_.string(),
                errno ? std::strerror(errno) : "the disk may be full");
  }
}

void EventFile::write_scalars(int64_t step, const std::map<std::string, double>& values) {
  std::string summary;
  for (const auto& [tag, value] : values) {
    summary += field(kSummaryValue,
                     field(kValueTag, tag) + field(kValueSimple, static_cast<float>(value)));
  }
  write_event(field(kEventStep, step) + field(kEventSummary, summary));
}

void EventFile::write_picture(int64_t step, const std::string& tag, const torch::Tensor& picture) {
  const auto image = field(kImageHeight, picture.size(0)) + field(kImageWidth, picture.size(1)) +
                     field(kImageColors, int64_t{3}) + field(kImageBytes, png_of(picture));
  write_event(field(kEventStep, step) +
              field(kEventSummary,
                    field(kSummaryValue, field(kValueTag, tag) + field(kValueImage, image))));
}

}  // namespace dmcvr
