// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/problem_log.h"

#include "dmcvr/core/participant.h"

#include <spdlog/spdlog.h>

namespace dmcvr {
namespace {

thread_local ProblemLog* listener = nullptr;

}  // namespace

ProblemLog::ProblemLog() : outer_(listener) {
  listener = this;
}

ProblemLog::~ProblemLog() {
  listener = outer_;
}

void say(const std::string& where, const Problem& problem) {
  spdlog::warn("{}: {}; {}", where, problem.text, problem.remedy);
  if (listener == nullptr) return;
  Problem kept = problem;
  kept.text = without_ids(problem.text);
  listener->problems.push_back(kept);
}

}  // namespace dmcvr
