// SPDX-License-Identifier: Apache-2.0
// How well acquired slices survive the way to x_T and back, by solver, and what x_T looks like:
//   round_trip validation.slices weights [volumes [precision [row ...]]]
// with the rows dpm-10, dpm-20, ddim, reference; all where none is named.
// Takes whole stacks, evenly chosen, in the order of the file. Scores lie inside the heart's box:
// the labels of the stack, grown by 10 pixels.
#include "dmcvr/core/error.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/dataset/batches.h"
#include "dmcvr/dataset/packed_slices.h"
#include "dmcvr/metrics/image_quality.h"
#include "dmcvr/metrics/statistics.h"
#include "dmcvr/reconstruction/decode.h"
#include "dmcvr/reconstruction/encode.h"

#include <ATen/Functions.h>
#include <fmt/format.h>
#include <spdlog/sinks/stdout_color_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <iostream>
#include <set>

namespace dmcvr {
namespace {

constexpr int64_t kMargin = 10;  // pixels around the labels

struct Stack {
  torch::Tensor patches;                             // [S, 1, P, P] unit values
  int64_t top = 0, bottom = 0, left = 0, right = 0;  // the heart's box, ends excluded
};

// [H, W] around a center, with zeros outside.
torch::Tensor cut(const torch::Tensor& picture, const std::pair<double, double>& center,
                  int64_t side) {
  const auto top = static_cast<int64_t>(std::llround(center.first)) - side / 2;
  const auto left = static_cast<int64_t>(std::llround(center.second)) - side / 2;
  const auto wide = at::constant_pad_nd(picture, {side, side, side, side});
  return wide.slice(0, top + side, top + 2 * side).slice(1, left + side, left + 2 * side);
}

// The labeled stacks of the file, one per phase of each subject.
std::vector<Stack> stacks_of(const std::vector<PackedSlice>& slices, int64_t side) {
  const auto centers = heart_centers(slices);
  std::vector<Stack> stacks;
  for (size_t begin = 0; begin < slices.size();) {
    std::vector<torch::Tensor> pictures, labels;
    size_t end = begin;
    for (; end < slices.size() && slices[end].case_index == slices[begin].case_index &&
           slices[end].phase_index == slices[begin].phase_index;
         ++end) {
      const PackedSlice& slice = slices[end];
      if (!slice.labels.defined()) throw Error("slice {} has no labels", end);
      pictures.push_back(cut(slice.image, centers[end], side).to(torch::kFloat32) / kPackedSteps);
      labels.push_back(cut(slice.labels, centers[end], side));
    }
    const auto heart = at::stack(labels).gt(0).any(0);  // [P, P]
    const auto rows = heart.any(1).nonzero(), columns = heart.any(0).nonzero();
    Stack stack;
    stack.patches = at::stack(pictures).unsqueeze(1);
    stack.top = std::max<int64_t>(0, rows.min().item<int64_t>() - kMargin);
    stack.bottom = std::min(side, rows.max().item<int64_t>() + 1 + kMargin);
    stack.left = std::max<int64_t>(0, columns.min().item<int64_t>() - kMargin);
    stack.right = std::min(side, columns.max().item<int64_t>() + 1 + kMargin);
    stacks.push_back(stack);
    begin = end;
  }
  return stacks;
}

struct Row {
  const char* word;
  const char* name;
  SolverOptions solver;
};
constexpr std::array kRows{
    Row{"dpm-10", "DPM-Solver++(2M), 10 nodes", {Solver::dpm, 10}},
    Row{"dpm-20", "DPM-Solver++(2M), 20 nodes", {Solver::dpm, 20}},
    Row{"ddim", "DDIM without clipping, 100 steps", {Solver::ddim, 101}},
    Row{"reference", "DDIM as published, 100 steps", {Solver::reference, 100}},
};

// Pearson's, over all values.
double correlation(const torch::Tensor& a, const torch::Tensor& b) {
  const auto x = (a - a.mean()).to(torch::kFloat64), y = (b - b.mean()).to(torch::kFloat64);
  return ((x * y).mean() / (x.square().mean() * y.square().mean()).sqrt()).item<double>();
}

std::string mean_and_deviation(const std::vector<double>& values, int digits) {
  const Summary summary = summarize(values);
  return fmt::format("{:.{}f} ± {:.{}f}", summary.mean, digits, summary.deviation, digits);
}

void score(const std::string& name, const std::vector<Stack>& stacks, Networks& networks,
           EncodeOptions options) {
  const auto start = std::chrono::steady_clock::now();
  std::vector<double> psnrs, ssims, means, deviations, pixel, slice;
  int64_t count = 0;
  for (size_t i = 0; i < stacks.size(); ++i) {
    const Stack& stack = stacks[i];
    Progress progress(fmt::format("{} {}/{}", name, i + 1, stacks.size()),
                      2 * stack.patches.size(0) * evaluations(options.solver));
    int64_t before = 0;
    const auto on_progress = [&](int64_t done, int64_t) { progress.update(before + done); };
    const Codes codes = encode(stack.patches, networks, options, on_progress);
    before = stack.patches.size(0) * evaluations(options.solver);
    const DecodeOptions decoding{options.solver, options.batch_size, options.precision};
    const auto back = decode(codes, networks, decoding, on_progress);
    const auto box = [&](const torch::Tensor& t) {
      return t.squeeze(1).slice(1, stack.top, stack.bottom).slice(2, stack.left, stack.right);
    };
    psnrs.push_back(psnr(box(back), box(stack.patches)));
    ssims.push_back(ssim_2d(box(back), box(stack.patches)));
    const auto& x_T = codes.x_T;
    means.push_back(x_T.mean().item<double>());
    deviations.push_back(x_T.std().item<double>());
    pixel.push_back(correlation(x_T.slice(3, 1), x_T.slice(3, 0, -1)));
    slice.push_back(correlation(x_T.slice(0, 1), x_T.slice(0, 0, -1)));
    count += stack.patches.size(0);
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::cout << fmt::format("| {} | {} | {} | {} | {} | {} | {} | {} | {:.2f} |\n", name,
                           2 * evaluations(options.solver), mean_and_deviation(psnrs, 2),
                           mean_and_deviation(ssims, 4), mean_and_deviation(means, 3),
                           mean_and_deviation(deviations, 3), mean_and_deviation(pixel, 3),
                           mean_and_deviation(slice, 3),
                           seconds.count() / static_cast<double>(count))
            << std::flush;
}

void run(const std::vector<std::string>& arguments) {
  if (arguments.size() < 2)
    throw Error(
        "round_trip SLICES WEIGHTS [VOLUMES] [PRECISION] [dpm-10 | dpm-20 | ddim | reference ...]");
  std::set<std::string> asked;
  for (size_t i = 4; i < arguments.size(); ++i) {
    const auto known = [&](const Row& row) { return arguments[i] == row.word; };
    if (std::none_of(kRows.begin(), kRows.end(), known)) throw Error("no row {}", arguments[i]);
    asked.insert(arguments[i]);
  }
  const std::filesystem::path weights = arguments[1];
  Networks networks =
      load_networks(weights / "segmenter.safetensors", weights / "generator.safetensors");
  const PackedSlices packed = read_packed(arguments[0]);
  check_rule(packed, networks.generator.info.input_rule);
  const auto all = stacks_of(packed.slices, networks.generator.info.input_rule.patch_size);
  const auto total = static_cast<int64_t>(all.size());
  const int64_t count =
      arguments.size() > 2 ? std::min<int64_t>(std::stoll(arguments[2]), total) : total;
  std::vector<Stack> stacks;
  int64_t slices = 0;
  for (int64_t i = 0; i < count; ++i) {
    stacks.push_back(all[static_cast<size_t>(i * total / count)]);
    slices += stacks.back().patches.size(0);
  }
  std::cout << fmt::format("{} volumes of {}, {} slices\n\n", count, total, slices)
            << "| solver | evaluations | PSNR/dB | SSIM | mean of x_T | deviation of x_T | "
               "correlation of neighbor pixels | of neighbor slices | s a slice |\n"
               "|---|---|---|---|---|---|---|---|---|\n";
  EncodeOptions options;
  options.precision =
      nlohmann::json(arguments.size() > 3 ? arguments[3] : std::string("float32")).get<Precision>();
  for (const auto& [word, name, solver] : kRows) {
    if (!asked.empty() && asked.count(word) == 0) continue;
    options.solver = solver;
    score(name, stacks, networks, options);
  }
}

}  // namespace
}  // namespace dmcvr

int main(int argc, char** argv) {
  try {
    // The table has stdout for itself.
    spdlog::set_default_logger(spdlog::stderr_color_mt("round_trip"));
    dmcvr::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "error: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
