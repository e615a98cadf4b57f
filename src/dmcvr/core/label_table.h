// SPDX-License-Identifier: Apache-2.0
// What the numbers in a label image mean. Sets differ in their order; inside there is one table.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace dmcvr {

constexpr int64_t kLvc = 1;         // left ventricular cavity, papillary muscles included
constexpr int64_t kLvm = 2;         // left ventricular myocardium
constexpr int64_t kRvc = 3;         // right ventricular cavity
constexpr int64_t kLabelCount = 4;  // with background 0

// As the field takes it (Schulz-Menger et al., J Cardiovasc Magn Reson 2020;22:19).
constexpr double kMyocardiumGramsPerMl = 1.05;

// Value -> name, background 0 left out. Names: "LVC", "LVM", "RVC".
using LabelTable = std::map<int64_t, std::string>;

const LabelTable& label_table();       // 1 LVC, 2 LVM, 3 RVC: ours, UK Biobank's, M&Ms'
const LabelTable& acdc_label_table();  // 1 RVC, 2 LVM, 3 LVC

// The table that a word or a list stands for: "dmcvr", "mnms" (M&Ms, M&Ms-2), "ukb" (all three 1
// LVC, 2 LVM, 3 RVC), "acdc" (1 RVC, 2 LVM, 3 LVC), or "1=LVC,2=LVM,3=RVC" with commas or spaces,
// where several values may have one name. Throws Error for other words, names and values.
LabelTable label_table_from(const std::string& text);

// The table that the description of an image names as to_string does, "1=LVC 2=LVM 3=RVC"; nothing
// where it is no list of values. Throws Error for a list of other names.
std::optional<LabelTable> described_labels(const std::string& description);

// "1=LVC 2=LVM 3=RVC", as written into the descrip field of NIfTI files.
std::string to_string(const LabelTable& table);

// For every value of `from` its value in `to`, matched by name, 0 to 0. Throws Error for a name
// that `to` lacks.
std::map<int64_t, int64_t> mapping(const LabelTable& from, const LabelTable& to);

}  // namespace dmcvr
