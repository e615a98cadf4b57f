// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/checkpoint.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/safetensors.h"
#include "dmcvr/core/sha256.h"

#include <spdlog/spdlog.h>

#include <array>
#include <utility>

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
  const auto format = content.metadata.find("format");
  if (format == content.metadata.end() || format->second != kCheckpointFormat ||
      content.metadata.count("state") == 0 || content.metadata.count("sha256") == 0) {
    throw Error("{}: not a training checkpoint of this version", path.string());
  }
  if (checksum_of(content) != content.metadata.at("sha256")) {
    throw Error(
        "{}: the checksum is wrong, the checkpoint is damaged; remove it to go on from "
        "'best.safetensors', or to start again where there is none",
        path.string());
  }
  Checkpoint checkpoint;
  checkpoint.state = nlohmann::json::parse(content.metadata.at("state"));
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
  const auto last = folder / "last.safetensors", best = folder / "best.safetensors";
  std::optional<FoundCheckpoint> found;
  if (std::filesystem::exists(last)) found = {last, read_checkpoint(last)};
  if (!std::filesystem::exists(best)) return found;
  try {
    const auto metadata = read_safetensors_metadata(best);
    const auto state = nlohmann::json::parse(metadata.at("state"));
    if (found && state.at("step") <= found->checkpoint.state.at("step")) return found;
    found = {best, read_checkpoint(best)};
  } catch (const std::exception& error) {
    if (!found)
      throw Error("{}: neither checkpoint can be read: {}", folder.string(), error.what());
    spdlog::warn("{}: is left out: {}", best.string(), error.what());
  }
  return found;
}

}  // namespace dmcvr
