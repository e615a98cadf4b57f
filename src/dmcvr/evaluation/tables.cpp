// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/tables.h"

#include "dmcvr/core/label_table.h"

#include <fmt/format.h>

#include <cmath>

namespace dmcvr {
namespace {

struct TableColumn {
  std::string structure;  // empty: PSNR
  std::string measure;
  std::string title;
  int digits = 3;
};

std::vector<TableColumn> table_columns() {
  std::vector<std::string> structures;
  for (const auto& [label, name] : label_table()) structures.push_back(name);
  structures.emplace_back("mean");
  std::vector<TableColumn> columns;
  for (const auto& name : structures) columns.push_back({name, "dice", name});
  for (const auto& name : structures) columns.push_back({name, "dice_pose_free", name});
  columns.push_back({"", "psnr_db", "PSNR/dB", 2});
  return columns;
}

Summary summary_of(const MethodSummary& method, const TableColumn& column) {
  if (column.structure.empty()) return method.pictures.at(column.measure);
  const auto structure = method.structures.find(column.structure);
  return structure == method.structures.end() ? Summary() : structure->second.at(column.measure);
}

// What the reader sees, so that equal cells are equally good.
std::string rounded_mean(const MethodSummary& method, const TableColumn& column) {
  const Summary summary = summary_of(method, column);
  return summary.count == 0 ? "" : fmt::format("{:.{}f}", summary.mean, column.digits);
}

std::string best_mean(const std::vector<MethodSummary>& methods, const TableColumn& column) {
  std::string best;
  double highest = -INFINITY;
  for (const MethodSummary& method : methods) {
    const Summary summary = summary_of(method, column);
    if (method.method == "original" || summary.count == 0 || summary.mean <= highest) continue;
    highest = summary.mean;
    best = rounded_mean(method, column);
  }
  return best;
}

// How one kind of page writes a cell.
struct CellStyle {
  const char* bold;  // with the mean in place of {}
  const char* plus_minus;
  const char* absent;
};

std::vector<std::string> row_cells(const MethodSummary& method,
                                   const std::vector<TableColumn>& columns,
                                   const std::vector<std::string>& best, const CellStyle& style) {
  std::vector<std::string> cells;
  for (size_t n = 0; n < columns.size(); ++n) {
    const Summary summary = summary_of(method, columns[n]);
    std::string text = rounded_mean(method, columns[n]);
    if (text.empty()) {
      cells.emplace_back(style.absent);
      continue;
    }
    if (text == best[n] && method.method != "original")
      text = fmt::format(fmt::runtime(style.bold), text);
    if (summary.count > 1)
      text += fmt::format("{}{:.{}f}", style.plus_minus, summary.deviation, columns[n].digits);
    cells.push_back(text);
  }
  return cells;
}

std::vector<std::string> best_of(const std::vector<MethodSummary>& methods,
                                 const std::vector<TableColumn>& columns) {
  std::vector<std::string> best;
  for (const TableColumn& column : columns) best.push_back(best_mean(methods, column));
  return best;
}

}  // namespace

std::vector<std::string> markdown_table(const std::vector<MethodSummary>& methods) {
  const auto columns = table_columns();
  const auto best = best_of(methods, columns);
  std::string titles = "| method |", rule = "|---|";
  for (const TableColumn& column : columns) {
    titles += fmt::format(" {}{} |", column.title,
                          column.measure == "dice_pose_free" ? ", pose-free" : "");
    rule += "---|";
  }
  std::vector<std::string> lines = {titles, rule};
  for (const MethodSummary& method : methods) {
    const auto cells = row_cells(method, columns, best, {"**{}**", " ± ", ""});
    lines.push_back(fmt::format("| {} | {} |", method.method, fmt::join(cells, " | ")));
  }
  return lines;
}

std::vector<std::string> latex_table(const std::vector<MethodSummary>& methods) {
  const auto columns = table_columns();
  const auto best = best_of(methods, columns);
  const size_t group = (columns.size() - 1) / 2;
  std::string titles;
  for (const TableColumn& column : columns) titles += fmt::format(" & {}", column.title);
  std::vector<std::string> lines = {
      fmt::format("\\begin{{tabular}}{{l{}}}", std::string(columns.size(), 'c')),
      "\\toprule",
      fmt::format(" & \\multicolumn{{{0}}}{{c}}{{Dice}} & \\multicolumn{{{0}}}{{c}}{{Dice, "
                  "pose-free}} & \\\\",
                  group),
      fmt::format("\\cmidrule(lr){{2-{}}}\\cmidrule(lr){{{}-{}}}", group + 1, group + 2,
                  2 * group + 1),
      "Method" + titles + " \\\\",
      "\\midrule"};
  for (const MethodSummary& method : methods) {
    const auto cells = row_cells(method, columns, best, {"\\textbf{{{}}}", "$\\,\\pm\\,$", "--"});
    lines.push_back(fmt::format("{} & {} \\\\", method.method, fmt::join(cells, " & ")));
  }
  lines.insert(lines.end(), {"\\bottomrule", "\\end{tabular}"});
  return lines;
}

}  // namespace dmcvr
