// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/evaluate.h"

#include "evaluation/tiny_case.h"
#include "evaluation/voxel_bound.h"
#include "study/dicom_files.h"
#include "study/ellipsoid_map.h"
#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/options.h"
#include "dmcvr/evaluation/reslice.h"
#include "dmcvr/evaluation/summary.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/painted_map.h"
#include "dmcvr/study/phantom.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// A phantom of few slices and large pixels.
fs::path phantom_folder(const fs::path& root, int64_t seed) {
  PhantomOptions options;
  options.seed = seed;
  options.phases = 2;
  options.slices = 5;
  options.spacing_mm = 4;
  options.matrix = 72;
  const fs::path folder = root / ("phantom" + std::to_string(seed));
  write_phantom(folder, make_phantom(options));
  return folder;
}

EvaluateOptions expert_options() {
  EvaluateOptions options;
  options.methods = {Method::nearest_expert, Method::shape_expert};
  return options;
}

std::string check_error(const EvaluateOptions& options) {
  try {
    options.check();
    return "";
  } catch (const Error& error) {
    return error.what();
  }
}

// A phantom's short axis and four-chamber view as M&Ms-2 lays them out.
fs::path mnms2_folder() {
  PhantomOptions small;
  small.seed = 3;
  small.phases = 2;
  small.slices = 5;
  small.spacing_mm = 4;
  small.matrix = 72;
  small.dense = false;
  const Study heart = make_phantom(small).study;
  const fs::path folder = test::fresh_folder() / "007";
  fs::create_directories(folder);
  const auto write = [&](const std::string& name, const Cine& film, const Labels& labels) {
    for (int64_t t = 0; t < 2; ++t) {
      const std::string begin = "007_" + name + (t == 0 ? "_ED" : "_ES");
      write_nifti(folder / (begin + ".nii.gz"), Cine{film.grid, film.voxels.narrow(0, t, 1), {}});
      write_nifti(folder / (begin + "_gt.nii.gz"),
                  Labels{labels.grid, labels.voxels.narrow(0, t, 1)});
    }
  };
  write("SA", heart.sax, *heart.labels);
  write("LA", heart.views[2].cine, *heart.views[2].labels);
  return folder;
}

}  // namespace

TEST(EvaluateOptions, WhatCannotBeComparedIsRefused) {
  EvaluateOptions options;
  EXPECT_EQ(check_error(options), "");
  options.reconstruct.start = Start::registration;
  EXPECT_NE(check_error(options).find("reconstruct.start"), std::string::npos);
  options.reconstruct.start = Start::noise;
  options.methods = {Method::shape, Method::shape};
  EXPECT_NE(check_error(options).find("twice"), std::string::npos);
  options.methods = {Method::shape};
  options.protocol = Protocol::regenerate;
  EXPECT_NE(check_error(options).find("shape"), std::string::npos);
  options.methods = {Method::dmcvr_registration};
  EXPECT_NE(check_error(options).find("dmcvr+registration"), std::string::npos);
  options.methods = {Method::shape};
  options.protocol = Protocol::dense;
  options.reconstruct.slice_spacing_mm = 3;
  EXPECT_EQ(check_error(options), "");
  options.pictures_only = true;
  EXPECT_NE(check_error(options).find("shape"), std::string::npos);
  options.methods = {Method::linear};
  EXPECT_EQ(check_error(options), "");
  options.protocol = Protocol::long_axis;
  EXPECT_EQ(check_error(options), "");
  options.long_axis.reach_mm = -1;
  EXPECT_NE(check_error(options).find("reach_mm"), std::string::npos);
  options.long_axis.reach_mm = 10;
  options.surfaces = true;
  EXPECT_NE(check_error(options).find("surfaces"), std::string::npos);
  options.surfaces = false;
  options.protocol = Protocol::held_out_slices;
  EXPECT_NE(check_error(options).find("slice_spacing_mm"), std::string::npos);
}

