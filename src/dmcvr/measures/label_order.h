// SPDX-License-Identifier: Apache-2.0
// Which value means what, told from shape: sets of label maps differ in their order, and a wrong
// one gives wrong numbers without any error.
#pragma once

#include "dmcvr/geometry/labels.h"

#include <cstdint>
#include <optional>

namespace dmcvr {

// Of the sides that pixels of a label share with pixels of other values in their planes, those
// shared with `neighbor`, 0 to 1; 0 for a label that is not there. Over all phases.
double enclosed_share(const Labels& labels, int64_t label, int64_t neighbor);

// The LV cavity is the structure that another one, the myocardium, encloses the most. The table
// that the values must have for that, in the values of `labels`, if it is not the one that the
// labels claim and the evidence is clear; nothing otherwise. Labels of label_table().
std::optional<LabelTable> better_label_order(const Labels& labels);

}  // namespace dmcvr
