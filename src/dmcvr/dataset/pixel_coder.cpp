// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/dataset/pixel_coder.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

namespace dmcvr {
namespace {

constexpr int64_t kActivities = 12;  // classes of uneven surroundings
constexpr int64_t kTextures = 16 * kActivities / 2;
constexpr int64_t kMostPixelsPerByte = 1024;  // a flat picture reaches about 730

// ---- the binary range coder ----

// The probability of a 0 in 1/65536, learned fast at first.
struct BitModel {
  uint16_t zero = 1 << 15;
  uint16_t seen = 0;

  void learn(int bit) {
    constexpr uint16_t kSlowest = 6;
    seen = std::min<uint16_t>(kSlowest, seen + 1);
    const int room = bit != 0 ? -static_cast<int>(zero) : 65536 - zero;
    zero = static_cast<uint16_t>(
        std::clamp(zero + room / (1 << seen), kLeastChance, 65536 - kLeastChance));
  }

  static constexpr int kLeastChance = 16;
};

class RangeEncoder {
 public:
  int code(BitModel& model, int bit) {
    const uint32_t bound = (range_ >> 16) * model.zero;
    if (bit != 0) {
      low_ += bound;
      range_ -= bound;
    } else {
      range_ = bound;
    }
    model.learn(bit);
    while (range_ < kSmallestRange) {
      range_ <<= 8;
      shift();
    }
    return bit;
  }

  std::string finish() {
    for (int i = 0; i < 5; ++i) shift();
    return std::move(bytes_);
  }

 private:
  static constexpr uint32_t kSmallestRange = 1U << 24;

  // The topmost byte leaves once no carry can change it any more.
  void shift() {
    if (low_ < 0xFF000000U || low_ > 0xFFFFFFFFU) {
      const auto carry = static_cast<uint8_t>(low_ >> 32);
      for (; waiting_ > 0; --waiting_) {
        bytes_.push_back(static_cast<char>(first_ + carry));
        first_ = 0xFF;
      }
      first_ = static_cast<uint8_t>(low_ >> 24);
    }
    ++waiting_;
    low_ = (low_ & 0x00FFFFFFU) << 8;
  }

  uint64_t low_ = 0;
  uint32_t range_ = 0xFFFFFFFFU;
  uint8_t first_ = 0;  // the first of the bytes that wait for a carry, 0xFF after it
  int64_t waiting_ = 1;
  std::string bytes_;
};

class RangeDecoder {
 public:
  explicit RangeDecoder(std::string_view bytes) : bytes_(bytes) {
    for (int i = 0; i < 5; ++i) code_ = code_ << 8 | next();
  }

  int code(BitModel& model, int /*ignored*/) {
    const uint32_t bound = (range_ >> 16) * model.zero;
    const int bit = code_ < bound ? 0 : 1;
    if (bit != 0) {
      code_ -= bound;
      range_ -= bound;
    } else {
      range_ = bound;
    }
    model.learn(bit);
    while (range_ < 1U << 24) {
      range_ <<= 8;
      code_ = code_ << 8 | next();
    }
    return bit;
  }

  // The coder writes exactly the bytes that are read.
  bool is_at_end() const { return position_ == bytes_.size(); }

 private:
  uint32_t next() {
    const size_t at = position_++;
    return at < bytes_.size() ? static_cast<unsigned char>(bytes_[at]) : 0;
  }

  std::string_view bytes_;
  size_t position_ = 0;
  uint32_t code_ = 0;
  uint32_t range_ = 0xFFFFFFFFU;
};

// ---- prediction ----

// 0, -1, 1, -2, … -> 0, 1, 2, 3, …, modulo 256.
int folded(int error) {
  const auto wrapped = static_cast<int8_t>(static_cast<uint8_t>(error));
  return wrapped >= 0 ? 2 * wrapped : -2 * wrapped - 1;
}

int unfolded(int value) {
  return value % 2 == 0 ? value / 2 : -(value + 1) / 2;
}

int activity_class(int activity) {
  constexpr std::array<int, kActivities - 1> kLimits = {1, 2, 4, 6, 9, 13, 21, 32, 50, 77, 120};
  return static_cast<int>(std::upper_bound(kLimits.begin(), kLimits.end(), activity) -
                          kLimits.begin());
}

// The mean error of late, rounded.
struct Bias {
  int sum = 0, count = 0;