TEST(EvaluateOptions, FoldersHaveNamesOfTheirOwn) {
  const std::string folder = test::fresh_folder().string();
  EvaluateOptions options;
  options.folders = {"a=" + folder, "b=" + folder};
  EXPECT_EQ(check_error(options), "");
  // Alone they are compared alone.
  EXPECT_TRUE(with_methods(options).methods.empty());
  EXPECT_TRUE(needs_segmenter(options));
  options.pictures_only = true;
  EXPECT_FALSE(needs_segmenter(options));
  options.folders.push_back("a=" + folder);
  EXPECT_NE(check_error(options).find("two are called a"), std::string::npos);
  options.folders = {"shape=" + folder};
  EXPECT_NE(check_error(options).find("is a method of dmcvr"), std::string::npos);
}

// Pictures alone, so that no network labels them; a second run notices other answers.
TEST(Evaluate, FoldersAreScoredBesideTheMethods) {
  const auto root = test::fresh_folder();
  const fs::path phantom = phantom_folder(root, 3), answers = root / "answers";
  fs::create_directory(answers);
  EvaluateOptions options;
  options.methods = {Method::linear};
  options.folders = {"ours=" + answers.string()};
  options.pictures_only = true;
  Study study = read_study(phantom);
  const Contest contest = contest_of(phantom, study, options);
  Cine answer = study.sax;
  answer.grid = contest.question.planes.grid;
  answer.voxels += 0.01;  // Without any error PSNR would be infinite.
  write_nifti(answers / (case_name(phantom) + ".nii.gz"), answer);

  const RunFolder folder = open_run_folder(root / "scores", {{"a", 1}}, false);
  const auto first = evaluate({phantom}, folder, options, {});
  ASSERT_EQ(first.cases.size(), 1U);
  EXPECT_EQ(methods_of(first.cases), (std::vector<std::string>{"linear", "ours"}));
  EXPECT_EQ(first.cases[0].answers.size(), 1U);
  for (const auto& score : first.cases[0].volumes) {
    EXPECT_EQ(score.psnr_db > 60, score.method == "ours") << score.method;
    EXPECT_TRUE(score.structures.empty());
  }
  EXPECT_EQ(evaluate({phantom}, folder, options, {}).already_done, 1);
  answer.voxels += 1;
  write_nifti(answers / (case_name(phantom) + ".nii.gz"), answer);
  EXPECT_EQ(evaluate({phantom}, folder, options, {}).already_done, 0);
  // No answer: the case fails by name.
  fs::remove(answers / (case_name(phantom) + ".nii.gz"));
  const auto last = evaluate({phantom}, folder, options, {});
  ASSERT_EQ(last.failed.size(), 1U);
  EXPECT_NE(last.failed[0].error.find("holds no answer"), std::string::npos);
}

TEST(EvaluateCase, AMissingAnswerIsFoundBeforeAnyMethodWorks) {
  auto networks = test::tiny_networks();
  const fs::path root = test::fresh_folder(), path = phantom_folder(root, 3);
  fs::create_directory(root / "answers");
  for (const Protocol protocol : {Protocol::held_out_slices, Protocol::long_axis}) {
    EvaluateOptions options;
    options.protocol = protocol;
    options.methods = {Method::linear};
    options.folders = {"mine=" + (root / "answers").string()};
    options.reconstruct.locate.center_mm = {0, 0, 0};
    std::string stages, error;
    try {
      evaluate_case(path, options, {&networks, nullptr},
                    [&](const std::string& stage, int64_t, int64_t) { stages += stage + ' '; });
    } catch (const Error& failure) {
      error = failure.what();
    }
    EXPECT_NE(error.find("holds no answer"), std::string::npos) << error;
    EXPECT_EQ(stages, "");
  }
}

