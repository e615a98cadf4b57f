// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/label_values.h"

#include <array>

namespace dmcvr {

std::vector<int64_t> label_values(const Cine& cine) {
  constexpr size_t kMostValues = 8;
  const auto voxels = cine.voxels.contiguous();
  const float* value = voxels.data_ptr<float>();
  std::array<bool, 256> is_there{};
  size_t count = 0;
  // A real picture ends this within its first row.
  for (int64_t n = 0; n < voxels.numel(); ++n) {
    if (!(value[n] >= 0 && value[n] <= 255)) return {};
    const auto whole = static_cast<size_t>(value[n]);
    if (static_cast<float>(whole) != value[n]) return {};
    if (is_there[whole]) continue;
    is_there[whole] = true;
    if (++count > kMostValues) return {};
  }
  std::vector<int64_t> values;
  for (size_t n = 0; n < is_there.size(); ++n) {
    if (is_there[n]) values.push_back(static_cast<int64_t>(n));
  }
  if (!is_there[0] || count < 2) return {};
  return values;
}

}  // namespace dmcvr
