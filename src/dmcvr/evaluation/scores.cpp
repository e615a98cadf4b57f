// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/scores.h"

#include "dmcvr/evaluation/pose_free.h"
#include "dmcvr/metrics/image_quality.h"
#include "dmcvr/metrics/overlap.h"
#include "dmcvr/metrics/statistics.h"
#include "dmcvr/metrics/surface_distance.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace dmcvr {
namespace {

using nlohmann::json;

double mean_of(const VolumeScore& score, double StructureScore::*field) {
  std::vector<double> values;
  for (const auto& [label, name] : label_table()) {
    const auto structure = score.structures.find(name);
    if (structure != score.structures.end()) values.push_back(structure->second.*field);
  }
  return summarize(values).mean;
}

double number_or_none(const json& value) {
  return value.is_null() ? kNoScore : value.get<double>();
}

// Between the two voxels of a stack [D, H, W] that are farthest apart.
double diagonal_of(const torch::Tensor& stack, const Spacing& spacing) {
  double squares = 0;
  for (int64_t axis = 0; axis < 3; ++axis) {
    const double side =
        static_cast<double>(stack.size(axis) - 1) * spacing[static_cast<size_t>(axis)];
    squares += side * side;
  }
  return std::sqrt(squares);
}

// Whether a structure, or of their union every one, was drawn.
bool is_drawn(const std::string& name, const std::set<int64_t>& drawn) {
  return std::all_of(label_table().begin(), label_table().end(), [&](const auto& entry) {
    return (name != kUnion && name != entry.second) || drawn.count(entry.first) > 0;
  });
}

// all_said: labels of the phase at the planes asked for, [M, H, W].
void score_labels(VolumeScore& score, const torch::Tensor& all_said, const Question& question,
                  const Truth& truth, int64_t phase) {
  const auto said = only_drawn(all_said, truth, phase);
  const auto true_stack = truth.labels[phase];  // [D', H, W]
  const auto drawn = drawn_labels(truth, phase);
  const auto planes = torch::tensor(question.asked, torch::kInt64);
  const auto known = true_stack.index_select(0, planes);
  const auto moved = pose_free(said, known);
  const auto pixel_mm = question.planes.grid.spacing_mm();
  for (const auto& shift : moved.shifts) {
    if (!shift) continue;
    score.shifts_mm.push_back(std::hypot(static_cast<double>((*shift)[0]) * pixel_mm[1],
                                         static_cast<double>((*shift)[1]) * pixel_mm[0]));
  }

  const auto stack = true_stack.index_copy(0, planes, said);
  const auto where = torch::zeros(stack.sizes(), torch::kBool).index_fill_(0, planes, true);
  const Spacing spacing_mm = {pixel_mm[2], pixel_mm[1], pixel_mm[0]};
  const double voxel_ml = spacing_mm[0] * spacing_mm[1] * spacing_mm[2] / 1000;
  for (const std::string& name : scored_structures()) {
    const auto mask = [&name](const torch::Tensor& labels) {
      for (const auto& [label, structure] : label_table()) {
        if (structure == name) return labels == label;
      }
      return labels != 0;  // the union
    };
    StructureScore& structure = score.structures[name];
    if (!is_drawn(name, drawn)) continue;
    const Overlap found = overlap(mask(said), mask(known));
    structure.dice = found.dice;
    structure.voe_percent = found.voe;
    structure.dice_pose_free = overlap(mask(moved.labels), mask(known)).dice;
    const bool is_said = mask(said).any().item<bool>(), is_true = mask(known).any().item<bool>();
    if (is_said || is_true) {
      structure.missed = is_said ? 0 : 1;
      structure.invented = is_true ? 0 : 1;
    }

    const auto whole = mask(stack), true_whole = mask(true_stack);
    const auto distances = [&](const Spacing& spacing) {
      if (is_said == is_true) return surface_distances(whole, true_whole, spacing, where);
      const double farthest = diagonal_of(whole, spacing);
      return SurfaceDistances{farthest, farthest, farthest, farthest};
    };
    const auto in_mm = distances(spacing_mm);
    structure.hd_mm = in_mm.hd;
    structure.hd95_mm = in_mm.hd95;
    structure.asd_mm = in_mm.asd;
    structure.assd_mm = in_mm.assd;
    const auto in_voxels = distances({1, 1, 1});
    structure.hd_voxels = in_voxels.hd;
    structure.asd_voxels = in_voxels.asd;
    structure.assd_voxels = in_voxels.assd;
    structure.volume_ml = voxel_ml * static_cast<double>(whole.sum().item<int64_t>());
    structure.true_volume_ml = voxel_ml * static_cast<double>(true_whole.sum().item<int64_t>());
  }
}

// Pictures of one phase at the planes asked for, [M, H, W] in units of p98; box [M, H, W] bool.
void score_pictures(VolumeScore& score, const torch::Tensor& said, const torch::Tensor& known,
                    const torch::Tensor& box) {
  constexpr int64_t kWindow = 7;  // of SSIM
  const auto fits = [](const torch::Tensor& stack, int64_t axis) {
    return stack.size(axis) >= kWindow;
  };
  score.psnr_db = psnr(said, known, box);
  score.stack_psnr_db = psnr(said, known);
  if (fits(said, 0) && fits(said, 1) && fits(said, 2)) score.stack_ssim = ssim_3d(said, known);
  if (!box.any().item<bool>()) return;
  const auto inside = box.nonzero();
  const auto first = std::get<0>(inside.min(0)), last = std::get<0>(inside.max(0));
  const auto cut = [&](torch::Tensor stack) {
    for (int64_t axis = 0; axis < 3; ++axis) {
      stack = stack.slice(axis, first[axis].item<int64_t>(), last[axis].item<int64_t>() + 1);
    }
    return stack;
  };
  const auto said_inside = cut(said), known_inside = cut(known);
  if (fits(said_inside, 1) && fits(said_inside, 2)) score.ssim = ssim_2d(said_inside, known_inside);
}

}  // namespace

