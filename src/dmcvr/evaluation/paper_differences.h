// SPDX-License-Identifier: Apache-2.0
// How the scores of the paper's Table 1 (paper_table.h) differ from those of a baseline.
#pragma once

#include "dmcvr/evaluation/differences.h"

#include <string>
#include <vector>

namespace dmcvr {

// Per structure, all labels first: the measures of the paper's table, ASD, HD and ASSD in voxels as
// published, and HD95 in mm; with all labels PSNR and SSIM of the whole stack as well. Each cell is
// "-0.012 [-0.027, -0.003]", the mean and its 95 % interval. Without differences no lines.

// For the terminal: all labels alone, a line per measure and a column per method.
std::vector<std::string> paper_difference_lines(const std::vector<Difference>& differences,
                                                const std::string& baseline);
// GitHub's Markdown: every structure, a line per method.
std::vector<std::string> paper_difference_markdown(const std::vector<Difference>& differences,
                                                   const std::string& baseline);

}  // namespace dmcvr
