// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/ranks.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/torch_compat.h"

#include <nlohmann/json.hpp>
#include <torch/types.h>
#include <torch/utils.h>

// LibTorch has the library of c10d where these are defined; their headers may still be missing.
#if defined(USE_C10D_GLOO) && __has_include(<gloo/config.h>)
#define DMCVR_HAS_GLOO
#endif
#if defined(USE_C10D_NCCL) && __has_include(<nccl.h>)
#define DMCVR_HAS_NCCL
#endif
#if defined(DMCVR_HAS_GLOO) || defined(DMCVR_HAS_NCCL)
#define DMCVR_HAS_C10D
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif
#ifdef DMCVR_HAS_GLOO
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>
#endif
#ifdef DMCVR_HAS_NCCL
#include <torch/csrc/distributed/c10d/ProcessGroupNCCL.hpp>
#endif

#include <charconv>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <utility>

namespace dmcvr {
namespace {

constexpr std::chrono::minutes kJoinTime{5};
constexpr std::chrono::minutes kSilentTime{30};  // a validation of rank 0 has to fit
constexpr int64_t kMostRanks = 4096;
constexpr int64_t kMostRestarts = 1'000'000;

std::optional<std::string> variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr || *value == '\0') return {};
  return value;
}

int64_t number_in(const char* name, int64_t low, int64_t high) {
  const auto text = variable(name);
  if (!text) {
    throw Error(
        "WORLD_SIZE is set and {} is not; training in several processes needs RANK, WORLD_SIZE, "
        "MASTER_ADDR and MASTER_PORT",
        name);
  }
  int64_t number = 0;
  const auto* end = text->data() + text->size();
  const auto parsed = std::from_chars(text->data(), end, number);
  if (parsed.ec != std::errc() || parsed.ptr != end || number < low || number > high)
    throw Error("{}={}: expected {} to {}", name, *text, low, high);
  return number;
}

}  // namespace

std::optional<RankPlace> rank_place_from_environment() {
  if (!variable("WORLD_SIZE")) return {};
  RankPlace place;
  place.size = number_in("WORLD_SIZE", 1, kMostRanks);
  if (place.size == 1) return {};
  place.rank = number_in("RANK", 0, place.size - 1);
  place.local_rank =
      variable("LOCAL_RANK") ? number_in("LOCAL_RANK", 0, place.size - 1) : place.rank;
  const auto host = variable("MASTER_ADDR");
  if (!host) {
    throw Error("WORLD_SIZE is set and MASTER_ADDR is not: the name of the machine of rank 0");
  }
  place.host = *host;
  place.port = number_in("MASTER_PORT", 1, 65535);
  place.is_served = variable("TORCHELASTIC_USE_AGENT_STORE") == "True";
  if (variable("TORCHELASTIC_RESTART_COUNT"))
    place.restarts = number_in("TORCHELASTIC_RESTART_COUNT", 0, kMostRestarts);
  return place;
}

std::string rank_backends() {
#if defined(DMCVR_HAS_GLOO) && defined(DMCVR_HAS_NCCL)
  return "gloo and nccl";
#elif defined(DMCVR_HAS_GLOO)
  return "gloo";
#elif defined(DMCVR_HAS_NCCL)
  return "nccl";
#else
  return "nothing";
#endif
}

std::string device_of_rank(const std::string& device, const RankPlace& place) {
  return device == "cuda" ? "cuda:" + std::to_string(place.local_rank) : device;
}

struct Ranks::Connection {
  torch::Device device = torch::kCPU;
  std::function<void(std::vector<torch::Tensor>&)> sum;
  std::function<void(std::vector<torch::Tensor>&)> broadcast;  // from rank 0
};