const std::vector<StructureMeasure>& structure_measures() {
  using S = StructureScore;
  static const std::vector<StructureMeasure> measures = {{"dice", &S::dice},
                                                         {"dice_pose_free", &S::dice_pose_free},
                                                         {"voe_percent", &S::voe_percent},
                                                         {"hd_mm", &S::hd_mm},
                                                         {"hd95_mm", &S::hd95_mm},
                                                         {"asd_mm", &S::asd_mm},
                                                         {"assd_mm", &S::assd_mm},
                                                         {"hd_voxels", &S::hd_voxels},
                                                         {"asd_voxels", &S::asd_voxels},
                                                         {"assd_voxels", &S::assd_voxels},
                                                         {"volume_ml", &S::volume_ml},
                                                         {"true_volume_ml", &S::true_volume_ml},
                                                         {"missed", &S::missed},
                                                         {"invented", &S::invented}};
  return measures;
}

const std::vector<std::string>& scored_structures() {
  static const std::vector<std::string> structures = [] {
    std::vector<std::string> names;
    for (const auto& [label, name] : label_table()) names.push_back(name);
    names.emplace_back(kUnion);
    return names;
  }();
  return structures;
}

const std::vector<PictureMeasure>& picture_measures() {
  using V = VolumeScore;
  static const std::vector<PictureMeasure> measures = {{"psnr_db", &V::psnr_db},
                                                       {"ssim", &V::ssim},
                                                       {"stack_psnr_db", &V::stack_psnr_db},
                                                       {"stack_ssim", &V::stack_ssim}};
  return measures;
}

double mean_dice(const VolumeScore& score) {
  return mean_of(score, &StructureScore::dice);
}

double mean_dice_pose_free(const VolumeScore& score) {
  return mean_of(score, &StructureScore::dice_pose_free);
}

std::vector<VolumeScore> score_answer(const std::string& method, const Answer& answer,
                                      const Question& question, const Truth& truth) {
  TORCH_CHECK(truth.labels.defined() && truth.box.defined(), "score_answer: truth without labels");
  const auto planes = torch::tensor(question.asked, torch::kInt64);
  std::vector<VolumeScore> scores;
  for (int64_t t = 0; t < truth.images.size(0); ++t) {
    VolumeScore score;
    score.method = method;
    score.phase = question.given.phase_names[static_cast<size_t>(t)];
    score.planes = planes.size(0);
    if (answer.labels.defined()) score_labels(score, answer.labels[t], question, truth, t);
    const double p98 = truth.p98[static_cast<size_t>(t)];
    if (answer.images.defined() && p98 > 0) {
      const auto normal = [&](const torch::Tensor& image) { return image.clamp(0, p98) / p98; };
      score_pictures(score, normal(answer.images[t]),
                     normal(truth.images[t].index_select(0, planes)),
                     truth.box[t].index_select(0, planes));
    }
    scores.push_back(std::move(score));
  }
  return scores;
}

void to_json(json& content, const VolumeScore& score) {
  const auto number = [](double value) { return std::isfinite(value) ? json(value) : json(); };
  json structures = json::object();
  for (const auto& [name, structure] : score.structures) {
    for (const auto& [key, field] : structure_measures())
      structures[name][key] = number(structure.*field);
  }
  content = {{"method", score.method},
             {"phase", score.phase},
             {"planes", score.planes},
             {"structures", structures},
             {"shifts_mm", score.shifts_mm}};
  for (const auto& [key, field] : picture_measures()) content[key] = number(score.*field);
}

void from_json(const json& content, VolumeScore& score) {
  content.at("method").get_to(score.method);
  content.at("phase").get_to(score.phase);
  content.at("planes").get_to(score.planes);
  content.at("shifts_mm").get_to(score.shifts_mm);
  for (const auto& [key, field] : picture_measures())
    score.*field = number_or_none(content.at(key));
  for (const auto& [name, values] : content.at("structures").items()) {
    for (const auto& [key, field] : structure_measures())
      score.structures[name].*field = number_or_none(values.at(key));
  }
}

}  // namespace dmcvr
