// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/training/initial_weights.h"

#include "dmcvr/core/error.h"

namespace dmcvr {

std::string begin_with(const std::filesystem::path& path, const WeightsInfo& info,
                       torch::nn::Module& network) {
  if (path.empty()) return "";
  const WeightsInfo there = read_weights_info(path);
  if (there.kind != info.kind) {
    throw Error("{}: holds a {}, training a {} cannot begin with it", path.string(), there.kind,
                info.kind);
  }
  for (const auto& [name, value] : info.options.items()) {
    if (there.options.value(name, nlohmann::json()) == value) continue;
    throw Error("{}: its network.{} is {}, the one to be trained has {}; give the same options",
                path.string(), name, there.options.value(name, nlohmann::json()).dump(),
                value.dump());
  }
  if (info.kind == "segmenter") {
    copy_parameters(named_tensors(*load_segmenter(path).network), network);
  } else {
    copy_parameters(named_tensors(*load_generator(path).network), network);
  }
  return there.sha256;
}

}  // namespace dmcvr
