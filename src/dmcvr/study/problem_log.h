// SPDX-License-Identifier: Apache-2.0
// What readers of studies put right or leave out: said in the log, and kept for who asks for it.
#pragma once

#include "dmcvr/study/found_series.h"

#include <string>
#include <vector>

namespace dmcvr {

// Keeps what is said in this thread while it lives; a second one keeps it instead of the first.
// Where the first one lets nothing into the log, nor does the second.
class ProblemLog {
 public:
  explicit ProblemLog(bool is_said = true);
  ~ProblemLog();
  ProblemLog(const ProblemLog&) = delete;
  ProblemLog& operator=(const ProblemLog&) = delete;

  bool is_said() const { return is_said_; }

  std::vector<Problem> problems;

 private:
  bool is_said_;
  ProblemLog* outer_;
};

// A warning, "where: text; remedy", and an entry of the log that listens, without participants'
// ids. `where` names a case or a file.
void say(const std::string& where, const Problem& problem);

}  // namespace dmcvr
