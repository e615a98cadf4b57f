// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/normalization.h"

#include <ATen/Parallel.h>
#include <torch/nn/functional/activation.h>
#include <torch/nn/functional/normalization.h>
#include <torch/utils.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

// The loops below are compiled twice; the program picks at run time what its processor can do.
#if defined(__x86_64__) && defined(__GNUC__) && __GNUC__ >= 12 && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define DMCVR_VECTORIZED __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define DMCVR_VECTORIZED
#endif

namespace dmcvr {
namespace {

constexpr double kEpsilon = 1e-5;
constexpr int64_t kLanes = 8;
constexpr int64_t kChunk = 4096;  // floats that stay in the first-level cache between two readings

torch::Tensor as_map(const torch::Tensor& rows) {
  return rows.unsqueeze(-1).unsqueeze(-1);
}

bool needs_gradient(const torch::Tensor& x, const GroupNormParameters& parameters,
                    const Modulation& modulation) {
  if (!torch::GradMode::is_enabled()) return false;
  const auto of = [](const torch::Tensor& tensor) {
    return tensor.defined() && tensor.requires_grad();
  };
  return of(x) || of(parameters.weight) || of(parameters.bias) || of(modulation.time) ||
         of(modulation.z_scale);
}

struct Moments {
  double count = 0, mean = 0, squares = 0;  // squares: sum of squared distances from the mean

  // Chan et al. 1983: moments of the union of two sets, of which `other` is not empty.
  void add(const Moments& other) {
    const double total = count + other.count;
    const double distance = other.mean - mean;
    squares += other.squares + distance * distance * count * other.count / total;
    mean += distance * other.count / total;
    count = total;
  }
};

// Eight numbers at once, spelled out: compilers do not find the vectors in a loop that clamps.
using Floats = float __attribute__((vector_size(32)));
using Ints = int32_t __attribute__((vector_size(32)));

// Up to kLanes numbers at x, the rest of the vector zero.
[[gnu::always_inline]] inline void load(Floats& values, const float* x, int64_t count) {
  if (count >= kLanes) {
    std::memcpy(&values, x, sizeof(values));
  } else {
    values = Floats{};
    std::memcpy(&values, x, static_cast<size_t>(count) * sizeof(float));
  }
}

[[gnu::always_inline]] inline void store(const Floats& values, float* x, int64_t count) {
  std::memcpy(x, &values, static_cast<size_t>(std::min(count, kLanes)) * sizeof(float));
}

// v <- SiLU(v) = v / (1 + e^-v), with e^x as a power of two times a polynomial of the rest;
// relative error below 2e-7.
[[gnu::always_inline]] inline void silu(Floats& v) {
  constexpr float kRound = 0x1.8p23f;  // added and subtracted, it leaves the nearest whole number
  Floats x = -v;
  x = x < -87.0f ? Floats{} - 87.0f : x;
  x = x > 88.0f ? Floats{} + 88.0f : x;
  const Floats shifted = x * 1.44269504f + kRound;
  const Floats whole = shifted - kRound;
  const Floats r = (x - whole * 0.693359375f) + whole * 2.12194440e-4f;  // x - whole ln 2
  Floats p = Floats{} + 1.0f / 5040;
  p = p * r + 1.0f / 720;
  p = p * r + 1.0f / 120;
  p = p * r + 1.0f / 24;
  p = p * r + 1.0f / 6;
  p = p * r + 0.5f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  Ints bits;
  std::memcpy(&bits, &shifted, sizeof(bits));
  bits = (bits - 0x4B400000 + 127) << 23;  // 2^whole
  Floats power;
  std::memcpy(&power, &bits, sizeof(power));
  v = v / (1.0f + p * power);
}

// Sum over x - shift and over its square.
DMCVR_VECTORIZED void sums(const float* x, int64_t count, float shift, float* sum, float* square) {
  Floats values, lane_sum = {}, lane_square = {};
  const int64_t whole = count - count % kLanes;
  for (int64_t i = 0; i < whole; i += kLanes) {
    load(values, x + i, kLanes);
    values -= shift;
    lane_sum += values;
    lane_square += values * values;
  }
  *sum = *square = 0;
  for (int64_t i = whole; i < count; ++i) {
    *sum += x[i] - shift;
    *square += (x[i] - shift) * (x[i] - shift);
  }
  for (int64_t j = 0; j < kLanes; ++j) {
    *sum += lane_sum[j];
    *square += lane_square[j];
  }
}

// Chunk by chunk around each chunk's own mean, so that a large common offset costs no digits.
Moments moments_of(const float* x, int64_t count) {
  Moments all;
  for (int64_t begin = 0; begin < count; begin += kChunk) {
    const int64_t size = std::min(kChunk, count - begin);
    const auto n = static_cast<double>(size);
    float sum = 0, square = 0;
    sums(x + begin, size, 0, &sum, &square);
    const auto center = static_cast<float>(sum / n);
    sums(x + begin, size, center, &sum, &square);
    const double rest = sum / n;
    const Moments chunk = {n, center + rest, std::max(0.0, square - n * rest * rest)};
    all.add(chunk);
  }
  return all;
}

// y = SiLU(scale x + shift), one scale for all: the pixels of one channel.
DMCVR_VECTORIZED void affine_silu(const float* x, float* y, int64_t count, float scale,
                                  float shift) {
  Floats values;
  for (int64_t i = 0; i < count; i += kLanes) {
    load(values, x + i, count - i);
    values = values * scale + shift;
    silu(values);
    store(values, y + i, count - i);
  }
}

// The same with one scale per element: channels of pixels that lie side by side.
DMCVR_VECTORIZED void affine_silu(const float* x, float* y, int64_t count, const float* scale,
                                  const float* shift) {
  Floats values, scales, shifts;
  for (int64_t i = 0; i < count; i += kLanes) {
    load(values, x + i, count - i);
    load(scales, scale + i, count - i);
    load(shifts, shift + i, count - i);
    values = values * scales + shifts;
    silu(values);
    store(values, y + i, count - i);
  }
}

// sum[i] += x[i] - shift[i] and kin: moments of channels that lie side by side.
DMCVR_VECTORIZED void add_sums(const float* x, const float* shift, int64_t count, float* sum,
                               float* square) {
  for (int64_t i = 0; i < count; ++i) {
    const float value = x[i] - shift[i];
    sum[i] += value;
    square[i] += value * value;
  }
}

// Moments of every channel of one item with the channels side by side: x [H W, C]. Runs of 64
// pixels are summed in float32 around the first pixel's values, then joined in float64.
std::vector<Moments> channel_moments(const float* x, int64_t pixels, int64_t channels) {
  constexpr int64_t kRun = 64;
  std::vector<Moments> all(channels);
  std::vector<float> sum(channels), square(channels);
  for (int64_t begin = 0; begin < pixels; begin += kRun) {
    const int64_t size = std::min(kRun, pixels - begin);
    const float* first = x + begin * channels;
    std::fill(sum.begin(), sum.end(), 0.0f);
    std::fill(square.begin(), square.end(), 0.0f);
    for (int64_t p = 1; p < size; ++p) {
      add_sums(first + p * channels, first, channels, sum.data(), square.data());
    }
    const auto n = static_cast<double>(size);
    for (int64_t c = 0; c < channels; ++c) {
      const double mean = sum[c] / n;
      const Moments run = {n, first[c] + mean, std::max(0.0, square[c] - n * mean * mean)};
      all[c].add(run);
    }
  }
  return all;
}

// What normalization and modulation together do to each channel of each item: y = scale x + shift.
class ChannelAffine {
 public:
  ChannelAffine(const GroupNormParameters& parameters, const Modulation& modulation)
      : weight_(parameters.weight.contiguous()), bias_(parameters.bias.contiguous()) {
    if (modulation.time.defined()) time_ = modulation.time.contiguous();
    if (modulation.z_scale.defined()) z_ = modulation.z_scale.contiguous();
  }

