// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/export.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/core/version.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <fstream>
#include <string>
#include <vector>

namespace dmcvr {
namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* kExportFormat = "dmcvr-export-1";
constexpr const char* kCheckpointName = "checkpoint.safetensors";
constexpr const char* kWeightsName = "weights.safetensors";
constexpr int64_t kSmallestPart = 1024;
constexpr size_t kMostParts = 1000;

std::string part_name(const std::string& file, size_t index) {
  return fmt::format("{}.{:03}", file, index);
}

// Cuts a file into parts in a folder. Its entry in the manifest.
json cut_file(const fs::path& path, const fs::path& folder, const std::string& name,
              int64_t part_bytes) {
  const auto size = static_cast<int64_t>(fs::file_size(path));
  std::ifstream stream(path, std::ios::binary);
  json parts = json::array();
  std::string bytes;
  for (int64_t begin = 0; begin < size; begin += part_bytes) {
    bytes.resize(static_cast<size_t>(std::min(part_bytes, size - begin)));
    if (!stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw Error("{}: cannot be read", path.string());
    const auto part = part_name(name, parts.size());
    if (parts.size() == kMostParts) {
      throw Error("{} takes more than {} parts of {} bytes; give a larger part size", name,
                  kMostParts, part_bytes);
    }
    write_file(folder / part, [&](std::ostream& out) { out << bytes; });
    parts.push_back({{"name", part}, {"bytes", bytes.size()}, {"sha256", sha256_of(bytes)}});
  }
  return {{"bytes", size}, {"sha256", sha256_of_file(path)}, {"parts", parts}};
}

json read_manifest(const fs::path& folder) {
  const auto path = folder / "manifest.json";
  if (!fs::exists(path)) {
    throw Error("{}: holds no manifest.json; an export of 'dmcvr train --export' is expected",
                folder.string());
  }
  auto manifest = read_json(path);
  if (!manifest.is_object() || manifest.value("format", json()) != kExportFormat)
    throw Error("{}: not the manifest of an export of this version", path.string());
  return manifest;
}

// All parts of a file, checked one by one.
std::string join_parts(const fs::path& folder, const json& manifest, const std::string& name) {
  const json& entry = manifest.at("files").at(name);
  std::string whole;
  size_t index = 0;
  for (const json& part : entry.at("parts")) {
    const auto file = part_name(name, index++);
    const auto path = folder / file;
    const auto expected = part.at("bytes").get<uintmax_t>();
    if (part.at("name") != file) throw Error("{}: the manifest is damaged", folder.string());
    if (!fs::exists(path)) {
      throw Error("{}: part {} of {} is missing; copy it from where it was exported", path.string(),
                  index, entry.at("parts").size());
    }
    if (fs::file_size(path) != expected) {
      throw Error("{}: the part has {} bytes, {} are expected; copy it again", path.string(),
                  fs::file_size(path), expected);
    }
    std::string bytes(expected, '\0');
    std::ifstream stream(path, std::ios::binary);
    if (!stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
      throw Error("{}: cannot be read", path.string());
    if (part.at("sha256") != sha256_of(bytes)) {
      throw Error("{}: the checksum is wrong, the part is damaged; copy it again", path.string());
    }
    whole += bytes;
  }
  if (entry.at("bytes") != whole.size() || entry.at("sha256") != sha256_of(whole))
    throw Error("{}: the parts of {} do not make it up", folder.string(), name);
  return whole;
}

struct TemporaryFile {
  fs::path path;
  ~TemporaryFile() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

// An earlier export may be replaced, and nothing else.
void check_replaceable(const fs::path& folder) {
  if (!fs::exists(folder) || (fs::is_directory(folder) && fs::is_empty(folder))) return;
  if (fs::exists(folder / "manifest.json")) {
    read_manifest(folder);
    return;
  }
  throw Error("{}: is there already and no export; give another folder", folder.string());
}

}  // namespace

void ExportOptions::check() const {
  if (!(every_seconds >= 0)) throw Error("seconds between exports: expected 0 or more");
  if (part_bytes < kSmallestPart)
    throw Error("part size {} bytes: expected {} or more", part_bytes, kSmallestPart);
  if (!folder.empty()) check_replaceable(folder);
}

void write_export(const ExportOptions& options, const Checkpoint& checkpoint,
                  const fs::path& weights) {
  options.check();
  Checkpoint light = checkpoint;
  light.optimizer.clear();
  for (auto& [name, tensor] : light.average) {
    if (!tensor.is_floating_point() || tensor.dim() < 2) continue;
    const auto half = tensor.to(torch::kHalf);
    if (half.isfinite().all().item<bool>()) tensor = half;
  }
  const json& state = checkpoint.state;
  write_folder(options.folder, /*replace=*/true, [&](const fs::path& folder) {
    json manifest = {{"format", kExportFormat},
                     {"version", version()},
                     {"step", state.at("step")},
                     {"steps", state.at("steps")},
                     {"kind", state.at("options").value("kind", "")}};
    if (state.contains("best_score")) manifest["best_score"] = state.at("best_score");
    const TemporaryFile whole{folder / kCheckpointName};
    write_checkpoint(whole.path, light);
    manifest["files"][kCheckpointName] =
        cut_file(whole.path, folder, kCheckpointName, options.part_bytes);
    manifest["files"][kWeightsName] = cut_file(weights, folder, kWeightsName, options.part_bytes);
    write_file(folder / "manifest.json",
               [&](std::ostream& stream) { stream << manifest.dump(2) << "\n"; });
  });
}

void check_export(const fs::path& folder) {
  try {
    const auto manifest = read_manifest(folder);
    for (const auto* name : {kCheckpointName, kWeightsName}) join_parts(folder, manifest, name);
  } catch (const json::exception& error) {
    throw Error("{}: the manifest is damaged: {}", folder.string(), error.what());
  }
}

Checkpoint read_export(const fs::path& folder, const fs::path& weights) {
  try {
    const auto manifest = read_manifest(folder);
    const auto network = join_parts(folder, manifest, kWeightsName);
    // Beside the weights, where there must be room for checkpoints anyway.
    auto name = weights;
    name.replace_filename(".import.safetensors.tmp-export");
    const TemporaryFile joined{name};
    write_file(joined.path, [&](std::ostream& stream) {
      stream << join_parts(folder, manifest, kCheckpointName);
    });
    auto checkpoint = read_checkpoint(joined.path);
    write_file(weights, [&](std::ostream& stream) { stream << network; });
    return checkpoint;
  } catch (const json::exception& error) {
    throw Error("{}: the manifest is damaged: {}", folder.string(), error.what());
  }
}

}  // namespace dmcvr
