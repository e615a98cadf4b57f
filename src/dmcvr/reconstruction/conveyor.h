// SPDX-License-Identifier: Apache-2.0
// Items of a film, made in batches and taken phase by phase. Batches are counted from the first
// item of the film, whatever is taken when: they are shared by phases, and a film has the same
// bytes however it is taken. What is not needed yet is not made, what is no longer needed is
// forgotten.
#pragma once

#include "dmcvr/latent/code.h"
#include "dmcvr/reconstruction/stages.h"

#include <torch/types.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace dmcvr {

inline torch::Tensor narrow(const torch::Tensor& items, int64_t first, int64_t count) {
  return items.narrow(0, first, count);
}
inline torch::Tensor concatenate(const std::vector<torch::Tensor>& parts) {
  return torch::cat(parts);
}

// Items: Codes, or a tensor [N, …].
template <typename Items>
class Conveyor {
 public:
  // One batch of the items of the film.
  using Make = std::function<Items(const Part& part)>;

  Conveyor(int64_t count, int64_t batch_size, Make make)
      : count_(count), batch_size_(batch_size), make_(std::move(make)) {}

  // Items begin to end, not forgotten yet, at least one.
  Items take(int64_t begin, int64_t end) {
    TORCH_CHECK(first_ <= begin && begin < end && end <= count_, "Conveyor: items ", begin, " to ",
                end, " of ", first_, " to ", count_);
    while (made_ < end) {
      const int64_t batch_end = std::min(made_ + batch_size_, count_);
      parts_.push_back(make_({made_, batch_end, count_}));
      made_ = batch_end;
    }
    return narrow(joined(), begin - first_, end - begin);
  }

  // Items before `end` are taken no more.
  void forget(int64_t end) {
    end = std::min(end, made_);
    if (end <= first_) return;
    std::vector<Items> kept;  // copied, since a view would hold the whole
    if (end < made_)
      kept.push_back(concatenate(std::vector<Items>{narrow(joined(), end - first_, made_ - end)}));
    parts_ = std::move(kept);
    first_ = end;
  }

 private:
  const Items& joined() {
    if (parts_.size() > 1) parts_ = {concatenate(parts_)};
    return parts_.front();
  }

  int64_t count_;
  int64_t batch_size_;
  Make make_;
  int64_t first_ = 0;  // item of the film that is still held
  int64_t made_ = 0;   // items of the film
  std::vector<Items> parts_;
};

}  // namespace dmcvr
