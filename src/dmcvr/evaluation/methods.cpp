// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/methods.h"

#include "dmcvr/core/error.h"
#include "dmcvr/reconstruction/linear.h"
#include "dmcvr/reconstruction/nearest.h"
#include "dmcvr/reconstruction/registration.h"
#include "dmcvr/reconstruction/shape.h"

#include <utility>

namespace dmcvr {
namespace {

torch::Tensor planes_of(const torch::Tensor& stack, const std::vector<int64_t>& planes) {
  return stack.index_select(1, torch::tensor(planes, torch::kInt64));
}

// The same work in every phase, [T, D, H, W] -> [T, M, H, W].
template <typename Work>
torch::Tensor by_phases(const torch::Tensor& stacks, const Work& work) {
  std::vector<torch::Tensor> phases;
  for (int64_t t = 0; t < stacks.size(0); ++t) phases.push_back(work(stacks[t]));
  return torch::stack(phases);
}

torch::Tensor nearest_of(const torch::Tensor& stacks, const Question& question) {
  return by_phases(stacks, [&](const torch::Tensor& slices) {
    return nearest_slices(slices, question.planes.acquired_z_mm, question.asked_mm);
  });
}

torch::Tensor shapes_of(const torch::Tensor& stacks, const Question& question) {
  const auto spacing = question.given.sax.grid.spacing_mm();
  return by_phases(stacks, [&](const torch::Tensor& slices) {
    return mix_shapes(slices, question.planes.acquired_z_mm, question.asked_mm,
                      {spacing[0], spacing[1]});
  });
}

}  // namespace

std::string method_name(Method method) {
  return nlohmann::json(method).get<std::string>();
}

std::vector<std::string> method_names() {
  std::vector<std::string> names;
  for (int n = 0; n <= static_cast<int>(Method::dmcvr_registration); ++n)
    names.push_back(method_name(static_cast<Method>(n)));
  return names;
}

bool needs_experts(Method method) {
  return method == Method::nearest_expert || method == Method::shape_expert;
}

bool needs_generator(Method method) {
  return method == Method::diffae || method == Method::dmcvr ||
         method == Method::dmcvr_registration;
}

Contestants::Contestants(const Question& question, const MethodNetworks& networks,
                         const ReconstructOptions& options, OnStage on_stage)
    : question_(question), networks_(networks), options_(options), on_stage_(std::move(on_stage)) {}

const Evaluator& Contestants::evaluator() {
  TORCH_CHECK(networks_.dmcvr != nullptr, "Contestants: no segmenter");
  if (!evaluator_) {
    if (on_stage_) on_stage_("locate", 0, 1);
    evaluator_ = make_evaluator(question_.given, *networks_.dmcvr, options_);
  }
  return *evaluator_;
}

torch::Tensor Contestants::label(const torch::Tensor& pictures) {
  return label_stack(evaluator(), pictures, [&](int64_t done, int64_t total) {
    if (on_stage_) on_stage_("segment", done, total);
  });
}

const torch::Tensor& Contestants::given_labels() {
  if (!given_labels_.defined()) given_labels_ = label(question_.given.sax.voxels);
  return given_labels_;
}

const torch::Tensor& Contestants::expert_labels(Method method) const {
  if (!question_.given.labels)
    throw Error("has no experts' labels, which {} starts from", method_name(method));
  return question_.given.labels->voxels;
}

torch::Tensor Contestants::label_asked(const torch::Tensor& images) {
  auto stack = by_phases(question_.given.sax.voxels, [&](const torch::Tensor& slices) {
    return linear_planes(slices, question_.planes);
  });
  stack.index_copy_(1, torch::tensor(question_.asked, torch::kInt64), images);
  return planes_of(label(stack), question_.asked);
}

const Answer& Contestants::registered() {
  if (registered_.images.defined()) return registered_;
  const auto& stacks = question_.given.sax.voxels;
  const auto spacing = question_.given.sax.grid.spacing_mm();
  std::vector<torch::Tensor> images, labels;
  for (int64_t t = 0; t < stacks.size(0); ++t) {
    const Registered made =
        mix_registered(stacks[t], given_labels()[t], question_.planes.acquired_z_mm,
                       question_.asked_mm, {spacing[0], spacing[1]});
    images.push_back(made.images);
    labels.push_back(made.labels);
  }
  registered_ = {torch::stack(images), torch::stack(labels)};
  return registered_;
}

Answer Contestants::reconstructed(Networks& networks, ReconstructOptions options) {
  const Point& center = evaluator().center_mm;
  options.locate.center_mm = {center[0], center[1], center[2]};
  options.slice_spacing_mm = question_.slice_spacing_mm;
  options.regenerate = question_.asks_for_given();
  const Reconstruction made = reconstruct(question_.given, networks, options, on_stage_);
  return {planes_of(made.volume.voxels, question_.asked),
          planes_of(made.labels.voxels, question_.asked)};
}

Answer Contestants::answer(Method method) {
  const bool is_labeling = networks_.dmcvr != nullptr;
  const auto& given = question_.given.sax.voxels;  // [T, D, H, W]
  switch (method) {
    case Method::nearest:
      return {nearest_of(given, question_),
              is_labeling ? nearest_of(given_labels(), question_) : torch::Tensor()};
    case Method::linear: {
      const auto stack = by_phases(given, [&](const torch::Tensor& slices) {
        return linear_planes(slices, question_.planes);
      });
      return {planes_of(stack, question_.asked),
              is_labeling ? planes_of(label(stack), question_.asked) : torch::Tensor()};
    }
    case Method::shape:
      return {{}, shapes_of(given_labels(), question_)};
    case Method::registration:
      return {registered().images, label_asked(registered().images)};
    case Method::shape_registration:
      return {{}, registered().labels};
    case Method::nearest_expert:
      return {{}, nearest_of(expert_labels(method), question_)};
    case Method::shape_expert:
      return {{}, shapes_of(expert_labels(method), question_)};
    case Method::diffae:
      return reconstructed(*networks_.diffae, options_);
    case Method::dmcvr:
      return reconstructed(*networks_.dmcvr, options_);
    case Method::dmcvr_registration:
      return reconstructed(*networks_.dmcvr, with_registration(options_));
    case Method::original:
      break;
  }
  TORCH_CHECK(false, "Contestants: ", method_name(method), " is no contestant");
}

}  // namespace dmcvr