// Films of many files are known again by all of them together.
TEST(Evaluate, DicomFilmsAreScoredAndKnownAgain) {
  auto networks = test::tiny_networks();
  const fs::path root = test::fresh_folder();
  test::DicomFilm film;
  film.slices = 5;
  film.phases = 1;
  const fs::path path = test::write_dicom_film(film, root / "patient");
  EvaluateOptions options;
  options.methods = {Method::nearest, Method::linear};
  const Point center = test::middle_of(read_study(path).sax.grid);
  options.reconstruct.locate.center_mm = {center[0], center[1], center[2]};
  const RunFolder folder = open_run_folder(root / "scores", {{"version", "1"}}, false);
  const auto run = [&] { return evaluate({path}, folder, options, {&networks, nullptr}); };
  const Evaluation first = run();
  ASSERT_EQ(first.cases.size(), 1U) << first.failed.front().error;
  EXPECT_EQ(first.cases[0].volumes.size(), 2U);
  EXPECT_EQ(run().already_done, 1);
  fs::copy_file(fs::directory_iterator(path)->path(), path / "another");
  EXPECT_EQ(run().already_done, 0);
  fs::remove_all(path);
  EXPECT_FALSE(read_case(folder.case_file("patient"), path, folder.run_sha256));
}

TEST(EvaluateOptions, RegistrationHasTheWeightOfReconstructUnlessTold) {
  EXPECT_EQ(EvaluateOptions().reconstruct.outline_weight, with_registration({}).outline_weight);
  const auto told = options_from_json<EvaluateOptions>(
      nlohmann::json::parse(R"({"reconstruct": {"outline_weight": 0.5}})"), "test");
  EXPECT_EQ(told.reconstruct.outline_weight, 0.5);
}

TEST(EvaluateOptions, MethodsAreThoseOfTheProtocolUnlessNamed) {
  EvaluateOptions options;
  EXPECT_EQ(with_methods(options).methods.size(), 6U);
  options.protocol = Protocol::regenerate;
  EXPECT_EQ(with_methods(options).methods,
            (std::vector<Method>{Method::original, Method::dmcvr_reference, Method::dmcvr,
                                 Method::dmcvr_codes}));
  EXPECT_EQ(with_methods(options, true).methods.size(), 7U);
  EXPECT_TRUE(has_method(with_methods(options, true), Method::diffae_reference));
  EXPECT_NO_THROW(with_methods(options).check());
  EXPECT_FALSE(needs_segmenter(expert_options()));
  EXPECT_TRUE(needs_segmenter(with_methods(options)));
  options.protocol = Protocol::long_axis;
  EXPECT_FALSE(has_method(with_methods(options), Method::original))
      << "patients have no such truth";
  options.methods = {Method::original, Method::shape_expert};
  EXPECT_FALSE(needs_segmenter(options));
}

TEST(EvaluateCase, EveryProtocolScoresAPhantom) {
  auto networks = test::tiny_networks();
  const fs::path path = phantom_folder(test::fresh_folder(), 1);
  for (const Protocol protocol :
       {Protocol::held_out_slices, Protocol::dense, Protocol::regenerate}) {
    EvaluateOptions options;
    options.protocol = protocol;
    options.phases = {"ed"};
    if (protocol == Protocol::dense) options.reconstruct.slice_spacing_mm = 5;
    options.reconstruct.solver.nodes = 3;
    options.reconstruct.locate.center_mm = {0, 0, 0};
    options = with_methods(options);
    if (protocol == Protocol::regenerate)  // 200 evaluations per slice
      options.methods = {Method::original, Method::dmcvr, Method::dmcvr_codes};
    const auto done = evaluate_case(path, options, {&networks, nullptr});
    ASSERT_EQ(done.result.volumes.size(), options.methods.size());
    EXPECT_EQ(done.result.truth,
              protocol == Protocol::dense ? TruthSource::phantom : TruthSource::experts);
    EXPECT_GT(done.figure.width(), 0);
    for (const auto& volume : done.result.volumes) {
      EXPECT_EQ(volume.phase, "ed");
      EXPECT_EQ(volume.structures.size(), 4U) << volume.method;
      const bool has_picture = volume.method != "original" && volume.method != "shape";
      EXPECT_EQ(std::isfinite(volume.psnr_db), has_picture) << volume.method;
    }
  }
}

