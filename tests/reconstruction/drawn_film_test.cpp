// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/reconstruction/drawn_film.h"

#include "reconstruction/tiny_networks.h"
#include "reconstruction/tiny_study.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

namespace dmcvr {
namespace {

struct Drawing {
  Networks networks = test::tiny_networks();
  Study study = test::tiny_study(3, 3, 9);
  ReconstructOptions options;
  Plan plan;
  Slices slices;

  explicit Drawing(const ReconstructOptions& how, int64_t batch_size) : options(how) {
    options.solver.nodes = 3;
    plan = make_plan(study, networks, options);
    plan.encoding.batch_size = plan.decoding.batch_size = batch_size;
    slices = to_slices(study, test::middle_of(study.sax.grid), networks.generator.info.input_rule);
  }
};

}  // namespace

// Batches of five fit neither the three slices nor the four planes of a phase.
TEST(DrawnFilm, PhasesAreTheBytesOfTheWholeFilmAtOnce) {
  for (const auto& how : {ReconstructOptions(), with_registration({})}) {
    Drawing drawing(how, 5);
    auto& [networks, study, options, plan, slices] = drawing;
    const OnStage nobody;
    Stages stages(nobody);
    DrawnFilm film(slices, plan, networks, options, stages);

    // Without a conveyor: all codes, all codes between, all pictures.
    const Codes codes = encode(slices.patches.flatten(0, 1).unsqueeze(1), networks, plan.encoding);
    std::vector<Codes> phases;
    for (int64_t t = 0; t < 3; ++t) {
      phases.push_back(interpolate(narrow(codes, 3 * t, 3), plan.planes.acquired_z_mm,
                                   plan.drawn_z_mm, options.interpolation));
    }
    const Codes between = concatenate(phases);
    std::vector<torch::Tensor> starts, drawn;
    for (int64_t t = 0; t < 3; ++t) {
      const DrawnPictures pictures = film.phase(t);
      EXPECT_EQ(pictures.patches.sizes(), at::IntArrayRef({4, 64, 64}));
      drawn.push_back(pictures.patches.clone());
      starts.push_back(pictures.readable.clone());
      film.forget(t);
    }
    const auto at_once = how.start == Start::noise ? decode(between, networks, plan.decoding)
                                                   : decode_from(torch::cat(starts).unsqueeze(1),
                                                                 between, networks, plan.decoding);
    EXPECT_TRUE(torch::cat(drawn).unsqueeze(1).equal(at_once));
    EXPECT_EQ(drawn[0].equal(starts[0]), how.start == Start::noise);
    std::map<std::string, int64_t> evaluations;
    for (const Stage& stage : stages.finished()) evaluations[stage.name] = stage.evaluations;
    EXPECT_EQ(evaluations.at("encode"), plan.evaluations.encode);
    EXPECT_EQ(evaluations.at("decode"), plan.evaluations.decode);
  }
}

TEST(DrawnFilm, RoundTripsAreThoseOfItsCodes) {
  Drawing drawing({}, 5);
  auto& [networks, study, options, plan, slices] = drawing;
  const OnStage nobody;
  Stages stages(nobody);
  DrawnFilm film(slices, plan, networks, options, stages);
  const auto patches = slices.patches.flatten(0, 1).unsqueeze(1);
  const auto at_once = decode(encode(patches, networks, plan.encoding), networks, plan.decoding);
  for (int64_t t = 0; t < 3; ++t) {
    film.phase(t);
    EXPECT_TRUE(film.round_trip(t).equal(at_once.slice(0, 3 * t, 3 * t + 3).squeeze(1)));
    film.forget(t);
  }
}

TEST(DrawnFilm, WithoutPlanesToDrawNothingIsDone) {
  ReconstructOptions options;
  options.slice_spacing_mm = 9;
  Drawing drawing(options, 5);
  const OnStage nobody;
  Stages stages(nobody);
  DrawnFilm film(drawing.slices, drawing.plan, drawing.networks, drawing.options, stages);
  EXPECT_FALSE(film.phase(0).patches.defined());
  EXPECT_TRUE(stages.finished().empty());
}

}  // namespace dmcvr
