// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/scores.h"

#include "dmcvr/evaluation/pose_free.h"
#include "dmcvr/metrics/image_quality.h"
#include "dmcvr/metrics/overlap.h"
#include "dmcvr/metrics/statistics.h"
#include "dmcvr/metrics/surface_distance.h"

#include <cmath>

namespace dmcvr {
namespace {

using nlohmann::json;

struct NamedField {
  const char* name;
  double StructureScore::*field;
};

constexpr NamedField kFields[] = {{"dice", &StructureScore::dice},
                                  {"dice_pose_free", &StructureScore::dice_pose_free},
                                  {"voe_percent", &StructureScore::voe_percent},
                                  {"hd_mm", &StructureScore::hd_mm},
                                  {"asd_mm", &StructureScore::asd_mm},
                                  {"assd_mm", &StructureScore::assd_mm}};

double mean_of(const VolumeScore& score, double StructureScore::*field) {
  std::vector<double> values;
  for (const auto& [name, structure] : score.structures) values.push_back(structure.*field);
  return summarize(values).mean;
}

double number_or_none(const json& value) {
  return value.is_null() ? kNoScore : value.get<double>();
}

// Labels of one phase at the planes asked for, [M, H, W] both.
void score_labels(VolumeScore& score, const torch::Tensor& said, const Question& question,
                  const torch::Tensor& true_stack) {  // [D', H, W]
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
  for (const auto& [label, name] : label_table()) {
    StructureScore& structure = score.structures[name];
    const Overlap found = overlap(said == label, known == label);
    structure.dice = found.dice;
    structure.voe_percent = found.voe;
    structure.dice_pose_free = overlap(moved.labels == label, known == label).dice;
    const auto distances = surface_distances(stack == label, true_stack == label,
                                             {pixel_mm[2], pixel_mm[1], pixel_mm[0]}, where);
    structure.hd_mm = distances.hd;
    structure.asd_mm = distances.asd;
    structure.assd_mm = distances.assd;
  }
}

}  // namespace

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
    if (answer.labels.defined()) score_labels(score, answer.labels[t], question, truth.labels[t]);
    const double p98 = truth.p98[static_cast<size_t>(t)];
    if (answer.images.defined() && p98 > 0) {
      const auto normal = [&](const torch::Tensor& image) { return image.clamp(0, p98) / p98; };
      score.psnr_db =
          psnr(normal(answer.images[t]), normal(truth.images[t].index_select(0, planes)),
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
    for (const auto& [key, field] : kFields) structures[name][key] = number(structure.*field);
  }
  content = {{"method", score.method},       {"phase", score.phase},
             {"planes", score.planes},       {"structures", structures},
             {"shifts_mm", score.shifts_mm}, {"psnr_db", number(score.psnr_db)}};
}

void from_json(const json& content, VolumeScore& score) {
  content.at("method").get_to(score.method);
  content.at("phase").get_to(score.phase);
  content.at("planes").get_to(score.planes);
  content.at("shifts_mm").get_to(score.shifts_mm);
  score.psnr_db = number_or_none(content.at("psnr_db"));
  for (const auto& [name, values] : content.at("structures").items()) {
    for (const auto& [key, field] : kFields)
      score.structures[name].*field = number_or_none(values.at(key));
  }
}

}  // namespace dmcvr
