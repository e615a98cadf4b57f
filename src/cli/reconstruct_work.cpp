// SPDX-License-Identifier: Apache-2.0
#include "cli/reconstruct_work.h"

#include "cli/body_options.h"
#include "cli/many_cases.h"

#include "dmcvr/core/memory.h"
#include "dmcvr/core/participant.h"
#include "dmcvr/core/progress.h"
#include "dmcvr/core/version.h"
#include "dmcvr/evaluation/dense.h"
#include "dmcvr/evaluation/summary.h"
#include "dmcvr/measures/tables.h"
#include "dmcvr/reconstruction/reconstruct.h"
#include "dmcvr/report/case_batch.h"
#include "dmcvr/report/labeled_heart.h"
#include "dmcvr/report/output_folder.h"
#include "dmcvr/segmentation/phases.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/dicom_study.h"
#include "dmcvr/study/layouts.h"

#include <ATen/Parallel.h>
#include <spdlog/spdlog.h>

#include <chrono>
#include <filesystem>
#include <iostream>
#include <memory>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

// What --config, --set and the other flags then change.
ReconstructOptions options_of_method(const ReconstructCommand& command) {
  // Acquired slices are drawn from their codes only by the method that draws all from codes, and
  // the reference's solver begins nowhere but at x_T.
  const auto& named = command.settings.named;
  const bool needs_published =
      named.contains("regenerate") || named.value("/solver/solver"_json_pointer, "") == "reference";
  const bool is_published = command.method.empty() ? needs_published : command.method == "dmcvr";
  ReconstructOptions options = is_published ? ReconstructOptions() : with_registration({});
  if (named.value("/solver/solver"_json_pointer, "") == "reference")
    options.solver.nodes = kPublishedNodes;
  return options;
}

// One progress bar per stage.
OnStage show_stages(const std::shared_ptr<std::unique_ptr<Progress>>& bar) {
  return
      [bar, shown = std::string()](const std::string& stage, int64_t done, int64_t total) mutable {
        throw_if_interrupted();
        if (stage != shown) {
          bar->reset();
          *bar = std::make_unique<Progress>(stage, total);
          shown = stage;
        }
        (*bar)->update(done);
      };
}

void forecast(const Study& study, const Networks& networks, const ReconstructOptions& options,
              VolumeIs volume) {
  const Plan plan = make_plan(study, networks, options);
  const int64_t phases = study.sax.phase_count();
  spdlog::info("{} slices become {} planes{}; {} pictures are drawn", study.sax.grid.size[2],
               plan.planes.grid.size[2],
               phases > 1 ? fmt::format(" in each of {} phases", phases) : "",
               phases * static_cast<int64_t>(plan.drawn_planes.size()));
  const double gib = 1024.0 * 1024 * 1024;
  const auto needed = static_cast<double>(forecast_bytes(study, networks, options, volume));
  const auto available = static_cast<double>(available_memory_bytes());
  if (available > 0 && needed > available) {
    spdlog::warn(
        "this needs up to {:.1f} GiB of memory and {:.1f} GiB are free; "
        "take fewer --phases, a wider --slice-spacing or --set batch_mib=256",
        needed / gib, available / gib);
  } else {
    spdlog::info("this needs up to {:.1f} GiB of memory", needed / gib);
  }
}

// The errors of the work begin with the study's name.
template <typename Work>
auto named(const Study& study, const Work& work) {
  try {
    return work();
  } catch (const Error& error) {
    throw error.in(study.name);
  }
}

// Names the phases ED and ES in `study`.
Stage find_end_phases(Study& study, Networks& networks, const ReconstructOptions& options,
                      const OnStage& on_stage) {
  const auto start = std::chrono::steady_clock::now();
  const int64_t slices = study.sax.grid.size[2];
  const int64_t located = options.locate.center_mm.empty() ? 1 : 0;  // phases
  Stage stage{"find ED and ES", 0, (study.sax.phase_count() + located) * slices};
  study = named(study, [&] {
    return name_end_phases(study, networks.segmenter, options.locate, options.batch_mib,
                           [&](int64_t done, int64_t total) { on_stage(stage.name, done, total); });
  });
  stage.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return stage;
}

WeightsFile weights_file(const WeightsInfo& info, const std::string& name) {
  return {info.kind, name, info.sha256, info.license};
}

