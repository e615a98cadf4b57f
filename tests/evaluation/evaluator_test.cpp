// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/evaluator.h"

#include "evaluation/tiny_case.h"

#include "dmcvr/reconstruction/reconstruct.h"

#include <gtest/gtest.h>

namespace dmcvr {

TEST(Evaluator, LabelsGivenSlicesAsTheReconstructionDoes) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(2, 3, 9);
  ReconstructOptions options = test::tiny_options(study);
  options.slice_spacing_mm = 9;  // no plane between, so that clean-up sees the same stack
  const Reconstruction made = reconstruct(study, networks, options);
  const Evaluator evaluator = make_evaluator(study, networks, options);
  const auto labels = label_stack(evaluator, study.sax.voxels);
  EXPECT_TRUE(labels.equal(made.labels.voxels));
  EXPECT_GT((labels > 0).sum().item<int64_t>(), 0);
}

TEST(Evaluator, JudgesPicturesByTheGivenSlicesAlone) {
  // Brightness and place come from the study, whatever the pictures are.
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(1, 3, 9);
  ReconstructOptions options = test::tiny_options(study);
  options.cleanup.enabled = false;
  const Evaluator evaluator = make_evaluator(study, networks, options);
  auto brighter = study.sax.voxels.clone();
  brighter.select(1, 2).mul_(3);
  const auto before = label_stack(evaluator, study.sax.voxels);
  const auto after = label_stack(evaluator, brighter);
  EXPECT_TRUE(before.narrow(1, 0, 2).equal(after.narrow(1, 0, 2)));
  EXPECT_FALSE(before.select(1, 2).equal(after.select(1, 2)));
}

}  // namespace dmcvr
