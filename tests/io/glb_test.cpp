// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/glb.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstring>

namespace dmcvr {
namespace {

using nlohmann::json;

Mesh odd_corner() {
  Mesh mesh;
  mesh.vertices = {{-100.1, 20, 3}, {-90, 20, 3}, {-100.1, 44.25, 3}, {-100.1, 20, -60}};
  mesh.triangles = {{0, 1, 2}, {0, 3, 1}, {0, 2, 3}, {1, 3, 2}};
  if (volume_ml(mesh) < 0) flip(mesh);
  return mesh;
}

template <typename Word>
Word word_at(const std::string& bytes, size_t place) {
  Word word{};
  EXPECT_LE(place + sizeof(word), bytes.size());
  std::memcpy(&word, bytes.data() + place, sizeof(word));
  return word;
}

// A file taken apart by the rules of the format.
struct Parts {
  json content;
  std::string buffer;

  template <typename Word>
  std::vector<Word> numbers(size_t accessor, size_t per_element) const {
    const json& found = content.at("accessors").at(accessor);
    const json& view = content.at("bufferViews").at(found.at("bufferView").get<size_t>());
    const auto begin = view.at("byteOffset").get<size_t>();
    const auto count = found.at("count").get<size_t>() * per_element;
    EXPECT_EQ(begin % sizeof(Word), 0U);
    EXPECT_EQ(view.at("byteLength").get<size_t>(), count * sizeof(Word));
    std::vector<Word> words;
    for (size_t i = 0; i < count; ++i)
      words.push_back(word_at<Word>(buffer, begin + i * sizeof(Word)));
    return words;
  }
};

Parts parts_of(const std::string& bytes) {
  EXPECT_EQ(bytes.substr(0, 4), "glTF");
  EXPECT_EQ(word_at<uint32_t>(bytes, 4), 2U);
  EXPECT_EQ(word_at<uint32_t>(bytes, 8), bytes.size());
  const auto text = word_at<uint32_t>(bytes, 12);
  EXPECT_EQ(text % 4, 0U);
  EXPECT_EQ(bytes.substr(16, 4), "JSON");
  const auto buffer = word_at<uint32_t>(bytes, 20 + text);
  EXPECT_EQ(bytes.substr(24 + text, 4), std::string("BIN\0", 4));
  EXPECT_EQ(28 + text + buffer, bytes.size());
  return {json::parse(bytes.substr(20, text)), bytes.substr(28 + text)};
}

TEST(Glb, HoldsTheMeshInMillimetersAndItsBounds) {
  const Mesh mesh = odd_corner();
  const Parts parts = parts_of(glb_bytes(mesh));
  const auto places = parts.numbers<float>(0, 3), normals = parts.numbers<float>(1, 3);
  const auto indices = parts.numbers<uint32_t>(2, 1);
  const auto directions = vertex_normals(mesh);
  for (size_t i = 0; i < mesh.vertices.size(); ++i) {
    for (size_t axis = 0; axis < 3; ++axis) {
      EXPECT_EQ(places[3 * i + axis], static_cast<float>(mesh.vertices[i][axis]));
      EXPECT_NEAR(normals[3 * i + axis], directions[i][axis], 1e-6);
    }
  }
  for (size_t i = 0; i < mesh.triangles.size(); ++i) {
    for (size_t corner = 0; corner < 3; ++corner)
      EXPECT_EQ(indices[3 * i + corner], mesh.triangles[i][corner]);
  }
  // Equal to the bit to numbers of single precision, as validators demand.
  const json& accessor = parts.content.at("accessors").at(0);
  EXPECT_EQ(accessor.at("min"), json({-100.1F, 20, -60}));
  EXPECT_EQ(accessor.at("max"), json({-90, 44.25, 3}));
  EXPECT_EQ(parts.content.at("buffers").at(0).at("byteLength"), parts.buffer.size());
}

// Head to y, the patient faces z, the right hand at -x: a turn, no mirror, and a thousandth.
TEST(Glb, TheNodeMakesMetersWithYUp) {
  const json content = parts_of(glb_bytes(odd_corner())).content;
  const auto matrix = content.at("nodes").at(0).at("matrix").get<std::vector<double>>();
  const auto image = [&](const Point& p) {
    Point result{};
    for (size_t row = 0; row < 3; ++row) {
      result[row] = matrix[12 + row];
      for (size_t column = 0; column < 3; ++column)
        result[row] += matrix[4 * column + row] * p[column];
    }
    return result;
  };
  EXPECT_EQ(image({1000, 0, 0}), (Point{-1, 0, 0}));
  EXPECT_EQ(image({0, 1000, 0}), (Point{0, 0, 1}));
  EXPECT_EQ(image({0, 0, 1000}), (Point{0, 1, 0}));
  EXPECT_EQ(content.at("asset").at("extras").at("space"), "RAS");
  EXPECT_EQ(content.at("asset").at("version"), "2.0");
}

TEST(Glb, NamesTheStructureAndPaintsIt) {
  const json content = parts_of(glb_bytes(odd_corner(), {"lv_endocardium", {1, 0.5, 0}})).content;
  EXPECT_EQ(content.at("nodes").at(0).at("name"), "lv_endocardium");
  const auto& material = content.at("materials").at(0);
  const auto color = material.at("pbrMetallicRoughness").at("baseColorFactor");
  EXPECT_EQ(color.at(0), 1);
  EXPECT_NEAR(color.at(1).get<double>(), 0.2140, 1e-4);  // of 0.5 in linear light
  EXPECT_EQ(color.at(2), 0);
  EXPECT_EQ(color.at(3), 1);
}

TEST(Glb, NamesOfAnyLengthAndBytesKeepTheAlignment) {
  for (const std::string& name : {std::string("a"), std::string("ab"), std::string("abc"),
                                  std::string("caf\xe9"), std::string("\"\\")}) {
    const Parts parts = parts_of(glb_bytes(odd_corner(), {name, {0, 0, 0}}));
    EXPECT_EQ(parts.content.at("scenes").at(0).at("nodes").at(0), 0);
  }
}

TEST(Glb, VerticesThatNoTriangleUsesHaveANormalAllTheSame) {
  Mesh mesh = odd_corner();
  mesh.vertices.push_back({0, 0, 0});
  const auto normals = parts_of(glb_bytes(mesh)).numbers<float>(1, 3);
  for (size_t i = 0; i < normals.size(); i += 3)
    EXPECT_NEAR(std::hypot(normals[i], normals[i + 1], normals[i + 2]), 1, 1e-6);
}

}  // namespace
}  // namespace dmcvr
