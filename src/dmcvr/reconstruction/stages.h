// SPDX-License-Identifier: Apache-2.0
// The steps of a reconstruction: what runs, how far it is, and what it took.
#pragma once

#include "dmcvr/core/progress.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace dmcvr {

// One step of the work, for run.json.
struct Stage {
  // "locate", "encode", "interpolate", "register", "decode", "segment", "assemble", "round trip"
  std::string name;
  double seconds = 0;
  int64_t evaluations = 0;  // pictures that went through a network, each time counted
};

// The stage that runs and how much of it is done. The stages of a film take turns.
using OnStage = std::function<void(const std::string& stage, int64_t done, int64_t total)>;

// Items begin to end of the `count` that a stage works on in all.
struct Part {
  int64_t begin = 0;
  int64_t end = 1;
  int64_t count = 1;
};

// Runs the stages, part by part, and adds up what each took.
class Stages {
 public:
  // on_stage may be empty, and has to outlive this.
  explicit Stages(const OnStage& on_stage) : on_stage_(on_stage) {}

  // Returns what work(progress) does. evaluations: of all parts together.
  template <typename Work>
  auto run(const std::string& name, int64_t evaluations, const Part& part, const Work& work) {
    const auto start = std::chrono::steady_clock::now();
    const int64_t items = part.end - part.begin;
    const OnProgress progress = [&](int64_t done, int64_t total) {
      const int64_t each = total / items;
      if (on_stage_) on_stage_(name, each * part.begin + done, each * part.count);
    };
    auto result = work(progress);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    Stage& stage = named(name);
    stage.seconds += seconds.count();
    stage.evaluations += evaluations / part.count * items;
    return result;
  }

  const std::vector<Stage>& finished() const { return finished_; }  // by their first part

 private:
  Stage& named(const std::string& name) {
    for (Stage& stage : finished_) {
      if (stage.name == name) return stage;
    }
    finished_.push_back({name});
    return finished_.back();
  }

  const OnStage& on_stage_;
  std::vector<Stage> finished_;
};

}  // namespace dmcvr
