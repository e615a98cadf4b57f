// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/models/normalization_gradient.h"

#include "dmcvr/models/vector_loops.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <vector>

namespace dmcvr {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr int64_t kChunkValues = 4096;  // stay in the first-level cache between two readings

// Rows of pixels [rows, C] of a channels-last tensor, read and written as float32.
class PixelRows {
 public:
  explicit PixelRows(const torch::Tensor& tensor)
      : is_bfloat16_(tensor.scalar_type() == torch::kBFloat16),
        channels_(tensor.size(1)),
        data_(tensor.data_ptr()) {}

  const float* read(int64_t row, int64_t count, float* buffer) const {
    if (!is_bfloat16_) return static_cast<const float*>(data_) + row * channels_;
    widen(static_cast<const uint16_t*>(data_) + row * channels_, buffer, count * channels_);
    return buffer;
  }

  void write(int64_t row, int64_t count, const float* values) const {
    if (is_bfloat16_) {
      round_to_bfloat16(values, static_cast<uint16_t*>(data_) + row * channels_, count * channels_);
    } else {
      std::copy(values, values + count * channels_, static_cast<float*>(data_) + row * channels_);
    }
  }

 private:
  bool is_bfloat16_;
  int64_t channels_;
  void* data_;
};

struct Shape {
  int64_t items, channels, pixels, groups, width, chunk;

  Shape(const torch::Tensor& x, int64_t group_count)
      : items(x.size(0)),
        channels(x.size(1)),
        pixels(x.size(2) * x.size(3)),
        groups(group_count),
        width(channels / group_count),
        chunk(std::max<int64_t>(1, kChunkValues / channels)) {}

