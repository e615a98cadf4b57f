// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/png.h"

#include "io/raw_nifti.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/random.h"

#include <gtest/gtest.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGReader.h>

namespace dmcvr {
namespace {

torch::Tensor read_with_vtk(const std::filesystem::path& path) {
  vtkNew<vtkPNGReader> reader;
  reader->SetFileName(path.c_str());
  reader->Update();
  vtkImageData* image = reader->GetOutput();
  const int* size = image->GetDimensions();
  auto pixels =
      torch::empty({size[1], size[0], image->GetNumberOfScalarComponents()}, torch::kUInt8);
  std::memcpy(pixels.data_ptr(), image->GetScalarPointer(), pixels.nbytes());
  return pixels.flip(0);
}

}  // namespace

TEST(PngProperty, WriteThenReadIsTheIdentity) {
  const auto path = test::fresh_folder() / "a.png";
  auto generator = make_generator(1, "png");
  for (const auto& size : std::vector<std::array<int64_t, 2>>{{1, 1}, {3, 5}, {64, 33}}) {
    const auto rgb = torch::randint(0, 256, {size[0], size[1], 3}, generator, torch::kUInt8);
    write_png(path, rgb);
    EXPECT_TRUE(read_with_vtk(path).equal(rgb));
  }
}

TEST(Png, StartsAsTheStandardSaysAndRepeatsItsBytes) {
  const auto folder = test::fresh_folder();
  const auto rgb = torch::arange(5 * 7 * 3).reshape({5, 7, 3}).to(torch::kUInt8);
  write_png(folder / "a.png", rgb);
  write_png(folder / "b.png", rgb);
  const std::string bytes = test::content_of(folder / "a.png");
  EXPECT_TRUE(bytes == test::content_of(folder / "b.png"));
  EXPECT_EQ(bytes.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(bytes.substr(16, 8), std::string("\0\0\0\x07\0\0\0\x05", 8));  // width, height
}

TEST(Png, TakesPicturesThatAreViewsOfOthers) {
  const auto path = test::fresh_folder() / "a.png";
  const auto planes = torch::arange(3 * 4 * 6).reshape({3, 4, 6}).to(torch::kUInt8);
  write_png(path, planes.permute({1, 2, 0}));
  EXPECT_TRUE(read_with_vtk(path).permute({2, 0, 1}).equal(planes));
}

TEST(Png, RefusesOtherShapesAndFoldersThatAreMissing) {
  const auto folder = test::fresh_folder();
  EXPECT_THROW(write_png(folder / "a.png", torch::zeros({3, 4, 5}, torch::kUInt8)), c10::Error);
  EXPECT_THROW(write_png(folder / "a.png", torch::zeros({4, 5, 3})), c10::Error);
  EXPECT_THROW(write_png(folder / "a.png", torch::zeros({0, 5, 3}, torch::kUInt8)), c10::Error);
  EXPECT_THROW(write_png(folder / "missing" / "a.png", torch::zeros({4, 5, 3}, torch::kUInt8)),
               Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder));
}

}  // namespace dmcvr
