// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/paper_table.h"

#include "dmcvr/evaluation/scores.h"
#include "dmcvr/evaluation/tables.h"

#include <fmt/format.h>

#include <algorithm>

namespace dmcvr {
namespace {

struct PaperBlock {
  std::string title;
  ScoreTable table;
};

struct PublishedMeasure {
  const char* name;
  ScoreColumn column;
};

const std::vector<PublishedMeasure>& published_measures() {
  static const std::vector<PublishedMeasure> measures = {
      {"dice", {"DICE", "", "", 3}},
      {"voe_percent", {"VOE/%", "", "", 2, true}},
      {"asd_voxels", {"ASD", "", "", 3, true}},
      {"hd_voxels", {"HD", "", "", 2, true}},
      {"assd_voxels", {"ASSD", "", "", 3, true}}};
  return measures;
}

ScoreTable block_table(const std::vector<MethodSummary>& methods, const std::string& structure) {
  ScoreTable table;
  for (const PublishedMeasure& measure : published_measures())
    table.columns.push_back(measure.column);
  const bool has_pictures = structure == kUnion;
  if (has_pictures) {
    table.columns.push_back({"PSNR/dB", "", "", 2});
    table.columns.push_back({"SSIM", "", "", 3});
  }
  for (const MethodSummary& method : methods) {
    const auto scores = method.structures.find(structure);
    if (scores == method.structures.end()) continue;
    ScoreRow row{method.method, {}};
    for (const PublishedMeasure& measure : published_measures())
      row.cells.push_back(scores->second.at(measure.name));
    if (has_pictures) {
      row.cells.push_back(method.pictures.at("stack_psnr_db"));
      row.cells.push_back(method.pictures.at("stack_ssim"));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<PaperBlock> paper_blocks(const std::vector<MethodSummary>& methods) {
  std::vector<PaperBlock> blocks;
  for (const std::string& name : union_first()) {
    PaperBlock block = {block_title(name), block_table(methods, name)};
    if (!block.table.rows.empty()) blocks.push_back(std::move(block));
  }
  return blocks;
}

}  // namespace

std::vector<std::string> union_first() {
  auto structures = scored_structures();
  std::rotate(structures.begin(), structures.end() - 1, structures.end());
  return structures;
}

std::string block_title(const std::string& structure) {
  return structure == kUnion ? "All labels" : structure;
}

std::vector<std::string> paper_lines(const std::vector<MethodSummary>& methods) {
  std::vector<std::string> lines;
  for (const PaperBlock& block : paper_blocks(methods)) {
    std::string titles = fmt::format("{:<20}", block.title);
    for (const ScoreColumn& column : block.table.columns)
      titles += fmt::format("{:>9}", column.title);
    lines.push_back(titles);
    for (const ScoreRow& row : block.table.rows) {
      std::string line = fmt::format("{:<20}", row.method);
      for (size_t n = 0; n < row.cells.size(); ++n) {
        line += row.cells[n].count == 0
                    ? fmt::format("{:>9}", "-")
                    : fmt::format("{:>9.{}f}", row.cells[n].mean, block.table.columns[n].digits);
      }
      lines.push_back(line);
    }
  }
  return lines;
}

std::vector<std::string> paper_markdown(const std::vector<MethodSummary>& methods) {
  std::vector<std::string> lines;
  for (const PaperBlock& block : paper_blocks(methods)) {
    if (!lines.empty()) lines.emplace_back();
    lines.insert(lines.end(), {"**" + block.title + "**", ""});
    for (auto& line : markdown_table(block.table)) lines.push_back(std::move(line));
  }
  return lines;
}

std::vector<std::string> paper_latex(const std::vector<MethodSummary>& methods) {
  std::vector<std::string> lines;
  for (const PaperBlock& block : paper_blocks(methods)) {
    if (!lines.empty()) lines.emplace_back();
    lines.push_back("% " + block.title);
    for (auto& line : latex_table(block.table)) lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace dmcvr
