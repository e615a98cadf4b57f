// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/measures/label_order.h"

#include <c10/util/Exception.h>

#include <array>

namespace dmcvr {
namespace {

// A cavity in the myocardium's ring shares nearly all of its rim with it, an RV cavity or a ring
// with its own inside less than half: 0.15 lies far from both.
constexpr double kClearLead = 0.15;

using Contacts = std::array<std::array<int64_t, kLabelCount>, kLabelCount>;

// [a][b]: sides between pixels of a and pixels of b.
Contacts count_contacts(const Labels& labels) {
  labels.check();
  const auto voxels = labels.voxels.contiguous();
  const int64_t rows = voxels.size(2), columns = voxels.size(3);
  Contacts contacts{};
  const auto count = [&contacts](uint8_t a, uint8_t b) {
    if (a == b) return;
    ++contacts[a][b];
    ++contacts[b][a];
  };
  const auto* plane = voxels.data_ptr<uint8_t>();
  for (int64_t n = 0; n < voxels.size(0) * voxels.size(1); ++n, plane += rows * columns) {
    for (int64_t i = 0; i < rows * columns; ++i) {
      TORCH_CHECK(plane[i] < kLabelCount, "count_contacts: value ", int{plane[i]});
      if ((i + 1) % columns != 0) count(plane[i], plane[i + 1]);
      if (i + columns < rows * columns) count(plane[i], plane[i + columns]);
    }
  }
  return contacts;
}

double share(const Contacts& contacts, int64_t label, int64_t neighbor) {
  const auto& of_label = contacts[static_cast<size_t>(label)];
  int64_t all = 0;
  for (const int64_t sides : of_label) all += sides;
  return all == 0 ? 0
                  : static_cast<double>(of_label[static_cast<size_t>(neighbor)]) /
                        static_cast<double>(all);
}

}  // namespace

double enclosed_share(const Labels& labels, int64_t label, int64_t neighbor) {
  return share(count_contacts(labels), label, neighbor);
}

std::optional<LabelTable> better_label_order(const Labels& labels) {
  const Contacts contacts = count_contacts(labels);
  int64_t cavity = kLvc, wall = kLvm;
  for (int64_t a = 1; a < kLabelCount; ++a) {
    for (int64_t b = 1; b < kLabelCount; ++b) {
      if (a != b && share(contacts, a, b) > share(contacts, cavity, wall)) cavity = a, wall = b;
    }
  }
  if (share(contacts, cavity, wall) < share(contacts, kLvc, kLvm) + kClearLead) return std::nullopt;
  return LabelTable{{cavity, "LVC"}, {wall, "LVM"}, {kLvc + kLvm + kRvc - cavity - wall, "RVC"}};
}

}  // namespace dmcvr
