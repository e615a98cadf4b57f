// SPDX-License-Identifier: Apache-2.0
// The table of a summary as papers and pages need it.
#pragma once

#include "dmcvr/evaluation/summary.h"

#include <string>
#include <vector>

namespace dmcvr {

// Rows are methods; columns Dice of LVC, LVM, RVC and their mean, the same pose-free, PSNR. Mean ±
// standard deviation over the volumes; a dash where there is no score. The best mean of a column is
// bold; `original` has seen the truth and takes no part.

// GitHub's Markdown.
std::vector<std::string> markdown_table(const std::vector<MethodSummary>& methods);

// A tabular of LaTeX that needs the package booktabs.
std::vector<std::string> latex_table(const std::vector<MethodSummary>& methods);

}  // namespace dmcvr
