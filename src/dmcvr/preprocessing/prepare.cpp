// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/preprocessing/prepare.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/failure.h"
#include "dmcvr/core/options.h"
#include "dmcvr/core/random.h"
#include "dmcvr/geometry/resample.h"
#include "dmcvr/preprocessing/crop.h"
#include "dmcvr/preprocessing/intensity.h"
#include "dmcvr/study/cases.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/painted_map.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;

// Where the stored picture lies in the acquired slice.
struct StoredPlane {
  PlaneAffine slice_from_stored;
  std::array<int64_t, 2> size;  // columns, rows
};

// All of the slice, or the box of all labeled pixels grown by the margin, at the stored pixel size.
StoredPlane stored_plane(const Study& study, const PrepareOptions& options) {
  const auto spacing = study.sax.grid.spacing_mm();
  StoredPlane plane;
  for (size_t axis = 0; axis < 2; ++axis) {
    double first = -0.5, last = static_cast<double>(study.sax.grid.size[axis]) - 0.5;
    if (options.margin_mm > 0 && is_fully_labeled(study)) {
      const int64_t dimension = axis == 0 ? 3 : 2;  // of [T, D, H, W]
      auto labeled = study.labels->voxels > 0;
      for (int64_t other = 3; other >= 0; --other) {
        if (other != dimension) labeled = labeled.any(other);
      }
      const auto indices = labeled.nonzero();
      if (indices.numel() > 0) {
        const double margin = options.margin_mm / spacing[axis];
        first = std::max(first, indices.min().item<double>() - 0.5 - margin);
        last = std::min(last, indices.max().item<double>() + 0.5 + margin);
      }
    }
    const double wanted = options.input_rule.spacing_mm;
    const double step = wanted > 0 ? wanted / spacing[axis] : 1;
    plane.size[axis] = std::max<int64_t>(1, std::llround((last - first) / step));
    plane.slice_from_stored.matrix[axis][axis] = step;
    plane.slice_from_stored.offset[axis] =
        (first + last) / 2 - step * static_cast<double>(plane.size[axis] - 1) / 2;
  }
  return plane;
}

constexpr const char* kLabeledFrames = "labeled";
constexpr int64_t kMostPaintings = 10000;

// Every so many frames of a film; 0: none but those with labels.
int64_t frame_step(const std::string& frames) {
  if (frames == kLabeledFrames) return 0;
  if (frames == "all") return 1;
  const bool is_number = !frames.empty() && frames.size() <= 4 &&
                         frames.find_first_not_of("0123456789") == std::string::npos;
  const int64_t step = is_number ? std::stoll(frames) : 0;
  if (step < 1) throw Error("frames '{}': expected labeled, all, or a number from 1", frames);
  return step;
}

// Only these phases.
Study with_phases(const Study& study, const std::vector<int64_t>& phases) {
  Study chosen = study;
  chosen.phase_names.clear();
  chosen.frames.clear();
  chosen.drawn.clear();
  chosen.sax.times_ms.clear();
  chosen.views.clear();
  for (const int64_t phase : phases) {
    const auto p = static_cast<size_t>(phase);
    chosen.phase_names.push_back(study.phase_names[p]);
    if (!study.drawn.empty()) chosen.drawn.push_back(study.drawn[p]);
    if (!study.frames.empty()) chosen.frames.push_back(study.frames[p]);
    if (!study.sax.times_ms.empty()) chosen.sax.times_ms.push_back(study.sax.times_ms[p]);
  }
  const auto index = torch::tensor(phases, torch::kInt64);
  chosen.sax.voxels = study.sax.voxels.index_select(0, index);
  if (study.labels) chosen.labels->voxels = study.labels->voxels.index_select(0, index);
  return chosen;
}

// Phases with all labels, and every so many of the others; all where none has them and `step` is 0.
Study thinned(const Study& study, int64_t step) {
  std::vector<int64_t> labeled, phases;
  const int64_t count = study.sax.phase_count();
  for (int64_t phase = 0; phase < count; ++phase) {
    const bool is_labeled = is_fully_labeled(study, phase);
    if (is_labeled) labeled.push_back(phase);
    if (is_labeled || (step > 0 && phase % step == 0)) phases.push_back(phase);
  }
  if (step == 0 && labeled.empty()) return study;
  return static_cast<int64_t>(phases.size()) == count ? study : with_phases(study, phases);
}

