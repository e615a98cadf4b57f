// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/audit_tables.h"

#include "dmcvr/geometry/orientation.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace dmcvr {
namespace {

using Row = std::vector<std::string>;

constexpr size_t kMostNamed = 3;

// Columns as wide as they need; all but the first `left` are flush right.
std::vector<std::string> aligned(const std::vector<Row>& rows, size_t left) {
  std::vector<size_t> widths;
  for (const Row& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t n = 0; n < row.size(); ++n) widths[n] = std::max(widths[n], row[n].size());
  }
  std::vector<std::string> lines;
  for (const Row& row : rows) {
    std::string line;
    for (size_t n = 0; n < row.size(); ++n) {
      line += n < left ? fmt::format("{:<{}}", row[n], widths[n])
                       : fmt::format("{:>{}}", row[n], widths[n]);
      line += "  ";
    }
    line.erase(line.find_last_not_of(' ') + 1);
    lines.push_back(line);
  }
  return lines;
}

std::string step_of(const std::vector<double>& times_ms) {
  if (times_ms.size() < 2) return "-";
  return fmt::format(
      "{:.1f}", (times_ms.back() - times_ms.front()) / static_cast<double>(times_ms.size() - 1));
}

Row series_row(const AuditedSeries& one) {
  const FoundSeries& found = one.found;
  const auto& size = found.grid.size;
  if (size[0] == 0) return {found.name, "-", "-", "-", "-", "-", "-", "-", "-", "-", "-"};
  const auto spacing = found.grid.spacing_mm();
  return {found.name,
          found.view,
          fmt::format("{}", size[2]),
          fmt::format("{}", found.phases),
          fmt::format("{}x{}", size[0], size[1]),
          fmt::format("{:.4g}x{:.4g}", spacing[0], spacing[1]),
          size[2] > 1 ? fmt::format("{:.4g}", spacing[2]) : "-",
          found.thickness_mm ? fmt::format("{:.4g}", *found.thickness_mm) : "-",
          step_of(found.times_ms),
          orientation_code(found.grid.world_from_voxel),
          one.has_labels ? "yes" : "-"};
}

// The same problem in several series is said once.
struct Kind {
  Problem problem;
  std::vector<std::string> where;
  bool has_one_text = true;
};

void gather(const std::vector<Problem>& problems, const std::string& where,
            std::vector<Kind>& kinds, bool texts_differ) {
  for (const Problem& problem : problems) {
    const auto known = std::find_if(kinds.begin(), kinds.end(), [&](const Kind& kind) {
      return kind.problem.code == problem.code && kind.problem.is_fatal == problem.is_fatal &&
             kind.problem.remedy == problem.remedy &&
             (texts_differ || kind.problem.text == problem.text);
    });
    if (known == kinds.end()) {
      kinds.push_back({problem, {where}, true});
    } else {
      if (known->where.back() != where) known->where.push_back(where);
      known->has_one_text = known->has_one_text && known->problem.text == problem.text;
    }
  }
}

std::string some_of(const std::vector<std::string>& names) {
  const size_t shown = std::min(names.size(), kMostNamed);
  std::string text = fmt::format("{}", fmt::join(names.begin(), names.begin() + shown, ", "));
  if (names.size() > shown) text += fmt::format(" and {} more", names.size() - shown);
  return text;
}

void add_kinds(std::vector<Kind> kinds, std::vector<std::string>& lines) {
  std::stable_partition(kinds.begin(), kinds.end(),
                        [](const Kind& kind) { return kind.problem.is_fatal; });
  for (const auto& [problem, where, has_one_text] : kinds) {
    lines.push_back(fmt::format("{} {}{}: {}", problem.is_fatal ? "REFUSED " : "repaired",
                                problem.code, where.front().empty() ? "" : " in " + some_of(where),
                                has_one_text ? problem.text : "in the first: " + problem.text));
    lines.push_back(fmt::format("         -> {}", problem.remedy));
  }
}

std::string verdict_line(const Audit& audit) {
  switch (audit.verdict()) {
    case Verdict::clean:
      return "no problems: reconstruct takes it as it is";
    case Verdict::repaired:
      return "reconstruct takes it, as said above";
    case Verdict::refused:
      return "reconstruct refuses it";
  }
  return "";
}

std::string codes_of(const Audit& audit) {
  std::vector<std::string> codes;
  const auto take = [&](const std::vector<Problem>& problems) {
    for (const Problem& problem : problems) {
      if (std::find(codes.begin(), codes.end(), problem.code) == codes.end())
        codes.push_back(problem.code);
    }
  };
  take(audit.problems);
  for (const AuditedSeries& one : audit.series) take(one.found.problems);
  return fmt::format("{}", fmt::join(codes, " "));
}

// The stack that reconstruct begins with.
const AuditedSeries* stack_of(const Audit& audit) {
  for (const AuditedSeries& one : audit.series) {
    if (one.is_read && one.found.view == "sax") return &one;
  }
  return nullptr;
}

// In as many files as they lie in.
int64_t phases_of(const Audit& audit) {
  int64_t phases = 0;
  for (const AuditedSeries& one : audit.series)
    phases += one.is_read && one.found.view == "sax" ? one.found.phases : 0;
  return phases;
}

nlohmann::json problems_json(const std::vector<Problem>& problems) {
  auto list = nlohmann::json::array();
  for (const auto& [code, text, remedy, is_fatal] : problems) {
    list.push_back({{"code", code}, {"text", text}, {"remedy", remedy}, {"is_fatal", is_fatal}});
  }
  return list;
}

template <typename Value>
nlohmann::json or_null(const std::optional<Value>& value) {
  return value ? nlohmann::json(*value) : nlohmann::json(nullptr);
}

