// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/figures/text.h"

#include "dmcvr/core/error.h"

#include <vtkFreeTypeTools.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkStdString.h>
#include <vtkTextProperty.h>

#include <algorithm>

namespace dmcvr {
namespace {

// At this resolution a point is a pixel.
constexpr int kDotsPerInch = 72;

// VTK's built-in typeface knows ASCII alone and skips the rest without a word: '?' for every other
// character, whose first byte in UTF-8 is 11xxxxxx and whose further ones are 10xxxxxx.
std::string to_ascii(const std::string& text) {
  std::string result;
  for (const char letter : text) {
    const auto byte = static_cast<unsigned char>(letter);
    if (byte >= 32 && byte < 127) result += letter;
    if (byte >= 0xC0 || byte < 32 || byte == 127) result += '?';
  }
  return result;
}

}  // namespace

torch::Tensor text_coverage(const std::string& text, const TextStyle& style) {
  const int64_t height = style.height_px + 2;  // room for rounding above the capitals
  if (text.empty()) return torch::zeros({height, 0});

  // Let FreeType draw white on nothing.
  vtkNew<vtkTextProperty> property;
  property->SetFontFamilyToArial();
  property->SetFontSize(static_cast<int>(style.height_px));
  property->SetBold(style.is_bold);
  property->SetColor(1, 1, 1);
  vtkNew<vtkImageData> image;
  auto* tools = vtkFreeTypeTools::GetInstance();
  tools->ScaleToPowerTwoOff();
  if (!tools->RenderString(property, vtkStdString(to_ascii(text)), kDotsPerInch, image) ||
      image->GetNumberOfScalarComponents() != 4) {
    throw Error("the text '{}' cannot be drawn", text);
  }

  // Copy opacity; VTK's rows run upwards, and the lowest one is the same for all words of a style.
  const int* extent = image->GetExtent();
  const int64_t width = extent[1] - extent[0] + 1;
  const int64_t rows = std::min<int64_t>(extent[3] - extent[2] + 1, height);
  auto coverage = torch::zeros({height, width});  // [H, W]
  auto values = coverage.accessor<float, 2>();
  for (int64_t row = 0; row < rows; ++row) {
    for (int64_t column = 0; column < width; ++column) {
      const auto* pixel = static_cast<const unsigned char*>(image->GetScalarPointer(
          extent[0] + static_cast<int>(column), extent[2] + static_cast<int>(row), extent[4]));
      values[height - 1 - row][column] = static_cast<float>(pixel[3]) / 255.0f;
    }
  }
  return coverage;
}

int64_t draw_text(Picture& canvas, const std::string& text, int64_t row, int64_t column,
                  const TextStyle& style) {
  const auto coverage = text_coverage(text, style);
  const int64_t width = coverage.size(1);
  int64_t left = column;
  if (style.align == TextAlign::center) left -= width / 2;
  if (style.align == TextAlign::right) left -= width;
  blend(canvas, coverage, row, left, style.color);
  return width;
}

}  // namespace dmcvr
