// SPDX-License-Identifier: Apache-2.0
// make_corpus DIR: small valid inputs of every fuzz target, and damaged ones, in DIR/<target>/.
#include "io/dicom_writer.h"

#include "dmcvr/core/random.h"
#include "dmcvr/core/safetensors.h"
#include "dmcvr/dataset/pixel_coder.h"
#include "dmcvr/io/nifti.h"

#include <archive.h>
#include <archive_entry.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>

namespace fs = std::filesystem;

namespace {

std::string content(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

// Cut in the middle, and with bits turned near its beginning, where sizes and types are.
void add_damaged(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder)) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  for (const auto& file : files) {
    const std::string bytes = content(file);
    write(file.string() + ".cut", bytes.substr(0, bytes.size() / 2));
    for (uint64_t n = 0; n < 8; ++n) {
      auto generator = dmcvr::make_generator(n, file.filename().string());
      const auto draws = torch::randint(0, 1 << 30, {2}, generator);
      const auto place = static_cast<size_t>(draws[0].item<int64_t>());
      std::string other = bytes;
      other[place % std::min<size_t>(bytes.size(), 400)] ^=
          static_cast<char>(1 << (draws[1].item<int64_t>() % 8));
      write(file.string() + ".bit" + std::to_string(n), other);
    }
  }
}

// A beating disc in an oblique grid.
dmcvr::Cine small_cine(int64_t phases) {
  dmcvr::Cine cine;
  cine.grid.size = {12, 10, 3};
  cine.grid.world_from_voxel.matrix = {{{1.4, 0, 2}, {0, 1.4, 0}, {-0.3, 0, 9.3}}};
  cine.voxels = torch::zeros({phases, 3, 10, 12});
  for (int64_t t = 0; t < phases; ++t) {
    cine.voxels[t].slice(1, 2, 8).slice(2, 3 + t % 2, 9).fill_(100.5);
    if (phases > 1) cine.times_ms.push_back(40.0 * static_cast<double>(t));
  }
  return cine;
}

void make_nifti(const fs::path& folder) {
  for (const int64_t phases : {1, 4}) {
    const auto cine = small_cine(phases);
    dmcvr::Labels labels;
    labels.grid = cine.grid;
    labels.grid.world_from_voxel.matrix = {{{1.4, 0, 0}, {0, 1.4, 0}, {0, 0, 9}}};
    labels.voxels = (cine.voxels > 0).to(torch::kUInt8);
    auto whole = cine;
    whole.grid = labels.grid;
    whole.voxels = whole.voxels.round();
    for (const auto* ending : {".nii", ".nii.gz"}) {
      const auto name = std::to_string(phases) + ending;
      write_nifti(folder / ("whole" + name), whole);
      write_nifti(folder / ("labels" + name), labels);
      whole.voxels[0][0][0][0] = 0.25;  // float32 from here on
    }
  }
}

void make_safetensors(const fs::path& folder) {
  dmcvr::write_safetensors(folder / "small.safetensors",
                           {{{"weight", torch::ones({2, 3})},
                             {"half", torch::ones({4}, torch::kHalf)},
                             {"count", torch::ones({}, torch::kInt64)}},
                            {{"kind", "test"}, {"options", "{\"a\": 1}"}}});
  dmcvr::write_safetensors(folder / "empty.safetensors", {});
}

void make_options(const fs::path& folder) {
  write(folder / "config.json",
        R"({"inner": {"count": 7, "share": 0.25, "word": "one"}, "numbers": [1, 2.5]})");
  write(folder / "set.txt", "inner.count=12\nname=other\nnumbers=[3]\n{\"is_on\": false}");
  write(folder / "wrong.json", R"({"inner": {"count": 2.5}, "naem": null})");
}

void make_pictures(const fs::path& folder) {
  for (const int64_t side : {1, 5, 24}) {
    const auto rows = torch::arange(side, torch::kFloat32).unsqueeze(1);
    const auto picture = (rows * 7 + rows.t() * 3).remainder(256).to(torch::kUInt8);
    const auto low = static_cast<char>(side - 1);
    write(folder / std::to_string(side), std::string{low, low} + dmcvr::encode_picture(picture));
  }
}

void make_dicom(const fs::path& folder) {
  const auto stored = torch::arange(64, torch::kInt64).view({8, 8});
  for (const auto* syntax : {"explicit", "implicit", "rle", "jpeg", "jpegls", "jpeg2000"})
    write(folder / syntax, dmcvr::test::dicom_bytes({}, stored, syntax));
}

void make_archive(const fs::path& folder) {
  for (const auto* name : {"zip", "tar", "tar.gz"}) {
    archive* writer = archive_write_new();
    std::string(name) == "zip" ? archive_write_set_format_zip(writer)
                               : archive_write_set_format_pax_restricted(writer);
    if (std::string(name) == "tar.gz") archive_write_add_filter_gzip(writer);
    archive_write_open_filename(writer, (folder / name).c_str());
    archive_entry* entry = archive_entry_new();
    for (const std::string file : {"a", "folder/b"}) {
      archive_entry_clear(entry);
      archive_entry_set_pathname(entry, file.c_str());
      archive_entry_set_size(entry, 600);
      archive_entry_set_filetype(entry, AE_IFREG);
      archive_write_header(writer, entry);
      archive_write_data(writer, std::string(600, 'x').data(), 600);
    }
    archive_entry_free(entry);
    archive_write_free(writer);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 2) {
    std::cerr << "usage: make_corpus DIR\n";
    return 2;
  }
  const std::pair<const char*, void (*)(const fs::path&)> targets[] = {
      {"archive", make_archive},         {"dicom", make_dicom},     {"nifti", make_nifti},
      {"safetensors", make_safetensors}, {"options", make_options}, {"picture", make_pictures},
  };
  for (const auto& [name, make] : targets) {
    const fs::path folder = fs::path(arguments[1]) / name;
    fs::remove_all(folder);
    fs::create_directories(folder);
    make(folder);
    add_damaged(folder);
  }
}
