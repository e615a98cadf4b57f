// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_summary.h"

#include "dmcvr/evaluation/differences.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace dmcvr {
namespace {

using nlohmann::json;

// What a baseline is compared by.
const char* const kCompared[] = {"mean_dice", "mean_dice_whole", "correlation"};

std::vector<std::string> view_methods(const std::vector<ViewScore>& scores) {
  std::vector<std::string> methods;
  for (const ViewScore& score : scores) {
    if (std::find(methods.begin(), methods.end(), score.method) == methods.end())
      methods.push_back(score.method);
  }
  return methods;
}

bool belongs_to(const ViewScore& score, const std::string& view) {
  return view == kAllViews || score.view == view;
}

ViewSummary summary_of(const std::vector<ViewScore>& scores, const std::string& method,
                       const std::string& view) {
  ViewSummary summary;
  summary.method = method;
  summary.view = view;
  std::map<std::string, std::vector<double>> columns;
  std::vector<double> shifts_mm;
  for (const ViewScore& score : scores) {
    if (score.method != method || !belongs_to(score, view)) continue;
    ++summary.pictures;
    for (const ViewMeasure& measure : view_measures())
      columns[measure.name].push_back(measure.value(score));
    if (std::isfinite(score.shift_mm())) shifts_mm.push_back(score.shift_mm());
  }
  for (const auto& [name, values] : columns) summary.measures[name] = summarize(values);
  if (!shifts_mm.empty())
    summary.median_shift_mm = percentile(torch::tensor(shifts_mm, torch::kFloat64), 50);
  return summary;
}

const ViewScore* same_picture(const CaseResult& result, const ViewScore& score,
                              const std::string& method) {
  const auto place =
      std::find_if(result.views.begin(), result.views.end(), [&](const ViewScore& other) {
        return other.method == method && other.view == score.view && other.phase == score.phase;
      });
  return place == result.views.end() ? nullptr : &*place;
}

double value_of(const ViewScore& score, const std::string& name) {
  for (const ViewMeasure& measure : view_measures()) {
    if (measure.name == name) return measure.value(score);
  }
  TORCH_CHECK(false, "view summary: no measure ", name);
}

// Per case, of its pictures.
std::vector<std::vector<double>> differences_by_case(const std::vector<CaseResult>& cases,
                                                     const ViewDifference& compared,
                                                     const std::string& baseline,
                                                     const std::string& measure) {
  std::vector<std::vector<double>> groups;
  for (const CaseResult& result : cases) {
    std::vector<double> values;
    for (const ViewScore& score : result.views) {
      if (score.method != compared.method || !belongs_to(score, compared.view)) continue;
      const ViewScore* other = same_picture(result, score, baseline);
      if (other != nullptr) values.push_back(value_of(score, measure) - value_of(*other, measure));
    }
    groups.push_back(std::move(values));
  }
  return groups;
}

json finite_number(double value) {
  return std::isfinite(value) ? json(value) : json();
}

}  // namespace

std::vector<ViewScore> view_scores_of(const std::vector<CaseResult>& cases) {
  std::vector<ViewScore> scores;
  for (const CaseResult& result : cases)
    scores.insert(scores.end(), result.views.begin(), result.views.end());
  return scores;
}

std::vector<std::string> view_names(const std::vector<ViewScore>& scores) {
  std::set<std::string> sorted;
  for (const ViewScore& score : scores) sorted.insert(score.view);
  std::vector<std::string> names(sorted.begin(), sorted.end());
  if (!names.empty()) names.emplace_back(kAllViews);
  return names;
}

std::vector<ViewSummary> summarize(const std::vector<ViewScore>& scores) {
  std::vector<ViewSummary> summaries;
  for (const std::string& method : view_methods(scores)) {
    for (const std::string& view : view_names(scores))
      summaries.push_back(summary_of(scores, method, view));
  }
  return summaries;
}

std::vector<ViewSummary> summarize_by_phase(const std::vector<ViewScore>& scores) {
  std::vector<std::string> phases;
  std::map<std::string, std::vector<ViewScore>> by_phase;
  for (const ViewScore& score : scores) {
    if (by_phase.count(score.phase) == 0) phases.push_back(score.phase);
    by_phase[score.phase].push_back(score);
  }
  std::vector<ViewSummary> summaries;
  for (const std::string& phase : phases) {
    for (ViewSummary& summary : summarize(by_phase.at(phase))) {
      summary.phase = phase;
      summaries.push_back(std::move(summary));
    }
  }
  return summaries;
}

json to_json(const std::vector<ViewSummary>& summaries) {
  json result = json::array();
  for (const ViewSummary& summary : summaries) {
    json measures = json::object();
    for (const auto& [name, values] : summary.measures) {
      measures[name] = {{"pictures", values.count},
                        {"absent", values.absent},
                        {"mean", finite_number(values.mean)},
                        {"deviation", finite_number(values.deviation)}};
    }
    result.push_back({{"method", summary.method},
                      {"view", summary.view},
                      {"pictures", summary.pictures},
                      {"measures", measures},
                      {"median_shift_mm", finite_number(summary.median_shift_mm)}});
    if (!summary.phase.empty()) result.back()["phase"] = summary.phase;
  }
  return result;
}

std::vector<ViewDifference> view_differences(const std::vector<CaseResult>& cases,
                                             const std::string& baseline) {
  const auto scores = view_scores_of(cases);
  const auto methods = view_methods(scores);
  std::vector<ViewDifference> result;
  if (std::find(methods.begin(), methods.end(), baseline) == methods.end()) return result;
  for (const std::string& method : methods) {
    if (method == baseline) continue;
    for (const std::string& view : view_names(scores)) {
      ViewDifference difference{method, view, {}};
      for (const char* measure : kCompared) {
        difference.measures[measure] =
            bootstrap_mean(differences_by_case(cases, difference, baseline, measure));
      }
      result.push_back(std::move(difference));
    }
  }
  return result;
}

json to_json(const std::vector<ViewDifference>& differences) {
  json result = json::array();
  for (const ViewDifference& difference : differences) {
    json measures = json::object();
    for (const auto& [name, interval] : difference.measures)
      measures[name] = interval_json(interval, "pictures");
    result.push_back(
        {{"method", difference.method}, {"view", difference.view}, {"measures", measures}});
  }
  return result;
}

}  // namespace dmcvr
