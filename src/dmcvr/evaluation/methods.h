// SPDX-License-Identifier: Apache-2.0
// The contestants: each answers a question with pictures, labels, or both.
#pragma once

#include "dmcvr/evaluation/contest.h"
#include "dmcvr/evaluation/costs.h"
#include "dmcvr/evaluation/evaluator.h"
#include "dmcvr/reconstruction/reconstruct.h"

#include <nlohmann/json.hpp>
#include <torch/types.h>

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace dmcvr {

enum class Method {
  original,       // the segmenter's labels of the true pictures: the upper bound
  nearest,        // the nearest given slice and its labels; of two equally near ones the lower
  linear,         // the linear mix of the two slices around, and the segmenter's labels of it
  linear_labels,  // the most likely label of linearly mixed probabilities, as the segmenter gave
                  //   them for the two slices around
  shape,          // outlines of the segmenter's labels of the given slices, interpolated
  registration,  // the slices around, deformed half way and mixed, and the segmenter's labels of it
  shape_registration,  // outlines as of shape, moved like that before they are mixed
  nearest_expert,      // nearest and shape, from experts' labels of the given slices:
  shape_expert,        //   what interpolation of labels can do at best
  diffae,              // as dmcvr, with a generator that learned without l_mor
  diffae_reference,    //   as dmcvr-reference and dmcvr-codes
  diffae_codes,
  dmcvr,               // reconstruct() on the given slices, begun at x_T as published
  dmcvr_reference,     //   with the published solver: DDIM, 100 evaluations each way, float32
  dmcvr_codes,         //   from z_sem and l_mor alone: x_T drawn from the seed
  dmcvr_registration,  // begun at registered pictures: with_registration()
};

NLOHMANN_JSON_SERIALIZE_ENUM(Method, {{Method::original, "original"},
                                      {Method::nearest, "nearest"},
                                      {Method::linear, "linear"},
                                      {Method::linear_labels, "linear-labels"},
                                      {Method::shape, "shape"},
                                      {Method::registration, "registration"},
                                      {Method::shape_registration, "shape+registration"},
                                      {Method::nearest_expert, "nearest-expert"},
                                      {Method::shape_expert, "shape-expert"},
                                      {Method::diffae, "diffae"},
                                      {Method::diffae_reference, "diffae-reference"},
                                      {Method::diffae_codes, "diffae-codes"},
                                      {Method::dmcvr, "dmcvr"},
                                      {Method::dmcvr_reference, "dmcvr-reference"},
                                      {Method::dmcvr_codes, "dmcvr-codes"},
                                      {Method::dmcvr_registration, "dmcvr+registration"}})

std::string method_name(Method method);
// All of them, in the order above.
std::vector<std::string> method_names();

bool needs_experts(Method method);
bool needs_experts(const std::string& method_name);  // false for other programs
bool needs_diffae(Method method);                    // the generator without l_mor
bool needs_generator(Method method);                 // of either kind

// At the planes that are asked for. M of them.
struct Answer {
  torch::Tensor images;  // [T, M, H, W] float32, scanner units; undefined where it has none
  torch::Tensor labels;  // [T, M, H, W] uint8; undefined where it has none
};

// Not owned; absent where no method needs them.
struct MethodNetworks {
  Networks* dmcvr = nullptr;   // its segmenter labels for all methods
  Networks* diffae = nullptr;  // beside the same segmenter
};

// Answers one question by one method after the other. What several of them need, such as the place
// of the heart, is worked out once. Question and networks have to outlive it. Methods decide on the
// start of `options`; their outline_weight is that of dmcvr+registration.
class Contestants {
 public:
  Contestants(const Question& question, const MethodNetworks& networks,
              const ReconstructOptions& options, OnStage on_stage = {});

  // Any method but `original`. Without a segmenter nearest and linear answer with pictures alone.
  // Throws Error where the given slices have no experts' labels and the method needs them, and
  // where no heart is found.
  Answer answer(Method method);
  // Of the last answer, with all work that it rests on, whoever asked for it first.
  const MethodCost& cost() const { return cost_; }

  // Where the segmenter finds the heart in the given slices; nothing without a segmenter.
  std::optional<Point> heart_center();
  // The segmenter's labels of the given slices, [T, D, H, W].
  const torch::Tensor& given_labels();
  // The segmenter's labels of pictures of all planes, [T, D', H, W] both.
  torch::Tensor label(const torch::Tensor& pictures);
  // The same of pictures [T, M, H, W] at the planes asked for, cleaned up as a stack.
  torch::Tensor label_asked(const torch::Tensor& images);

 private:
  // Work that several methods rest on, done once.
  enum class Shared { locate, label_given, registration };

  template <typename Work>
  void do_shared(Shared work, const Work& do_work);
  Answer answer_by(Method method);
  const Evaluator& evaluator();
  const torch::Tensor& expert_labels(Method method) const;
  torch::Tensor mixed_labels();  // [T, M, H, W]
  const Answer& registered();    // pictures, and the outlines' labels
  Answer reconstructed(Networks* networks, ReconstructOptions options);

  const Question& question_;
  MethodNetworks networks_;
  ReconstructOptions options_;
  OnStage on_stage_;
  std::optional<Evaluator> evaluator_;
  torch::Tensor given_labels_;
  Answer registered_;
  std::map<Shared, MethodCost> shared_;  // what it took
  std::set<Shared> used_;                // by the method at work
  double seconds_shared_ = 0;            // of shared work done during the method at work
  MethodCost cost_;
};

}  // namespace dmcvr
