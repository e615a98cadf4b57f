// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/surface_figure.h"

#include "evaluation/tiny_case.h"

#include "dmcvr/evaluation/protocols.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(SurfaceFigure, ShowsTheTruthAndWhoeverHasLabels) {
  const Study study = test::tiny_labeled_study();
  const Contest contest = hold_out_slices(study);
  Contestants contestants(contest.question, {}, {});
  const Answer exact = {{}, test::truth_as_answer(contest).labels};
  const Picture two = surface_figure(contest, {}, {{"nearest-expert", exact}});
  const Picture same = surface_figure(contest, study.labels->voxels.slice(1, 0, 5, 2),
                                      {{"linear", contestants.answer(Method::linear)},
                                       {"shape-expert", contestants.answer(Method::shape_expert)}});
  EXPECT_EQ(two.rgb.sizes(), same.rgb.sizes());

  // An answer that is the truth looks like it.
  const int64_t half = two.width() / 2;
  const auto left = two.rgb.slice(0, 0, 200).slice(1, 20, half - 20);
  EXPECT_GT(left.std().item<double>(), 0.05);
  double nearest = 1;
  for (int64_t shift = -12; shift <= 12; ++shift) {
    const auto right = two.rgb.slice(0, 0, 200).slice(1, half + 20 + shift, 2 * half - 20 + shift);
    nearest = std::min(nearest, (left - right).abs().max().item<double>());
  }
  EXPECT_EQ(nearest, 0);
}

TEST(SurfaceFigure, WhatStartsFromExpertsLabelsStandsOnThem) {
  const Study study = test::tiny_labeled_study();
  const Contest contest = hold_out_slices(study);
  Contestants contestants(contest.question, {}, {});
  const Answer answer = contestants.answer(Method::shape_expert);
  const auto segmented = torch::zeros_like(contest.question.given.labels->voxels);
  const auto with = [&](const std::string& method, const torch::Tensor& given) {
    const Picture figure = surface_figure(contest, given, {{method, answer}});
    return figure.rgb.slice(1, figure.width() / 2);  // without the truth
  };
  const auto expert = with("shape-expert", {});
  EXPECT_TRUE(with("shape-expert", segmented).equal(expert));
  EXPECT_FALSE(with("shape", segmented).equal(with("shape", {})));
}

}  // namespace dmcvr
