// SPDX-License-Identifier: Apache-2.0
// Methods × cases under one protocol: the tables of the paper and more.
#pragma once

#include "dmcvr/evaluation/case_figure.h"
#include "dmcvr/evaluation/case_result.h"
#include "dmcvr/evaluation/methods.h"
#include "dmcvr/evaluation/protocols.h"
#include "dmcvr/evaluation/run_folder.h"
#include "dmcvr/evaluation/view_scores.h"
#include "dmcvr/reconstruction/plan.h"
#include "dmcvr/study/input_options.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace dmcvr {

struct EvaluateOptions {
  InputOptions input;
  Protocol protocol = Protocol::held_out_slices;
  std::vector<Method> methods;  // empty: with_methods
  // "NAME=DIR": answers of other programs (answer_folder.h), compared beside the methods.
  std::vector<std::string> folders;
  std::vector<std::string> phases;  // as select_phases takes them; empty: ed and es, else all
  bool surfaces = false;            // also draw the hearts as surfaces (surface_figure.h)
  bool pictures_only = false;  // scores of pictures alone: nearest, linear, folders; no network
  // slice_spacing_mm is for the protocols dense and long-axis; the others set it, and all set
  // regenerate. Methods set start; outline_weight is of dmcvr+registration alone, with its default,
  // interpolation.x_T of the others.
  ReconstructOptions reconstruct;
  LongAxisOptions long_axis;  // for that protocol alone

  EvaluateOptions();
  void check() const;  // throws Error
};

NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(EvaluateOptions, input, protocol, methods, folders, phases,
                                   surfaces, pictures_only, reconstruct, long_axis)

// Where neither methods nor folders are named, those that tell the most about the protocol; of
// regenerate all three rows of a generator, also of diffae where its weights are at hand.
EvaluateOptions with_methods(EvaluateOptions options, bool has_diffae = false);

bool has_method(const EvaluateOptions& options, Method method);
bool needs_segmenter(const EvaluateOptions& options);

// The phases to score of a case. A film that does not name its ED and ES is searched for them.
Study phases_to_score(const std::filesystem::path& path, const EvaluateOptions& options,
                      const MethodNetworks& networks);

// What the protocol asks of the case at `path`, read as `study`; files that the truth comes from
// are added to its inputs. Throws Error where it does not fit.
Contest contest_of(const std::filesystem::path& path, Study& study, const EvaluateOptions& options);

// `done` of `total` cases, and what is being done. May throw to end the run; finished cases stay.
using OnCase = std::function<void(int64_t done, int64_t total, const std::string& note)>;

struct CaseEvaluation {
  CaseResult result;
  Picture figure;
  std::optional<Picture> surfaces;
};

// One case. Throws Error where it cannot be read or the protocol does not fit it.
CaseEvaluation evaluate_case(const std::filesystem::path& path, const EvaluateOptions& options,
                             const MethodNetworks& networks, const OnStage& on_stage = {});

// Throws Error for two cases of one name, by which they are known in the folder. Those that are
// named by what they hold are not read for that.
void check_case_names(const std::vector<std::filesystem::path>& cases);

struct Evaluation {
  std::vector<CaseResult> cases;  // both by their names
  std::vector<FailedCase> failed;
  int64_t already_done = 0;  // of the cases, by an earlier run
};

// All of them, into the folder; a case that fails is named in a warning, counted, and left out.
// Throws Error as check_case_names.
Evaluation evaluate(const std::vector<std::filesystem::path>& cases, const RunFolder& folder,
                    const EvaluateOptions& options, const MethodNetworks& networks,
                    const OnCase& on_case = {});

}  // namespace dmcvr
