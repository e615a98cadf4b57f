// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_tables.h"

#include "dmcvr/evaluation/differences.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace dmcvr {
namespace {

const char* const kMeanDice = "mean_dice";

constexpr size_t kMostPhaseColumns = 6;

struct DetailColumn {
  const char* title;
  std::string measure;
  int digits = 3;
};

// Dice where anything is labeled, and what is said of pictures.
std::vector<DetailColumn> detail_columns(bool with_dice) {
  std::vector<DetailColumn> columns;
  if (with_dice) {
    for (const auto& [label, name] : label_table())
      columns.push_back({name.c_str(), name + "_dice"});
    columns.push_back({"mean", kMeanDice});
    columns.push_back({"whole", "mean_dice_whole"});
  }
  columns.push_back({"correl.", "correlation"});
  columns.push_back({"edges", "edge_agreement"});
  return columns;
}

// In the order in which they first occur.
template <typename Items>
std::vector<std::string> names_in(const Items& items, std::string Items::value_type::*field) {
  std::vector<std::string> names;
  for (const auto& item : items) {
    if (std::find(names.begin(), names.end(), item.*field) == names.end())
      names.push_back(item.*field);
  }
  return names;
}

// The one of a method in a view; a table has them all.
template <typename Items>
const typename Items::value_type& item_of(const Items& items, const std::string& method,
                                          const std::string& view) {
  const auto place = std::find_if(items.begin(), items.end(), [&](const auto& item) {
    return item.method == method && item.view == view;
  });
  TORCH_CHECK(place != items.end(), "view tables: no ", method, " in ", view);
  return *place;
}

bool is_labeled(const std::vector<ViewSummary>& summaries) {
  return std::any_of(summaries.begin(), summaries.end(), [](const ViewSummary& summary) {
    return summary.measures.at(kMeanDice).count > 0;
  });
}

std::string csv_value(double value) {
  return std::isfinite(value) ? fmt::format("{:.6g}", value) : "";
}

}  // namespace

std::vector<std::string> view_lines(const std::vector<ViewSummary>& summaries) {
  const auto methods = names_in(summaries, &ViewSummary::method);
  const auto views = names_in(summaries, &ViewSummary::view);
  const bool with_dice = is_labeled(summaries);
  const auto columns = detail_columns(with_dice);
  std::vector<std::string> lines;
  if (with_dice) {
    std::string heading = fmt::format("{:<20}", "inside the stack");
    for (const auto& view : views) heading += heading_cell(view, true);
    lines.push_back(heading);
    for (const auto& method : methods) {
      std::string line = fmt::format("{:<20}", method);
      for (const auto& view : views)
        line += summary_cell(item_of(summaries, method, view).measures.at(kMeanDice), 3, true);
      lines.push_back(line);
    }
  }
  for (const auto& view : views) {
    if (views.size() == 2 && view == kAllViews) continue;  // the same once more
    std::string heading = fmt::format("{:<20}", view == kAllViews ? "all views" : view);
    for (const DetailColumn& column : columns) heading += heading_cell(column.title, false);
    lines.push_back(heading + heading_cell("shift/mm", false));
    for (const auto& method : methods) {
      const ViewSummary& summary = item_of(summaries, method, view);
      std::string line = fmt::format("{:<20}", method);
      for (const DetailColumn& column : columns)
        line += summary_cell(summary.measures.at(column.measure), column.digits, false);
      Summary shift;
      shift.count = std::isnan(summary.median_shift_mm) ? 0 : 1;
      shift.mean = summary.median_shift_mm;
      lines.push_back(line + summary_cell(shift, 2, false));
    }
  }
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

std::vector<std::string> view_phase_lines(const std::vector<ViewSummary>& by_phase) {
  const auto phases = names_in(by_phase, &ViewSummary::phase);
  std::vector<std::string> lines;
  if (phases.size() < 2 || phases.size() > kMostPhaseColumns) return lines;
  const bool with_dice = is_labeled(by_phase);
  std::string heading = fmt::format("{:<20}", with_dice ? "inside, by phase" : "correl. by phase");
  for (const auto& phase : phases) heading += heading_cell(phase, true);
  lines.push_back(heading);
  for (const auto& method : names_in(by_phase, &ViewSummary::method)) {
    std::string line = fmt::format("{:<20}", method);
    for (const auto& phase : phases) {
      Summary cell;  // a phase that only other cases have
      for (const ViewSummary& summary : by_phase) {
        if (summary.method == method && summary.phase == phase && summary.view == kAllViews)
          cell = summary.measures.at(with_dice ? kMeanDice : "correlation");
      }
      line += summary_cell(cell, 3, true);
    }
    lines.push_back(line);
  }
  for (std::string& line : lines) line.erase(line.find_last_not_of(' ') + 1);
  return lines;
}

std::vector<std::string> view_difference_lines(const std::vector<ViewDifference>& differences,
                                               const std::string& baseline) {
  std::vector<std::string> lines;
  const auto views = names_in(differences, &ViewDifference::view);
  const auto block = [&](const std::string& title, const char* measure) {
    const bool has_values =
        std::any_of(differences.begin(), differences.end(), [&](const ViewDifference& difference) {
          return difference.measures.at(measure).values > 0;
        });
    if (!has_values) return;
    std::string heading = fmt::format("{:<20}", title);
    for (const auto& view : views) heading += fmt::format("{:>{}}", view, kIntervalWidth);
    lines.push_back(heading);
    for (const auto& method : names_in(differences, &ViewDifference::method)) {
      std::string line = fmt::format("{:<20}", method);
      for (const auto& view : views)
        line += interval_cell(item_of(differences, method, view).measures.at(measure), 3);
      lines.push_back(line);
    }
  };
  block(fmt::format("minus {}", baseline), kMeanDice);
  block("  correlation", "correlation");
  return lines;
}

ScoreTable view_table(const std::vector<ViewSummary>& summaries) {
  const auto views = names_in(summaries, &ViewSummary::view);
  ScoreTable table;
  for (const auto& view : views) table.columns.push_back({view, "Dice inside the stack", view});
  for (const auto& [label, name] : label_table())
    table.columns.push_back({name + ", all views", "Dice inside, all views", name});
  table.columns.push_back({"whole plane", "", ""});
  table.columns.push_back({"correlation", "", ""});
  for (const auto& method : names_in(summaries, &ViewSummary::method)) {
    ScoreRow row{method, {}};
    for (const auto& view : views)
      row.cells.push_back(item_of(summaries, method, view).measures.at(kMeanDice));
    const ViewSummary& all = item_of(summaries, method, kAllViews);
    for (const auto& [label, name] : label_table())
      row.cells.push_back(all.measures.at(name + "_dice"));
    row.cells.push_back(all.measures.at("mean_dice_whole"));
    row.cells.push_back(all.measures.at("correlation"));
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<std::string> view_csv_lines(const std::vector<CaseResult>& cases) {
  std::string heading = "case,phase,view,method,truth";
  for (const ViewMeasure& measure : view_measures()) heading += "," + measure.name;
  std::vector<std::string> lines = {heading};
  for (const CaseResult& result : cases) {
    const auto truth = nlohmann::json(result.truth).get<std::string>();
    for (const ViewScore& score : result.views) {
      std::string line = fmt::format("{},{},{},{},{}", csv_text(result.name), csv_text(score.phase),
                                     csv_text(score.view), score.method, truth);
      for (const ViewMeasure& measure : view_measures())
        line += "," + csv_value(measure.value(score));
      lines.push_back(line);
    }
  }
  return lines;
}

}  // namespace dmcvr
