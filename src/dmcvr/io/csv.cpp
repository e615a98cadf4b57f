// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/csv.h"

#include "dmcvr/core/error.h"

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <fstream>

namespace dmcvr {
namespace {

constexpr int64_t kMostCsvBytes = int64_t{16} << 20;
constexpr size_t kMostColumns = 1000;

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string::npos) return "";
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::string lower(std::string text) {
  for (char& letter : text)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

std::string csv_text(const std::filesystem::path& path) {
  std::error_code failure;
  if (!std::filesystem::is_regular_file(path, failure)) throw Error("no such file");
  std::ifstream stream(path, std::ios::binary);
  std::string text(static_cast<size_t>(kMostCsvBytes) + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (stream.bad() || (!stream && stream.gcount() == 0 && !stream.eof()))
    throw Error("cannot be read");
  text.resize(static_cast<size_t>(stream.gcount()));
  if (static_cast<int64_t>(text.size()) > kMostCsvBytes)
    throw Error("larger than {} MiB, which no table of subjects is", kMostCsvBytes >> 20);
  if (text.compare(0, 3, "\xEF\xBB\xBF") == 0) text.erase(0, 3);
  return text;
}

// Records of fields. A quoted field keeps its separators and line breaks; "" inside is one quote.
std::vector<std::vector<std::string>> records_of(const std::string& text, char separator) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> record;
  std::string field;
  bool is_quoted = false, was_quoted = false;
  const auto end_field = [&] {
    record.push_back(was_quoted ? field : trimmed(field));
    field.clear();
    was_quoted = false;
  };
  const auto end_record = [&] {
    end_field();
    const bool is_empty = std::all_of(record.begin(), record.end(),
                                      [](const std::string& part) { return part.empty(); });
    if (!is_empty) records.push_back(record);
    record.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char letter = text[i];
    if (is_quoted) {
      if (letter != '"') {
        field += letter;
      } else if (i + 1 < text.size() && text[i + 1] == '"') {
        field += text[++i];
      } else {
        is_quoted = false;
      }
    } else if (letter == '"' && trimmed(field).empty() && !was_quoted) {
      field.clear();
      is_quoted = was_quoted = true;
    } else if (letter == separator) {
      end_field();
    } else if (letter == '\n' || letter == '\r') {
      end_record();
    } else if (!was_quoted || (letter != ' ' && letter != '\t')) {
      field += letter;
    }
  }
  if (is_quoted) throw Error("a quote is opened and never closed");
  end_record();
  return records;
}

}  // namespace

std::optional<size_t> CsvTable::column(const std::string& name) const {
  for (size_t n = 0; n < columns.size(); ++n) {
    if (lower(columns[n]) == lower(name)) return n;
  }
  return std::nullopt;
}

CsvTable read_csv(const std::filesystem::path& path) {
  try {
    const std::string text = csv_text(path);
    const std::string first = text.substr(0, text.find_first_of("\r\n"));
    const bool has_semicolons =
        std::count(first.begin(), first.end(), ';') > std::count(first.begin(), first.end(), ',');
    auto records = records_of(text, has_semicolons ? ';' : ',');
    if (records.empty()) throw Error("holds no line");
    CsvTable table;
    table.columns = records.front();
    // Short records are filled up: a line of commas would make gigabytes of them.
    if (table.columns.size() > kMostColumns)
      throw Error("{} columns, at most {} are read", table.columns.size(), kMostColumns);
    for (size_t n = 1; n < records.size(); ++n) {
      if (records[n].size() > table.columns.size()) {
        throw Error("record {} has {} fields, the first line names {} columns", n,
                    records[n].size(), table.columns.size());
      }
      records[n].resize(table.columns.size());
      table.rows.push_back(std::move(records[n]));
    }
    return table;
  } catch (const Error& error) {
    throw error.in(path.string());
  }
}

}  // namespace dmcvr
