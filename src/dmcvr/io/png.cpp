// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/png.h"

#include "dmcvr/core/atomic_file.h"
#include "dmcvr/io/vtk_errors.h"

#include <c10/util/Exception.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGWriter.h>
#include <vtkUnsignedCharArray.h>

#include <cstring>

namespace dmcvr {

void write_png(const std::filesystem::path& path, const torch::Tensor& rgb) {
  TORCH_CHECK(
      rgb.dim() == 3 && rgb.size(2) == 3 && rgb.numel() > 0 && rgb.scalar_type() == torch::kUInt8,
      "write_png: ", rgb.sizes(), " ", rgb.scalar_type(), " is not [H, W, 3] uint8");

  // VTK counts rows from the bottom.
  const auto pixels = rgb.cpu().flip(0).contiguous();
  vtkNew<vtkImageData> image;
  image->SetDimensions(static_cast<int>(pixels.size(1)), static_cast<int>(pixels.size(0)), 1);
  image->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
  std::memcpy(image->GetScalarPointer(), pixels.data_ptr(), pixels.nbytes());

  const VtkErrors errors;
  vtkNew<vtkPNGWriter> writer;
  writer->SetInputData(image);
  writer->WriteToMemoryOn();
  writer->Write();
  errors.check(path.string());

  vtkUnsignedCharArray* bytes = writer->GetResult();
  write_file(path, [&](std::ostream& stream) {
    stream.write(reinterpret_cast<const char*>(bytes->GetPointer(0)),
                 static_cast<std::streamsize>(bytes->GetNumberOfValues()));
  });
}

}  // namespace dmcvr