#ifdef DMCVR_HAS_C10D
namespace {

template <typename Group>
void connect(c10::intrusive_ptr<Group> group, std::function<void(std::vector<torch::Tensor>&)>& sum,
             std::function<void(std::vector<torch::Tensor>&)>& broadcast) {
  sum = [group](std::vector<torch::Tensor>& tensors) { group->allreduce(tensors)->wait(); };
  broadcast = [group](std::vector<torch::Tensor>& tensors) { group->broadcast(tensors)->wait(); };
}

c10::intrusive_ptr<c10d::Store> join_store(const RankPlace& place) {
  c10d::TCPStoreOptions options;
  options.port = static_cast<uint16_t>(place.port);
  options.isServer = place.rank == 0 && !place.is_served;
  options.numWorkers = static_cast<size_t>(place.size);
  options.timeout = kJoinTime;
  serve_plainly(options, 0);
  auto store = c10::make_intrusive<c10d::TCPStore>(place.host, options);
  if (!place.is_served) return store;
  // What ranks said to each other before torchrun started them anew is still there.
  return c10::make_intrusive<c10d::PrefixStore>(fmt::format("dmcvr/{}", place.restarts), store);
}

#ifdef DMCVR_HAS_GLOO
c10::intrusive_ptr<c10d::ProcessGroupGloo> join_gloo(const c10::intrusive_ptr<c10d::Store>& store,
                                                     const RankPlace& place) {
  using Gloo = c10d::ProcessGroupGloo;
  const auto interface = variable("GLOO_SOCKET_IFNAME");
  const bool is_here = place.host == "localhost" || place.host == "127.0.0.1";
  const auto options = Gloo::Options::create(kSilentTime);
  options->devices.push_back(interface ? Gloo::createDeviceForInterface(*interface)
                             : is_here ? Gloo::createDeviceForHostname("127.0.0.1")
                                       : Gloo::createDefaultDevice());
  return c10::make_intrusive<Gloo>(store, static_cast<int>(place.rank),
                                   static_cast<int>(place.size), options);
}
#endif

#ifdef DMCVR_HAS_NCCL
c10::intrusive_ptr<c10d::ProcessGroupNCCL> join_nccl(const c10::intrusive_ptr<c10d::Store>& store,
                                                     const RankPlace& place) {
  const auto options = c10d::ProcessGroupNCCL::Options::create();
  options->timeout = kSilentTime;
  return c10::make_intrusive<c10d::ProcessGroupNCCL>(store, static_cast<int>(place.rank),
                                                     static_cast<int>(place.size), options);
}
#endif

// Who came too late, or why this one could not even wait.
Error joining_error(const RankPlace& place, std::chrono::steady_clock::duration waited,
                    const std::exception& error) {
  std::string reason = error.what();
  reason = reason.substr(0, reason.find('\n'));  // LibTorch adds a trace
  const auto where = fmt::format("rank {} of {}: ", place.rank, place.size);
  if (waited >= kJoinTime) {
    return Error(
        "{}not all of the {} processes came to {}:{} within {} minutes; look for the last words of "
        "those that are missing ({})",
        where, place.size, place.host, place.port, kJoinTime.count(), reason);
  }
  if (place.rank == 0 && !place.is_served) {
    return Error("{}cannot wait for the others at {}:{}; take another MASTER_PORT ({})", where,
                 place.host, place.port, reason);
  }
  return Error("{}cannot join the others at {}:{}; is {} there? ({})", where, place.host,
               place.port, place.is_served ? "torchrun" : "rank 0", reason);
}

}  // namespace
#endif

Ranks::Ranks() = default;
Ranks::~Ranks() = default;