// The places of the study's phases in its film; behind its end where they are not known.
void number_by_film(Study& study, const Study& film) {
  study.frames.clear();
  int64_t next = film.sax.phase_count();
  for (const auto& name : study.phase_names) {
    const auto found = std::find(film.phase_names.begin(), film.phase_names.end(), name);
    const bool is_known = found != film.phase_names.end();
    study.frames.push_back(is_known ? found - film.phase_names.begin() : next++);
  }
}

// Stacks cut at one plane and scaled alike.
std::vector<PackedSlice> pack_with(const Study& study, const StoredPlane& plane,
                                   const InputRule& rule, const IntensityMap& intensity) {
  std::vector<PackedSlice> slices;
  for (int64_t phase = 0; phase < study.sax.phase_count(); ++phase) {
    const auto units = to_unit(study.sax.voxels[phase], intensity);
    const auto pictures =
        resample_in_plane(units, plane.slice_from_stored, plane.size, {interpolation_of(rule)});
    const auto stored =
        (pictures * kPackedSteps).round_().clamp_(0, 255).to(torch::kUInt8);  // [D, h, w]
    torch::Tensor labels;
    if (is_fully_labeled(study, phase)) {
      labels = resample_in_plane(study.labels->voxels[phase], plane.slice_from_stored, plane.size,
                                 {Interpolation::nearest});
    }
    for (int64_t k = 0; k < stored.size(0); ++k) {
      PackedSlice slice;
      slice.image = stored[k].clone();
      if (labels.defined()) slice.labels = labels[k].clone();
      slice.phase_index = study.frames.empty() ? phase : study.frames[static_cast<size_t>(phase)];
      slice.slice_index = k;
      slice.pitch_mm = study.sax.grid.spacing_mm()[2];
      slice.spacing_mm = plane.slice_from_stored.matrix[0][0] * study.sax.grid.spacing_mm()[0];
      slices.push_back(std::move(slice));
    }
  }
  return slices;
}

// What becomes a case: a study on disk, or a painting of a map.
struct Source {
  fs::path path;
  int64_t painting = -1;  // -1: a study
};

std::vector<Source> sources_of(const std::vector<fs::path>& inputs, const PrepareOptions& options) {
  if (inputs.empty() && options.paint.maps.empty())
    throw Error("no input; expected studies, folders of them, or label maps to paint");
  std::vector<Source> sources;
  if (!inputs.empty()) {
    for (auto& path : choose_cases(inputs, options.split, options.subset, options.input))
      sources.push_back({std::move(path), -1});
  }
  for (const auto& input : options.paint.maps) {
    for (const auto& path : find_tissue_maps(input)) {
      for (int64_t n = 0; n < options.paint.count; ++n) sources.push_back({path, n});
    }
  }
  return sources;
}

// The map is read once for its paintings that follow each other.
class CasePacker {
 public:
  explicit CasePacker(const PrepareOptions& options) : options_(options) {}

  std::vector<PackedSlice> pack(const Source& source) {
    if (source.painting >= 0) return pack_painting(source);
    Study study = read_study(source.path, {}, options_.input);
    if (study.labels && !is_fully_labeled(study)) {
      spdlog::warn("{}: the experts did not draw all of {}; taken without labels where not",
                   study.name, to_string(label_table()));
    }
    const int64_t step = frame_step(options_.frames);
    const auto film = step > 0 ? read_film(source.path, options_.input) : std::nullopt;
    if (!film) study = thinned(study, step);
    if (film) number_by_film(study, *film);
    auto slices = pack_study(study, options_);
    if (film) {
      for (auto& slice : pack_other_frames(study, *film, options_))
        slices.push_back(std::move(slice));
    }
    for (auto& slice : slices) slice.is_synthetic = study.source == "phantom";
    ++counts_[study.source];
    return slices;
  }

  // "ACDC and phantom, 5 cases, subset train".
  std::vector<std::string> told() const {
    std::string text;
    int64_t cases = 0;
    for (const auto& [name, count] : counts_) {
      text += (text.empty() ? "" : " and ") + name;
      cases += count;
    }
    std::vector<std::string> lines;
    if (cases > 0) {
      lines.push_back(fmt::format("{}, {} cases{}", text, cases,
                                  options_.subset.empty() ? "" : ", subset " + options_.subset));
    }
    if (paintings_ > 0) lines.push_back(fmt::format("dense label maps, {} paintings", paintings_));
    return lines;
  }

