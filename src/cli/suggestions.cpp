// SPDX-License-Identifier: Apache-2.0
#include "cli/suggestions.h"

#include <fmt/format.h>

#include <algorithm>

namespace dmcvr::cli {
namespace {

// The verb that was being parsed.
const CLI::App& innermost(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app : innermost(*parsed.back());
}

std::vector<std::string> option_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
    for (const std::string& name : option->get_snames()) names.push_back("-" + name);
  }
  return names;
}

std::vector<std::string> verb_names(const CLI::App& command) {
  std::vector<std::string> names;
  for (const CLI::App* verb : command.get_subcommands({})) names.push_back(verb->get_name());
  return names;
}

}  // namespace

int64_t edit_distance(const std::string& a, const std::string& b) {
  const size_t rows = a.size() + 1, columns = b.size() + 1;
  std::vector<std::vector<int64_t>> cost(rows, std::vector<int64_t>(columns));
  for (size_t i = 0; i < rows; ++i) cost[i][0] = static_cast<int64_t>(i);
  for (size_t j = 0; j < columns; ++j) cost[0][j] = static_cast<int64_t>(j);
  for (size_t i = 1; i < rows; ++i) {
    for (size_t j = 1; j < columns; ++j) {
      const int64_t replaced = cost[i - 1][j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      cost[i][j] = std::min({replaced, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        cost[i][j] = std::min(cost[i][j], cost[i - 2][j - 2] + 1);
      }
    }
  }
  return cost[rows - 1][columns - 1];
}

std::string nearest_word(const std::string& word, const std::vector<std::string>& known) {
  std::string best;
  auto least = static_cast<int64_t>(word.size()) / 2 + 1;
  for (const std::string& candidate : known) {
    const int64_t distance = edit_distance(word, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

CLI::Validator one_of(std::vector<std::string> words) {
  const auto check = [words = std::move(words)](const std::string& word) -> std::string {
    if (std::find(words.begin(), words.end(), word) != words.end()) return "";
    const std::string near = nearest_word(word, words);
    return fmt::format("'{}' is none of {}{}", word, fmt::join(words, ", "),
                       near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near));
  };
  return CLI::Validator(check, "");
}

std::string full_name(const CLI::App& app) {
  const auto parsed = app.get_subcommands();
  return parsed.empty() ? app.get_name() : app.get_name() + " " + full_name(*parsed.back());
}

std::string unknown_word(const CLI::App& app) {
  const CLI::App& command = innermost(app);
  const auto unknown = command.remaining(/*recurse=*/false);
  if (unknown.empty()) return "";
  const auto is_option = [](const std::string& word) { return word.size() > 1 && word[0] == '-'; };
  const auto option = std::find_if(unknown.begin(), unknown.end(), is_option);
  const auto verbs = verb_names(command);

  std::string kind = "argument", word = unknown.front(), near;
  if (!verbs.empty() && !is_option(word)) {
    kind = "verb";
    near = nearest_word(word, verbs);
  } else if (option != unknown.end()) {
    kind = "option";
    word = option->substr(0, option->find('='));
    near = nearest_word(word, option_names(command));
  }
  return fmt::format("unknown {} '{}'{}; see {} --help", kind, word,
                     near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near),
                     full_name(app));
}

}  // namespace dmcvr::cli
