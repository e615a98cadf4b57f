// SPDX-License-Identifier: Apache-2.0
// Scores in the layout of the paper's Table 1 (He et al., DMCVR, MICCAI 2023).
#pragma once

#include "dmcvr/evaluation/summary.h"

#include <string>
#include <vector>

namespace dmcvr {

// A block for all labels together and one per structure; rows are methods, columns DICE, VOE in %,
// and ASD, HD, ASSD in voxels, as published; in the first block PSNR and SSIM of the whole stack as
// well. Mean ± standard deviation over the volumes. Without labels no lines.

// The structures in the order of the blocks, the union first, and what a block is called.
std::vector<std::string> union_first();
std::string block_title(const std::string& structure);

// For the terminal: means alone.
std::vector<std::string> paper_lines(const std::vector<MethodSummary>& methods);
// GitHub's Markdown.
std::vector<std::string> paper_markdown(const std::vector<MethodSummary>& methods);
// Tabulars of LaTeX that need the package booktabs.
std::vector<std::string> paper_latex(const std::vector<MethodSummary>& methods);

}  // namespace dmcvr
