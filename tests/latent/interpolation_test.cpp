// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/latent/interpolation.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/random.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace dmcvr {
namespace {

const double kRoot3 = std::sqrt(3.0);

torch::Tensor seeded(uint64_t seed, const std::string& purpose, at::IntArrayRef shape) {
  auto generator = make_generator(seed, purpose);
  return torch::randn(shape, generator, torch::kFloat64);
}

TEST(InterpolationGolden, LerpAndSlerp) {
  const auto golden = test::golden("metrics_latents");
  const auto a = test::golden_input("xT.a", {1, 64, 64}, kRoot3);
  const auto b = test::golden_input("xT.b", {1, 64, 64}, kRoot3);
  test::expect_close(slerp(a, b, 0.25), golden.at("slerp_0.25"), 1e-6, "slerp at 1/4");

  // The reference's sequence of six: fractions 0, 1/5, …, 4/5, without the right end.
  std::vector<torch::Tensor> arc, line;
  for (int k = 0; k < 5; ++k) {
    arc.push_back(slerp(a, b, k / 5.0));
    line.push_back(lerp(a, b, k / 5.0));
  }
  test::expect_close(torch::stack(arc), golden.at("slerp_interpolate_6"), 1e-6, "slerp sequence");
  test::expect_close(torch::stack(line), golden.at("lin_interpolate_6"), 1e-6, "lerp sequence");
}

TEST(SlerpProperty, ReachesBothEndsExactly) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto a = seeded(seed, "a", {3, 5}).to(torch::kFloat32),
               b = seeded(seed, "b", {3, 5}).to(torch::kFloat32);
    for (const auto& end : {b, a, -a, 2 * a, -0.5 * a}) {
      EXPECT_TRUE(slerp(a, end, 0).equal(a));
      EXPECT_TRUE(slerp(a, end, 1).equal(end));
    }
  }
}

TEST(SlerpProperty, KeepsTheNormOfCodesOfEqualNormAndTurnsEvenly) {
  for (uint64_t seed = 0; seed < 50; ++seed) {
    auto a = seeded(seed, "a", {4, 7}), b = seeded(seed, "b", {4, 7});
    a /= a.norm(2, 1, true);
    b /= b.norm(2, 1, true);
    const auto angle = (a * b).sum(1).acos();
    for (const double s : {0.1, 0.5, 0.8}) {
      const auto point = slerp(a, b, s);
      EXPECT_TRUE(point.norm(2, 1).allclose(torch::ones({4}, torch::kFloat64), 0, 1e-12));
      EXPECT_TRUE((a * point).sum(1).acos().allclose(s * angle, 0, 1e-9));
    }
  }
}

TEST(SlerpProperty, EqualAndOppositeCodesAreSafe) {
  for (uint64_t seed = 0; seed < 20; ++seed) {
    for (const int64_t length : {6, 7, 64}) {
      const auto a = seeded(seed, "a", {2, length});
      // Nothing to turn: the code itself.
      EXPECT_TRUE(slerp(a, a, 0.3).allclose(a, 0, 1e-12));
      // Half a turn: never near zero, no jump, whether exactly opposite or almost.
      for (const auto& b : {-a, -(a + 1e-6 * seeded(seed, "b", {2, length})), -1.5 * a}) {
        auto before = a;
        for (int k = 1; k <= 100; ++k) {
          const auto point = slerp(a, b, k / 100.0);
          EXPECT_TRUE(point.isfinite().all().item<bool>());
          const auto norm = point.norm(2, 1), least = 0.4 * a.norm(2, 1);
          EXPECT_TRUE((norm > least).all().item<bool>()) << seed << " " << length << " " << k;
          const auto jump = (point - before).norm(2, 1);
          EXPECT_TRUE((jump < 0.08 * a.norm(2, 1)).all().item<bool>())
              << seed << " " << length << " " << k;
          before = point;
        }
        EXPECT_TRUE(before.allclose(b));
      }
    }
  }
}

TEST(Slerp, AZeroCodeIsReachedOnALine) {
  const auto a = torch::tensor({{3.0, 4.0}}), zero = torch::zeros({1, 2});
  EXPECT_TRUE(slerp(a, zero, 0.25).allclose(0.75 * a));
  EXPECT_TRUE(slerp(zero, zero, 0.25).equal(zero));
}

TEST(Slerp, EveryItemTurnsByItsOwnAngleAndFraction) {
  const auto a = seeded(1, "a", {3, 1, 4, 4}), b = seeded(1, "b", {3, 1, 4, 4});
  const std::vector<double> s = {0.2, 0.7, 1.0};
  using Method =
      torch::Tensor (*)(const torch::Tensor&, const torch::Tensor&, const std::vector<double>&);
  for (const Method method :
       {static_cast<Method>(lerp), static_cast<Method>(slerp), Method(nearest)}) {
    const auto together = method(a, b, s);
    for (int64_t n = 0; n < 3; ++n) {
      const auto alone = method(a.narrow(0, n, 1), b.narrow(0, n, 1), {s[n]});
      EXPECT_TRUE(alone.allclose(together.narrow(0, n, 1), 0, 1e-14));
    }
  }
  EXPECT_THROW(lerp(a, b, std::vector<double>{0.5, 0.5}), c10::Error);
}

TEST(Nearest, TakesTheLowerSliceHalfwayBetween) {
  const auto a = torch::zeros({3, 2}), b = torch::ones({3, 2});
  EXPECT_TRUE(nearest(a, b, {0.5, 0.51, 0.49}).select(1, 0).equal(torch::tensor({0.f, 1.f, 0.f})));
}

