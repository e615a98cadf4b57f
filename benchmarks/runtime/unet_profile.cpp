// SPDX-License-Identifier: Apache-2.0
// Where a noise prediction of the bundled generator spends its time, and what share of the
// machine's arithmetic it reaches: seconds and multiply-adds by kind of operation, beside a large
// matrix product in the same run.
//   unet_profile [patches]
#include "dmcvr/core/side_by_side.h"
#include "dmcvr/models/autoencoder.h"
#include "dmcvr/models/precision.h"

#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <fmt/format.h>
#include <torch/utils.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <numeric>
#include <thread>

namespace dmcvr {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

struct Share {
  double seconds = 0;  // without the operations that it calls
  double flops = 0;    // two for a multiply-add
};
std::map<std::string, Share> g_shares;     // by name of the operation
std::vector<double> g_seconds_of_callees;  // of the operations that run now, outermost first

struct Running : at::ObserverContext {
  Clock::time_point start = Clock::now();
  double flops = 0;
};

int64_t product(at::IntArrayRef sizes) {
  return std::accumulate(sizes.begin(), sizes.end(), int64_t{1}, std::multiplies<>());
}

// Of the operations that all others come down to.
double flops_of(const at::RecordFunction& function) {
  const std::string name = function.name();
  const auto sizes = [&](size_t i) { return function.inputs().at(i).toTensor().sizes(); };
  if (name == "aten::convolution") {
    const auto x = sizes(0), w = sizes(1);
    const auto stride = function.inputs().at(3).toIntVector();
    int64_t pixels = x[0];
    for (size_t i = 2; i < x.size(); ++i)
      pixels *= x[i] / stride.at(std::min(i - 2, stride.size() - 1));
    return 2.0 * static_cast<double>(pixels) * static_cast<double>(product(w));
  }
  if (name == "aten::addmm") {
    return 2.0 * static_cast<double>(product(sizes(1)) * sizes(2)[1]);
  }
  if (name == "aten::mm" || name == "aten::bmm") {
    return 2.0 * static_cast<double>(product(sizes(0)) * sizes(1).back());
  }
  return 0;
}

std::unique_ptr<at::ObserverContext> on_start(const at::RecordFunction& function) {
  auto running = std::make_unique<Running>();
  running->flops = flops_of(function);
  g_seconds_of_callees.push_back(0);
  running->start = Clock::now();
  return running;
}

void on_end(const at::RecordFunction& function, at::ObserverContext* context) {
  const auto& running = static_cast<const Running&>(*context);
  const double seconds = seconds_since(running.start);
  auto& share = g_shares[function.name()];
  share.seconds += seconds - g_seconds_of_callees.back();
  share.flops += running.flops;
  g_seconds_of_callees.pop_back();
  if (!g_seconds_of_callees.empty()) g_seconds_of_callees.back() += seconds;
}

// Best of several, in flop/s.
double rate_of_matrix_product(torch::Dtype type) {
  constexpr int64_t kSide = 2048;
  const auto a = torch::rand({kSide, kSide}).to(type), b = torch::rand({kSide, kSide}).to(type);
  double best = 0;
  for (int i = 0; i < 10; ++i) {
    const auto start = Clock::now();
    const auto c = at::mm(a, b);
    best = std::max(best, 2.0 * kSide * kSide * kSide / seconds_since(start));
  }
  return best;
}

void profile(int64_t count, Precision precision) {
  constexpr int kRepeats = 10;
  torch::manual_seed(0);
  Autoencoder network(small_autoencoder());
  network->eval();
  const int64_t side = network->options.image_size;
  const auto x = torch::randn({count, 1, side, side}), t = torch::full({1}, 500.0f);
  const auto l_mor =
      torch::randn({count, network->options.morphology_channels, side / 16, side / 16});

  // As a reconstruction does it; operations are those of the first part.
  g_shares.clear();
  std::mutex mutex;
  double total = 0, total_of_first = 0;  // of the slowest part, and of the first
  int64_t count_of_first = 0;
  side_by_side(count, torch::kCPU, [&](int64_t begin, int64_t end, const auto&) {
    const PrecisionScope scope(precision);
    const auto part = x.slice(0, begin, end);
    const auto condition = network->condition(network->encode(part), l_mor.slice(0, begin, end));
    network->predict(part, t, condition);  // once for the caches
    at::CallbackHandle handle = 0;
    if (begin == 0) {
      count_of_first = end;
      handle = at::addThreadLocalCallback(at::RecordFunctionCallback(on_start, on_end)
                                              .needsInputs(true)
                                              .scopes({at::RecordScope::FUNCTION}));
    }
    const auto start = Clock::now();
    for (int i = 0; i < kRepeats; ++i) network->predict(part, t, condition);
    const double seconds = seconds_since(start);
    if (begin == 0) {
      at::removeCallback(handle);
      total_of_first = seconds;
    }
    const std::lock_guard lock(mutex);
    total = std::max(total, seconds);
  });

  double named = 0, flops = 0;
  std::vector<std::pair<std::string, Share>> rows(g_shares.begin(), g_shares.end());
  for (const auto& [name, share] : rows) named += share.seconds, flops += share.flops;
  flops *= static_cast<double>(count) / static_cast<double>(count_of_first);
  rows.push_back(
      {"outside LibTorch: normalization, modulation, SiLU", {total_of_first - named, 0}});
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return a.second.seconds > b.second.seconds; });

  const std::string name_of_precision = nlohmann::json(precision).get<std::string>();
  const double peak =
      rate_of_matrix_product(precision == Precision::bfloat16 ? torch::kBFloat16 : torch::kFloat32);
  std::cout << fmt::format(
      "{}, {} patches: {:.1f} ms a patch, {:.2f} Gflop a patch, {:.0f} Gflop/s; a matrix product "
      "of 2048³ {:.0f} Gflop/s: {:.0f} %\n\n| operation | share of time | ms a patch |\n"
      "|---|---|---|\n",
      name_of_precision, count, 1e3 * total / static_cast<double>(kRepeats * count),
      flops / 1e9 / static_cast<double>(kRepeats * count), flops / total / 1e9, peak / 1e9,
      100 * flops / total / peak);
  for (const auto& [name, share] : rows) {
    if (share.seconds < 0.01 * total_of_first) continue;
    const double fraction = share.seconds / total_of_first;
    std::cout << fmt::format("| {} | {:.0f} % | {:.2f} |\n", name, 100 * fraction,
                             1e3 * fraction * total / static_cast<double>(kRepeats * count));
  }
  std::cout << '\n';
}

}  // namespace
}  // namespace dmcvr

int main(int argc, char** argv) {
  const torch::NoGradGuard no_grad;
  at::set_num_threads(static_cast<int>(std::max(1U, std::thread::hardware_concurrency())));
  const int64_t count = argc > 1 ? std::max(1, std::atoi(argv[1])) : 10;
  dmcvr::profile(count, dmcvr::Precision::float32);
  dmcvr::profile(count, dmcvr::Precision::bfloat16);
  return 0;
}