Ranks::Ranks(const RankPlace& place, const torch::Device& device) : place_(place) {
  if (place.size == 1) return;
  connection_ = std::make_unique<Connection>();
  connection_->device = device;
#ifdef DMCVR_HAS_C10D
  const auto start = std::chrono::steady_clock::now();
  try {
    const auto store = join_store(place);
#ifdef DMCVR_HAS_NCCL
    if (device.is_cuda())
      connect(join_nccl(store, place), connection_->sum, connection_->broadcast);
#endif
#ifdef DMCVR_HAS_GLOO
    if (!connection_->sum) {
      connection_->device = torch::kCPU;
      connect(join_gloo(store, place), connection_->sum, connection_->broadcast);
    }
#endif
  } catch (const std::exception& error) {
    throw joining_error(place, std::chrono::steady_clock::now() - start, error);
  }
#endif
  if (!connection_->sum) {
    throw Error(
        "WORLD_SIZE={}: this program was built without c10d for {} (headers of Gloo, "
        "libgloo-dev, or of NCCL); build it with them, or train in one process",
        place.size, device.str());
  }
}

void Ranks::exchange(torch::Tensor& tensor, bool is_broadcast) const {
  // Gloo takes tensors of GPUs over the processor.
  const auto home = tensor.device();
  std::vector<torch::Tensor> tensors = {tensor.to(connection_->device).contiguous()};
  try {
    is_broadcast ? connection_->broadcast(tensors) : connection_->sum(tensors);
  } catch (const std::exception&) {
    throw Error(
        "rank {} of {}: another process of this training ended or is silent for more than {} "
        "minutes; look for its last words, then go on with --resume in all of them",
        place_.rank, place_.size, kSilentTime.count());
  }
  tensor = tensors[0].to(home);
}

void Ranks::average(const std::vector<torch::Tensor>& tensors) const {
  if (is_alone() || tensors.empty()) return;
  const torch::NoGradGuard no_gradients;
  std::vector<torch::Tensor> flat;
  for (const auto& tensor : tensors) flat.push_back(tensor.detach().reshape({-1}));
  auto all = torch::cat(flat);
  exchange(all, /*is_broadcast=*/false);
  all /= static_cast<double>(size());
  int64_t begin = 0;
  for (const auto& tensor : tensors) {
    tensor.detach().copy_(all.slice(0, begin, begin + tensor.numel()).view(tensor.sizes()));
    begin += tensor.numel();
  }
}

std::vector<double> Ranks::sum(const std::vector<double>& values) const {
  if (is_alone()) return values;
  auto tensor = torch::tensor(values, torch::kFloat64);
  exchange(tensor, /*is_broadcast=*/false);
  return {tensor.data_ptr<double>(), tensor.data_ptr<double>() + tensor.numel()};
}

std::string Ranks::broadcast(const std::string& text) const {
  if (is_alone()) return text;
  auto length = torch::tensor({static_cast<int64_t>(text.size())}, torch::kInt64);
  exchange(length, /*is_broadcast=*/true);
  auto bytes = torch::zeros({length.item<int64_t>()}, torch::kUInt8);
  if (is_first()) std::memcpy(bytes.data_ptr(), text.data(), text.size());
  if (bytes.numel() > 0) exchange(bytes, /*is_broadcast=*/true);
  return {static_cast<const char*>(bytes.data_ptr()), static_cast<size_t>(bytes.numel())};
}

State Ranks::broadcast(const State& state) const {
  if (is_alone()) return state;
  nlohmann::json shapes = nlohmann::json::object();
  for (const auto& [name, tensor] : state)
    shapes[name] = {{"type", static_cast<int>(tensor.scalar_type())},
                    {"shape", tensor.sizes().vec()}};
  shapes = nlohmann::json::parse(broadcast(shapes.dump()));
  State result;
  for (const auto& [name, entry] : shapes.items()) {
    const auto type = static_cast<torch::ScalarType>(entry.at("type").get<int>());
    auto tensor = is_first() ? state.at(name).detach()
                             : torch::zeros(entry.at("shape").get<std::vector<int64_t>>(), type);
    if (tensor.numel() > 0) exchange(tensor, /*is_broadcast=*/true);
    result[name] = tensor;
  }
  return result;
}

}  // namespace dmcvr
