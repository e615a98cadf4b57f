// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/label_table.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(LabelTable, IsWrittenAsInTheDescription) {
  EXPECT_EQ(to_string(label_table()), "1=LVC 2=LVM 3=RVC");
}

TEST(Mapping, MatchesByName) {
  const auto map = mapping(acdc_label_table(), label_table());
  EXPECT_EQ(map, (std::map<int64_t, int64_t>{{0, 0}, {1, kRvc}, {2, kLvm}, {3, kLvc}}));
}

TEST(Mapping, IsUndoneByItsReverse) {
  const auto there = mapping(acdc_label_table(), label_table());
  const auto back = mapping(label_table(), acdc_label_table());
  for (const auto& [from, to] : there) EXPECT_EQ(back.at(to), from);
}

TEST(Mapping, RefusesANameThatIsMissing) {
  EXPECT_THROW(mapping({{1, "aorta"}}, label_table()), Error);
}

TEST(LabelTable, ComesFromAWordOrAList) {
  for (const char* word : {"dmcvr", "mnms", "ukb"})
    EXPECT_EQ(label_table_from(word), label_table());
  EXPECT_EQ(label_table_from("acdc"), acdc_label_table());
  for (const LabelTable& table : {label_table(), acdc_label_table()})
    EXPECT_EQ(label_table_from(to_string(table)), table);
  EXPECT_EQ(label_table_from("2=LVC,7=LVM,9=LVM"),
            (LabelTable{{2, "LVC"}, {7, "LVM"}, {9, "LVM"}}));
}

TEST(LabelTable, ADescriptionIsAListOrSomethingElse) {
  for (const LabelTable& table : {label_table(), acdc_label_table()})
    EXPECT_EQ(described_labels(to_string(table)), table);
  for (const char* text : {"", "   ", "TE=1.6;Time=120305", "1=", "=LVC", "5.0.11", "a=b"})
    EXPECT_FALSE(described_labels(text).has_value()) << text;
  EXPECT_THROW(described_labels("1=aorta 2=LVM"), Error);
}

TEST(LabelTable, RefusesOtherWordsNamesAndValues) {
  for (const char* text : {"", "ACDC", "1", "=LVC", "1=", "1=LA", "0=LVC", "256=LVC", "-1=LVC",
                           "1.5=LVC", "1=LVC,1=LVM", "99999999999999999999=LVC"}) {
    EXPECT_THROW(label_table_from(text), Error) << text;
  }
}

}  // namespace dmcvr