  int mean() const {
    if (count == 0) return 0;
    return sum >= 0 ? (2 * sum + count) / (2 * count) : -((-2 * sum + count) / (2 * count));
  }
  void learn(int error) {
    sum += error;
    if (++count < 64) return;
    sum /= 2;
    count /= 2;
  }
};

// One pass over the picture for both ways: a decoder fills the pixels, an encoder reads them.
template <typename Coder>
void code_pixels(Coder& coder, uint8_t* pixels, int64_t rows, int64_t columns) {
  using Tree = std::array<BitModel, 256>;
  std::vector<Tree> trees(kActivities);
  std::array<Bias, kTextures> biases{};
  std::vector<int> errors(static_cast<size_t>(columns), 0);  // of the row above, and before
  for (int64_t i = 0; i < rows; ++i) {
    uint8_t* row = pixels + i * columns;
    const uint8_t* above = i > 0 ? row - columns : nullptr;
    int last_error = 0;
    for (int64_t j = 0; j < columns; ++j) {
      // Neighbors to the west and north; beyond the border they equal those inside.
      const int w = j > 0 ? row[j - 1] : above != nullptr ? above[j] : 0;
      const int n = above != nullptr ? above[j] : w;
      const int nw = above != nullptr && j > 0 ? above[j - 1] : n;
      const int ne = above != nullptr && j + 1 < columns ? above[j + 1] : n;

      // What to expect, and how surely.
      const int guess = std::clamp((3 * w + 3 * n - 2 * nw + 2) >> 2, 0, 255);
      const int activity = std::abs(w - nw) + std::abs(n - nw) + std::abs(n - ne) +
                           2 * std::abs(last_error) + std::abs(errors[static_cast<size_t>(j)]);
      const int level = activity_class(activity);
      const int texture = (n > guess ? 1 : 0) + (w > guess ? 2 : 0) + (nw > guess ? 4 : 0) +
                          (ne > guess ? 8 : 0) + 16 * (level / 2);
      Bias& bias = biases[static_cast<size_t>(texture)];
      const int expected = std::clamp(guess + bias.mean(), 0, 255);

      // What is left, bit by bit from the highest.
      const int wanted = folded(row[j] - expected);
      Tree& tree = trees[static_cast<size_t>(level)];
      int node = 1;
      for (int bit = 7; bit >= 0; --bit)
        node = 2 * node + coder.code(tree[static_cast<size_t>(node)], wanted >> bit & 1);
      row[j] = static_cast<uint8_t>(expected + unfolded(node - 256));
      last_error = row[j] - expected;
      errors[static_cast<size_t>(j)] = last_error;
      bias.learn(last_error);
    }
  }
}

}  // namespace

std::string encode_picture(const torch::Tensor& picture) {
  TORCH_CHECK(picture.dim() == 2 && picture.scalar_type() == torch::kUInt8 && picture.numel() > 0,
              "encode_picture: [H, W] uint8 is expected");
  auto pixels = picture.contiguous().clone();
  RangeEncoder encoder;
  code_pixels(encoder, pixels.data_ptr<uint8_t>(), pixels.size(0), pixels.size(1));
  return encoder.finish();
}

torch::Tensor decode_picture(std::string_view bytes, int64_t rows, int64_t columns) {
  TORCH_CHECK(rows > 0 && columns > 0, "decode_picture: ", rows, " x ", columns, " pixels");
  if (rows > kMostPixelsPerByte * static_cast<int64_t>(bytes.size()) / columns)
    throw Error("{} bytes cannot hold {} x {} pixels", bytes.size(), rows, columns);
  auto picture = torch::zeros({rows, columns}, torch::kUInt8);
  RangeDecoder decoder(bytes);
  code_pixels(decoder, picture.data_ptr<uint8_t>(), rows, columns);
  if (!decoder.is_at_end()) throw Error("a picture that cannot be expanded");
  return picture;
}

}  // namespace dmcvr
