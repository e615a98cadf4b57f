// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/safetensors.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>

#include <fstream>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

Safetensors example() {
  Safetensors content;
  content.metadata = {{"kind", "test"}, {"text", "ä \"quoted\""}};
  auto generator = make_generator(1, "example");
  for (const auto dtype :
       {torch::kBool, torch::kUInt8, torch::kInt8, torch::kInt16, torch::kInt32, torch::kInt64,
        torch::kHalf, torch::kBFloat16, torch::kFloat32, torch::kFloat64}) {
    content.tensors[std::string("tensor.") + c10::toString(dtype)] =
        (torch::rand({3, 5}, generator) * 100).to(dtype);
  }
  content.tensors["scalar"] = torch::tensor(3.5);
  content.tensors["empty"] = torch::zeros({0, 4});
  return content;
}

fs::path write_raw(const std::string& header, const std::string& data, uint64_t promised) {
  const auto path = test::fresh_folder() / "raw.safetensors";
  std::ofstream stream(path, std::ios::binary);
  for (int i = 0; i < 8; ++i) stream.put(static_cast<char>(promised >> (8 * i)));
  stream << header << data;
  return path;
}

std::string read_error(const fs::path& path) {
  try {
    read_safetensors(path);
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// The error for a header in front of eight bytes of data.
std::string error_of_header(const std::string& header) {
  return read_error(write_raw(header, std::string(8, 'x'), header.size()));
}

}  // namespace

TEST(Safetensors, WriteThenReadIsTheIdentity) {
  const auto path = test::fresh_folder() / "a.safetensors";
  const auto written = example();
  write_safetensors(path, written);
  const auto read = read_safetensors(path);
  EXPECT_EQ(read.metadata, written.metadata);
  EXPECT_EQ(read_safetensors_metadata(path), written.metadata);
  ASSERT_EQ(read.tensors.size(), written.tensors.size());
  for (const auto& [name, tensor] : written.tensors) {
    const auto& other = read.tensors.at(name);
    EXPECT_EQ(other.scalar_type(), tensor.scalar_type()) << name;
    EXPECT_EQ(other.sizes(), tensor.sizes()) << name;
    EXPECT_TRUE(other.equal(tensor)) << name;
  }
}

TEST(Safetensors, WritesTransposedTensorsInRowOrder) {
  const auto path = test::fresh_folder() / "a.safetensors";
  const auto tensor = torch::arange(6, torch::kFloat32).reshape({2, 3}).t();
  write_safetensors(path, {{{"t", tensor}}, {}});
  EXPECT_TRUE(read_safetensors(path).tensors.at("t").equal(tensor));
}

TEST(Safetensors, RefusesEveryTruncation) {
  const auto path = test::fresh_folder() / "a.safetensors";
  write_safetensors(path, example());
  const std::string whole = test::content_of(path);
  for (size_t length = 0; length < whole.size(); length += 7) {
    const auto cut = path.parent_path() / "cut.safetensors";
    std::ofstream(cut, std::ios::binary).write(whole.data(), static_cast<std::streamsize>(length));
    EXPECT_THROW(read_safetensors(cut), Error) << length << " of " << whole.size() << " bytes";
  }
}

TEST(Safetensors, AcceptsAWellFormedHeader) {
  EXPECT_EQ(error_of_header(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})"), "");
}

TEST(Safetensors, NamesWhatIsWrongWithAHeader) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
       "twice"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
       "overlaps"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", "belong to nothing"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}})", "behind the last tensor"},
      {R"({"a":{"dtype":"F31","shape":[2],"data_offsets":[0,8]}})", "unknown dtype"},
      {R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", "larger than the file"},
      {R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}})", "its shape [1] needs 4"},
      {R"({"a":{"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]}})",
       "larger than the file"},
      {R"({"a":{"dtype":"F32","shape":[0,9223372036854775808],"data_offsets":[0,0]}})",
       "larger than the file"},
      {R"({"a":{"dtype":"BOOL","shape":[8],"data_offsets":[0,8]}})", "other bytes than 0 and 1"},
      {R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "not a whole number"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,16]}})", "outside the file"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", "outside the file"},
      {R"({"a":{"dtype":"F32","shape":[2]}})", "has no data_offsets"},
      {R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8],"x":1}})", "unknown fields"},
      {R"({"__metadata__":{"a":1},"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})",
       "is not text"},
      {R"([1])", "not a JSON object"},
      {R"({"a")", "not valid JSON"}};
  for (const auto& [header, reason] : cases) {
    EXPECT_NE(error_of_header(header).find(reason), std::string::npos) << header << "\n"
                                                                       << error_of_header(header);
  }
}

TEST(Safetensors, RefusesAHeaderNestedWithoutEnd) {
  const std::string deep = std::string(100000, '[') + std::string(100000, ']');
  EXPECT_NE(error_of_header(R"({"a":{"dtype":)" + deep + R"(,"shape":[2],"data_offsets":[0,8]}})")
                .find("nested more than"),
            std::string::npos);
}

TEST(Safetensors, RefusesAHeaderBeyondTheFileOrTheLimit) {
  EXPECT_NE(read_error(write_raw("{}", "", 1000)).find("promises 1000 bytes"), std::string::npos);
  EXPECT_NE(read_error(write_raw("{}", "", 100'000'001)).find("promises"), std::string::npos);
  EXPECT_NE(read_error(write_raw("{}", "", ~uint64_t{0})).find("promises"), std::string::npos);
}

TEST(Safetensors, NamesAMissingFile) {
  EXPECT_NE(read_error("/no/such/file").find("/no/such/file"), std::string::npos);
}

}  // namespace dmcvr
