// SPDX-License-Identifier: Apache-2.0
// Several processes that train one network together: each learns from its share of every batch, and
// the gradients are averaged (data parallel, over LibTorch's c10d: Gloo on processors, NCCL on
// GPUs).
#pragma once

#include "dmcvr/training/ema.h"

#include <torch/types.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

// A process among the others, in the words of torchrun.
struct RankPlace {
  int64_t rank = 0;  // RANK, 0 to size − 1
  int64_t size = 1;  // WORLD_SIZE
  int64_t local_rank =
      0;             // LOCAL_RANK, among those of this machine; chooses the GPU. Default: RANK
  std::string host;  // MASTER_ADDR: the machine of rank 0
  int64_t port = 0;  // MASTER_PORT: free on that machine, 1 to 65535
  // TORCHELASTIC_USE_AGENT_STORE: torchrun itself listens at that port, for all ranks.
  bool is_served = false;
  int64_t restarts = 0;  // TORCHELASTIC_RESTART_COUNT: of all ranks by torchrun so far
};

// From the variables named above; nothing where WORLD_SIZE is not set or 1. Throws Error for a
// variable that is missing or makes no sense.
std::optional<RankPlace> rank_place_from_environment();

// "cuda" -> "cuda:<local rank>"; every other name as it is.
std::string device_of_rank(const std::string& device, const RankPlace& place);

// What this build can join processes with: "gloo", "gloo and nccl", "nccl", or "nothing".
std::string rank_backends();

// What the processes say to each other. All of them make the same calls in the same order. Where
// one of them is gone, or silent for half an hour, the others throw Error.
class Ranks {
 public:
  Ranks();  // alone: what follows changes nothing
  // Waits up to five minutes for the others. Throws Error where they do not come, and where
  // LibTorch or this build has no c10d for the device.
  Ranks(const RankPlace& place, const torch::Device& device);
  ~Ranks();
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;

  int64_t rank() const { return place_.rank; }
  int64_t size() const { return place_.size; }
  bool is_first() const { return place_.rank == 0; }  // the one that validates, logs and saves
  bool is_alone() const { return place_.size == 1; }

  // In place, the mean over the ranks: the same bits in all of them. Floating point; shapes agree.
  void average(const std::vector<torch::Tensor>& tensors) const;
  std::vector<double> sum(const std::vector<double>& values) const;

  // What rank 0 has.
  std::string broadcast(const std::string& text) const;
  State broadcast(const State& state) const;

 private:
  struct Connection;
  void exchange(torch::Tensor& tensor, bool is_broadcast) const;

  RankPlace place_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace dmcvr
