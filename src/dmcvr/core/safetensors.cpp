// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/safetensors.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <limits>
#include <set>
#include <utility>
#include <vector>

namespace dmcvr {
namespace {

using nlohmann::json;

constexpr uint64_t kLongestHeader = 100'000'000;
constexpr size_t kMostDimensions = 16;
// Behind a size of 0 the product says nothing.
constexpr uint64_t kLongestSide = uint64_t{1} << 40;
constexpr int kDeepestHeader = 3;

const std::vector<std::pair<std::string, torch::ScalarType>>& dtypes() {
  static const std::vector<std::pair<std::string, torch::ScalarType>> table = {
      {"BOOL", torch::kBool},  {"U8", torch::kUInt8},      {"I8", torch::kInt8},
      {"I16", torch::kInt16},  {"I32", torch::kInt32},     {"I64", torch::kInt64},
      {"F16", torch::kHalf},   {"BF16", torch::kBFloat16}, {"F32", torch::kFloat32},
      {"F64", torch::kFloat64}};
  return table;
}

// Where one tensor lies in the data.
struct Entry {
  std::string name;
  torch::ScalarType dtype;
  std::vector<int64_t> shape;
  uint64_t begin;
  uint64_t end;
};

struct Header {
  std::map<std::string, std::string> metadata;
  std::vector<Entry> entries;  // in the order of the data
  uint64_t data_offset;        // from the start of the file
};

// The JSON library keeps the last of two equal keys, so that a file could show one tensor to a
// checker and another to a reader: keys are counted while they are parsed. Nothing in a header is
// nested more than 3 deep, and work on what is could overrun the stack.
json parse_without_duplicates(const std::string& text) {
  std::vector<std::set<std::string>> keys;
  const auto watch = [&](int depth, json::parse_event_t event, json& parsed) {
    if (depth > kDeepestHeader)
      throw Error("the header is nested more than {} deep", kDeepestHeader);
    if (event == json::parse_event_t::object_start) keys.emplace_back();
    if (event == json::parse_event_t::object_end) keys.pop_back();
    if (event == json::parse_event_t::key &&
        !keys.back().insert(parsed.get<std::string>()).second) {
      throw Error("the header names '{}' twice", parsed.get<std::string>());
    }
    return true;
  };
  try {
    return json::parse(text, watch);
  } catch (const json::exception&) {
    throw Error("the header is not valid JSON");
  }
}

uint64_t unsigned_number(const json& value, const std::string& name) {
  if (!value.is_number_unsigned())
    throw Error("tensor '{}' has a size that is not a whole number", name);
  return value.get<uint64_t>();
}

Entry parse_entry(const std::string& name, const json& fields, uint64_t data_size) {
  for (const auto* key : {"dtype", "shape", "data_offsets"}) {
    if (!fields.is_object() || !fields.contains(key))
      throw Error("tensor '{}' has no {}", name, key);
  }
  if (fields.size() != 3) throw Error("tensor '{}' has unknown fields", name);

  Entry entry{name, torch::kFloat32, {}, 0, 0};
  const auto& word = fields["dtype"];
  const auto known = std::find_if(dtypes().begin(), dtypes().end(),
                                  [&](const auto& item) { return word == item.first; });
  if (known == dtypes().end())
    throw Error("tensor '{}' has the unknown dtype {}", name, word.dump());
  entry.dtype = known->second;

  // The product of the shape must not overflow before it is compared with the data.
  const auto& shape = fields["shape"];
  if (!shape.is_array() || shape.size() > kMostDimensions)
    throw Error("tensor '{}' has no valid shape", name);
  uint64_t bytes = c10::elementSize(entry.dtype);
  for (const auto& size : shape) {
    const uint64_t length = unsigned_number(size, name);
    if (length > kLongestSide || (length > 0 && bytes > data_size / length)) {
      throw Error("tensor '{}' of shape {} is larger than the file", name, shape.dump());
    }
    bytes *= length;
    entry.shape.push_back(static_cast<int64_t>(length));
  }

  const auto& offsets = fields["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2)
    throw Error("tensor '{}' has no valid data_offsets", name);
  entry.begin = unsigned_number(offsets[0], name);
  entry.end = unsigned_number(offsets[1], name);
  if (entry.begin > entry.end || entry.end > data_size) {
    throw Error("tensor '{}' lies outside the file", name);
  }
  if (entry.end - entry.begin != bytes) {
    throw Error("tensor '{}' holds {} bytes, its shape {} needs {}", name, entry.end - entry.begin,
                shape.dump(), bytes);
  }
  return entry;
}

Header read_header(std::istream& stream, uint64_t file_size) {
  // The length, checked against the file before memory is taken.
  std::array<unsigned char, 8> prefix{};
  if (file_size < prefix.size() ||
      !stream.read(reinterpret_cast<char*>(prefix.data()), prefix.size())) {
    throw Error("not a safetensors file: {} bytes", file_size);
  }
  uint64_t length = 0;
  for (size_t i = 0; i < prefix.size(); ++i) length |= static_cast<uint64_t>(prefix[i]) << (8 * i);
  if (length > kLongestHeader || length > file_size - prefix.size()) {
    throw Error("not a safetensors file: its header promises {} bytes", length);
  }
  std::string text(length, '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(length)))
    throw Error("the header cannot be read");
  const json parsed = parse_without_duplicates(text);
  if (!parsed.is_object()) throw Error("the header is not a JSON object");

  Header header;
  header.data_offset = prefix.size() + length;
  const uint64_t data_size = file_size - header.data_offset;
  for (const auto& [name, fields] : parsed.items()) {
    if (name != "__metadata__") {
      header.entries.push_back(parse_entry(name, fields, data_size));
      continue;
    }
    if (!fields.is_object()) throw Error("its metadata is not a table");
    for (const auto& [key, value] : fields.items()) {
      if (!value.is_string()) throw Error("its metadata '{}' is not text", key);
      header.metadata[key] = value.get<std::string>();
    }
  }

  // The tensors tile the data: no holes, no overlaps, nothing behind.
  std::sort(header.entries.begin(), header.entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.begin, a.end, a.name) < std::tie(b.begin, b.end, b.name);
  });
  uint64_t position = 0;
  for (const auto& entry : header.entries) {
    if (entry.begin < position) throw Error("tensor '{}' overlaps another", entry.name);
    if (entry.begin > position)
      throw Error("{} bytes before tensor '{}' belong to nothing", entry.begin - position,
                  entry.name);
    position = entry.end;
  }
  if (position != data_size)
    throw Error("{} bytes behind the last tensor belong to nothing", data_size - position);
  return header;
}

template <typename Work>
auto with_open_file(const std::filesystem::path& path, const Work& work) {
  std::error_code failure;
  const uint64_t size = std::filesystem::file_size(path, failure);
  std::ifstream stream(path, std::ios::binary);
  if (failure || !stream) {
    throw Error("{}: cannot be read: {}", path.string(),
                failure ? failure.message() : "no permission");
  }
  try {
    return work(stream, size);
  } catch (const Error& error) {
    throw error.in(path.string());
  }
}

}  // namespace

Safetensors read_safetensors(const std::filesystem::path& path) {
  return with_open_file(path, [](std::istream& stream, uint64_t size) {
    const Header header = read_header(stream, size);
    Safetensors content;
    content.metadata = header.metadata;
    for (const auto& entry : header.entries) {
      auto tensor = torch::empty(entry.shape, entry.dtype);
      stream.seekg(static_cast<std::streamoff>(header.data_offset + entry.begin));
      if (entry.end > entry.begin &&
          !stream.read(static_cast<char*>(tensor.data_ptr()),
                       static_cast<std::streamsize>(entry.end - entry.begin))) {
        throw Error("tensor '{}' cannot be read", entry.name);
      }
      if (entry.dtype == torch::kBool && tensor.numel() > 0 &&
          torch::from_blob(tensor.data_ptr(), tensor.sizes(), torch::kUInt8).max().item<int>() >
              1) {
        throw Error("tensor '{}' of dtype BOOL holds other bytes than 0 and 1", entry.name);
      }
      content.tensors.emplace(entry.name, std::move(tensor));
    }
    return content;
  });
}

std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& path) {
  return with_open_file(
      path, [](std::istream& stream, uint64_t size) { return read_header(stream, size).metadata; });
}

