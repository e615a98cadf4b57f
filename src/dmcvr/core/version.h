// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace dmcvr {

// "0.1.0"
std::string version();
// Of the LibTorch that runs: "1.13.1".
std::string torch_version();

}  // namespace dmcvr
