// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/texture.h"

#include "dmcvr/core/random.h"

namespace dmcvr {
namespace {

constexpr int64_t kLatticeSide = 32;  // a power of two, so that wrapping is a mask

}  // namespace

Texture::Texture(uint64_t seed, std::string_view purpose)
    : values_(kLatticeSide * kLatticeSide * kLatticeSide) {
  auto generator = make_generator(seed, purpose);
  for (auto& value : values_) value = static_cast<float>(normal(generator));
}

float Texture::operator()(float x, float y, float z) const {
  // std::floor is a call of its own on plain x86-64.
  const auto split = [](float at, float& fraction) {
    const auto truncated = static_cast<int64_t>(at);
    const int64_t whole = truncated - (at < static_cast<float>(truncated) ? 1 : 0);
    fraction = at - static_cast<float>(whole);
    return whole;
  };
  float fx = 0, fy = 0, fz = 0;
  const int64_t i = split(x, fx), j = split(y, fy), k = split(z, fz);
  const auto row = [&](int64_t dj, int64_t dk) {
    constexpr int64_t kMask = kLatticeSide - 1;
    const float* values =
        values_.data() + (((k + dk) & kMask) * kLatticeSide + ((j + dj) & kMask)) * kLatticeSide;
    const float left = values[i & kMask], right = values[(i + 1) & kMask];
    return left + fx * (right - left);
  };
  const float near = row(0, 0) + fy * (row(1, 0) - row(0, 0));
  const float far = row(0, 1) + fy * (row(1, 1) - row(0, 1));
  return near + fz * (far - near);
}

}  // namespace dmcvr