void write_safetensors(const std::filesystem::path& path, const Safetensors& content) {
  // Header: offsets follow from the sizes. Wider types first keep every tensor aligned.
  std::vector<std::pair<std::string, torch::Tensor>> ordered;
  for (const auto& [name, tensor] : content.tensors) {
    ordered.emplace_back(name, tensor.detach().to(torch::kCPU).contiguous());
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return a.second.element_size() > b.second.element_size();
  });
  json header = json::object();
  if (!content.metadata.empty()) header["__metadata__"] = content.metadata;
  uint64_t position = 0;
  for (const auto& [name, tensor] : ordered) {
    const auto dtype = tensor.scalar_type();
    const auto known = std::find_if(dtypes().begin(), dtypes().end(),
                                    [&](const auto& item) { return item.second == dtype; });
    if (known == dtypes().end())
      throw Error("{}: tensor '{}' has a dtype that safetensors lacks", path.string(), name);
    const uint64_t bytes = tensor.nbytes();
    header[name] = {{"dtype", known->first},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {position, position + bytes}}};
    position += bytes;
  }
  std::string text = header.dump();
  text.resize((text.size() + 7) / 8 * 8, ' ');

  write_file(path, [&](std::ostream& stream) {
    const uint64_t length = text.size();
    for (int i = 0; i < 8; ++i) stream.put(static_cast<char>(length >> (8 * i)));
    stream << text;
    for (const auto& [name, tensor] : ordered) {
      stream.write(static_cast<const char*>(tensor.data_ptr()),
                   static_cast<std::streamsize>(tensor.nbytes()));
    }
  });
}

}  // namespace dmcvr
