// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/dataset/pixel_coder.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

namespace dmcvr {
namespace {

torch::Tensor noise_picture(uint64_t seed, int64_t rows, int64_t columns, int64_t levels) {
  auto generator = make_generator(seed, "noise picture");
  return torch::randint(levels, {rows, columns}, generator, torch::kUInt8);
}

// Smooth, with noise of a few levels, as pictures are.
torch::Tensor smooth_picture(int64_t side) {
  const auto row = torch::arange(side).to(torch::kFloat32).unsqueeze(1);
  const auto wave = 100 + 80 * (row / 9).sin() * (row.t() / 13).cos();
  auto generator = make_generator(3, "smooth picture");
  return (wave + 3 * torch::randn({side, side}, generator)).round().clamp(0, 255).to(torch::kUInt8);
}

}  // namespace

TEST(PixelCoderProperty, DecodingGivesThePictureBack) {
  uint64_t seed = 0;
  for (const auto& [rows, columns] :
       {std::pair{1, 1}, std::pair{1, 50}, std::pair{50, 1}, std::pair{33, 47}}) {
    for (const int64_t levels : {1, 2, 7, 256}) {
      const auto picture = noise_picture(++seed, rows, columns, levels);
      EXPECT_TRUE(decode_picture(encode_picture(picture), rows, columns).equal(picture));
      // The extremes wrap around.
      const auto extreme = (picture % 2) * 255;
      EXPECT_TRUE(decode_picture(encode_picture(extreme), rows, columns).equal(extreme));
    }
  }
  const auto strided = smooth_picture(40).t();
  EXPECT_TRUE(decode_picture(encode_picture(strided), 40, 40).equal(strided));
}

// A difference of independent values has more entropy than a value; noise may not grow by much.
TEST(PixelCoder, IsSmallOnPicturesAndHarmlessOnNoise) {
  const auto smooth = smooth_picture(256);
  // Gaussian noise of 3 levels has log2(3 sqrt(2 pi e)) = 3.6 bits; the prediction mixes the noise
  // of three neighbors in, a factor of sqrt(1 + (9 + 9 + 4) / 16) on its deviation, 0.62 bits.
  EXPECT_LT(static_cast<double>(encode_picture(smooth).size()), 256 * 256 * 4.4 / 8);
  EXPECT_LT(encode_picture(noise_picture(1, 256, 256, 256)).size(), 256U * 256U * 108 / 100);
  EXPECT_LT(encode_picture(torch::full({1024, 1024}, 7, torch::kUInt8)).size(), 2000U);
}

TEST(PixelCoder, FindsDamage) {
  const auto picture = smooth_picture(64);
  const std::string bytes = encode_picture(picture);
  EXPECT_THROW(decode_picture(bytes.substr(0, bytes.size() - 1), 64, 64), Error);
  EXPECT_THROW(decode_picture(bytes + "x", 64, 64), Error);
  EXPECT_THROW(decode_picture(bytes, 32, 64), Error);
  EXPECT_THROW(decode_picture(bytes, 1 << 20, 1 << 20), Error);
  EXPECT_THROW(decode_picture("", 1, 1), Error);
  // What is damaged inside gives another picture or an error, and no more.
  int64_t same = 0;
  for (size_t at = 1; at < bytes.size(); at += 97) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    try {
      same += decode_picture(damaged, 64, 64).equal(picture) ? 1 : 0;
    } catch (const Error&) {
    }
  }
  EXPECT_EQ(same, 0);
}

}  // namespace dmcvr
