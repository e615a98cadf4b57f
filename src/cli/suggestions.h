// SPDX-License-Identifier: Apache-2.0
// "Did you mean": the known word that is nearest to a mistyped one.
#pragma once

#include <CLI/App.hpp>

#include <cstdint>
#include <string>
#include <vector>

namespace dmcvr::cli {

// Insertions, deletions, replacements and swaps of neighbors that make one word of the other.
int64_t edit_distance(const std::string& a, const std::string& b);

// The nearest of `known`, or nothing if more than half of the word would have to change.
std::string nearest_word(const std::string& word, const std::vector<std::string>& known);

// Accepts `words` alone; what it says of another names the nearest of them.
CLI::Validator one_of(std::vector<std::string> words);

// The verb whose arguments were read when parsing ended: "dmcvr train segmenter".
std::string full_name(const CLI::App& app);

// After a failed parse: one line about the first verb or option that is unknown, with the nearest
// known one. Empty if every word was known.
std::string unknown_word(const CLI::App& app);

}  // namespace dmcvr::cli
