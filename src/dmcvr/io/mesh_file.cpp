// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/mesh_file.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/core/error.h"
#include "dmcvr/io/vtk_errors.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <vtkCellArray.h>
#include <vtkFieldData.h>
#include <vtkFloatArray.h>
#include <vtkNew.h>
#include <vtkPLYWriter.h>
#include <vtkPointData.h>
#include <vtkPoints.h>
#include <vtkPolyData.h>
#include <vtkSTLWriter.h>
#include <vtkStringArray.h>
#include <vtkXMLPolyDataWriter.h>

#include <algorithm>
#include <map>

namespace dmcvr {
namespace fs = std::filesystem;
namespace {

constexpr const char* kSpace = "SPACE=RAS";

vtkNew<vtkPolyData> poly_data_of(const Mesh& mesh) {
  vtkNew<vtkPoints> points;
  points->SetDataTypeToFloat();
  points->SetNumberOfPoints(static_cast<vtkIdType>(mesh.vertices.size()));
  vtkNew<vtkFloatArray> normals;
  normals->SetName("Normals");
  normals->SetNumberOfComponents(3);
  normals->SetNumberOfTuples(static_cast<vtkIdType>(mesh.vertices.size()));
  const auto directions = vertex_normals(mesh);
  for (size_t i = 0; i < mesh.vertices.size(); ++i) {
    points->SetPoint(static_cast<vtkIdType>(i), mesh.vertices[i].data());
    normals->SetTuple(static_cast<vtkIdType>(i), directions[i].data());
  }
  vtkNew<vtkCellArray> triangles;
  for (const auto& t : mesh.triangles) {
    triangles->InsertNextCell(
        {static_cast<vtkIdType>(t[0]), static_cast<vtkIdType>(t[1]), static_cast<vtkIdType>(t[2])});
  }
  vtkNew<vtkPolyData> data;
  data->SetPoints(points);
  data->SetPolys(triangles);
  data->GetPointData()->SetNormals(normals);
  return data;
}

std::string vtp_bytes(const Mesh& mesh) {
  const auto data = poly_data_of(mesh);
  vtkNew<vtkStringArray> space;
  space->SetName("SPACE");
  space->InsertNextValue("RAS");
  data->GetFieldData()->AddArray(space);
  vtkNew<vtkXMLPolyDataWriter> writer;
  writer->SetInputData(data);
  writer->WriteToOutputStringOn();
  writer->SetDataModeToAppended();
  writer->EncodeAppendedDataOff();
  writer->Write();
  return writer->GetOutputString();
}

void write_stl(const fs::path& path, const Mesh& mesh) {
  const auto data = poly_data_of(mesh);
  vtkNew<vtkSTLWriter> writer;
  writer->SetInputData(data);
  writer->SetFileName(path.c_str());
  writer->SetFileTypeToBinary();
  writer->SetHeader(fmt::format("dmcvr {}", kSpace).c_str());
  writer->Write();
}

void write_ply(const fs::path& path, const Mesh& mesh) {
  const auto data = poly_data_of(mesh);
  vtkNew<vtkPLYWriter> writer;
  writer->SetInputData(data);
  writer->SetFileName(path.c_str());
  writer->SetFileTypeToBinary();
  writer->SetDataByteOrderToLittleEndian();
  writer->AddComment(kSpace);
  writer->Write();
}

// By hand: the writer of VTK 9.1 takes no comment.
void write_obj(std::ostream& stream, const Mesh& mesh) {
  stream << "# " << kSpace << '\n';
  for (const Point& p : mesh.vertices) {
    stream << fmt::format("v {:.4f} {:.4f} {:.4f}\n", p[0], p[1], p[2]);
  }
  for (const Point& n : vertex_normals(mesh)) {
    stream << fmt::format("vn {:.4f} {:.4f} {:.4f}\n", n[0], n[1], n[2]);
  }
  for (const auto& t : mesh.triangles) {
    stream << fmt::format("f {0}//{0} {1}//{1} {2}//{2}\n", t[0] + 1, t[1] + 1, t[2] + 1);
  }
}

std::string xml_escaped(const std::string& text) {
  std::string escaped;
  for (const char letter : text) {
    switch (letter) {
      case '&':
        escaped += "&amp;";
        break;
      case '<':
        escaped += "&lt;";
        break;
      case '>':
        escaped += "&gt;";
        break;
      case '"':
        escaped += "&quot;";
        break;
      default:
        escaped += letter;
    }
  }
  return escaped;
}

// Where VTK writes into files of its own alone: what it wrote is moved when it is complete. Not
// every writer notices that the disk is full; numbers take `least_bytes` in any case.
void write_with_vtk(const fs::path& path, const Mesh& mesh, size_t least_bytes,
                    void (*write)(const fs::path&, const Mesh&)) {
  fs::path temporary = path;
  temporary += ".tmp" + path.extension().string();
  try {
    const VtkErrors errors;
    write(temporary, mesh);
    errors.check(path.string());
    std::error_code failure;
    if (fs::file_size(temporary, failure) < least_bytes || failure)
      throw Error("{}: cannot be written in full; is the disk full?", path.string());
    fs::rename(temporary, path, failure);
    if (failure) throw Error("{}: cannot be written: {}", path.string(), failure.message());
  } catch (...) {
    std::error_code ignored;
    fs::remove(temporary, ignored);
    throw;
  }
}

}  // namespace

const std::vector<std::string>& mesh_formats() {
  static const std::vector<std::string> formats = {"vtp", "stl", "ply", "obj", "glb"};
  return formats;
}

void write_mesh(const fs::path& path, const Mesh& mesh, const MeshLook& look) {
  mesh.check();
  if (mesh.triangles.empty()) throw Error("{}: a mesh without triangles", path.string());
  const std::string ending = path.extension().string();
  const size_t vertices = mesh.vertices.size(), triangles = mesh.triangles.size();
  if (ending == ".vtp") {
    const VtkErrors errors;
    const std::string bytes = vtp_bytes(mesh);
    errors.check(path.string());
    return write_file(path, [&](std::ostream& stream) { stream << bytes; });
  }
  if (ending == ".stl") return write_with_vtk(path, mesh, 84 + 50 * triangles, write_stl);
  if (ending == ".ply")
    return write_with_vtk(path, mesh, 12 * vertices + 13 * triangles, write_ply);
  if (ending == ".obj") {
    return write_file(path, [&](std::ostream& stream) { write_obj(stream, mesh); });
  }
  if (ending == ".glb") {
    const std::string bytes = glb_bytes(mesh, look);
    return write_file(path, [&](std::ostream& stream) { stream << bytes; });
  }
  throw Error("{}: expected a name that ends in .{}", path.string(),
              fmt::join(mesh_formats(), ", ."));
}

void write_pvd(const fs::path& path, const std::vector<TimedFile>& files) {
  std::map<std::string, size_t> parts;
  for (const TimedFile& file : files) parts.try_emplace(file.part, parts.size());
  write_file(path, [&](std::ostream& stream) {
    stream << "<?xml version=\"1.0\"?>\n<VTKFile type=\"Collection\" version=\"0.1\">\n"
              "  <Collection>\n";
    for (const TimedFile& file : files) {
      stream << fmt::format("    <DataSet timestep=\"{}\" part=\"{}\" name=\"{}\" file=\"{}\"/>\n",
                            file.time, parts.at(file.part), xml_escaped(file.part),
                            xml_escaped(file.file));
    }
    stream << "  </Collection>\n</VTKFile>\n";
  });
}

}  // namespace dmcvr
