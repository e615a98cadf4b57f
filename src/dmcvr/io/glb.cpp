// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/glb.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/version.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>

namespace dmcvr {
using nlohmann::json;
namespace {

// Of the format: kinds of numbers, and what a view of the buffer is for.
constexpr int kUint32 = 5125, kFloat32 = 5126, kVertices = 34962, kIndices = 34963;

void put_uint32(std::string& bytes, uint32_t value) {
  for (int shift = 0; shift < 32; shift += 8)
    bytes += static_cast<char>(static_cast<unsigned char>(value >> shift & 0xffU));
}

void put_float32(std::string& bytes, float value) {
  uint32_t word = 0;
  std::memcpy(&word, &value, sizeof(word));
  put_uint32(bytes, word);
}

std::string chunk(const char* type, std::string content, char padding) {
  content.resize((content.size() + 3) / 4 * 4, padding);
  std::string bytes;
  put_uint32(bytes, static_cast<uint32_t>(content.size()));
  return bytes.append(type, 4) + content;
}

// Materials are in linear light.
double linear_from_srgb(double share) {
  return share <= 0.04045 ? share / 12.92 : std::pow((share + 0.055) / 1.055, 2.4);
}

json material_of(const MeshLook& look) {
  json color = json::array();
  for (const double share : look.color) color.push_back(linear_from_srgb(share));
  color.push_back(1.0);
  return {{"name", look.name},
          {"pbrMetallicRoughness",
           {{"baseColorFactor", color}, {"metallicFactor", 0.0}, {"roughnessFactor", 0.6}}}};
}

// Right, front and head of the patient, in mm, to -x, z and y of glTF, in m; column by column.
json gltf_from_ras() {
  return {-0.001, 0, 0, 0, 0, 0, 0.001, 0, 0, 0.001, 0, 0, 0, 0, 0, 1};
}

}  // namespace

std::string glb_bytes(const Mesh& mesh, const MeshLook& look) {
  mesh.check();
  const size_t vertices = mesh.vertices.size(), indices = 3 * mesh.triangles.size();
  const size_t direction_bytes = 12 * vertices, index_bytes = 4 * indices;
  constexpr size_t kRoomForText = 1 << 16;
  if (2 * direction_bytes + index_bytes > std::numeric_limits<uint32_t>::max() - kRoomForText)
    throw Error("a surface of {} vertices and {} triangles is too large for GLB", vertices,
                mesh.triangles.size());

  // Positions, normals, indices.
  std::string buffer;
  buffer.reserve(2 * direction_bytes + index_bytes);
  std::array<float, 3> low{}, high{};
  for (size_t i = 0; i < vertices; ++i) {
    for (size_t axis = 0; axis < 3; ++axis) {
      const auto place = static_cast<float>(mesh.vertices[i][axis]);
      low[axis] = i == 0 ? place : std::min(low[axis], place);
      high[axis] = i == 0 ? place : std::max(high[axis], place);
      put_float32(buffer, place);
    }
  }
  for (const Point& normal : vertex_normals(mesh)) {
    // Readers refuse a normal without length, which triangles without area give.
    const Point direction = length(normal) > 0.5 ? normal : Point{0, 0, 1};
    for (const double part : direction) put_float32(buffer, static_cast<float>(part));
  }
  for (const auto& triangle : mesh.triangles) {
    for (const int64_t index : triangle) put_uint32(buffer, static_cast<uint32_t>(index));
  }

  const auto view = [&](size_t offset, size_t size, int target) {
    return json{{"buffer", 0}, {"byteOffset", offset}, {"byteLength", size}, {"target", target}};
  };
  const json content = {
      {"asset",
       {{"version", "2.0"},
        {"generator", "dmcvr " + version()},
        {"extras",
         {{"space", "RAS"},
          {"unit", "mm"},
          {"comment",
           "POSITION is in RAS millimeters of the patient; the matrix of the node makes meters "
           "with y up of them"}}}}},
      {"scene", 0},
      {"scenes", {{{"nodes", {0}}}}},
      {"nodes", {{{"name", look.name}, {"mesh", 0}, {"matrix", gltf_from_ras()}}}},
      {"meshes",
       {{{"name", look.name},
         {"primitives",
          {{{"attributes", {{"POSITION", 0}, {"NORMAL", 1}}}, {"indices", 2}, {"material", 0}}}}}}},
      {"materials", {material_of(look)}},
      {"accessors",
       {{{"bufferView", 0},
         {"componentType", kFloat32},
         {"count", vertices},
         {"type", "VEC3"},
         {"min", low},
         {"max", high}},
        {{"bufferView", 1}, {"componentType", kFloat32}, {"count", vertices}, {"type", "VEC3"}},
        {{"bufferView", 2}, {"componentType", kUint32}, {"count", indices}, {"type", "SCALAR"}}}},
      {"bufferViews",
       {view(0, direction_bytes, kVertices), view(direction_bytes, direction_bytes, kVertices),
        view(2 * direction_bytes, index_bytes, kIndices)}},
      {"buffers", {{{"byteLength", buffer.size()}}}},
  };
  // Names may hold any bytes; JSON is UTF-8.
  const std::string text = content.dump(-1, ' ', false, json::error_handler_t::replace);
  const std::string chunks = chunk("JSON", text, ' ') + chunk("BIN\0", buffer, '\0');
  std::string bytes = "glTF";
  put_uint32(bytes, 2);  // version
  put_uint32(bytes, static_cast<uint32_t>(12 + chunks.size()));
  return bytes + chunks;
}

}  // namespace dmcvr
