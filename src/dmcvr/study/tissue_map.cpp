// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/tissue_map.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/label_table.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/study_files.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <sstream>
#include <vector>

namespace dmcvr {
namespace {

constexpr double kCubeMm = 1;
constexpr int64_t kBorder = 12;  // cubes around the labels, for wall and fat
constexpr double kCoarsestMm = 4;
constexpr double kLargestHeartMm = 400;
constexpr double kRvWallMm = 3, kThinWallMm = 1.5;  // of the right ventricle; of atria and vessels

const std::map<std::string, Tissue>& tissue_names() {
  static const std::map<std::string, Tissue> names = {{"LVC", Tissue::lvc},
                                                      {"LVM", Tissue::lvm},
                                                      {"RVC", Tissue::rvc},
                                                      {"LA", Tissue::left_atrium},
                                                      {"RA", Tissue::right_atrium},
                                                      {"AO", Tissue::aorta},
                                                      {"PA", Tissue::pulmonary_artery}};
  return names;
}

constexpr const char* kMmwhs =
    "1=LVM 2=LA 3=LVC 4=RA 5=RVC 6=AO 7=PA 205=LVM 420=LA 500=LVC 550=RA 600=RVC 820=AO 850=PA";

// Nothing where the text is no list.
std::optional<std::map<int64_t, Tissue>> tissue_list(std::string text) {
  std::replace(text.begin(), text.end(), ',', ' ');
  std::istringstream entries(text);
  std::map<int64_t, Tissue> table;
  for (std::string entry; entries >> entry;) {
    const auto equals = entry.find('=');
    if (equals == std::string::npos || equals == 0 || equals > 5) return std::nullopt;
    const std::string digits = entry.substr(0, equals);
    const auto tissue = tissue_names().find(entry.substr(equals + 1));
    if (digits.find_first_not_of("0123456789") != std::string::npos ||
        tissue == tissue_names().end() || std::stoll(digits) == 0 ||
        !table.emplace(std::stoll(digits), tissue->second).second)
      return std::nullopt;
  }
  if (table.empty()) return std::nullopt;
  return table;
}

torch::Tensor mask_of(const torch::Tensor& tissues, Tissue tissue) {
  return tissues == static_cast<int64_t>(tissue);
}

// [D, H, W] uint8 on the file's own grid.
torch::Tensor named_tissues(const torch::Tensor& values, const std::map<int64_t, Tissue>& table) {
  auto tissues = torch::zeros(values.sizes(), torch::kUInt8);
  auto is_named = values == 0;
  for (const auto& [value, tissue] : table) {
    const auto here = values == static_cast<double>(value);
    tissues.masked_fill_(here, static_cast<int64_t>(tissue));
    is_named.logical_or_(here);
  }
  if (!is_named.all().item<bool>()) {
    const auto strange = values.masked_select(is_named.logical_not())[0].item<double>();
    throw Error("holds the value {}, which is not named", strange);
  }
  for (const auto& [name, tissue] : tissue_names()) {
    const bool is_ventricle = static_cast<int64_t>(tissue) <= kRvc;
    if (is_ventricle && !mask_of(tissues, tissue).any().item<bool>())
      throw Error("holds no {}", name);
  }
  return tissues;
}

// The labeled box with its border, in cubes; the nearest voxel each.
void resample_to_cubes(const Grid& grid, const torch::Tensor& tissues, TissueMap& map) {
  const auto spacing = grid.spacing_mm();
  const auto places = tissues.nonzero();  // [N, 3] slice, row, column
  const auto first = std::get<0>(places.min(0)), last = std::get<0>(places.max(0));
  Affine file_from_cube;
  std::array<torch::Tensor, 3> indices;  // per axis of the file, where each cube's center lies
  std::array<torch::Tensor, 3> is_inside;
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<size_t>(axis);
    const double low = first[2 - axis].item<double>(), high = last[2 - axis].item<double>();
    const double step = kCubeMm / spacing[a];
    const auto size = static_cast<int64_t>(std::ceil((high - low) / step)) + 1 + 2 * kBorder;
    if (static_cast<double>(size) * kCubeMm > kLargestHeartMm) {
      throw Error("a heart of {:.0f} mm, expected at most {:.0f}; check the spacing in the header",
                  (high - low) * spacing[a], kLargestHeartMm);
    }
    map.grid.size[a] = size;
    file_from_cube.matrix[a] = {};
    file_from_cube.matrix[a][a] = step;
    file_from_cube.offset[a] = low - static_cast<double>(kBorder) * step;
    const auto at = torch::arange(size, torch::kFloat64) * step + file_from_cube.offset[a];
    indices[a] = at.round().to(torch::kInt64);
    is_inside[a] = indices[a].ge(0).logical_and(indices[a].lt(grid.size[a]));
    indices[a].clamp_(0, grid.size[a] - 1);
  }
  map.grid.world_from_voxel = grid.world_from_voxel * file_from_cube;
  map.voxels =
      tissues.index_select(0, indices[2]).index_select(1, indices[1]).index_select(2, indices[0]);
  map.voxels *= is_inside[2].view({-1, 1, 1});
  map.voxels *= is_inside[1].view({1, -1, 1});
  map.voxels *= is_inside[0].view({1, 1, -1});
}

// ---- the heart's frame ----

torch::Tensor positions_mm(const TissueMap& map, const torch::Tensor& mask) {  // [N, 3] world
  const auto places = mask.nonzero().flip(1).to(torch::kFloat64);
  auto matrix = torch::empty({3, 3}, torch::kFloat64), offset = torch::empty({3}, torch::kFloat64);
  for (int row = 0; row < 3; ++row) {
    const auto r = static_cast<size_t>(row);
    for (int column = 0; column < 3; ++column)
      matrix[row][column] = map.grid.world_from_voxel.matrix[r][static_cast<size_t>(column)];
    offset[row] = map.grid.world_from_voxel.offset[r];
  }
  return places.matmul(matrix.t()) + offset;
}

Point point_of(const torch::Tensor& vector) {
  return {vector[0].item<double>(), vector[1].item<double>(), vector[2].item<double>()};
}

torch::Tensor vector_of(const Point& p) {
  return torch::tensor({p[0], p[1], p[2]}, torch::kFloat64);
}

// The long axis is the one about which the left ventricle spreads least; the myocardium closes it
// at the apex, so that its center lies farther down than that of the cavity.
void find_frame(TissueMap& map) {
  const auto cavity = positions_mm(map, mask_of(map.voxels, Tissue::lvc));
  const auto muscle = positions_mm(map, mask_of(map.voxels, Tissue::lvm));
  const auto ventricle = torch::cat({cavity, muscle});
  const auto center = ventricle.mean(0);
  const auto spread = (ventricle - center).t().matmul(ventricle - center);
  const auto axes = std::get<1>(torch::linalg_eigh(spread, "L"));  // columns, largest last
  Point z = unit_vector(point_of(axes.select(1, 2)));
  if (dot(z, minus(point_of(muscle.mean(0)), point_of(cavity.mean(0)))) < 0) z = times(-1, z);
  const Point right = point_of(positions_mm(map, mask_of(map.voxels, Tissue::rvc)).mean(0));
  const Point aside = minus(point_of(cavity.mean(0)), right);
  const Point x = unit_vector(minus(aside, times(dot(aside, z), z)));
  const Point y = cross(x, z);

  // From the plane where muscle begins to where it ends; a few stray voxels count for nothing.
  const auto depth = std::get<0>(muscle.matmul(vector_of(z)).sort());
  const auto count = depth.size(0);
  const double base = depth[count / 100].item<double>();
  const double apex = depth[count - 1 - count / 1000].item<double>();
  map.length_mm = apex - base;
  const Point middle = point_of(cavity.mean(0));
  const Point origin = plus(middle, times(base - dot(middle, z), z));
  for (size_t row = 0; row < 3; ++row) map.world_from_heart.matrix[row] = {x[row], y[row], z[row]};
  map.world_from_heart.offset = origin;
}

// All cubes within `radius_mm` of the mask.
torch::Tensor grown(const torch::Tensor& mask, double radius_mm) {
  const auto reach = static_cast<int64_t>(std::floor(radius_mm / kCubeMm));
  auto result = mask.clone();
  for (int64_t k = -reach; k <= reach; ++k) {
    for (int64_t j = -reach; j <= reach; ++j) {
      for (int64_t i = -reach; i <= reach; ++i) {
        if (static_cast<double>(k * k + j * j + i * i) * kCubeMm * kCubeMm > radius_mm * radius_mm)
          continue;
        // The border of the map is empty, so that nothing comes around.
        result.logical_or_(mask.roll({k, j, i}, {0, 1, 2}));
      }
    }
  }
  return result;
}

}  // namespace

