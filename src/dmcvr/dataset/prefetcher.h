// SPDX-License-Identifier: Apache-2.0
// Batches are made while the network is busy with earlier ones.
#pragma once

#include <torch/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <future>
#include <utility>

namespace dmcvr {

// Makes the next batches in the background, each in a thread of its own, while one is used.
template <typename Batch>
class Prefetcher {
 public:
  // `make` gives the batch of an index; it is called from several threads at once if `ahead` is
  // more than 1.
  explicit Prefetcher(std::function<Batch(int64_t)> make, int64_t ahead = 1)
      : make_(std::move(make)), ahead_(ahead) {}

  // Any index; in ascending order the batch is already there or on its way.
  Batch operator()(int64_t index) {
    const auto begin = std::chrono::steady_clock::now();
    if (under_way_.empty() || index != first_index_) {
      under_way_.clear();
      first_index_ = index;
      under_way_.push_back(std::async(std::launch::deferred, make_, index));
    }
    while (next() <= index + ahead_)
      under_way_.push_back(std::async(std::launch::async, make_, next()));
    auto first = std::move(under_way_.front());
    under_way_.pop_front();
    ++first_index_;
    Batch batch = first.get();
    waited_ += std::chrono::steady_clock::now() - begin;
    return batch;
  }

  // Seconds that all calls so far took: what the network lost by waiting.
  double waited_seconds() const { return waited_.count(); }

 private:
  int64_t next() const { return first_index_ + static_cast<int64_t>(under_way_.size()); }

  std::function<Batch(int64_t)> make_;
  int64_t ahead_;
  int64_t first_index_ = 0;  // of the first one under way
  std::deque<std::future<Batch>> under_way_;
  std::chrono::duration<double> waited_{0};
};

// How many batches ahead keep a device busy: one on processors, which are busy with the network
// themselves; on a GPU as many as there are cores beside the first, 8 at most.
int64_t batches_ahead(const torch::Device& device);

}  // namespace dmcvr
