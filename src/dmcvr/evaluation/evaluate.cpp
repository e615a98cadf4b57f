// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/evaluate.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/failure.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/core/sha256.h"
#include "dmcvr/evaluation/answer_folder.h"
#include "dmcvr/evaluation/dense.h"
#include "dmcvr/evaluation/reslice.h"
#include "dmcvr/evaluation/surface_figure.h"
#include "dmcvr/evaluation/view_figure.h"
#include "dmcvr/io/png.h"
#include "dmcvr/segmentation/phases.h"
#include "dmcvr/study/layouts.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// Where no expert drew labels, the segmenter's of the true pictures stand in.
void label_truth(Truth& truth, Contestants& contestants, const MethodNetworks& networks) {
  if (truth.labels.defined()) return;
  if (networks.dmcvr == nullptr)
    throw Error("has no experts' labels, and no segmenter is at hand to stand in for them");
  truth.source = TruthSource::segmenter;
  truth.labels = contestants.label(truth.images);
  truth.box = heart_boxes(truth.labels);
}

Answer original_answer(const Contest& contest, Contestants& contestants) {
  const Truth& truth = contest.truth;
  const auto labels =
      truth.source == TruthSource::segmenter ? truth.labels : contestants.label(truth.images);
  return {{}, labels.index_select(1, torch::tensor(contest.question.asked, torch::kInt64))};
}

struct ForeignAnswer {
  std::string method;
  FolderAnswer found;
};

// What other programs left in their folders. It is read before any method works on the case, which
// would be in vain where an answer is missing.
std::vector<ForeignAnswer> read_folders(const fs::path& path, const EvaluateOptions& options,
                                        const Question& question) {
  std::vector<ForeignAnswer> answers;
  for (const std::string& text : options.folders) {
    const AnswerFolder folder = answer_folder_from(text);
    answers.push_back({folder.method, read_answer(folder, case_name(path), question)});
  }
  return answers;
}

// One after the other, labeled where they are not.
template <typename Take>
void take_folders(std::vector<ForeignAnswer> answers, const EvaluateOptions& options,
                  Contestants& contestants, const Take& take, CaseResult& result) {
  for (ForeignAnswer& foreign : answers) {
    auto& [answer, files] = foreign.found;
    if (options.pictures_only) {
      answer.labels = torch::Tensor();
    } else if (!answer.labels.defined()) {
      answer.labels = contestants.label_asked(answer.images);
    }
    take(foreign.method, answer);
    for (InputFile& file : files) result.answers.push_back(std::move(file));
  }
}

// The truth of views, by where their labels come from.
TruthSource source_of(const Study& study) {
  const bool has_labels = std::any_of(study.views.begin(), study.views.end(),
                                      [](const View& view) { return view.labels.has_value(); });
  if (!has_labels) return TruthSource::pictures;
  return study.source == "phantom" ? TruthSource::phantom : TruthSource::experts;
}

// All planes are made of all slices, and cut where the views lie. `original` cuts the dense truth.
CaseEvaluation evaluate_views(const fs::path& path, Study study, const EvaluateOptions& options,
                              const MethodNetworks& networks, const OnStage& on_stage) {
  const Contest contest = contest_of(path, study, options);
  const Grid& stack = contest.question.planes.grid;
  auto foreign = read_folders(path, options, contest.question);
  Contestants contestants(contest.question, networks, options.reconstruct, on_stage);
  std::vector<ViewTruth> truths;
  for (const View& view : study.views)
    truths.push_back(view_truth(view, stack, contestants.heart_center()));

  CaseEvaluation done;
  std::vector<NamedReslices> answers;
  const auto take = [&](const std::string& name, const Answer& answer) {
    answers.push_back({name, {}});
    for (const ViewTruth& truth : truths) {
      answers.back().views.push_back(
          reslice(answer, stack, truth.view.cine.grid, options.long_axis.soft_labels));
      auto scores = score_view(answers.back().views.back(), truth, options.long_axis);
      for (size_t t = 0; t < scores.size(); ++t) {
        scores[t].method = name;
        scores[t].phase = study.phase_names[t];
        done.result.views.push_back(std::move(scores[t]));
      }
    }
  };
  for (const Method method : options.methods) {
    if (method == Method::original) {
      take(method_name(method), {contest.truth.images, contest.truth.labels});
      continue;
    }
    take(method_name(method), contestants.answer(method));
    done.result.costs.push_back(contestants.cost());
  }
  take_folders(std::move(foreign), options, contestants, take, done.result);
  done.figure = view_figure(study, truths, answers);
  done.result.name = study.name;
  done.result.inputs = study.inputs;
  done.result.truth = source_of(study);
  return done;
}

// A case is named once: without the path that many failures begin with.
std::string without_path(const std::string& failure, const fs::path& path) {
  const std::string begin = without_ids(path.string()) + ": ";
  return failure.compare(0, begin.size(), begin) == 0 ? failure.substr(begin.size()) : failure;
}

}  // namespace

