// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/options.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <vector>

namespace dmcvr {

enum class Flavor { sweet, sour };
NLOHMANN_JSON_SERIALIZE_ENUM(Flavor, {{Flavor::sweet, "sweet"}, {Flavor::sour, "sour"}})

struct InnerOptions {
  int64_t steps = 10;
  double rate = 0.1;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(InnerOptions, steps, rate)

struct OuterOptions {
  InnerOptions inner;
  Flavor flavor = Flavor::sweet;
  std::vector<int64_t> levels = {1, 2};
  void check() const {
    if (inner.steps < 1) throw Error("steps {}: expected 1 or more", inner.steps);
  }
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(OuterOptions, inner, flavor, levels)

namespace {

std::string options_error(const std::string& text) {
  try {
    options_from_json<OuterOptions>(nlohmann::json::parse(text), "test");
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

TEST(Options, OverrideTheDefaults) {
  const auto options = options_from_json<OuterOptions>(
      nlohmann::json::parse(R"({"inner": {"rate": 0.25}, "flavor": "sour"})"), "test");
  EXPECT_EQ(options.inner.steps, 10);
  EXPECT_EQ(options.inner.rate, 0.25);
  EXPECT_EQ(options.flavor, Flavor::sour);
}

TEST(Options, NameWhatWasNotTaken) {
  EXPECT_EQ(options_error(R"({"inner": {"stepz": 3}})"), "test: unknown option 'inner.stepz'");
  EXPECT_EQ(options_error(R"({"flavor": "bitter"})"), "test: option 'flavor' cannot be \"bitter\"");
  EXPECT_EQ(options_error(R"({"inner": {"steps": 10.5}})"),
            "test: option 'inner.steps' cannot be 10.5");
  EXPECT_EQ(options_error(R"({"inner": {"steps": 0}})"), "steps 0: expected 1 or more");
  EXPECT_EQ(options_error(R"({"inner": {"steps": "ten"}})"),
            "test: option 'inner.steps' is a number, it cannot be \"ten\"");
  EXPECT_EQ(options_error(R"({"inner": 3})"),
            "test: option 'inner' is a group of options, it cannot be 3");
  EXPECT_EQ(options_error("[]"), "test: expected a group of options, not a list");
}

TEST(Options, WholeNumbersAreOnesOf64Bits) {
  // Beyond 64 bits a number without a point is read as one with.
  for (const auto* number : {"125555555555555555545552", "-125555555555555555545552",
                             "18446744073709551615", "9223372036854775808", "1e300", "0.5"}) {
    const std::string text = number;
    EXPECT_NE(
        options_error(R"({"inner": {"steps": )" + text + "}}").find("'inner.steps' cannot be"),
        std::string::npos)
        << text;
    EXPECT_NE(options_error(R"({"levels": [1, )" + text + "]}").find("'levels' cannot be"),
              std::string::npos)
        << text;
  }
  EXPECT_EQ(options_error(R"({"inner": {"steps": 9223372036854775807}, "levels": []})"), "");
  EXPECT_EQ(options_error(R"({"inner": {"steps": 2e1}, "levels": [3.0]})"), "");
  EXPECT_EQ(options_error(R"({"levels": [1, "two"]})"),
            "test: option 'levels' is a number, it cannot be \"two\"");
}

TEST(CheckAllTaken, SaysWhatIsNoText) {
  nlohmann::json json;
  set_option(json, "name=\xff");
  EXPECT_THROW(check_all_taken(json, {{"name", 3}}, "--set"), Error);
}

TEST(SetOption, FollowsTheDottedPath) {
  nlohmann::json json;
  set_option(json, "inner.steps=20");
  set_option(json, "flavor=sour");
  set_option(json, "inner.rate=0.5");
  EXPECT_EQ(json,
            nlohmann::json::parse(R"({"inner": {"steps": 20, "rate": 0.5}, "flavor": "sour"})"));
  EXPECT_THROW(set_option(json, "inner.steps"), Error);
  EXPECT_THROW(set_option(json, "flavor.deep=1"), Error);
}

TEST(SetOption, NothingIsNestedWithoutEnd) {
  nlohmann::json json;
  EXPECT_THROW(set_option(json, std::string(100000, '.') + "=1"), Error);
  EXPECT_THROW(set_option(json, "a=" + std::string(100000, '[')), Error);
  std::string deep;
  for (int i = 0; i < 31; ++i) deep += "a.";
  set_option(json, deep + "a=1");
  EXPECT_THROW(set_option(json, deep + "a.a=1"), Error);

  const auto path = test::fresh_folder() / "a.json";
  std::ofstream(path) << std::string(100000, '[') << std::string(100000, ']');
  EXPECT_THROW(read_json(path), Error);
}

TEST(ReadJson, ANumberTooLargeIsAnError) {
  const auto path = test::fresh_folder() / "a.json";
  std::ofstream(path) << R"({"a": 1e400})";
  EXPECT_THROW(read_json(path), Error);
}

TEST(ReadJson, NamesFileAndByte) {
  const auto path = test::fresh_folder() / "a.json";
  EXPECT_THROW(read_json(path), Error);
  std::ofstream(path) << "{\"a\": ";
  EXPECT_THROW(read_json(path), Error);
  std::ofstream(path) << "{\"a\": 1}";
  EXPECT_EQ(read_json(path)["a"], 1);
}

}  // namespace dmcvr