TEST(EvaluateCase, LongAxisViewsOfAPhantomAreScored) {
  auto networks = test::tiny_networks();
  const fs::path path = phantom_folder(test::fresh_folder(), 1);
  EvaluateOptions options;
  options.protocol = Protocol::long_axis;
  options.methods = {Method::original, Method::shape_expert, Method::linear, Method::dmcvr};
  options.reconstruct.slice_spacing_mm = 5;
  options.reconstruct.solver.nodes = 3;
  options.reconstruct.locate.center_mm = {0, 0, 0};
  const auto done = evaluate_case(path, options, {&networks, nullptr});
  EXPECT_EQ(done.result.truth, TruthSource::phantom);
  EXPECT_TRUE(done.result.volumes.empty());
  EXPECT_EQ(done.result.inputs.size(), 11U);  // stack, truth.json, views, labels, dense truth
  EXPECT_EQ(done.result.costs.size(), 3U);
  ASSERT_EQ(done.result.views.size(), 4U * 3 * 2);  // methods, views, phases
  EXPECT_GT(done.figure.width(), 0);
  double original = 0, shape = 0;
  for (const ViewScore& score : done.result.views) {
    EXPECT_EQ(score.dice.size(), 4U) << score.method;
    EXPECT_EQ(std::isfinite(score.correlation), score.method != "shape-expert") << score.method;
    if (score.method == "original") original += score.dice.at("LVM");
    if (score.method == "shape-expert") shape += score.dice.at("LVM");
  }
  EXPECT_GT(original, shape) << "what is known everywhere beats what is interpolated";
}

TEST(EvaluateCase, LongAxisTakesTheFourChamberViewOfMnms2) {
  EvaluateOptions options = expert_options();
  options.protocol = Protocol::long_axis;
  const CaseResult result = evaluate_case(mnms2_folder(), options, {}).result;
  EXPECT_EQ(result.truth, TruthSource::experts);
  ASSERT_EQ(result.views.size(), 2U * 2);  // methods, phases
  for (const ViewScore& score : result.views) {
    EXPECT_EQ(score.view, "4ch");
    EXPECT_GT(score.dice.at("LVC"), 0.8) << score.method;
  }
}

TEST(EvaluateCase, LongAxisTakesAnswersOfOtherPrograms) {
  const fs::path root = test::fresh_folder(), path = phantom_folder(root, 1);
  // The dense truth as somebody's answer is what `original` is.
  const Labels dense = read_nifti_labels(path / "dense_labels.nii.gz", label_table());
  const Cine pictures = read_nifti(path / "dense_image.nii.gz");
  fs::create_directories(root / "answers");
  write_nifti(root / "answers" / "phantom1_labels.nii.gz",
              Labels{dense.grid, dense.voxels.narrow(0, 0, 1)});
  write_nifti(root / "answers" / "phantom1.nii.gz",
              Cine{pictures.grid, pictures.voxels.narrow(0, 0, 1), {}});
  EvaluateOptions options;
  options.protocol = Protocol::long_axis;
  options.phases = {"ed"};
  options.methods = {Method::original};
  options.folders = {"ours=" + (root / "answers").string()};
  const CaseResult result = evaluate_case(path, options, {}).result;
  ASSERT_EQ(result.views.size(), 2U * 3);
  EXPECT_EQ(result.answers.size(), 2U);
  for (size_t n = 0; n < 3; ++n) {
    EXPECT_EQ(result.views[3 + n].method, "ours");
    ViewScore same = result.views[3 + n];
    same.method = result.views[n].method;
    EXPECT_EQ(nlohmann::json(same), nlohmann::json(result.views[n]));
  }
}