TEST(InterpolationOptions, AreReadFromThreeWords) {
  const auto options = interpolation_options("nearest,lerp,slerp");
  EXPECT_EQ(options.z_sem, CodeInterpolation::nearest);
  EXPECT_EQ(options.l_mor, CodeInterpolation::lerp);
  EXPECT_EQ(options.x_T, CodeInterpolation::slerp);
  for (const char* wrong : {"", "lerp", "lerp,lerp", "lerp,lerp,slerp,lerp", "lerp,lerp,cubic",
                            "lerp,,slerp", "lerp, lerp,slerp", "lerp,lerp,slerp,"}) {
    EXPECT_THROW(interpolation_options(wrong), Error) << wrong;
  }
  EXPECT_EQ(nlohmann::json(InterpolationOptions()).dump(),
            R"({"l_mor":"lerp","x_T":"slerp","z_sem":"lerp"})");
  EXPECT_THROW(options_from_json<InterpolationOptions>({{"x_T", "cubic"}}, "test"), Error);
}

// Codes that say where they are: every element of z_sem and l_mor is the position.
Codes position_codes(const std::vector<double>& z_mm) {
  const auto count = static_cast<int64_t>(z_mm.size());
  const auto z = torch::tensor(z_mm, torch::kFloat64);
  return {z.view({-1, 1}).expand({count, 3}), z.view({-1, 1, 1, 1}).expand({count, 2, 2, 2}),
          seeded(3, "x_T", {count, 1, 4, 4})};
}

TEST(InterpolateProperty, EveryAcquiredSliceKeepsItsCodes) {
  const std::vector<double> z = {-12.5, -4, 3, 15, 15.5};
  Codes codes = position_codes(z);
  codes.x_T = codes.x_T.to(torch::kFloat32);
  for (const char* words : {"lerp,lerp,slerp", "slerp,slerp,lerp", "nearest,nearest,nearest"}) {
    const Codes same = interpolate(codes, z, z, interpolation_options(words));
    EXPECT_TRUE(same.z_sem.equal(codes.z_sem)) << words;
    EXPECT_TRUE(same.l_mor.equal(codes.l_mor)) << words;
    EXPECT_TRUE(same.x_T.equal(codes.x_T)) << words;
  }
}

TEST(InterpolateProperty, LinesPassThroughEveryPositionOfAnUnevenStack) {
  const std::vector<double> z = {0, 5, 20, 21};
  std::vector<double> wanted;
  for (double position = 0; position <= 21; position += 0.7)
    wanted.insert(wanted.begin(), position);
  const Codes between = interpolate(position_codes(z), z, wanted);
  const auto expected = torch::tensor(wanted, torch::kFloat64).view({-1, 1}).expand({-1, 3});
  EXPECT_TRUE(between.z_sem.allclose(expected, 0, 1e-12));
  EXPECT_TRUE(between.l_mor.flatten(1).narrow(1, 0, 3).allclose(expected, 0, 1e-12));
  EXPECT_EQ(between.x_T.size(0), static_cast<int64_t>(wanted.size()));
}

TEST(Interpolate, UsesTheMethodOfEachCode) {
  const std::vector<double> z = {0, 10};
  const Codes codes = position_codes(z);
  const Codes middle = interpolate(codes, z, {4}, interpolation_options("nearest,lerp,slerp"));
  EXPECT_EQ(middle.z_sem[0][0].item<double>(), 0);
  EXPECT_NEAR(middle.l_mor.max().item<double>(), 4, 1e-12);
  const auto arc = slerp(codes.x_T.narrow(0, 0, 1), codes.x_T.narrow(0, 1, 1), 0.4);
  EXPECT_TRUE(middle.x_T.allclose(arc, 0, 1e-12));
}

TEST(Interpolate, OutsideTheStackIsAnError) {
  const std::vector<double> z = {0, 10, 20};
  const Codes codes = position_codes(z);
  EXPECT_THROW(interpolate(codes, z, {5, 20.1}), Error);
  EXPECT_THROW(interpolate(codes, z, {-0.1}), Error);
  EXPECT_THROW(interpolate(codes, z, {NAN}), Error);
  // Rounding is not outside.
  EXPECT_NEAR(interpolate(codes, z, {20.0005}).z_sem[0][0].item<double>(), 20, 1e-12);
  EXPECT_NEAR(interpolate(codes, z, {-0.0005}).z_sem[0][0].item<double>(), 0, 1e-12);
}

TEST(Interpolate, OneSliceAndNoWishAreFine) {
  const Codes one = position_codes({7});
  EXPECT_TRUE(interpolate(one, {7}, {7, 7}).x_T.equal(torch::cat({one.x_T, one.x_T})));
  EXPECT_THROW(interpolate(one, {7}, {8}), Error);
  EXPECT_EQ(interpolate(position_codes({0, 10}), {0, 10}, {}).count(), 0);
}

TEST(Interpolate, PositionsThatDoNotFitAreRefused) {
  EXPECT_THROW(interpolate(position_codes({0, 10}), {0, 10, 20}, {5}), c10::Error);
  EXPECT_THROW(interpolate(position_codes({0, 10}), {10, 0}, {5}), c10::Error);
  EXPECT_THROW(interpolate(position_codes({0, 10}), {5, 5}, {5}), c10::Error);
}

}  // namespace
}  // namespace dmcvr