Study phases_to_score(const fs::path& path, const EvaluateOptions& options,
                      const MethodNetworks& networks) {
  Study study = read_study(path, {}, options.input);
  if (asks_for_end_phases(study, options.phases)) {
    if (networks.dmcvr == nullptr) {
      throw Error("does not name its phases ED and ES, which takes a segmenter to find");
    }
    study = name_end_phases(study, networks.dmcvr->segmenter, options.reconstruct.locate,
                            options.reconstruct.batch_mib);
  }
  return select_phases(study, options.phases);
}

Contest contest_of(const fs::path& path, Study& study, const EvaluateOptions& options) {
  if (options.protocol == Protocol::held_out_slices) return hold_out_slices(study);
  if (options.protocol == Protocol::regenerate) return ask_for_given(study);
  Contest views;
  if (options.protocol == Protocol::long_axis) {
    if (options.long_axis.every_second_slice)
      study = with_every_second_slice(study, study.sax.grid.size[2]);
    views.question = ask_for_all_planes(study, options.reconstruct.slice_spacing_mm);
    study.views = views_through(views.question.planes.grid, study);
    if (!has_method(options, Method::original)) return views;
  }
  if (!is_phantom(path))
    throw Error("is no folder of dmcvr phantom, whose dense truth {} needs",
                options.protocol == Protocol::dense ? "the protocol dense" : "the method original");
  for (const auto* name : {"dense_image.nii.gz", "dense_labels.nii.gz"})
    study.inputs.push_back({name, sha256_of_file(path / name)});
  const Contest contest =
      ask_for_dense(study, read_dense_truth(path), options.reconstruct.slice_spacing_mm);
  return options.protocol == Protocol::dense ? contest : Contest{views.question, contest.truth};
}

EvaluateOptions::EvaluateOptions() {
  reconstruct.outline_weight = with_registration({}).outline_weight;
}

void EvaluateOptions::check() const {
  input.check();
  reconstruct.check();
  if (reconstruct.start != Start::noise)
    throw Error(
        "reconstruct.start: methods decide on it; name dmcvr+registration among them for "
        "registration");
  long_axis.check();
  std::set<Method> seen;
  for (const Method method : methods) {
    if (!seen.insert(method).second) throw Error("methods: {} is named twice", method_name(method));
    const bool makes_acquired = method == Method::original ||
                                (needs_generator(method) && method != Method::dmcvr_registration);
    if (protocol == Protocol::regenerate && !makes_acquired)
      throw Error(
          "methods: {} has nothing to do where all slices are given; the protocol regenerate takes "
          "original, dmcvr, diffae, and their -reference and -codes",
          method_name(method));
    if (pictures_only && method != Method::nearest && method != Method::linear)
      throw Error("methods: {} needs labels; pictures_only leaves nearest and linear",
                  method_name(method));
  }
  std::set<std::string> names;
  for (const std::string& text : folders) {
    if (!names.insert(answer_folder_from(text).method).second)
      throw Error("folders: two are called {}", answer_folder_from(text).method);
  }
  if (protocol == Protocol::long_axis && surfaces)
    throw Error("surfaces: the protocol long-axis has no true heart to draw; leave them out");
  if (protocol == Protocol::regenerate && pictures_only)
    throw Error("pictures_only: leaves no method for the protocol regenerate");
  if (protocol != Protocol::dense && protocol != Protocol::long_axis &&
      reconstruct.slice_spacing_mm != 0)
    throw Error(
        "reconstruct.slice_spacing_mm: the planes are those of the slices in this protocol; it is "
        "for dense and long-axis");
}

EvaluateOptions with_methods(EvaluateOptions options, bool has_diffae) {
  if (!options.methods.empty() || !options.folders.empty()) return options;
  options.methods = {Method::original, Method::nearest, Method::linear,
                     Method::shape,    Method::dmcvr,   Method::dmcvr_registration};
  if (options.protocol == Protocol::regenerate)
    options.methods = {Method::original, Method::dmcvr_reference, Method::dmcvr,
                       Method::dmcvr_codes};
  if (options.protocol == Protocol::regenerate && has_diffae)
    options.methods.insert(options.methods.end(),
                           {Method::diffae_reference, Method::diffae, Method::diffae_codes});
  if (options.protocol == Protocol::long_axis)  // of patients no dense truth is known
    options.methods.erase(options.methods.begin());
  if (options.pictures_only) options.methods = {Method::nearest, Method::linear};
  return options;
}

bool needs_segmenter(const EvaluateOptions& options) {
  // Of the protocol long-axis the original is no picture to be labeled, but a truth with labels.
  const auto needs_none = [&options](Method method) {
    return needs_experts(method) ||
           (options.protocol == Protocol::long_axis && method == Method::original);
  };
  return !options.pictures_only &&
         (!options.folders.empty() ||
          !std::all_of(options.methods.begin(), options.methods.end(), needs_none));
}

bool has_method(const EvaluateOptions& options, Method method) {
  return std::find(options.methods.begin(), options.methods.end(), method) != options.methods.end();
}