TEST(EvaluateCase, LongAxisViewsWithoutLabelsAreComparedAsPictures) {
  const fs::path path = phantom_folder(test::fresh_folder(), 1);
  for (const char* view : {"2ch", "3ch", "4ch"})
    fs::remove(path / fmt::format("lax_{}_labels.nii.gz", view));
  EvaluateOptions options;
  options.protocol = Protocol::long_axis;
  options.pictures_only = true;
  options = with_methods(options);
  const CaseResult result = evaluate_case(path, options, {}).result;
  EXPECT_EQ(result.truth, TruthSource::pictures);
  ASSERT_EQ(result.views.size(), 2U * 3 * 2);  // nearest and linear, views, phases
  for (const ViewScore& score : result.views) {
    EXPECT_TRUE(score.dice.empty());
    EXPECT_GT(score.correlation, 0.7);
    EXPECT_TRUE(std::isfinite(score.edge_agreement) && std::isfinite(score.shift_mm()));
  }
}

// A dense label map, painted at the pitches of real stacks: cut by its own long-axis views, its
// dense truth is right within a voxel, however far apart the slices are.
TEST(EvaluateCase, ThePaintedMapIsExactInItsLongAxisViewsAtEveryPitch) {
  const fs::path root = test::fresh_folder();
  for (const double pitch_mm : {5.0, 8.0, 10.0, 17.7}) {
    PhantomOptions painting;
    painting.seed = 6;
    painting.pitch_mm = pitch_mm;
    painting.spacing_mm = 1.5;
    painting.matrix = 110;
    painting.breath_hold_mm = 0;
    const fs::path path = root / ("map" + std::to_string(pitch_mm));
    write_phantom(path, paint_map(test::ellipsoid_map(), painting));
    EvaluateOptions options;
    options.protocol = Protocol::long_axis;
    options.methods = {Method::original};
    const auto scores = evaluate_case(path, options, {}).result.views;
    Study study = read_study(path);
    const Contest contest = contest_of(path, study, options);
    const Grid& stack = contest.question.planes.grid;
    ASSERT_EQ(scores.size(), 3U);
    for (size_t n = 0; n < 3; ++n) {
      const View& view = study.views[n];
      ASSERT_EQ(scores[n].view, view.name);
      for (const auto& [label, name] : label_table()) {
        const auto known =
            (view.labels->voxels[0][0] == label) & inside_stack(stack, view.cine.grid);
        if (!known.any().item<bool>()) continue;
        const double dice = scores[n].dice.at(name);
        const auto what = fmt::format("{} {} at {} mm", view.name, name, pitch_mm);
        EXPECT_GE(dice, test::least_dice_of_exact_labels(known, 1.5, stack)) << what;
        // What the voxels cost in fact; 3ch cuts only a corner of the right ventricle.
        EXPECT_GT(dice, name == "RVC" ? 0.8 : 0.9) << what;
      }
      EXPECT_LE(scores[n].shift_mm(), 1.5 + 1e-6) << view.name << ' ' << pitch_mm;
    }
  }
}

TEST(EvaluateCase, LongAxisCanHideEverySecondSlice) {
  const fs::path path = phantom_folder(test::fresh_folder(), 1);
  EvaluateOptions options;
  options.protocol = Protocol::long_axis;
  options.methods = {Method::shape_expert, Method::nearest_expert};
  const auto dice = [&](bool every_second, size_t method) {
    options.long_axis.every_second_slice = every_second;
    const auto views = evaluate_case(path, options, {}).result.views;
    double sum = 0;
    for (size_t n = 0; n < 6; ++n) sum += views.at(6 * method + n).dice.at("LVM");
    return sum / 6;
  };
  for (const size_t method : {0, 1}) EXPECT_LT(dice(true, method), dice(false, method)) << method;

  Study study = read_study(path);
  options.long_axis.every_second_slice = true;
  const Question question = contest_of(path, study, options).question;
  EXPECT_EQ(question.given.sax.grid.size[2], 3);  // of 5
}

