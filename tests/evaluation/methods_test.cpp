// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/methods.h"

#include "evaluation/tiny_case.h"

#include "dmcvr/core/error.h"
#include "dmcvr/evaluation/protocols.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace dmcvr {
namespace {

const Method kContestants[] = {Method::nearest,
                               Method::linear,
                               Method::linear_labels,
                               Method::shape,
                               Method::registration,
                               Method::shape_registration,
                               Method::nearest_expert,
                               Method::shape_expert,
                               Method::diffae,
                               Method::diffae_codes,
                               Method::dmcvr,
                               Method::dmcvr_codes,
                               Method::dmcvr_registration};

bool same(const torch::Tensor& a, const torch::Tensor& b) {
  return a.defined() == b.defined() && (!a.defined() || a.equal(b));
}

}  // namespace

TEST(Methods, HaveTheirNames) {
  for (const auto& name : method_names())
    EXPECT_EQ(method_name(nlohmann::json(name).get<Method>()), name);
  EXPECT_EQ(method_names().size(), 16U);
}

TEST(Methods, AnswerAtEveryPlaneAndSeeNothingOfHiddenSlices) {
  auto networks = test::tiny_networks(), diffae = test::tiny_networks(false);
  const Study study = test::tiny_labeled_study(2, 5);
  Study other = study;
  other.sax.voxels = study.sax.voxels.clone();
  other.labels->voxels = study.labels->voxels.clone();
  for (const int64_t hidden : {1, 3}) {
    other.sax.voxels.select(1, hidden).fill_(3e4);
    other.labels->voxels.select(1, hidden).fill_(kRvc);
  }
  const Question a = hold_out_slices(study).question, b = hold_out_slices(other).question;
  const MethodNetworks both = {&networks, &diffae};
  Contestants first(a, both, test::tiny_options(study)), second(b, both, test::tiny_options(study));
  for (const Method method : kContestants) {
    const Answer seen = first.answer(method), blind = second.answer(method);
    const std::vector<int64_t> sizes = {2, 2, 40, 44};
    EXPECT_TRUE(seen.images.defined() || seen.labels.defined()) << method_name(method);
    EXPECT_TRUE(!seen.images.defined() || seen.images.sizes() == sizes) << method_name(method);
    EXPECT_TRUE(!seen.labels.defined() || seen.labels.sizes() == sizes) << method_name(method);
    EXPECT_TRUE(same(seen.images, blind.images)) << method_name(method);
    EXPECT_TRUE(same(seen.labels, blind.labels)) << method_name(method);
  }
}

TEST(Methods, DmcvrIsTheReconstructionOfTheGivenSlices) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_labeled_study(1, 5);
  const Question question = hold_out_slices(study).question;
  ReconstructOptions options = test::tiny_options(study);
  Contestants contestants(question, {&networks, nullptr}, options);
  options.slice_spacing_mm = 9;
  const Reconstruction made = reconstruct(question.given, networks, options);
  const Answer answer = contestants.answer(Method::dmcvr);
  const auto hidden = torch::tensor({1, 3});
  EXPECT_TRUE(answer.images.equal(made.volume.voxels.index_select(1, hidden)));
  EXPECT_TRUE(answer.labels.equal(made.labels.voxels.index_select(1, hidden)));
}

TEST(Methods, OutlinesWeighInDmcvrWithRegistrationAloneAndAsMuchAsTold) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_labeled_study(1, 5);
  const Question question = hold_out_slices(study).question;
  const auto labels_of = [&](Method method, double weight) {
    ReconstructOptions options = test::tiny_options(study);
    options.outline_weight = weight;
    return Contestants(question, {&networks, nullptr}, options).answer(method).labels;
  };
  for (const double weight : {0.0, 1.0}) {
    ReconstructOptions options = with_registration(test::tiny_options(study));
    options.outline_weight = weight;
    options.slice_spacing_mm = 9;
    const auto made = reconstruct(question.given, networks, options).labels.voxels;
    EXPECT_TRUE(labels_of(Method::dmcvr_registration, weight)
                    .equal(made.index_select(1, torch::tensor({1, 3}))))
        << weight;
  }
  EXPECT_FALSE(
      labels_of(Method::dmcvr_registration, 0).equal(labels_of(Method::dmcvr_registration, 1)));
  EXPECT_TRUE(labels_of(Method::dmcvr, 0).equal(labels_of(Method::dmcvr, 1)));
}

TEST(Methods, CostTheSameWhoeverDidTheSharedWork) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_labeled_study(2, 5);
  const Question question = hold_out_slices(study).question;
  const ReconstructOptions options = test::tiny_options(study);
  Contestants busy(question, {&networks, nullptr}, options);
  for (const Method method : {Method::shape, Method::linear, Method::registration}) {
    Contestants fresh(question, {&networks, nullptr}, options);
    fresh.answer(method);
    busy.answer(method);
    EXPECT_EQ(busy.cost().evaluations, fresh.cost().evaluations) << method_name(method);
    EXPECT_EQ(busy.cost().optimization_steps, fresh.cost().optimization_steps);
    EXPECT_EQ(busy.cost().planes, 4);
    EXPECT_GT(fresh.cost().seconds, 0);
  }
  busy.answer(Method::shape);
  EXPECT_EQ(busy.cost().evaluations, 6);  // labels of three slices in two phases
  EXPECT_EQ(busy.cost().optimization_steps, 0);
  busy.answer(Method::linear);
  EXPECT_EQ(busy.cost().evaluations, 10);  // of all five
  busy.answer(Method::registration);
  EXPECT_EQ(busy.cost().evaluations, 16);  // both
  EXPECT_EQ(busy.cost().optimization_steps, 2 * 2 * 3 * 40);
}

TEST(Methods, WhatIsInTheMiddleOfEqualSlicesIsTheSlice) {
  const Study study = [] {
    Study equal = test::tiny_labeled_study(1, 5);
    equal.sax.voxels.copy_(equal.sax.voxels.narrow(1, 0, 1).expand_as(equal.sax.voxels).clone());
    equal.labels->voxels.copy_(
        equal.labels->voxels.narrow(1, 0, 1).expand_as(equal.labels->voxels).clone());
    return equal;
  }();
  const Contest contest = hold_out_slices(study);
  Contestants contestants(contest.question, {}, {});
  const auto hidden = torch::tensor({1, 3});
  const auto image = study.sax.voxels.index_select(1, hidden);
  const auto labels = study.labels->voxels.index_select(1, hidden);
  EXPECT_TRUE(contestants.answer(Method::nearest).images.equal(image));
  EXPECT_TRUE(contestants.answer(Method::linear).images.equal(image));
  EXPECT_TRUE(contestants.answer(Method::nearest_expert).labels.equal(labels));
  EXPECT_TRUE(contestants.answer(Method::shape_expert).labels.equal(labels));
}

TEST(Methods, WithoutASegmenterPicturesAreLeftAndWithoutExpertsTheirMethodsRefuse) {
  Study study = test::tiny_labeled_study(1, 5);
  study.labels.reset();
  const Question question = hold_out_slices(study).question;
  Contestants contestants(question, {}, {});
  for (const Method method : {Method::nearest, Method::linear}) {
    EXPECT_TRUE(contestants.answer(method).images.defined());
    EXPECT_FALSE(contestants.answer(method).labels.defined());
  }
  EXPECT_THROW(contestants.answer(Method::nearest_expert), Error);
  EXPECT_THROW(contestants.answer(Method::shape_expert), Error);
  EXPECT_THROW(contestants.answer(Method::original), c10::Error);
}

}  // namespace dmcvr
