// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/methods.h"

#include "dmcvr/core/error.h"
#include "dmcvr/reconstruction/linear.h"
#include "dmcvr/reconstruction/nearest.h"
#include "dmcvr/reconstruction/registration.h"
#include "dmcvr/reconstruction/shape.h"
#include "dmcvr/segmentation/segment.h"

#include <algorithm>
#include <chrono>
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

// Slices that are asked for although they are given, as they are: a deformation by nothing rounds.
void keep_given(torch::Tensor& images, const Question& question) {  // [T, M, H, W]
  const auto& given = question.planes.acquired_planes;
  for (size_t m = 0; m < question.asked.size(); ++m) {
    const auto place = std::find(given.begin(), given.end(), question.asked[m]);
    if (place == given.end()) continue;
    images.select(1, static_cast<int64_t>(m))
        .copy_(question.given.sax.voxels.select(1, place - given.begin()));
  }
}

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Iterations of mix_registered between so many pairs of slices.
int64_t registration_steps(int64_t gaps) {
  const RegistrationOptions options;
  return gaps * options.levels * options.iterations;
}

ReconstructOptions as_published(ReconstructOptions options) {
  options.start = Start::noise;
  options.outline_weight = 0;
  return options;
}

ReconstructOptions begun_at_registered(const ReconstructOptions& options) {
  ReconstructOptions begun = with_registration(options);
  begun.outline_weight = options.outline_weight;
  return begun;
}

ReconstructOptions with_reference_solver(ReconstructOptions options) {
  options.solver = {Solver::reference, kPublishedNodes};
  options.precision = Precision::float32;
  return as_published(options);
}