// The films of a pig: slices 5 mm apart of which every second is hidden, and long-axis pictures.
TEST(EvaluateReal, LongAxisFilmsOfAPigJudgeWhatStandsForHiddenSlices) {
  const auto data = test::data_folder();
  if (!data || !fs::exists(*data / "ep-pig")) GTEST_SKIP() << "DMCVR_DATA names no ep-pig/";
  EvaluateOptions options;
  options.protocol = Protocol::long_axis;
  options.pictures_only = true;
  options.phases = {"phase00"};
  options.reconstruct.slice_spacing_mm = 2.5;
  options = with_methods(options);
  const auto correlations = [&](bool every_second) {
    options.long_axis.every_second_slice = every_second;
    const CaseResult result = evaluate_case(*data / "ep-pig", options, {}).result;
    EXPECT_EQ(result.truth, TruthSource::pictures);
    EXPECT_EQ(result.views.size(), 2U * 3);
    std::map<std::string, double> means;
    for (const ViewScore& score : result.views) {
      EXPECT_TRUE(score.dice.empty());
      means[score.method] += score.correlation / 3;
    }
    return means;
  };
  const auto half = correlations(true), all = correlations(false);
  for (const char* method : {"nearest", "linear"}) {
    EXPECT_GT(half.at(method), 0.7) << method;
    EXPECT_GT(all.at(method), half.at(method)) << method;
  }
  EXPECT_GT(half.at("linear"), half.at("nearest"));
}

TEST(EvaluateCase, LongAxisNeedsViewsAndForTheOriginalADenseTruth) {
  const auto error_of = [](const fs::path& path, std::vector<Method> methods) -> std::string {
    EvaluateOptions options = expert_options();
    options.protocol = Protocol::long_axis;
    options.methods = std::move(methods);
    try {
      evaluate_case(path, options, {});
      return "";
    } catch (const Error& error) {
      return error.what();
    }
  };
  const fs::path path = phantom_folder(test::fresh_folder(), 1);
  EXPECT_EQ(error_of(path, {Method::shape_expert}), "");
  for (const char* view : {"2ch", "3ch", "4ch"})
    fs::remove(path / fmt::format("lax_{}.nii.gz", view));
  EXPECT_NE(error_of(path, {Method::shape_expert}).find("no long-axis views"), std::string::npos);
  EXPECT_NE(error_of(mnms2_folder(), {Method::original}).find("the method original needs"),
            std::string::npos);
}

TEST(EvaluateCase, ExpertsOfAPhantomBeatChance) {
  // Slices of a phantom 9 mm apart: outlines change little from one to the next but one.
  const fs::path path = phantom_folder(test::fresh_folder(), 2);
  const auto volumes = evaluate_case(path, expert_options(), {}).result.volumes;
  ASSERT_EQ(volumes.size(), 4U);  // two phases
  for (size_t n = 0; n < 2; ++n) EXPECT_GT(mean_dice(volumes[2 + n]), mean_dice(volumes[n]));
}

TEST(EvaluateCase, WithoutExpertsTheSegmenterIsTheTruth) {
  auto networks = test::tiny_networks();
  const Study study = test::tiny_study(1, 5, 9);
  const fs::path path = test::fresh_folder() / "film.nii.gz";
  write_nifti(path, study.sax);
  EvaluateOptions options;
  options.methods = {Method::original, Method::nearest};
  options.reconstruct = test::tiny_options(study);
  const auto result = evaluate_case(path, options, {&networks, nullptr}).result;
  EXPECT_EQ(result.truth, TruthSource::segmenter);
  EXPECT_DOUBLE_EQ(mean_dice(result.volumes[0]), 1);
  EXPECT_LT(mean_dice(result.volumes[1]), 1);
  EXPECT_THROW(evaluate_case(path, expert_options(), {}), Error);
}