  // Calls work(first pixel, count) for all pixels of an item, chunk by chunk.
  template <typename Work>
  void for_chunks(const Work& work) const {
    for (int64_t first = 0; first < pixels; first += chunk)
      work(first, std::min(chunk, pixels - first));
  }
};

// Mean and inverse deviation of one item, per channel (equal within a group).
void item_moments(const PixelRows& rows, const Shape& shape, int64_t item, float* mean,
                  float* inverse) {
  const auto channels = static_cast<size_t>(shape.channels);
  std::vector<float> buffer(static_cast<size_t>(shape.chunk) * channels), first(channels),
      sum(channels), square(channels);
  std::vector<double> sums(channels), squares(channels);
  // Around the first pixel's values, so that a large common offset costs no digits.
  const float* origin = rows.read(item * shape.pixels, 1, buffer.data());
  std::copy(origin, origin + shape.channels, first.begin());
  shape.for_chunks([&](int64_t begin, int64_t count) {
    std::fill(sum.begin(), sum.end(), 0.0f);
    std::fill(square.begin(), square.end(), 0.0f);
    const float* x = rows.read(item * shape.pixels + begin, count, buffer.data());
    add_moments(x, count, shape.channels, first.data(), sum.data(), square.data());
    for (size_t c = 0; c < channels; ++c) sums[c] += sum[c], squares[c] += square[c];
  });
  const auto pixels = static_cast<double>(shape.pixels);
  for (int64_t g = 0; g < shape.groups; ++g) {
    double center = 0, spread = 0;
    for (int64_t c = g * shape.width; c < (g + 1) * shape.width; ++c)
      center += first[c] + sums[c] / pixels;
    center /= static_cast<double>(shape.width);
    for (int64_t c = g * shape.width; c < (g + 1) * shape.width; ++c) {
      const double offset = first[c] - center;
      spread += squares[c] / pixels + 2 * offset * sums[c] / pixels + offset * offset;
    }
    const double variance = std::max(0.0, spread / static_cast<double>(shape.width));
    for (int64_t c = g * shape.width; c < (g + 1) * shape.width; ++c) {
      mean[c] = static_cast<float>(center);
      inverse[c] = static_cast<float>(1 / std::sqrt(variance + kNormalizationEpsilon));
    }
  }
}

class NormalizedSilu : public torch::autograd::Function<NormalizedSilu> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& x,
                               const torch::Tensor& scale, const torch::Tensor& shift,
                               int64_t groups) {
    const Shape shape(x, groups);
    const auto mean = torch::empty({shape.items, shape.channels}),
               inverse = torch::empty_like(mean);
    const auto a = scale.contiguous(), b = shift.contiguous();
    auto y = torch::empty_like(x);
    const PixelRows source(x), target(y);
    at::parallel_for(0, shape.items, 1, [&](int64_t first_item, int64_t last_item) {
      std::vector<float> in(shape.chunk * shape.channels), out(in.size()), gain(shape.channels),
          offset(shape.channels);
      for (int64_t n = first_item; n < last_item; ++n) {
        float* m = mean.data_ptr<float>() + n * shape.channels;
        float* r = inverse.data_ptr<float>() + n * shape.channels;
        item_moments(source, shape, n, m, r);
        for (int64_t c = 0; c < shape.channels; ++c) {
          gain[c] = a.data_ptr<float>()[n * shape.channels + c] * r[c];
          offset[c] = b.data_ptr<float>()[n * shape.channels + c] - m[c] * gain[c];
        }
        shape.for_chunks([&](int64_t begin, int64_t count) {
          const int64_t row = n * shape.pixels + begin;
          affine_silu_rows(source.read(row, count, in.data()), out.data(), count, shape.channels,
                           gain.data(), offset.data());
          target.write(row, count, out.data());
        });
      }
    });
    context->save_for_backward({x, a, b, mean, inverse});
    context->saved_data["groups"] = groups;
    return y;
  }

  static tensor_list backward(AutogradContext* context, tensor_list gradients) {
    const auto saved = context->get_saved_variables();
    const auto &x = saved[0], &a = saved[1], &b = saved[2], &mean = saved[3], &inverse = saved[4];
    const auto g = gradients[0].to(x.scalar_type()).contiguous(at::MemoryFormat::ChannelsLast);
    const Shape shape(x, context->saved_data["groups"].toInt());
    auto dx = torch::empty_like(x), da = torch::empty_like(a), db = torch::empty_like(b);
    const PixelRows source(x), incoming(g), target(dx);
    at::parallel_for(0, shape.items, 1, [&](int64_t first_item, int64_t last_item) {
      for (int64_t n = first_item; n < last_item; ++n) {
        const int64_t row = n * shape.channels;
        item_gradient({source, incoming, target}, shape, n,
                      {a.data_ptr<float>() + row, b.data_ptr<float>() + row,
                       mean.data_ptr<float>() + row, inverse.data_ptr<float>() + row,
                       da.data_ptr<float>() + row, db.data_ptr<float>() + row});
      }
    });
    return {dx, da, db, torch::Tensor()};
  }

 private:
  struct Pictures {
    const PixelRows &x, &gradient, &dx;
  };
  struct Channels {
    const float *a, *b, *mean, *inverse;
    float *da, *db;
  };

  // With v = a n + b and d = g SiLU'(v): db = sum d, da = sum d n, and through mean and deviation
  // dx = r (a d - mean(a d) - n mean(a d n)), means over the group.
  static void item_gradient(const Pictures& pictures, const Shape& shape, int64_t n,
                            const Channels& per) {
    const int64_t channels = shape.channels;
    std::vector<float> in(shape.chunk * channels), up(in.size()), d(shape.pixels * channels);
    std::vector<float> gain(channels), offset(channels), center(channels), sum_d(channels),
        sum_dn(channels);
    std::vector<double> total_d(channels), total_dn(channels);
    for (int64_t c = 0; c < channels; ++c) {
      gain[c] = per.a[c] * per.inverse[c];
      offset[c] = per.b[c] - per.mean[c] * gain[c];
      center[c] = -per.mean[c] * per.inverse[c];
    }
    shape.for_chunks([&](int64_t begin, int64_t count) {
      const int64_t row = n * shape.pixels + begin;
      std::fill(sum_d.begin(), sum_d.end(), 0.0f);
      std::fill(sum_dn.begin(), sum_dn.end(), 0.0f);
      const SiluGradient work{pictures.x.read(row, count, in.data()),
                              pictures.gradient.read(row, count, up.data()),
                              d.data() + begin * channels,
                              gain.data(),
                              offset.data(),
                              per.inverse,
                              center.data(),
                              sum_d.data(),
                              sum_dn.data()};
      silu_gradient_rows(work, count, channels);
      for (int64_t c = 0; c < channels; ++c) total_d[c] += sum_d[c], total_dn[c] += sum_dn[c];
    });

    // dx = p d + q x + s per channel.
    std::vector<float> p(channels), q(channels), s(channels);
    const auto count = static_cast<double>(shape.width * shape.pixels);
    for (int64_t g = 0; g < shape.groups; ++g) {
      double mean_ad = 0, mean_adn = 0;
      for (int64_t c = g * shape.width; c < (g + 1) * shape.width; ++c) {
        mean_ad += per.a[c] * total_d[c] / count;
        mean_adn += per.a[c] * total_dn[c] / count;
      }
      for (int64_t c = g * shape.width; c < (g + 1) * shape.width; ++c) {
        const double r = per.inverse[c];
        per.da[c] = static_cast<float>(total_dn[c]);
        per.db[c] = static_cast<float>(total_d[c]);
        p[c] = static_cast<float>(r * per.a[c]);
        q[c] = static_cast<float>(-r * r * mean_adn);
        s[c] = static_cast<float>(-r * mean_ad + r * r * per.mean[c] * mean_adn);
      }
    }
    shape.for_chunks([&](int64_t begin, int64_t rows) {
      const int64_t row = n * shape.pixels + begin;
      float* values = d.data() + begin * channels;
      combine_rows(pictures.x.read(row, rows, in.data()), values, rows, channels,
                   {p.data(), q.data(), s.data()});
      pictures.dx.write(row, rows, values);
    });
  }
};

}  // namespace

bool has_normalized_silu(const torch::Tensor& x) {
  return x.device().is_cpu() && x.dim() == 4 && x.numel() > 0 && x.size(1) % kVectorLanes == 0 &&
         (x.scalar_type() == torch::kFloat32 || x.scalar_type() == torch::kBFloat16);
}

torch::Tensor normalized_silu(const torch::Tensor& x, const torch::Tensor& scale,
                              const torch::Tensor& shift, int64_t groups) {
  TORCH_CHECK(has_normalized_silu(x) && x.size(1) % groups == 0, "normalized_silu: input ",
              x.sizes(), ", ", groups, " groups");
  TORCH_CHECK(
      scale.size(0) == x.size(0) && scale.size(1) == x.size(1) && shift.sizes() == scale.sizes() &&
          scale.scalar_type() == torch::kFloat32 && shift.scalar_type() == torch::kFloat32,
      "normalized_silu: scale ", scale.sizes(), " and shift ", shift.sizes(), " for ", x.sizes());
  const bool is_last = x.is_contiguous(at::MemoryFormat::ChannelsLast);
  const auto y =
      NormalizedSilu::apply(x.contiguous(at::MemoryFormat::ChannelsLast), scale, shift, groups);
  return is_last ? y : y.contiguous();
}

}  // namespace dmcvr