// The result is there by now: what cannot be scored is no failure of the work.
void print_scores(const Study& study, const Reconstruction& result, const DenseTruth& truth,
                  const ReconstructOptions& options) {
  const Method method =
      options.start == Start::registration ? Method::dmcvr_registration : Method::dmcvr;
  try {
    const auto scores = score_dense(study, result, truth, method);
    for (const std::string& line : table_lines(summarize(scores), false)) std::cout << line << '\n';
  } catch (const Error& error) {
    spdlog::warn("--truth: {}", error.what());
  }
}

// What all studies of one call share.
struct Session {
  ReconstructOptions options;
  BodyOptions body;
  std::optional<Networks> networks;  // loaded once
  std::shared_ptr<std::unique_ptr<Progress>> bar = std::make_shared<std::unique_ptr<Progress>>();
  OnStage show = show_stages(bar);
  std::string batch;  // of many: RunRecord::batch

  bool is_batch() const { return !batch.empty(); }  // says less of each study
};

void load_once(const ReconstructCommand& command, Session& session) {
  if (session.networks) return;
  const fs::path weights = command.weights.empty() ? bundled_folder("weights") : command.weights;
  if (command.weights.empty() && !fs::exists(weights / "generator.safetensors")) {
    throw Error("{}: holds no generator.safetensors; name a folder with weights by --weights",
                weights.string());
  }
  session.networks = load_networks(weights / "segmenter.safetensors",
                                   weights / "generator.safetensors", command.device);
}

ArchiveLimits limits_of(const ReconstructCommand& command) {
  return command.trusts_archives ? no_archive_limits() : ArchiveLimits();
}

// Empty where no DICOM is wanted.
std::optional<DicomFileOptions> dicom_options(const ReconstructCommand& command, const Study& study,
                                              const fs::path& input, const ArchiveLimits& limits) {
  if (keeps_ids() && !comes_from_dicom(study))
    throw Error("--keep-id: {} is no DICOM and names nobody; leave the option out", input.string());
  if (!command.has_dicom) return {};
  DicomFileOptions options;
  if (keeps_ids()) options.identity = identity_of_study(input, limits);
  return options;
}

nlohmann::json resolved_options(const Session& session) {
  nlohmann::json options = session.options;
  options["precision"] = precision_of(*session.networks, session.options);
  return options;
}

// The stages of a film take turns, so that one bar counts its phases.
Reconstruction reconstruct_phases(const Study& study, Session& session, FilmVolume& film) {
  int64_t done = 0;
  bool is_counting = false;
  const OnStage on_stage = [&](const std::string& stage, int64_t part, int64_t whole) {
    if (session.is_batch() || stage == "locate") return session.show(stage, part, whole);
    throw_if_interrupted();
    if (!is_counting) {
      session.bar->reset();
      *session.bar = std::make_unique<Progress>("reconstruct", study.sax.phase_count(), "phases");
      is_counting = true;
    }
    (*session.bar)->update(done, stage);
  };
  const OnVolume on_volume = [&](int64_t phase, const Volume& volume) {
    film.add(phase, volume);
    done = phase + 1;
    if (is_counting) (*session.bar)->update(done);
  };
  return reconstruct_film(study, *session.networks, session.options, on_volume, on_stage);
}

