// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/tables.h"

#include "dmcvr/core/label_table.h"

#include <c10/util/Exception.h>
#include <fmt/format.h>

#include <array>
#include <cmath>

namespace dmcvr {
namespace {

// What has seen the truth, or experts' labels beside it, is a bound for the others.
bool is_bound(const std::string& method) {
  return method == method_name(Method::original) || needs_experts(method);
}

// What the reader sees, so that equal cells are equally good.
std::string rounded_mean(const Summary& summary, const ScoreColumn& column) {
  return summary.count == 0 ? "" : fmt::format("{:.{}f}", summary.mean, column.digits);
}

std::string best_mean(const ScoreTable& table, size_t column) {
  std::string best;
  double highest = -INFINITY;
  const double sign = table.columns[column].lower_is_better ? -1 : 1;
  for (const ScoreRow& row : table.rows) {
    const Summary& summary = row.cells[column];
    if (is_bound(row.method) || summary.count == 0 || sign * summary.mean <= highest) continue;
    highest = sign * summary.mean;
    best = rounded_mean(summary, table.columns[column]);
  }
  return best;
}

// How one kind of page writes a cell.
struct CellStyle {
  const char* bold;  // with the mean in place of {}
  const char* plus_minus;
  const char* absent;
};

std::vector<std::string> row_cells(const ScoreTable& table, const ScoreRow& row,
                                   const CellStyle& style) {
  TORCH_CHECK(row.cells.size() == table.columns.size(), "score table: ", row.cells.size(),
              " cells in ", table.columns.size(), " columns");
  std::vector<std::string> cells;
  for (size_t n = 0; n < table.columns.size(); ++n) {
    std::string text = rounded_mean(row.cells[n], table.columns[n]);
    if (text.empty()) {
      cells.emplace_back(style.absent);
      continue;
    }
    if (text == best_mean(table, n) && !is_bound(row.method))
      text = fmt::format(fmt::runtime(style.bold), text);
    if (row.cells[n].count > 1) {
      text += fmt::format("{}{:.{}f}", style.plus_minus, row.cells[n].deviation,
                          table.columns[n].digits);
    }
    cells.push_back(text);
  }
  return cells;
}

// The line of headings over neighbors of one group, and the rules below them.
std::array<std::string, 2> group_lines(const std::vector<ScoreColumn>& columns) {
  std::array<std::string, 2> lines;
  for (size_t n = 0; n < columns.size();) {
    size_t end = n + 1;
    while (end < columns.size() && columns[end].group == columns[n].group) ++end;
    if (columns[n].group.empty()) {
      for (size_t alone = n; alone < end; ++alone) lines[0] += " &";
    } else {
      lines[0] += fmt::format(" & \\multicolumn{{{}}}{{c}}{{{}}}", end - n, columns[n].group);
      lines[1] += fmt::format("\\cmidrule(lr){{{}-{}}}", n + 2, end + 1);
    }
    n = end;
  }
  lines[0] += " \\\\";
  return lines;
}

}  // namespace

std::vector<std::string> markdown_table(const ScoreTable& table) {
  std::string titles = "| method |", rule = "|---|";
  for (const ScoreColumn& column : table.columns) {
    titles += fmt::format(" {} |", column.title);
    rule += "---|";
  }
  std::vector<std::string> lines = {titles, rule};
  for (const ScoreRow& row : table.rows) {
    const auto cells = row_cells(table, row, {"**{}**", " ± ", ""});
    lines.push_back(fmt::format("| {} | {} |", row.method, fmt::join(cells, " | ")));
  }
  return lines;
}

std::vector<std::string> latex_table(const ScoreTable& table) {
  std::string titles;
  for (const ScoreColumn& column : table.columns)
    titles += fmt::format(" & {}", column.group.empty() ? column.title : column.short_title);
  const auto groups = group_lines(table.columns);
  std::vector<std::string> lines = {
      fmt::format("\\begin{{tabular}}{{l{}}}", std::string(table.columns.size(), 'c')),
      "\\toprule",
      groups[0],
      groups[1],
      "Method" + titles + " \\\\",
      "\\midrule"};
  for (const ScoreRow& row : table.rows) {
    const auto cells = row_cells(table, row, {"\\textbf{{{}}}", "$\\,\\pm\\,$", "--"});
    lines.push_back(fmt::format("{} & {} \\\\", row.method, fmt::join(cells, " & ")));
  }
  lines.insert(lines.end(), {"\\bottomrule", "\\end{tabular}"});
  return lines;
}

ScoreTable volume_table(const std::vector<MethodSummary>& methods) {
  std::vector<std::string> structures;
  for (const auto& [label, name] : label_table()) structures.push_back(name);
  structures.emplace_back("mean");
  ScoreTable table;
  for (const auto& name : structures) table.columns.push_back({name, "Dice", name});
  for (const auto& name : structures)
    table.columns.push_back({name + ", pose-free", "Dice, pose-free", name});
  table.columns.push_back({"PSNR/dB", "", "", 2});

  for (const MethodSummary& method : methods) {
    ScoreRow row{method.method, {}};
    for (const char* measure : {"dice", "dice_pose_free"}) {
      for (const auto& name : structures) {
        const auto structure = method.structures.find(name);
        row.cells.push_back(structure == method.structures.end() ? Summary()
                                                                 : structure->second.at(measure));
      }
    }
    row.cells.push_back(method.pictures.at("psnr_db"));
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace dmcvr
