// SPDX-License-Identifier: Apache-2.0
#include "support.h"

#include "dmcvr/core/safetensors.h"

#include <ATen/Parallel.h>
#include <gtest/gtest.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <torch/utils.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>

namespace dmcvr::test {
namespace fs = std::filesystem;
namespace {

fs::path& program_folder() {
  static fs::path folder = fs::temp_directory_path() / ("dmcvr-test-" + std::to_string(::getpid()));
  return folder;
}

}  // namespace

fs::path fresh_folder() {
  static int count = 0;
  const fs::path folder = program_folder() / std::to_string(count++);
  fs::create_directories(folder);
  return folder;
}

fs::path source_folder() {
  return DMCVR_SOURCE_DIR;
}

std::optional<fs::path> data_folder() {
  const char* name = std::getenv("DMCVR_DATA");
  if (name == nullptr || *name == '\0' || !fs::is_directory(name)) return std::nullopt;
  return fs::path(name);
}

std::string content_of(const fs::path& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::string log_of(const std::function<void()>& work) {
  std::ostringstream text;
  const auto before = spdlog::default_logger();
  const auto logger = std::make_shared<spdlog::logger>(
      "test", std::make_shared<spdlog::sinks::ostream_sink_mt>(text));
  logger->set_pattern("%v");
  spdlog::set_default_logger(logger);
  try {
    work();
  } catch (...) {
    spdlog::set_default_logger(before);
    throw;
  }
  spdlog::set_default_logger(before);
  return text.str();
}

std::map<std::string, torch::Tensor> golden(const std::string& name) {
  return read_safetensors(source_folder() / "tests" / "golden" / (name + ".safetensors")).tensors;
}

torch::Tensor golden_stream(const std::string& stream, int64_t count) {
  uint64_t seed = 0xcbf29ce484222325;  // FNV-1a-64
  for (const char letter : stream)
    seed = (seed ^ static_cast<unsigned char>(letter)) * 0x100000001b3;
  auto values = torch::empty({count}, torch::kFloat32);
  auto* data = values.data_ptr<float>();
  for (int64_t i = 0; i < count; ++i) {
    uint64_t z = seed + (static_cast<uint64_t>(i) + 1) * 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z ^= z >> 31;
    data[i] = static_cast<float>(static_cast<double>(z >> 40) * 0x1.0p-23 - 1);
  }
  return values;
}

torch::Tensor golden_input(const std::string& name, at::IntArrayRef shape, double scale,
                           double shift) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  auto values = golden_stream("input:" + name, count).reshape(shape);
  return values * static_cast<float>(scale) + static_cast<float>(shift);
}

torch::Tensor golden_weight(const std::string& prefix, const std::string& key,
                            at::IntArrayRef shape) {
  const auto ends_with = [&](const std::string& ending) {
    return key.size() >= ending.size() &&
           key.compare(key.size() - ending.size(), ending.size(), ending) == 0;
  };
  if (ends_with("num_batches_tracked")) return torch::zeros(shape, torch::kInt64);
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  const auto u = golden_stream(prefix + ":" + key, count).reshape(shape);
  if (shape.size() >= 2) {
    const double fan_in = static_cast<double>(count) / static_cast<double>(shape[0]);
    return u * static_cast<float>(std::sqrt(3.0) / std::sqrt(fan_in));
  }
  if (ends_with("running_var")) return u * 0.5f + 1.0f;
  if (ends_with("weight")) return u * 0.1f + 1.0f;
  return u * 0.1f;  // bias and running_mean
}

void expect_close(const torch::Tensor& actual, const torch::Tensor& expected, double tolerance,
                  const std::string& what) {
  ASSERT_EQ(actual.sizes(), expected.sizes()) << what;
  const auto difference =
      (actual.detach().to(torch::kFloat64) - expected.to(torch::kFloat64)).abs();
  const double largest = difference.numel() ? difference.max().item<double>() : 0;
  std::printf("golden %s: %.2g (limit %.2g)\n", what.c_str(), largest, tolerance);
  EXPECT_TRUE(largest <= tolerance) << what << ": deviation " << largest << ", limit " << tolerance;
}

}  // namespace dmcvr::test

namespace {

// LibTorch seeds its generator from the clock. Tests draw the same numbers in any order and
// selection; --gtest_shuffle, with or without --gtest_random_seed, draws others.
class Seeds : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo&) override {
    torch::manual_seed(static_cast<uint64_t>(testing::UnitTest::GetInstance()->random_seed()));
  }
};

}  // namespace

int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  testing::UnitTest::GetInstance()->listeners().Append(new Seeds);
  spdlog::set_default_logger(spdlog::stderr_logger_mt("dmcvr"));
  spdlog::set_level(spdlog::level::err);
  at::set_num_threads(2);
  const int result = RUN_ALL_TESTS();
  std::error_code ignored;
  std::filesystem::remove_all(dmcvr::test::program_folder(), ignored);
  return result;
}
