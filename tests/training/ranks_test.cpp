// SPDX-License-Identifier: Apache-2.0
// Threads stand for processes here; tests/e2e/several_processes.sh has true ones.
#include "dmcvr/training/ranks.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"
#include "dmcvr/core/torch_compat.h"

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <torch/utils.h>
#include <unistd.h>
#if defined(USE_C10D_GLOO) && __has_include(<gloo/config.h>)
#include <torch/csrc/distributed/c10d/TCPStore.hpp>
#endif

#include <cstdlib>
#include <functional>
#include <map>
#include <thread>

namespace dmcvr {
namespace {

using Variables = std::map<std::string, std::string>;

// The words of the error of joining with these variables, or what was understood.
std::string understood(const Variables& variables) {
  const auto names = {"RANK", "WORLD_SIZE", "LOCAL_RANK", "MASTER_ADDR", "MASTER_PORT"};
  for (const auto* name : names) unsetenv(name);
  for (const auto& [name, value] : variables) setenv(name.c_str(), value.c_str(), 1);
  std::string result = "alone";
  try {
    if (const auto place = rank_place_from_environment()) {
      result = fmt::format("{}/{} ({}) at {}:{}", place->rank, place->size, place->local_rank,
                           place->host, place->port);
    }
  } catch (const Error& error) {
    result = error.what();
  }
  for (const auto* name : names) unsetenv(name);
  return result;
}

TEST(Ranks, VariablesOfTorchrun) {
  Variables variables = {
      {"RANK", "5"}, {"WORLD_SIZE", "8"}, {"MASTER_ADDR", "node1"}, {"MASTER_PORT", "29500"}};
  EXPECT_EQ(understood({}), "alone");
  EXPECT_EQ(understood({{"RANK", "0"}, {"WORLD_SIZE", "1"}}), "alone");
  EXPECT_EQ(understood(variables), "5/8 (5) at node1:29500");
  variables["LOCAL_RANK"] = "1";
  EXPECT_EQ(understood(variables), "5/8 (1) at node1:29500");
  for (const std::string name : {"RANK", "MASTER_ADDR", "MASTER_PORT"}) {
    auto without = variables;
    without.erase(name);
    EXPECT_NE(understood(without).find(name), std::string::npos);
  }
  for (const std::string wrong : {"8", "-1", "first", "1x"}) {
    variables["RANK"] = wrong;
    EXPECT_EQ(understood(variables), "RANK=" + wrong + ": expected 0 to 7");
  }
}

TEST(Ranks, EachTakesTheGpuOfItsMachine) {
  EXPECT_EQ(device_of_rank("cuda", {5, 8, 1, "", 0}), "cuda:1");
  EXPECT_EQ(device_of_rank("cuda:3", {5, 8, 1, "", 0}), "cuda:3");
  EXPECT_EQ(device_of_rank("cpu", {5, 8, 1, "", 0}), "cpu");
}

TEST(Ranks, AloneNothingChanges) {
  const Ranks alone;
  EXPECT_TRUE(alone.is_alone() && alone.is_first());
  const auto tensor = torch::randn({3});
  const auto before = tensor.clone();
  alone.average({tensor});
  EXPECT_TRUE(torch::equal(tensor, before));
  EXPECT_EQ(alone.sum({1, 2}), (std::vector<double>{1, 2}));
  EXPECT_EQ(alone.broadcast(std::string("text")), "text");
}

int64_t free_port() {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* base = reinterpret_cast<sockaddr*>(&address);
  EXPECT_EQ(bind(server, base, size), 0);
  EXPECT_EQ(getsockname(server, base, &size), 0);
  close(server);
  return ntohs(address.sin_port);
}

// Runs `work` as every rank; false where this build has no c10d.
bool together(int64_t count, const std::function<void(const Ranks&)>& work) {
  const int64_t port = free_port();
  std::vector<std::string> errors(static_cast<size_t>(count));
  std::vector<std::thread> threads;
  for (int64_t rank = 0; rank < count; ++rank) {
    threads.emplace_back([&, rank] {
      try {
        work(Ranks({rank, count, rank, "127.0.0.1", port}, torch::kCPU));
      } catch (const Error& error) {
        errors[static_cast<size_t>(rank)] = error.what();
      }
    });
  }
  for (auto& thread : threads) thread.join();
  if (errors[0].find("built without c10d") != std::string::npos) return false;
  for (const auto& error : errors) EXPECT_EQ(error, "");
  return true;
}

TEST(Ranks, AverageSumAndBroadcast) {
  const bool has_c10d = together(3, [](const Ranks& ranks) {
    const auto mine = static_cast<double>(ranks.rank() + 1);  // 1, 2, 3
    const auto a = torch::full({2, 3}, mine), b = torch::full({4}, 10 * mine);
    ranks.average({a, b});
    EXPECT_TRUE(torch::equal(a, torch::full({2, 3}, 2.0F)));
    EXPECT_TRUE(torch::equal(b, torch::full({4}, 20.0F)));
    EXPECT_EQ(ranks.sum({mine, 1}), (std::vector<double>{6, 3}));
    EXPECT_EQ(ranks.broadcast(ranks.is_first() ? std::string("first") : "another one"), "first");
    EXPECT_EQ(ranks.broadcast(ranks.is_first() ? std::string() : "not empty"), "");

    State state;
    if (ranks.is_first()) state = {{"w", torch::ones({2, 2})}, {"n", torch::tensor(int64_t{7})}};
    const auto received = ranks.broadcast(state);
    ASSERT_EQ(received.size(), 2u);
    EXPECT_TRUE(torch::equal(received.at("w"), torch::ones({2, 2})));
    EXPECT_EQ(received.at("n").item<int64_t>(), 7);
  });
  EXPECT_EQ(rank_backends() == "nothing", !has_c10d);
  if (!has_c10d) GTEST_SKIP() << "this build has no c10d";
}

// Adam follows every bit of a gradient: all ranks must see the same ones.
TEST(Ranks, TheAverageHasTheSameBitsEverywhere) {
  std::vector<torch::Tensor> found(3);
  const bool has_c10d = together(3, [&](const Ranks& ranks) {
    auto generator = make_generator(1, "gradient", static_cast<uint64_t>(ranks.rank()));
    const auto tensor = torch::randn({100001}, generator);
    ranks.average({tensor});
    found[static_cast<size_t>(ranks.rank())] = tensor;
  });
  if (!has_c10d) GTEST_SKIP() << "this build has no c10d";
  EXPECT_TRUE(torch::equal(found[0], found[1]));
  EXPECT_TRUE(torch::equal(found[0], found[2]));
}

TEST(Ranks, VariablesOfTorchrunThatListensItself) {
  setenv("TORCHELASTIC_USE_AGENT_STORE", "True", 1);
  setenv("TORCHELASTIC_RESTART_COUNT", "2", 1);
  for (const auto& [name, value] : Variables{
           {"RANK", "0"}, {"WORLD_SIZE", "2"}, {"MASTER_ADDR", "node1"}, {"MASTER_PORT", "29500"}})
    setenv(name.c_str(), value.c_str(), 1);
  const auto place = rank_place_from_environment();
  for (const auto* name : {"TORCHELASTIC_USE_AGENT_STORE", "TORCHELASTIC_RESTART_COUNT", "RANK",
                           "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"})
    unsetenv(name);
  ASSERT_TRUE(place);
  EXPECT_TRUE(place->is_served);
  EXPECT_EQ(place->restarts, 2);
}

// torchrun listens at the port itself, started the ranks once before, and they spoke to each other.
TEST(Ranks, MeetWhereTorchrunListens) {
#if defined(USE_C10D_GLOO) && __has_include(<gloo/config.h>)
  c10d::TCPStoreOptions options;
  options.port = 0;  // any
  options.isServer = true;
  options.waitWorkers = false;
  serve_plainly(options, 0);
  const auto agent = c10::make_intrusive<c10d::TCPStore>("127.0.0.1", options);
  for (const int64_t restarts : {0, 1}) {
    std::vector<double> sums(2);
    std::vector<std::string> errors(2);
    std::vector<std::thread> threads;
    for (const size_t rank : {0, 1}) {
      threads.emplace_back([&, rank] {
        RankPlace place{static_cast<int64_t>(rank), 2, static_cast<int64_t>(rank), "127.0.0.1",
                        static_cast<int64_t>(agent->getPort())};
        place.is_served = true;
        place.restarts = restarts;
        try {
          sums[rank] = Ranks(place, torch::kCPU).sum({static_cast<double>(rank + 1)})[0];
        } catch (const Error& error) {
          errors[rank] = error.what();
        }
      });
    }
    for (auto& thread : threads) thread.join();
    EXPECT_EQ(errors, (std::vector<std::string>{"", ""}));
    EXPECT_EQ(sums, (std::vector<double>{3, 3}));
  }
#else
  GTEST_SKIP() << "this build has no c10d";
#endif
}

// A second job on the same machine with the same port: told at once, not after the joining time.
TEST(Ranks, ATakenPortIsSaid) {
  const int server = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_ANY);
  socklen_t size = sizeof(address);
  auto* base = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(bind(server, base, size), 0);
  ASSERT_EQ(listen(server, 1), 0);
  ASSERT_EQ(getsockname(server, base, &size), 0);
  std::string said;
  try {
    Ranks({0, 2, 0, "127.0.0.1", ntohs(address.sin_port)}, torch::kCPU);
  } catch (const Error& error) {
    said = error.what();
  }
  close(server);
  if (said.find("built without c10d") != std::string::npos)
    GTEST_SKIP() << "this build has no c10d";
  EXPECT_NE(said.find("rank 0 of 2: cannot wait for the others"), std::string::npos) << said;
  EXPECT_NE(said.find("MASTER_PORT"), std::string::npos) << said;
  EXPECT_EQ(said.find('\n'), std::string::npos) << said;
}

TEST(Ranks, OneThatEndsEarlyIsSaid) {
  std::string said;
  const bool has_c10d = together(2, [&](const Ranks& ranks) {
    ranks.sum({1});
    if (!ranks.is_first()) return;  // gone
    try {
      for (int i = 0; i < 3; ++i) ranks.sum({1});
    } catch (const Error& error) {
      said = error.what();
    }
  });
  if (!has_c10d) GTEST_SKIP() << "this build has no c10d";
  EXPECT_NE(said.find("rank 0 of 2: another process of this training ended"), std::string::npos)
      << said;
}

}  // namespace
}  // namespace dmcvr
