// SPDX-License-Identifier: Apache-2.0
// What went wrong in one of many cases, so that the others can go on.
#pragma once

#include <functional>
#include <string>

namespace dmcvr {

// Does the work; in one line what ended it, whatever that was, or nothing where it was done.
std::string failure_of(const std::function<void()>& work);

}  // namespace dmcvr
