// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/kspace.h"

#include "dmcvr/core/random.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <gtest/gtest.h>

namespace dmcvr {

TEST(Kspace, AFullFlatBandChangesNothing) {
  const Band band{{1, 1}, 1, 0.25};
  const auto picture = torch::rand({2, 24, 30}) + 0.5;
  // Float32 through a transform and back: a few units of the last place of values about 1.
  EXPECT_LT((band_limited(picture, band_filter(band, 24, 30)) - picture).abs().max().item<float>(),
            1e-5);
}

TEST(KspaceProperty, NothingIsLeftOutsideOfTheBand) {
  const Band band{{0.5, 0.75}, 0.6, 0.25};
  const auto filter = band_filter(band, 40, 48);
  ASSERT_EQ(filter.sizes(), at::IntArrayRef({40, 48}));
  EXPECT_EQ(filter[0][0].item<float>(), 1);
  for (int64_t j = 0; j < 40; ++j) {
    for (int64_t i = 0; i < 48; ++i) {
      const bool is_inside = std::min(j, 40 - j) <= 10 && std::min(i, 48 - i) <= 18;
      EXPECT_EQ(filter[j][i].item<float>() > 0, is_inside) << j << " " << i;
      // Real pictures stay real.
      EXPECT_EQ(filter[j][i].item<float>(), filter[(40 - j) % 40][(48 - i) % 48].item<float>());
    }
  }
}

TEST(Kspace, EvenPicturesStayEven) {
  const auto filter = band_filter({{0.6, 0.7}}, 32, 32);
  const auto even = torch::full({32, 32}, 3.0f);
  EXPECT_LT((band_limited(even, filter) - even).abs().max().item<float>(), 1e-5);
}

TEST(Kspace, NoiseHasItsDeviation) {
  const auto filter = band_filter({{0.6, 0.7}}, 128, 128);
  const auto signal = torch::full({4, 128, 128}, 100.0f);
  const auto noisy = band_limited(signal, filter, 2, make_generator(1, "noise"));
  // Far above the noise a Rician magnitude is Gaussian. About 65536 * 0.42 independent values: the
  // deviation is known to 0.5 %.
  EXPECT_NEAR(noisy.std().item<double>(), 2, 0.05);
  EXPECT_NEAR(noisy.mean().item<double>(), 100, 0.1);
  // In air it is Rayleigh: a mean of sqrt(pi / 2) deviations.
  const auto air = band_limited(torch::zeros({4, 128, 128}), filter, 2, make_generator(1, "air"));
  EXPECT_NEAR(air.mean().item<double>(), 2 * 1.2533, 0.05);
}

// Pictures of 192 x 192 are large enough for LibTorch to divide a sum among its threads.
TEST(Kspace, NoiseIsTheSameOnAnyThreads) {
  const auto signal = torch::rand({192, 192});
  const int before = at::get_num_threads();
  for (int64_t seed = 0; seed < 8; ++seed) {
    const Band band{{0.5 + 0.02 * static_cast<double>(seed), 0.6}, 0.3, 0.25};
    const auto noisy = [&](int threads) {
      at::set_num_threads(threads);
      return band_limited(signal, band_filter(band, 192, 192), 0.1,
                          make_generator(static_cast<uint64_t>(seed), "noise"));
    };
    EXPECT_TRUE(noisy(1).equal(noisy(2))) << seed;
  }
  at::set_num_threads(before);
}

}  // namespace dmcvr