ReconstructOptions with_codes_alone(ReconstructOptions options) {
  options.stochastic_code = StochasticCode::drawn;
  return as_published(options);
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

bool needs_experts(const std::string& name) {
  return name == method_name(Method::nearest_expert) || name == method_name(Method::shape_expert);
}

bool needs_diffae(Method method) {
  return method == Method::diffae || method == Method::diffae_reference ||
         method == Method::diffae_codes;
}

bool needs_generator(Method method) {
  return needs_diffae(method) || method == Method::dmcvr || method == Method::dmcvr_reference ||
         method == Method::dmcvr_codes || method == Method::dmcvr_registration;
}

Contestants::Contestants(const Question& question, const MethodNetworks& networks,
                         const ReconstructOptions& options, OnStage on_stage)
    : question_(question), networks_(networks), options_(options), on_stage_(std::move(on_stage)) {}

// What the work needs of other shared work has to be there before, so that nothing counts twice.
template <typename Work>
void Contestants::do_shared(Shared work, const Work& do_work) {
  used_.insert(work);
  if (shared_.count(work) > 0) return;
  const MethodCost before = cost_;
  const auto start = std::chrono::steady_clock::now();
  do_work();
  MethodCost& own = shared_[work];
  own.seconds = seconds_since(start);
  own.evaluations = cost_.evaluations - before.evaluations;
  own.optimization_steps = cost_.optimization_steps - before.optimization_steps;
  seconds_shared_ += own.seconds;
  cost_ = before;
}

const Evaluator& Contestants::evaluator() {
  TORCH_CHECK(networks_.dmcvr != nullptr, "Contestants: no segmenter");
  do_shared(Shared::locate, [&] {
    if (on_stage_) on_stage_("locate", 0, 1);
    evaluator_ = make_evaluator(question_.given, *networks_.dmcvr, options_);
    if (options_.locate.center_mm.empty())
      cost_.evaluations += question_.given.sax.voxels.size(0) * question_.given.sax.voxels.size(1);
  });
  return *evaluator_;
}

std::optional<Point> Contestants::heart_center() {
  if (networks_.dmcvr == nullptr) return std::nullopt;
  return evaluator().center_mm;
}

torch::Tensor Contestants::label(const torch::Tensor& pictures) {
  const Evaluator& judge = evaluator();
  cost_.evaluations += pictures.size(0) * pictures.size(1);
  return label_stack(judge, pictures, [&](int64_t done, int64_t total) {
    if (on_stage_) on_stage_("segment", done, total);
  });
}

const torch::Tensor& Contestants::given_labels() {
  evaluator();
  do_shared(Shared::label_given, [&] { given_labels_ = label(question_.given.sax.voxels); });
  return given_labels_;
}

const torch::Tensor& Contestants::expert_labels(Method method) const {
  if (!question_.given.labels)
    throw Error("has no experts' labels, which {} starts from", method_name(method));
  if (!is_fully_labeled(question_.given)) {
    throw Error("has no experts' labels of all structures, which {} starts from",
                method_name(method));
  }
  return question_.given.labels->voxels;
}

torch::Tensor Contestants::label_asked(const torch::Tensor& images) {
  auto stack = by_phases(question_.given.sax.voxels, [&](const torch::Tensor& slices) {
    return linear_planes(slices, question_.planes);
  });
  stack.index_copy_(1, torch::tensor(question_.asked, torch::kInt64), images);
  return planes_of(label(stack), question_.asked);
}

torch::Tensor Contestants::mixed_labels() {
  const Evaluator& judge = evaluator();
  const auto probabilities = given_probabilities(judge, [&](int64_t done, int64_t total) {
    if (on_stage_) on_stage_("segment", done, total);
  });  // [T, D, 4, H, W]
  cost_.evaluations += probabilities.size(0) * probabilities.size(1);
  return planes_of(by_phases(probabilities,
                             [&](const torch::Tensor& given) {
                               const auto mixed =
                                   linear_planes(given.flatten(1, 2), question_.planes)
                                       .unflatten(1, {kLabelCount, given.size(2)});
                               return cleanup(most_likely(mixed), judge.cleanup);
                             }),
                   question_.asked);
}

const Answer& Contestants::registered() {
  const torch::Tensor& outlined = given_labels();
  do_shared(Shared::registration, [&] {
    const auto& stacks = question_.given.sax.voxels;
    const auto spacing = question_.given.sax.grid.spacing_mm();
    std::vector<torch::Tensor> images, labels;
    for (int64_t t = 0; t < stacks.size(0); ++t) {
      const Registered made = mix_registered(stacks[t], outlined[t], question_.planes.acquired_z_mm,
                                             question_.asked_mm, {spacing[0], spacing[1]});
      images.push_back(made.images);
      labels.push_back(made.labels);
    }
    registered_ = {torch::stack(images), torch::stack(labels)};
    keep_given(registered_.images, question_);
    cost_.optimization_steps += stacks.size(0) * registration_steps(stacks.size(1) - 1);
  });
  return registered_;
}

Answer Contestants::reconstructed(Networks* networks, ReconstructOptions options) {
  TORCH_CHECK(networks != nullptr, "Contestants: no generator");
  const Point& center = evaluator().center_mm;
  options.locate.center_mm = {center[0], center[1], center[2]};
  options.slice_spacing_mm = question_.slice_spacing_mm;
  options.regenerate = question_.asks_for_given();
  const Reconstruction made = reconstruct(question_.given, *networks, options, on_stage_);
  for (const Stage& stage : made.stages) cost_.evaluations += stage.evaluations;
  if (options.start == Start::registration) {
    const auto& stacks = question_.given.sax.voxels;
    cost_.optimization_steps += stacks.size(0) * registration_steps(stacks.size(1) - 1);
  }
  return {planes_of(made.volume.voxels, question_.asked),
          planes_of(made.labels.voxels, question_.asked)};
}

Answer Contestants::answer(Method method) {
  cost_ = MethodCost();
  used_.clear();
  seconds_shared_ = 0;
  const auto start = std::chrono::steady_clock::now();
  Answer answer = answer_by(method);
  cost_.seconds = seconds_since(start) - seconds_shared_;
  for (const Shared work : used_) {
    const MethodCost& shared = shared_.at(work);
    cost_.seconds += shared.seconds;
    cost_.evaluations += shared.evaluations;
    cost_.optimization_steps += shared.optimization_steps;
  }
  cost_.method = method_name(method);
  cost_.planes = question_.given.sax.phase_count() * static_cast<int64_t>(question_.asked.size());
  return answer;
}

Answer Contestants::answer_by(Method method) {
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
    case Method::linear_labels:
      return {{}, mixed_labels()};
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
      return reconstructed(networks_.diffae, as_published(options_));
    case Method::diffae_reference:
      return reconstructed(networks_.diffae, with_reference_solver(options_));
    case Method::diffae_codes:
      return reconstructed(networks_.diffae, with_codes_alone(options_));
    case Method::dmcvr:
      return reconstructed(networks_.dmcvr, as_published(options_));
    case Method::dmcvr_reference:
      return reconstructed(networks_.dmcvr, with_reference_solver(options_));
    case Method::dmcvr_codes:
      return reconstructed(networks_.dmcvr, with_codes_alone(options_));
    case Method::dmcvr_registration:
      return reconstructed(networks_.dmcvr, begun_at_registered(options_));
    case Method::original:
      break;
  }
  TORCH_CHECK(false, "Contestants: ", method_name(method), " is no contestant");
}

}  // namespace dmcvr
