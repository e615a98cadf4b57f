// SPDX-License-Identifier: Apache-2.0
// The table of a summary as papers and pages need it.
#pragma once

#include "dmcvr/evaluation/summary.h"
#include "dmcvr/metrics/statistics.h"

#include <string>
#include <vector>

namespace dmcvr {

struct ScoreColumn {
  std::string title;        // where it stands alone
  std::string group;        // neighbors of one group share its name as a heading in LaTeX, ...
  std::string short_title;  // ... below which this one stands; without a group the title
  int digits = 3;
  bool lower_is_better = false;
};

struct ScoreRow {
  std::string method;
  std::vector<Summary> cells;  // one per column
};

// Mean ± standard deviation; a dash where there is no score. The best mean of a column is bold;
// `original`, `nearest-expert` and `shape-expert` have seen what experts drew and take no part.
struct ScoreTable {
  std::vector<ScoreColumn> columns;
  std::vector<ScoreRow> rows;
};

// GitHub's Markdown.
std::vector<std::string> markdown_table(const ScoreTable& table);

// A tabular of LaTeX that needs the package booktabs.
std::vector<std::string> latex_table(const ScoreTable& table);

// Columns: Dice of LVC, LVM, RVC and their mean, the same pose-free, PSNR.
ScoreTable volume_table(const std::vector<MethodSummary>& methods);

}  // namespace dmcvr
