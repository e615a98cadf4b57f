// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/checkpoint.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/safetensors.h"
#include "dmcvr/core/sha256.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <array>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace dmcvr {
namespace {

constexpr const char* kCheckpointFormat = "dmcvr-checkpoint-1";

std::string checksum_of(const Safetensors& content) {
  Sha256 checksum;
  const auto& state = content.metadata.at("state");
  checksum.update(state.data(), state.size());
  for (const auto& [name, tensor] : content.tensors) {
    checksum.update(name.data(), name.size());
    const auto values = tensor.contiguous();
    checksum.update(values.data_ptr(), values.nbytes());
  }
  return checksum.hex();
}

std::array<std::pair<const char*, State Checkpoint::*>, 3> groups_of_states() {
  return {{{"weights.", &Checkpoint::weights},
           {"average.", &Checkpoint::average},
           {"optimizer.", &Checkpoint::optimizer}}};
}

nlohmann::json state_in(const std::map<std::string, std::string>& metadata,
                        const std::filesystem::path& path) {
  const auto format = metadata.find("format");
  if (format == metadata.end() || format->second != kCheckpointFormat ||
      metadata.count("state") == 0 || metadata.count("sha256") == 0) {
    throw Error("{}: not a training checkpoint of this version", path.string());
  }
  try {
    return parse_json(metadata.at("state"));
  } catch (const nlohmann::json::exception&) {
    throw Error("{}: the state of the run is not valid JSON, the checkpoint is damaged",
                path.string());
  }
}

}  // namespace

void write_checkpoint(const std::filesystem::path& path, const Checkpoint& checkpoint) {
  Safetensors content;
  for (const auto& [prefix, group] : groups_of_states()) {
    for (const auto& [name, tensor] : checkpoint.*group) {
      content.tensors[prefix + name] = tensor.detach().to(torch::kCPU).contiguous();
    }
  }
  content.metadata = {{"format", kCheckpointFormat}, {"state", checkpoint.state.dump()}};
  content.metadata["sha256"] = checksum_of(content);
  write_safetensors(path, content);
}

Checkpoint read_checkpoint(const std::filesystem::path& path) {
  const auto content = read_safetensors(path);
  Checkpoint checkpoint;
  checkpoint.state = state_in(content.metadata, path);
  if (checksum_of(content) != content.metadata.at("sha256"))
    throw Error("{}: the checksum is wrong, the checkpoint is damaged", path.string());
  for (const auto& [name, tensor] : content.tensors) {
    bool is_known = false;
    for (const auto& [prefix, group] : groups_of_states()) {
      if (name.rfind(prefix, 0) != 0) continue;
      (checkpoint.*group)[name.substr(std::string(prefix).size())] = tensor;
      is_known = true;
    }
    if (!is_known) throw Error("{}: tensor '{}' is not part of a checkpoint", path.string(), name);
  }
  return checkpoint;
}

std::optional<FoundCheckpoint> newest_checkpoint(const std::filesystem::path& folder) {
  std::optional<FoundCheckpoint> found;
  std::vector<std::string> reasons;
  for (const auto* name : {"last.safetensors", "best.safetensors"}) {
    const auto path = folder / name;
    if (!std::filesystem::exists(path)) continue;
    try {
      if (found && state_in(read_safetensors_metadata(path), path).at("step") <=
                       found->checkpoint.state.at("step"))
        continue;
      found = {path, read_checkpoint(path)};
    } catch (const Error& error) {
      reasons.push_back(error.what());
    }
  }
  if (found || reasons.empty()) {
    for (const auto& reason : reasons) spdlog::warn("{}; it is left out", reason);
    return found;
  }
  throw Error("no checkpoint of the run can be read: {}", fmt::join(reasons, "; "));
}

}  // namespace dmcvr