std::map<int64_t, Tissue> tissue_table_from(const std::string& text) {
  if (auto list = tissue_list(text == "mmwhs" ? kMmwhs : text)) return *list;
  try {
    std::map<int64_t, Tissue> table;
    for (const auto& [value, name] : label_table_from(text)) table[value] = tissue_names().at(name);
    return table;
  } catch (const Error&) {
    throw Error(
        "label order '{}': expected mmwhs, dmcvr, mnms, ukb, acdc, or a list such as "
        "1=LVM,2=LA,3=LVC,4=RA,5=RVC,6=AO,7=PA",
        text);
  }
}

TissueMap read_tissue_map(const std::filesystem::path& path, const std::string& labels_are) {
  try {
    std::map<int64_t, Tissue> table;
    if (!labels_are.empty()) {
      table = tissue_table_from(labels_are);
    } else {
      const auto described = tissue_list(read_nifti_header(path).descrip);
      if (!described) {
        throw Error(
            "does not say what its values mean; say so: mmwhs (1=LVM 2=LA 3=LVC 4=RA 5=RVC 6=AO "
            "7=PA), dmcvr, acdc, or a list of that kind");
      }
      table = *described;
    }
    const Cine values = read_nifti(path);
    if (values.phase_count() != 1)
      throw Error("holds {} phases, expected one", values.phase_count());
    for (const double mm : values.grid.spacing_mm()) {
      if (mm > kCoarsestMm) {
        throw Error("voxels of {:.3g} mm, a dense map has at most {} in every direction", mm,
                    kCoarsestMm);
      }
    }
    TissueMap map;
    resample_to_cubes(values.grid, named_tissues(values.voxels[0], table), map);
    find_frame(map);
    return map;
  } catch (const Error& error) {
    const std::string said = error.what();
    if (said.rfind(path.string(), 0) == 0) throw;
    throw error.in(path.string());
  }
}

