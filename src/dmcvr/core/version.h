// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace dmcvr {

// "0.1.0"
std::string version();
// Of the sources: "1f0e9a62c3b4", "1f0e9a62c3b4-dirty" with changes on top; empty where the sources
// came without their history.
std::string commit();
// Of the LibTorch that runs: "1.13.1".
std::string torch_version();

}  // namespace dmcvr