void reconstruct_one(const ReconstructCommand& command, Session& session, const fs::path& input,
                     const fs::path& output) {
  const auto start = std::chrono::steady_clock::now();
  const auto& options = session.options;
  const auto& show = session.show;

  // Read.
  const auto limits = limits_of(command);
  Study study = read_study(input, limits, command.layout);
  const auto dicom = dicom_options(command, study, input, limits);
  std::optional<DenseTruth> truth;
  if (!command.truth.empty()) truth = read_dense_truth(command.truth);
  const auto& size = study.sax.grid.size;
  const auto spacing = study.sax.grid.spacing_mm();
  spdlog::info("{}: {} slices of {}x{} pixels, {:.4g}x{:.4g} mm, {:.4g} mm apart; {} phase{}",
               study.name, size[2], size[0], size[1], spacing[0], spacing[1], spacing[2],
               study.sax.phase_count(), study.sax.phase_count() == 1 ? "" : "s");
  load_once(command, session);
  Networks& networks = *session.networks;

  // Choose phases, and reconstruct.
  const auto film_times_ms = study.sax.times_ms;
  std::vector<Stage> before;
  if (asks_for_end_phases(study, command.phases)) {
    before.push_back(find_end_phases(study, networks, options, show));
    if (!session.is_batch()) session.bar->reset();
  }
  study = select_phases(study, command.phases);
  if (truth) check_truth(study.sax, *truth);
  // Of a film no volume stays in memory, unless it is to be scored or to become DICOM, whose values
  // are scaled by the range of all phases.
  const bool is_film = study.sax.phase_count() > 1 && !truth && !dicom;
  forecast(study, networks, options, is_film ? VolumeIs::handed_over : VolumeIs::kept);
  FilmVolume film(output, study);
  Reconstruction result = named(study, [&] {
    return is_film ? reconstruct_phases(study, session, film)
                   : reconstruct(study, networks, options, show);
  });
  result.stages.insert(result.stages.begin(), before.begin(), before.end());
  if (!session.is_batch()) session.bar->reset();

  // Write.
  RunRecord record;
  record.options = resolved_options(session);
  record.weights = {weights_file(networks.segmenter.info, "segmenter.safetensors"),
                    weights_file(networks.generator.info, "generator.safetensors")};
  record.device = command.device;
  if (is_film) record.film = &film;
  record.heart = labeled_heart(study, result, film_times_ms);
  record.measures = measure_heart(record.heart, session.body);
  if (command.has_meshes) {
    record.surfaces = command.surfaces;
    record.on_surface = [&](int64_t done, int64_t total) { show("surfaces", done, total); };
  }
  record.batch = session.batch;
  record.dicom = dicom;
  record.on_dicom = [&](int64_t done, int64_t total) { show("DICOM", done, total); };
  record.threads = at::get_num_threads();
  record.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  // Of many, run_batch has looked at what is there.
  const bool replaces = command.force || session.is_batch();
  const auto surfaces = write_reconstruction(output, study, result, record, replaces);
  if (session.is_batch()) return;
  session.bar->reset();
  for (const std::string& note : surface_notes(surfaces)) spdlog::info("{}", note);
  if (result.coherence) spdlog::info("{}", coherence_line(*result.coherence));
  for (const std::string& line : measures_table(record.measures)) std::cout << line << '\n';
  if (truth) print_scores(study, result, *truth, options);
  std::cout << command.output << std::endl;
}

void check_batch(const ReconstructCommand& command) {
  if (!command.truth.empty()) throw Error("--truth {}: is of one heart", command.truth);
  if (command.settings.named.contains("locate")) throw Error("--center: is of one heart");
  if (!command.body.named.empty())
    throw Error("--height, --weight, --heart-rate and --bsa are of one heart");
}

// What decides the results beside the cases.
nlohmann::json batch_record(const ReconstructCommand& command, const Session& session) {
  const Networks& networks = *session.networks;
  return {{"version", version()},
          {"options", resolved_options(session)},
          {"phases", command.phases},
          {"meshes", command.has_meshes ? nlohmann::json(command.surfaces) : nlohmann::json()},
          {"dicom", command.has_dicom},
          {"keep_id", keeps_ids()},
          {"weights_sha256",
           {{"segmenter", networks.segmenter.info.sha256},
            {"generator", networks.generator.info.sha256}}}};
}

void reconstruct_many(const ReconstructCommand& command, Session& session) {
  check_batch(command);
  load_once(command, session);
  const nlohmann::json record = batch_record(command, session);
  session.batch = batch_sha256(record);
  run_many({command.input, command.output, command.shard, command.force, command.layout,
            limits_of(command), record},
           [&](const fs::path& input, const fs::path& output, const OnStage& show) {
             session.show = show;
             reconstruct_one(command, session, input, output);
           });
}

}  // namespace

void run_reconstruct(const ReconstructCommand& command) {
  apply(command.shared);
  command.layout.check();
  Session session;
  session.options = resolve<ReconstructOptions>(command.settings, options_of_method(command));
  session.body = resolve<BodyOptions>(command.body);
  if (printed_only(command.settings, session.options)) return;
  command.surfaces.check();
  catch_interrupts();
  if (!is_one_study(command.input, command.layout)) return reconstruct_many(command, session);
  if (!command.shard.empty())
    throw Error("--shard {}: is for a folder of studies, {} is one", command.shard, command.input);
  check_reconstruction_folder(command.output, command.force,
                              {command.input, command.weights, command.truth});
  throw_if_interrupted();
  reconstruct_one(command, session, command.input, command.output);
}

}  // namespace dmcvr::cli