std::vector<std::filesystem::path> find_tissue_maps(const std::filesystem::path& path) {
  if (!std::filesystem::exists(path)) throw Error("{}: no such file or folder", path.string());
  if (!std::filesystem::is_directory(path)) return {path};
  std::vector<std::filesystem::path> maps;
  for (const auto* word : {"_label", "_labels", "_seg", "_gt"}) {
    for (auto& file : files_ending_with(path, word)) maps.push_back(std::move(file));
  }
  if (maps.empty()) maps = files_ending_with(path, "");
  if (maps.empty()) throw Error("{}: holds no label map (.nii.gz)", path.string());
  std::sort(maps.begin(), maps.end());
  return maps;
}

TissueMap with_surroundings(const TissueMap& map, double fat_mm) {
  TissueMap result = map;
  result.voxels = map.voxels.clone();
  auto& voxels = result.voxels;
  const auto heart = voxels > 0;
  const auto put = [&](const torch::Tensor& mask, Tissue tissue) {
    voxels.masked_fill_(mask.logical_and(voxels == 0), static_cast<int64_t>(tissue));
  };
  put(grown(mask_of(voxels, Tissue::rvc), kRvWallMm), Tissue::wall);
  const auto vessels = voxels.ge(static_cast<int64_t>(Tissue::left_atrium))
                           .logical_and(voxels.le(static_cast<int64_t>(Tissue::pulmonary_artery)));
  put(grown(vessels, kThinWallMm), Tissue::wall);
  if (fat_mm > 0) put(grown(heart, std::min(kRvWallMm + fat_mm, kBorder - 1.0)), Tissue::fat);
  return result;
}

}  // namespace dmcvr