nlohmann::json series_json(const AuditedSeries& one) {
  const FoundSeries& found = one.found;
  const auto& size = found.grid.size;
  const auto spacing = found.grid.spacing_mm();
  const bool is_known = size[0] > 0;
  return {{"name", found.name},
          {"format", found.format},
          {"view", found.view},
          {"view_by", found.view_by},
          {"columns", size[0]},
          {"rows", size[1]},
          {"slices", size[2]},
          {"phases", found.phases},
          {"pixel_mm", is_known ? nlohmann::json({spacing[0], spacing[1]}) : nlohmann::json()},
          {"pitch_mm", is_known && size[2] > 1 ? nlohmann::json(spacing[2]) : nlohmann::json()},
          {"thickness_mm", or_null(found.thickness_mm)},
          {"slice_z_mm", found.slice_z_mm},
          {"times_ms", found.times_ms},
          {"orientation", is_known ? nlohmann::json(orientation_code(found.grid.world_from_voxel))
                                   : nlohmann::json()},
          {"world_from_voxel",
           is_known ? nlohmann::json({{"matrix", found.grid.world_from_voxel.matrix},
                                      {"offset_mm", found.grid.world_from_voxel.offset}})
                    : nlohmann::json()},
          {"is_read", one.is_read},
          {"has_labels", one.has_labels},
          {"problems", problems_json(found.problems)}};
}

}  // namespace

std::vector<std::string> audit_table(const Audit& audit) {
  std::vector<std::string> lines = {
      fmt::format("{}: {}, {} series", audit.name,
                  audit.layout.empty() ? "no layout that is known" : audit.layout,
                  audit.series.size()),
      ""};
  if (!audit.series.empty()) {
    std::vector<Row> rows = {{"series", "view", "slices", "phases", "matrix", "pixel mm",
                              "pitch mm", "thick mm", "step ms", "axes", "labels"}};
    for (const AuditedSeries& one : audit.series) rows.push_back(series_row(one));
    for (std::string& line : aligned(rows, 2)) lines.push_back(std::move(line));
    lines.emplace_back();
  }
  if (audit.ed_frame && audit.es_frame) {
    lines.push_back(audit.are_ends_guessed
                        ? fmt::format("ED may be frame {} and ES frame {} of the film, counted "
                                      "from 0: a guess from how pictures change",
                                      *audit.ed_frame, *audit.es_frame)
                        : fmt::format("ED is frame {} and ES frame {} of the film, counted from 0",
                                      *audit.ed_frame, *audit.es_frame));
  }
  if (audit.shares_frame) {
    lines.emplace_back(*audit.shares_frame ? "all series share one frame of reference"
                                           : "series are in different frames of reference");
  }
  std::vector<Kind> kinds;
  gather(audit.problems, "", kinds, false);
  for (const AuditedSeries& one : audit.series)
    gather(one.found.problems, one.found.name, kinds, false);
  add_kinds(kinds, lines);
  lines.push_back(verdict_line(audit));
  return lines;
}

std::vector<std::string> audits_table(const std::vector<Audit>& audits) {
  std::vector<Row> rows = {{"case", "layout", "verdict", "slices", "phases", "matrix", "pixel mm",
                            "pitch mm", "problems"}};
  std::vector<Kind> kinds;
  std::map<Verdict, int64_t> counts;
  for (const Audit& audit : audits) {
    const AuditedSeries* stack = stack_of(audit);
    Row row = stack == nullptr ? Row(11, "-") : series_row(*stack);
    if (stack != nullptr) row[3] = fmt::format("{}", phases_of(audit));
    rows.push_back({audit.name, audit.layout, to_string(audit.verdict()), row[2], row[3], row[4],
                    row[5], row[6], codes_of(audit)});
    ++counts[audit.verdict()];
    gather(audit.problems, audit.name, kinds, true);
    for (const AuditedSeries& one : audit.series)
      gather(one.found.problems, audit.name, kinds, true);
  }
  // The last column is text.
  std::vector<Row> front = rows;
  for (Row& row : front) row.pop_back();
  auto lines = aligned(front, 3);
  for (size_t n = 0; n < lines.size(); ++n) {
    if (!rows[n].back().empty()) lines[n] += "  " + rows[n].back();
  }
  lines.emplace_back();
  add_kinds(kinds, lines);
  lines.push_back(fmt::format("{} case{}: {} clean, {} repaired, {} refused", audits.size(),
                              audits.size() == 1 ? "" : "s", counts[Verdict::clean],
                              counts[Verdict::repaired], counts[Verdict::refused]));
  return lines;
}

nlohmann::json audits_json(const std::vector<Audit>& audits) {
  auto cases = nlohmann::json::array();
  std::map<std::string, int64_t> counts = {{"clean", 0}, {"repaired", 0}, {"refused", 0}};
  for (const Audit& audit : audits) {
    auto series = nlohmann::json::array();
    for (const AuditedSeries& one : audit.series) series.push_back(series_json(one));
    ++counts[to_string(audit.verdict())];
    cases.push_back({{"name", audit.name},
                     {"layout", audit.layout},
                     {"verdict", to_string(audit.verdict())},
                     {"ed_frame", or_null(audit.ed_frame)},
                     {"es_frame", or_null(audit.es_frame)},
                     {"end_frames_are_guessed", audit.are_ends_guessed},
                     {"shares_frame_of_reference", or_null(audit.shares_frame)},
                     {"series", series},
                     {"problems", problems_json(audit.problems)}});
  }
  nlohmann::json summary = counts;
  summary["cases"] = audits.size();
  return {{"format", kAuditFormat}, {"cases", cases}, {"summary", summary}};
}

}  // namespace dmcvr
