// SPDX-License-Identifier: Apache-2.0
// The differences between LibTorch 1.13 and 2.x, and nothing else.
#pragma once

#include <torch/types.h>
#include <torch/version.h>