  void fill(int64_t item, int64_t channel, const Moments& group, float* scale, float* shift) const {
    const int64_t channels = weight_.numel();
    const double inverse = 1 / std::sqrt(group.squares / group.count + kEpsilon);
    double a = weight_.data_ptr<float>()[channel] * inverse;
    double b = bias_.data_ptr<float>()[channel] - group.mean * a;
    if (time_.defined()) {
      const float* row = time_.data_ptr<float>() + (time_.size(0) == 1 ? 0 : item) * 2 * channels;
      a *= 1.0 + row[channel];
      b = b * (1.0 + row[channel]) + row[channels + channel];
    }
    if (z_.defined()) {
      const double z = z_.data_ptr<float>()[(z_.size(0) == 1 ? 0 : item) * channels + channel];
      a *= z;
      b *= z;
    }
    *scale = static_cast<float>(a);
    *shift = static_cast<float>(b);
  }

 private:
  torch::Tensor weight_, bias_, time_, z_;
};

torch::Tensor fused_planes(const torch::Tensor& x, int64_t groups, const ChannelAffine& affine) {
  const int64_t pixels = x.size(2) * x.size(3), width = x.size(1) / groups;
  auto y = torch::empty_like(x);
  const float* source = x.data_ptr<float>();
  float* target = y.data_ptr<float>();
  at::parallel_for(0, x.size(0) * groups, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const Moments group = moments_of(source + i * width * pixels, width * pixels);
      for (int64_t c = 0; c < width; ++c) {
        const int64_t plane = i * width + c;
        float scale = 0, shift = 0;
        affine.fill(i / groups, (i % groups) * width + c, group, &scale, &shift);
        affine_silu(source + plane * pixels, target + plane * pixels, pixels, scale, shift);
      }
    }
  });
  return y;
}