 private:
  std::vector<PackedSlice> pack_painting(const Source& source) {
    if (source.path != map_path_) {
      map_path_.clear();
      map_ = read_tissue_map(source.path, options_.paint.labels_are);
      map_path_ = source.path;
    }
    const auto seed = stream_seed(static_cast<uint64_t>(options_.seed), case_name(source.path),
                                  static_cast<uint64_t>(source.painting));
    PhantomOptions scan;
    scan.seed = static_cast<int64_t>(seed >> 1);
    scan.long_axis = scan.dense = false;
    auto slices = pack_study(paint_map(map_, scan).study, options_);
    for (auto& slice : slices) slice.is_synthetic = true;
    ++paintings_;
    return slices;
  }

  const PrepareOptions& options_;
  fs::path map_path_;
  TissueMap map_;
  std::map<std::string, int64_t> counts_;
  int64_t paintings_ = 0;
};

}  // namespace

void PrepareOptions::check() const {
  input.check();
  check_split(split, subset);
  input_rule.check();
  if (!(margin_mm >= 0)) throw Error("margin_mm {}: expected 0 or more", margin_mm);
  frame_step(frames);
  paint.check();
}

void PaintOptions::check() const {
  check_range<int64_t>("paint.count", count, 1, kMostPaintings);
  if (!labels_are.empty()) tissue_table_from(labels_are);
}

std::vector<PackedSlice> pack_study(const Study& study, const PrepareOptions& options) {
  return pack_with(study, stored_plane(study, options), options.input_rule,
                   intensity_map(study.sax.voxels, options.input_rule));
}

std::vector<PackedSlice> pack_other_frames(const Study& study, const Study& film,
                                           const PrepareOptions& options) {
  if (!same_grid(study.sax.grid, film.sax.grid))
    throw Error("the film lies on another grid than the labeled frames");
  const int64_t step = frame_step(options.frames);
  std::vector<int64_t> others;
  for (int64_t frame = 0; step > 0 && frame < film.sax.phase_count(); frame += step) {
    const auto& name = film.phase_names[static_cast<size_t>(frame)];
    const auto& have = study.phase_names;
    if (std::find(have.begin(), have.end(), name) == have.end()) others.push_back(frame);
  }
  if (others.empty()) return {};
  return pack_with(with_phases(film, others), stored_plane(study, options), options.input_rule,
                   intensity_map(study.sax.voxels, options.input_rule));
}

PackedSlices prepare(const std::vector<fs::path>& inputs, const PrepareOptions& options,
                     const OnProgress& on_progress, int64_t* left_out) {
  options.check();
  const auto sources = sources_of(inputs, options);

  // A random order, so that the number of a case tells nothing about the subject. Maps are no
  // subjects of anyone's, and stay in theirs.
  std::vector<int64_t> numbers(sources.size());
  for (size_t n = 0; n < numbers.size(); ++n) numbers[n] = static_cast<int64_t>(n);
  const auto is_study = [](const Source& source) { return source.painting < 0; };
  const auto studies = static_cast<size_t>(std::count_if(sources.begin(), sources.end(), is_study));
  auto generator = make_generator(static_cast<uint64_t>(options.seed), "order of cases");
  for (size_t last = studies; last > 1; --last) {
    std::swap(numbers[last - 1],
              numbers[static_cast<size_t>(uniform_index(generator, static_cast<int64_t>(last)))]);
  }

  PackedSlices packed;
  packed.rule = options.input_rule;
  CasePacker packer(options);
  size_t failed = 0;
  for (size_t index = 0; index < sources.size(); ++index) {
    const Source& source = sources[static_cast<size_t>(numbers[index])];
    const std::string failure = failure_of([&] {
      for (auto& slice : packer.pack(source)) {
        slice.case_index = static_cast<int64_t>(index);
        packed.slices.push_back(std::move(slice));
      }
    });
    if (!failure.empty()) {
      spdlog::warn("{}: {}; left out", case_name(source.path), failure);
      ++failed;
    }
    if (on_progress)
      on_progress(static_cast<int64_t>(index) + 1, static_cast<int64_t>(sources.size()));
  }
  if (failed == sources.size()) throw Error("none of the {} cases can be read", sources.size());
  if (failed > 0) spdlog::warn("{} of {} cases were left out", failed, sources.size());
  if (left_out != nullptr) *left_out = static_cast<int64_t>(failed);
  packed.sources = packer.told();
  return packed;
}

}  // namespace dmcvr
