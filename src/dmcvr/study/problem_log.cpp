// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/problem_log.h"

#include "dmcvr/core/participant.h"

#include <spdlog/spdlog.h>

namespace dmcvr {
namespace {

thread_local ProblemLog* listener = nullptr;

}  // namespace

ProblemLog::ProblemLog(bool is_said)
    : is_said_(is_said && (listener == nullptr || listener->is_said_)), outer_(listener) {
  listener = this;
}

ProblemLog::~ProblemLog() {
  listener = outer_;
}

void say(const std::string& where, const Problem& problem) {
  if (listener == nullptr || listener->is_said())
    spdlog::warn("{}: {}; {}", where, problem.text, problem.remedy);
  if (listener == nullptr) return;
  Problem kept = problem;
  kept.text = without_ids(problem.text);
  listener->problems.push_back(kept);
}

}  // namespace dmcvr
