// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/mesh_file.h"

#include "support.h"

#include "dmcvr/core/error.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vtkFieldData.h>
#include <vtkNew.h>
#include <vtkOBJReader.h>
#include <vtkPLYReader.h>
#include <vtkPointData.h>
#include <vtkPolyData.h>
#include <vtkSTLReader.h>
#include <vtkStringArray.h>
#include <vtkXMLPolyDataReader.h>

#include <fstream>
#include <sstream>

namespace dmcvr {
namespace {

using testing::HasSubstr;

Mesh tetrahedron() {
  Mesh mesh;
  mesh.vertices = {{-100.5, 20, 3}, {-90, 20, 3}, {-100.5, 44.25, 3}, {-100.5, 20, -60}};
  mesh.triangles = {{0, 1, 2}, {0, 3, 1}, {0, 2, 3}, {1, 3, 2}};
  if (volume_ml(mesh) < 0) flip(mesh);
  return mesh;
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

Mesh mesh_of(vtkPolyData& data) {
  Mesh mesh;
  mesh.vertices.resize(static_cast<size_t>(data.GetNumberOfPoints()));
  for (size_t i = 0; i < mesh.vertices.size(); ++i) {
    data.GetPoint(static_cast<vtkIdType>(i), mesh.vertices[i].data());
  }
  for (vtkIdType i = 0; i < data.GetNumberOfCells(); ++i) {
    vtkIdType size = 0;
    const vtkIdType* ids = nullptr;
    data.GetCellPoints(i, size, ids);
    EXPECT_EQ(size, 3);
    mesh.triangles.push_back({ids[0], ids[1], ids[2]});
  }
  return mesh;
}

// What a reader of VTK finds in the file of the tetrahedron.
template <typename Reader>
Mesh read_back(Reader& reader, const std::filesystem::path& path) {
  reader.SetFileName(path.c_str());
  reader.Update();
  return mesh_of(*reader.GetOutput());
}

void expect_same_body(const Mesh& mesh) {
  const Mesh expected = tetrahedron();
  EXPECT_EQ(mesh.triangles.size(), expected.triangles.size());
  EXPECT_NEAR(volume_ml(mesh), volume_ml(expected), 1e-5 * volume_ml(expected));
  EXPECT_TRUE(is_closed(mesh));
  double low = 1e9;
  for (const Point& p : mesh.vertices) low = std::min(low, p[0]);
  EXPECT_NEAR(low, -100.5, 1e-4);
}

}  // namespace

TEST(MeshFile, VtpComesBackWithNormalsAndSpace) {
  const auto path = test::fresh_folder() / "a.vtp";
  write_mesh(path, tetrahedron());
  vtkNew<vtkXMLPolyDataReader> reader;
  expect_same_body(read_back(*reader, path));
  EXPECT_NE(reader->GetOutput()->GetPointData()->GetNormals(), nullptr);
  auto* space =
      vtkStringArray::SafeDownCast(reader->GetOutput()->GetFieldData()->GetAbstractArray("SPACE"));
  ASSERT_NE(space, nullptr);
  EXPECT_EQ(space->GetValue(0), "RAS");
}

TEST(MeshFile, StlComesBackWithItsHeader) {
  const auto path = test::fresh_folder() / "a.stl";
  write_mesh(path, tetrahedron());
  vtkNew<vtkSTLReader> reader;
  expect_same_body(read_back(*reader, path));
  EXPECT_THAT(text_of(path).substr(0, 80), HasSubstr("SPACE=RAS"));
}

TEST(MeshFile, PlyComesBackWithItsComment) {
  const auto path = test::fresh_folder() / "a.ply";
  write_mesh(path, tetrahedron());
  vtkNew<vtkPLYReader> reader;
  expect_same_body(read_back(*reader, path));
  EXPECT_THAT(text_of(path), HasSubstr("comment SPACE=RAS\n"));
}

TEST(MeshFile, ObjComesBackWithItsComment) {
  const auto path = test::fresh_folder() / "a.obj";
  write_mesh(path, tetrahedron());
  vtkNew<vtkOBJReader> reader;
  expect_same_body(read_back(*reader, path));
  EXPECT_THAT(reader->GetComment(), HasSubstr("SPACE=RAS"));
}

TEST(MeshFile, SameMeshSameBytes) {
  const auto folder = test::fresh_folder();
  for (const auto& format : mesh_formats()) {
    write_mesh(folder / ("a." + format), tetrahedron());
    write_mesh(folder / ("b." + format), tetrahedron());
    EXPECT_EQ(text_of(folder / ("a." + format)), text_of(folder / ("b." + format))) << format;
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}),
            2 * static_cast<std::ptrdiff_t>(mesh_formats().size()));
}

TEST(MeshFile, RefusesOtherEndingsEmptyMeshesAndMissingFolders) {
  const auto folder = test::fresh_folder();
  EXPECT_THROW(write_mesh(folder / "a.vtk", tetrahedron()), Error);
  EXPECT_THROW(write_mesh(folder / "a.vtp", {}), Error);
  for (const auto& format : mesh_formats()) {
    EXPECT_THROW(write_mesh(folder / "none" / ("a." + format), tetrahedron()), Error) << format;
  }
}

TEST(Pvd, NamesEveryFileWithItsTimeAndPart) {
  const auto path = test::fresh_folder() / "cine.pvd";
  write_pvd(path, {{0, "lv", "ed_lv.vtp"}, {0, "rv", "ed_rv.vtp"}, {312.5, "lv", "es_lv.vtp"}});
  const auto text = text_of(path);
  EXPECT_THAT(text, HasSubstr("type=\"Collection\""));
  EXPECT_THAT(text, HasSubstr("timestep=\"312.5\" part=\"0\" name=\"lv\" file=\"es_lv.vtp\""));
  EXPECT_THAT(text, HasSubstr("timestep=\"0\" part=\"1\" name=\"rv\" file=\"ed_rv.vtp\""));

  // Phases are called as users call their files.
  write_pvd(path, {{0, "lv", "a&b \"<c>\".vtp"}});
  EXPECT_THAT(text_of(path), HasSubstr("file=\"a&amp;b &quot;&lt;c&gt;&quot;.vtp\""));
}

}  // namespace dmcvr