void check_case_names(const std::vector<fs::path>& cases) {
  std::map<std::string, fs::path> known;
  for (const fs::path& path : cases) {
    if (is_named_by_content(path)) continue;
    const auto [place, is_new] = known.emplace(case_name(path), path);
    if (is_new) continue;
    throw Error("two cases are called {}: {} and {}; evaluate them into two folders", place->first,
                place->second.string(), path.string());
  }
}

CaseEvaluation evaluate_case(const fs::path& path, const EvaluateOptions& options,
                             const MethodNetworks& networks, const OnStage& on_stage) {
  const auto start = std::chrono::steady_clock::now();
  const auto seconds_since_start = [start] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  Study study = phases_to_score(path, options, networks);
  if (options.protocol == Protocol::long_axis) {
    CaseEvaluation done = evaluate_views(path, std::move(study), options, networks, on_stage);
    done.result.seconds = seconds_since_start();
    return done;
  }
  Contest contest = contest_of(path, study, options);
  auto foreign = read_folders(path, options, contest.question);
  Contestants contestants(contest.question, networks, options.reconstruct, on_stage);
  label_truth(contest.truth, contestants, networks);

  CaseEvaluation done;
  done.result.name = study.name;
  done.result.inputs = study.inputs;
  done.result.truth = contest.truth.source;
  NamedAnswers answers;
  const auto take = [&](const std::string& name, const Answer& answer) {
    for (auto& score : score_answer(name, answer, contest.question, contest.truth))
      done.result.volumes.push_back(std::move(score));
    answers.emplace_back(name, answer);
  };
  for (const Method method : options.methods) {
    take(method_name(method), method == Method::original ? original_answer(contest, contestants)
                                                         : contestants.answer(method));
    if (method != Method::original) done.result.costs.push_back(contestants.cost());
  }
  take_folders(std::move(foreign), options, contestants, take, done.result);
  done.figure = case_figure(contest, answers);
  if (options.surfaces) {
    const auto given = networks.dmcvr != nullptr ? contestants.given_labels() : torch::Tensor();
    done.surfaces = surface_figure(contest, given, answers);
  }
  done.result.seconds = seconds_since_start();
  return done;
}

Evaluation evaluate(const std::vector<fs::path>& cases, const RunFolder& folder,
                    const EvaluateOptions& options, const MethodNetworks& networks,
                    const OnCase& on_case) {
  check_case_names(cases);
  Evaluation evaluation;
  const auto total = static_cast<int64_t>(cases.size());
  const auto say = [&](int64_t done, const std::string& note) {
    if (on_case) on_case(done, total, note);
  };

  const auto earlier = [&](const fs::path& path, const std::string& name) {
    return read_case(folder.case_file(name), path, folder.run_sha256, options.input);
  };

  // What an earlier run has finished comes first, so that the time left is that of the rest.
  std::vector<std::optional<CaseResult>> results;
  for (const fs::path& path : cases) {
    if (is_named_by_content(path)) {  // looked for when its turn comes
      results.emplace_back();
      continue;
    }
    results.push_back(earlier(path, case_name(path)));
    if (results.back()) ++evaluation.already_done;
    say(evaluation.already_done, "");
  }
  int64_t done = evaluation.already_done;
  say(done, "");
  for (size_t n = 0; n < cases.size(); ++n) {
    if (results[n]) continue;
    const std::string name = case_name(cases[n]);
    if (is_named_by_content(cases[n])) {
      results[n] = earlier(cases[n], name);
      if (results[n]) {
        ++evaluation.already_done;
        say(++done, "");
        continue;
      }
    }
    const OnStage on_stage = [&](const std::string& stage, int64_t part, int64_t whole) {
      say(done, whole > 1 ? fmt::format("{}: {} {}/{}", name, stage, part, whole)
                          : fmt::format("{}: {}", name, stage));
    };
    say(done, name);
    const std::string failure = failure_of([&] {
      CaseEvaluation made = evaluate_case(cases[n], options, networks, on_stage);
      made.result.name = name;
      made.result.run_sha256 = folder.run_sha256;
      write_png(folder.figure_file(name), to_bytes(made.figure));
      if (made.surfaces) write_png(folder.surfaces_file(name), to_bytes(*made.surfaces));
      write_case(folder.case_file(name), made.result);
      // As a later run will find it.
      results[n] = earlier(cases[n], name);
    });
    say(++done, "");  // Ends here if the failure was an interrupt.
    if (results[n]) continue;
    evaluation.failed.push_back(
        {name, failure.empty() ? "its files changed meanwhile" : without_path(failure, cases[n])});
    spdlog::warn("{}: {}; left out", name, evaluation.failed.back().error);
  }
  for (auto& result : results) {
    if (result) evaluation.cases.push_back(std::move(*result));
  }
  const auto by_name = [](const auto& a, const auto& b) { return a.name < b.name; };
  std::sort(evaluation.cases.begin(), evaluation.cases.end(), by_name);
  std::sort(evaluation.failed.begin(), evaluation.failed.end(), by_name);
  return evaluation;
}

}  // namespace dmcvr
