// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/temporal_coherence.h"

#include "dmcvr/core/label_table.h"
#include "dmcvr/metrics/overlap.h"
#include "dmcvr/metrics/statistics.h"
#include "dmcvr/reconstruction/assemble.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace dmcvr {
namespace {

constexpr std::array<int64_t, 3> kStructures = {kLvc, kLvm, kRvc};
constexpr double kNothing = std::numeric_limits<double>::quiet_NaN();

// The part of [D, H, W] from the first to the last voxel along each axis.
struct Box {
  std::array<int64_t, 3> first;
  std::array<int64_t, 3> size;

  torch::Tensor of(const torch::Tensor& voxels) const {
    auto part = voxels;
    for (int64_t axis = 0; axis < 3; ++axis)
      part = part.narrow(axis, first[static_cast<size_t>(axis)], size[static_cast<size_t>(axis)]);
    return part;
  }
};

std::optional<Box> box_around(const torch::Tensor& is_heart) {
  const auto places = is_heart.nonzero();  // [N, 3]
  if (places.size(0) == 0) return {};
  const auto first = std::get<0>(places.min(0)), last = std::get<0>(places.max(0));
  Box box{};
  for (size_t axis = 0; axis < 3; ++axis) {
    const auto at = static_cast<int64_t>(axis);
    box.first[axis] = first[at].item<int64_t>();
    box.size[axis] = last[at].item<int64_t>() - box.first[axis] + 1;
  }
  return box;
}

// How the voxels of `where` change; `difference` is that of intensities in shares of the range.
PhaseChange change_at(const torch::Tensor& where, const torch::Tensor& difference,
                      const torch::Tensor& before, const torch::Tensor& now) {
  PhaseChange change;
  std::vector<double> dice;
  for (size_t n = 0; n < kStructures.size(); ++n) {
    change.dice[n] = overlap((now == kStructures[n]).logical_and(where),
                             (before == kStructures[n]).logical_and(where))
                         .dice;
    dice.push_back(change.dice[n]);
  }
  change.mean_dice = summarize(dice).mean;
  const auto seen = difference.masked_select(where);
  change.intensity = seen.numel() == 0 ? kNothing : seen.mean(torch::kFloat64).item<double>();
  return change;
}

PhaseChange mean_of(const std::vector<PhaseChange>& changes) {
  const auto mean = [&](const auto& value) {
    std::vector<double> values;
    for (const PhaseChange& change : changes) values.push_back(value(change));
    return summarize(values).mean;
  };
  PhaseChange result;
  for (size_t n = 0; n < result.dice.size(); ++n)
    result.dice[n] = mean([n](const PhaseChange& change) { return change.dice[n]; });
  result.mean_dice = mean([](const PhaseChange& change) { return change.mean_dice; });
  result.intensity = mean([](const PhaseChange& change) { return change.intensity; });
  return result;
}

double ratio(double generated, double acquired) {
  return acquired > 0 ? generated / acquired : kNothing;
}

nlohmann::json change_json(const PhaseChange& change) {
  nlohmann::json dice;
  for (size_t n = 0; n < kStructures.size(); ++n)
    dice[label_table().at(kStructures[n])] = change.dice[n];
  return {{"dice", dice}, {"mean_dice", change.mean_dice}, {"intensity", change.intensity}};
}

}  // namespace

CoherenceMeter::CoherenceMeter(torch::Tensor provenance, double intensity_range)
    : provenance_(std::move(provenance)), range_(intensity_range) {
  TORCH_CHECK(provenance_.dim() == 3 && range_ > 0, "CoherenceMeter: provenance ",
              provenance_.sizes(), ", range ", range_);
}

void CoherenceMeter::add(const torch::Tensor& voxels, const torch::Tensor& labels) {
  TORCH_CHECK(voxels.sizes() == provenance_.sizes() && labels.sizes() == provenance_.sizes(),
              "CoherenceMeter: voxels ", voxels.sizes(), ", labels ", labels.sizes(),
              ", provenance ", provenance_.sizes());
  if (phases_++ > 0) {
    if (const auto box = box_around(labels.logical_or(last_labels_))) {
      const auto origin = box->of(provenance_);
      const auto now = box->of(labels), before = box->of(last_labels_);
      const auto difference = (box->of(voxels) - box->of(last_voxels_)).abs() / range_;
      acquired_.push_back(change_at(origin == kAcquired, difference, before, now));
      generated_.push_back(change_at(origin == kGenerated, difference, before, now));
    }
  }
  last_voxels_ = voxels;
  last_labels_ = labels;
}

std::optional<TemporalCoherence> CoherenceMeter::result() const {
  if (phases_ < 3) return {};
  TemporalCoherence result;
  result.pairs = phases_ - 1;
  result.acquired = mean_of(acquired_);
  result.generated = mean_of(generated_);
  result.label_ratio = ratio(1 - result.generated.mean_dice, 1 - result.acquired.mean_dice);
  result.intensity_ratio = ratio(result.generated.intensity, result.acquired.intensity);
  return result;
}

nlohmann::json coherence_json(const TemporalCoherence& coherence) {
  return {{"pairs", coherence.pairs},
          {"acquired", change_json(coherence.acquired)},
          {"generated", change_json(coherence.generated)},
          {"label_ratio", coherence.label_ratio},
          {"intensity_ratio", coherence.intensity_ratio}};
}

std::string coherence_line(const TemporalCoherence& coherence) {
  const auto part = [](double generated, double acquired, const char* format, double times) {
    const auto number = [&](double value) {
      return std::isnan(value) ? std::string("-") : fmt::format(fmt::runtime(format), value);
    };
    return fmt::format(
        "{} generated, {} acquired{}", number(generated), number(acquired),
        std::isnan(times) ? std::string() : fmt::format(" ({:.2f} times the change)", times));
  };
  return fmt::format("from phase to phase: Dice {}; brightness {}",
                     part(coherence.generated.mean_dice, coherence.acquired.mean_dice, "{:.3f}",
                          coherence.label_ratio),
                     part(100 * coherence.generated.intensity, 100 * coherence.acquired.intensity,
                          "{:.2f} %", coherence.intensity_ratio));
}

}  // namespace dmcvr