torch::Tensor fused_channels_last(const torch::Tensor& x, int64_t groups,
                                  const ChannelAffine& affine) {
  const int64_t items = x.size(0), channels = x.size(1), pixels = x.size(2) * x.size(3);
  const int64_t width = channels / groups;
  auto y = torch::empty_like(x);
  const float* source = x.data_ptr<float>();
  float* target = y.data_ptr<float>();

  // Moments of strips of pixels, in parallel; a strip has the same length whatever the thread
  // count.
  constexpr int64_t kStrip = 1024;
  const int64_t strips = (pixels + kStrip - 1) / kStrip;
  std::vector<std::vector<Moments>> parts(items * strips);
  at::parallel_for(0, items * strips, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t first = (i % strips) * kStrip;
      parts[i] = channel_moments(source + ((i / strips) * pixels + first) * channels,
                                 std::min(kStrip, pixels - first), channels);
    }
  });

  // One scale and shift per channel of each item, repeated for kLanes pixels to fill whole vectors.
  const int64_t row = channels * kLanes;
  std::vector<float> scale(items * row), shift(items * row);
  for (int64_t item = 0; item < items; ++item) {
    for (int64_t g = 0; g < groups; ++g) {
      Moments group;
      for (int64_t s = 0; s < strips; ++s) {
        for (int64_t c = g * width; c < (g + 1) * width; ++c) {
          group.add(parts[item * strips + s][c]);
        }
      }
      for (int64_t c = g * width; c < (g + 1) * width; ++c) {
        const int64_t first = item * row + c;
        affine.fill(item, c, group, &scale[first], &shift[first]);
        for (int64_t p = 1; p < kLanes; ++p) {
          scale[first + p * channels] = scale[first];
          shift[first + p * channels] = shift[first];
        }
      }
    }
  }

  at::parallel_for(0, items * strips, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) {
      const int64_t item = i / strips, first = (i % strips) * kStrip;
      const int64_t last = std::min(first + kStrip, pixels);
      for (int64_t p = first; p < last; p += kLanes) {
        const int64_t offset = (item * pixels + p) * channels;
        affine_silu(source + offset, target + offset, std::min(kLanes, last - p) * channels,
                    &scale[item * row], &shift[item * row]);
      }
    }
  });
  return y;
}

}  // namespace

torch::Tensor group_norm(const torch::Tensor& x, const GroupNormParameters& parameters) {
  const auto options = torch::nn::functional::GroupNormFuncOptions(parameters.groups)
                           .weight(parameters.weight.to(torch::kFloat32))
                           .bias(parameters.bias.to(torch::kFloat32))
                           .eps(kEpsilon);
  return torch::nn::functional::group_norm(x.to(torch::kFloat32), options).to(x.scalar_type());
}

torch::Tensor group_norm_silu(const torch::Tensor& x, const GroupNormParameters& parameters,
                              const Modulation& modulation) {
  const int64_t channels = x.size(1);
  TORCH_CHECK(
      x.dim() == 4 && parameters.weight.numel() == channels && channels % parameters.groups == 0,
      "group_norm_silu: input ", x.sizes(), ", weight ", parameters.weight.sizes(), ", ",
      parameters.groups, " groups");

  const auto is_plain = [&](const torch::Tensor& tensor) {
    return !tensor.defined() ||
           (tensor.device().is_cpu() && tensor.scalar_type() == torch::kFloat32);
  };
  if (x.numel() > 0 && is_plain(x) && is_plain(parameters.weight) && is_plain(parameters.bias) &&
      is_plain(modulation.time) && is_plain(modulation.z_scale) &&
      !needs_gradient(x, parameters, modulation)) {
    const ChannelAffine affine(parameters, modulation);
    if (x.is_contiguous()) return fused_planes(x, parameters.groups, affine);
    if (x.is_contiguous(at::MemoryFormat::ChannelsLast)) {
      return fused_channels_last(x, parameters.groups, affine);
    }
  }

  auto h = group_norm(x, parameters);
  if (modulation.time.defined()) {
    const auto halves = modulation.time.chunk(2, 1);
    h = h * (1 + as_map(halves[0])) + as_map(halves[1]);
  }
  if (modulation.z_scale.defined()) h = h * as_map(modulation.z_scale);
  return torch::silu(h);
}

}  // namespace dmcvr

#undef DMCVR_VECTORIZED