TEST(Evaluate, ASecondRunSkipsWhatIsDoneAndABrokenCaseIsCounted) {
  const fs::path root = test::fresh_folder();
  std::vector<fs::path> cases = {phantom_folder(root, 1), root / "broken.nii.gz"};
  std::ofstream(cases[1]) << "no picture";
  const RunFolder folder = open_run_folder(root / "scores", {{"version", "1"}}, false);
  std::vector<std::string> notes;
  const auto run = [&] {
    return evaluate(cases, folder, expert_options(), {},
                    [&](int64_t, int64_t, const std::string& note) { notes.push_back(note); });
  };
  const Evaluation first = run();
  ASSERT_EQ(first.cases.size(), 1U);
  ASSERT_EQ(first.failed.size(), 1U);
  EXPECT_EQ(first.failed[0].name, "broken");
  EXPECT_EQ(first.already_done, 0);
  EXPECT_TRUE(fs::exists(folder.figure_file("phantom1")));

  cases[1] = phantom_folder(root, 2);
  notes.clear();
  const Evaluation second = run();
  EXPECT_EQ(second.already_done, 1);
  EXPECT_TRUE(second.failed.empty());
  ASSERT_EQ(second.cases.size(), 2U);
  EXPECT_EQ(second.cases[0].seconds, first.cases[0].seconds);
  EXPECT_EQ(std::count(notes.begin(), notes.end(), "phantom1"), 0);
  EXPECT_EQ(nlohmann::json(second.cases[0].volumes), nlohmann::json(first.cases[0].volumes));
}

TEST(Evaluate, AnInterruptEndsTheRunWithoutBlamingTheCase) {
  const fs::path root = test::fresh_folder();
  const std::vector<fs::path> cases = {phantom_folder(root, 1)};
  const RunFolder folder = open_run_folder(root / "scores", {{"version", "1"}}, false);
  EXPECT_THROW(evaluate(cases, folder, expert_options(), {},
                        [](int64_t, int64_t, const std::string& note) {
                          if (note == "phantom1") throw Error("interrupted");
                        }),
               Error);
}

TEST(Evaluate, TwoCasesOfOneNameAreRefused) {
  const fs::path root = test::fresh_folder();
  const RunFolder folder = open_run_folder(root / "scores", {{"version", "1"}}, false);
  EXPECT_THROW(evaluate({root / "a" / "x", root / "b" / "x"}, folder, expert_options(), {}), Error);
}

// The bounds that label interpolation has on real hearts of 5 mm pitch, computed before by another
// program (Python, SciPy's distance transform): Dice of nearest-expert and shape-expert as is, and
// of shape-expert after the best shift; PSNR of linear mixing.
TEST(EvaluateReal, ReproducesTheBoundsOnTwelvePatients) {
  const auto data = test::data_folder();
  if (!data) GTEST_SKIP() << "DMCVR_DATA is not set";
  std::vector<VolumeScore> volumes;
  for (const char* number :
       {"035", "075", "081", "082", "084", "085", "088", "092", "094", "095", "096", "099"}) {
    const fs::path path = *data / "acdc" / "training" / (std::string("patient") + number);
    EvaluateOptions pictures;
    pictures.pictures_only = true;
    pictures.methods = {Method::linear};
    for (const auto& options : {expert_options(), pictures}) {
      for (auto& volume : evaluate_case(path, options, {}).result.volumes)
        volumes.push_back(std::move(volume));
    }
  }
  const auto methods = summarize(volumes);
  ASSERT_EQ(methods.size(), 3U);
  const auto expect = [&](size_t method, const char* measure, std::array<double, 3> dice) {
    size_t n = 0;
    for (const char* name : {"LVC", "LVM", "RVC"}) {
      EXPECT_NEAR(methods[method].structures.at(name).at(measure).mean, dice[n++], 5e-4)
          << methods[method].method << ' ' << name;
    }
  };
  EXPECT_EQ(methods[0].volumes, 24);
  expect(0, "dice", {0.8607, 0.7203, 0.8559});
  expect(1, "dice", {0.8892, 0.7820, 0.8937});
  expect(1, "dice_pose_free", {0.9208, 0.8485, 0.9117});
  EXPECT_NEAR(methods[1].median_shift_mm, 1.7, 0.05);
  EXPECT_NEAR(methods[2].pictures.at("psnr_db").mean, 18.523, 5e-3);
}

}  // namespace dmcvr
