// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/dataset/batches.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/core/random.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string>
#include <utility>

namespace dmcvr {

void BatchOptions::check() const {
  if (batch_size < 1 || batch_size > 4096)
    throw Error("batch_size {}: expected 1 to 4096", batch_size);
  if (crop_size < 0 || crop_size > 1024 || crop_size % 16 != 0) {
    throw Error("crop_size {}: expected 0 or a multiple of 16 up to 1024", crop_size);
  }
  if (wide_size < 16 || wide_size > 1024 || wide_size % 16 != 0) {
    throw Error("wide_size {}: expected a multiple of 16 up to 1024", wide_size);
  }
  if (wide_every < 0) throw Error("wide_every {}: expected 0 or more", wide_every);
  if (!(anywhere_fraction >= 0 && anywhere_fraction <= 1)) {
    throw Error("anywhere_fraction {}: expected 0 to 1", anywhere_fraction);
  }
  if (!(jitter_mm >= 0 && jitter_mm <= 200))
    throw Error("jitter_mm {}: expected 0 to 200", jitter_mm);
  for (const double share : shares) {
    if (!(share > 0 && share <= 1e6)) throw Error("shares {}: expected above 0 to 1e6", share);
  }
  if (end_repeats < 1 || end_repeats > 100)
    throw Error("end_repeats {}: expected 1 to 100", end_repeats);
  augmentation.check();
}

std::vector<std::pair<double, double>> heart_centers(const std::vector<PackedSlice>& slices) {
  std::map<int64_t, std::array<double, 3>> sums;  // case -> count, rows, columns of labeled pixels
  for (const auto& slice : slices) {
    if (!slice.labels.defined()) continue;
    auto& sum = sums[slice.case_index];
    const auto positions = slice.labels.nonzero().to(torch::kFloat64);  // [pixels, 2]
    sum[0] += static_cast<double>(positions.size(0));
    sum[1] += positions.select(1, 0).sum().item<double>();
    sum[2] += positions.select(1, 1).sum().item<double>();
  }
  std::vector<std::pair<double, double>> centers;
  for (const auto& slice : slices) {
    const auto found = sums.find(slice.case_index);
    if (found != sums.end() && found->second[0] > 0) {
      centers.emplace_back(found->second[1] / found->second[0],
                           found->second[2] / found->second[0]);
    } else {
      centers.emplace_back(static_cast<double>(slice.image.size(0) - 1) / 2,
                           static_cast<double>(slice.image.size(1) - 1) / 2);
    }
  }
  return centers;
}

std::vector<bool> end_slices(const std::vector<PackedSlice>& slices) {
  std::map<std::array<int64_t, 3>, size_t> at;  // subject, phase, place in the stack
  std::vector<std::array<bool, kLabelCount>> present(slices.size());
  for (size_t i = 0; i < slices.size(); ++i) {
    if (!slices[i].labels.defined()) continue;
    at[{slices[i].case_index, slices[i].phase_index, slices[i].slice_index}] = i;
    for (int64_t label = 1; label < kLabelCount; ++label)
      present[i][static_cast<size_t>(label)] = (slices[i].labels == label).any().item<bool>();
  }
  std::vector<bool> is_end(slices.size(), false);
  for (const auto& [key, i] : at) {
    for (const int64_t step : {-1, 1}) {
      const auto neighbor = at.find({key[0], key[1], key[2] + step});
      if (neighbor != at.end() && present[neighbor->second] != present[i]) is_end[i] = true;
    }
  }
  return is_end;
}

PatchSampler::PatchSampler(const PackedSlices& packed, const InputRule& rule,
                           const BatchOptions& options, uint64_t seed, bool only_labeled)
    : rule_(rule), options_(options), seed_(seed) {
  options_.check();
  check_rule(packed, rule);
  if (options_.crop_size == 0) options_.crop_size = rule_.patch_size;
  const auto centers = heart_centers(packed.slices);
  for (size_t i = 0; i < packed.slices.size(); ++i) {
    if (only_labeled && !packed.slices[i].labels.defined()) continue;
    slices_.push_back(packed.slices[i]);
    centers_.push_back(centers[i]);
  }
  if (slices_.empty()) {
    throw Error("the packed file holds {} slices and none that can be trained on; it needs {}",
                packed.slices.size(), only_labeled ? "labeled slices" : "slices");
  }

  // The sets that take turns.
  const bool has_shares = !options_.shares.empty();
  int64_t sets = 1;
  for (const auto& slice : packed.slices) sets = std::max(sets, slice.part_index + 1);
  if (has_shares && sets != static_cast<int64_t>(options_.shares.size())) {
    throw Error("{} shares for {} files of packed slices: give each file one",
                options_.shares.size(), sets);
  }
  parts_.resize(has_shares ? options_.shares.size() : 1);
  const auto is_end = end_slices(slices_);
  for (size_t i = 0; i < slices_.size(); ++i) {
    auto& part = parts_[has_shares ? static_cast<size_t>(slices_[i].part_index) : 0];
    part.insert(part.end(), is_end[i] ? static_cast<size_t>(options_.end_repeats) : 1,
                static_cast<int64_t>(i));
  }
  for (size_t part = 0; part < parts_.size(); ++part) {
    if (parts_[part].empty()) {
      throw Error("file {} of packed slices has a share and no {}; leave it out", part + 1,
                  only_labeled ? "labeled slices" : "slices");
    }
  }
}

// Of the first n items the first part has floor(n share), which is as even as can be; the others
// deal with the rest in the same way.
PatchSampler::Turn PatchSampler::turn_of(int64_t item) const {
  double left = 0;
  for (const double share : options_.shares) left += share;
  for (size_t part = 0; part + 1 < parts_.size(); ++part) {
    const double share = options_.shares[part] / left;
    const auto before = static_cast<int64_t>(std::floor(static_cast<double>(item) * share));
    const auto after = static_cast<int64_t>(std::floor(static_cast<double>(item + 1) * share));
    if (after > before) return {part, before};
    item -= before;
    left -= options_.shares[part];
  }
  return {parts_.size() - 1, item};
}

Placement PatchSampler::center_of(int64_t slice, int64_t size) const {
  Placement center;
  center.row = centers_[slice].first;
  center.column = centers_[slice].second;
  if (!options_.center_on_heart) {
    // An odd difference of the sizes puts the extra row or column at the end, for padding and
    // cropping.
    const auto& image = slices_[slice].image;
    const int64_t above = (image.size(0) - size) / 2, before = (image.size(1) - size) / 2;
    center.row = static_cast<double>(above) + static_cast<double>(size - 1) / 2;
    center.column = static_cast<double>(before) + static_cast<double>(size - 1) / 2;
  }
  center.step = rule_.spacing_mm > 0 ? rule_.spacing_mm / slices_[slice].spacing_mm : 1;
  return center;
}

Sample PatchSampler::sample(int64_t slice, int64_t item, bool is_wide) const {
  auto generator =
      make_generator(seed_, is_wide ? "wide patch" : "patch", static_cast<uint64_t>(item));
  const auto& picture = slices_[slice];
  const auto& augmentation = options_.augmentation;
  const int64_t size = is_wide ? options_.wide_size : options_.crop_size;

  // Where: on the heart, or anywhere.
  Placement placement = center_of(slice, size);
  const bool is_anywhere = uniform(generator) < options_.anywhere_fraction;
  const double a = uniform(generator), b = uniform(generator);
  if (is_anywhere) {
    placement.row = a * static_cast<double>(picture.image.size(0) - 1);
    placement.column = b * static_cast<double>(picture.image.size(1) - 1);
  } else {
    placement.row += (2 * a - 1) * options_.jitter_mm / picture.spacing_mm;
    placement.column += (2 * b - 1) * options_.jitter_mm / picture.spacing_mm;
  }

  // How.
  if (augmentation.recipe == AugmentationRecipe::standard) {
    placement = draw_placement(placement, augmentation, generator);
  }
  if (placement.angle_rad == 0 && placement.step == 1) snap_to_pixels(placement, size, size);
  Sample result = cut_patch(picture, placement, size, size);
  if (augmentation.recipe == AugmentationRecipe::standard) {
    result.image = apply_tone(result.image, draw_tone(augmentation, generator), generator);
  }
  if (augmentation.recipe == AugmentationRecipe::reference)
    result = augment_as_reference(result, generator);
  return result;
}

Batch PatchSampler::stack(const std::vector<Sample>& samples, int64_t first_item) const {
  const auto count = static_cast<int64_t>(samples.size()), size = samples.front().image.size(0);
  const bool has_labels = std::all_of(samples.begin(), samples.end(),
                                      [](const Sample& sample) { return sample.labels.defined(); });
  Batch batch;
  batch.first_item = first_item;
  batch.images = torch::empty({count, 1, size, size});
  if (has_labels) batch.labels = torch::empty({count, size, size}, torch::kInt64);
  for (int64_t i = 0; i < count; ++i) {
    batch.images[i][0].copy_(network_from_unit(samples[i].image, rule_));
    if (has_labels) batch.labels[i].copy_(samples[i].labels);
  }
  return batch;
}

int64_t PatchSampler::wide_count(int64_t processes) const {
  const int64_t crop = options_.crop_size, wide = options_.wide_size;
  return std::max<int64_t>(1, options_.batch_size * processes * crop * crop / (wide * wide));
}

double PatchSampler::mean_batch_size(int64_t processes) const {
  const auto batch_size = static_cast<double>(options_.batch_size * processes);
  if (options_.wide_every == 0) return batch_size;
  const auto every = static_cast<double>(options_.wide_every);
  return ((every - 1) * batch_size + static_cast<double>(wide_count(processes))) / every;
}

Batch PatchSampler::batch(int64_t index, const Share& share) const {
  TORCH_CHECK(share.count > 0 && share.rank >= 0 && share.rank < share.count, "batch: share ",
              share.rank, " of ", share.count);
  const int64_t batch_size = options_.batch_size * share.count;
  const int64_t every = options_.wide_every;
  const bool is_wide = every > 0 && index % every == every - 1;
  const int64_t count = is_wide ? wide_count(share.count) : batch_size;

  // Each pass over the slices has its own order; wide batches take fewer of them.
  const int64_t wide_before = every > 0 ? index / every : 0;
  const int64_t begin = (index - wide_before) * batch_size + wide_before * wide_count(share.count);
  const int64_t first = begin + count * share.rank / share.count;
  const int64_t mine = begin + count * (share.rank + 1) / share.count - first;
  // A process without a share keeps the others company with a patch that does not count.
  const int64_t last = first + std::max<int64_t>(1, mine);
  struct Order {
    int64_t pass = -1;
    torch::Tensor places;  // [slices of the part]
  };
  std::vector<Order> orders(parts_.size());
  std::vector<Sample> samples;
  for (int64_t item = first; item < last; ++item) {
    const Turn turn = turn_of(item);
    const auto& part = parts_[turn.part];
    const auto size = static_cast<int64_t>(part.size());
    Order& order = orders[turn.part];
    if (turn.index / size != order.pass) {
      order.pass = turn.index / size;
      const std::string purpose =
          options_.shares.empty() ? "order" : fmt::format("order of part {}", turn.part);
      auto generator = make_generator(seed_, purpose, static_cast<uint64_t>(order.pass));
      order.places = torch::randperm(size, generator, torch::kInt64);
    }
    const int64_t place = order.places.data_ptr<int64_t>()[turn.index % size];
    samples.push_back(sample(part[static_cast<size_t>(place)], item, is_wide));
  }
  Batch batch = stack(samples, first);
  batch.weight = static_cast<double>(mine * share.count) / static_cast<double>(count);
  return batch;
}

Batch PatchSampler::fixed_batch(int64_t count) const {
  TORCH_CHECK(count > 0, "fixed_batch: ", count, " patches");
  count = std::min(count, slice_count());
  std::vector<Sample> samples;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t slice = i * slice_count() / count;
    Placement placement = center_of(slice, options_.crop_size);
    if (placement.step == 1) snap_to_pixels(placement, options_.crop_size, options_.crop_size);
    samples.push_back(cut_patch(slices_[slice], placement, options_.crop_size, options_.crop_size));
  }
  return stack(samples, 0);
}

}  // namespace dmcvr
