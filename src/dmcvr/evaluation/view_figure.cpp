// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/evaluation/view_figure.h"

#include "dmcvr/figures/comparison.h"
#include "dmcvr/figures/preview.h"
#include "dmcvr/figures/views.h"
#include "dmcvr/metrics/overlap.h"

#include <fmt/format.h>

#include <cmath>

namespace dmcvr {
namespace {

constexpr int64_t kShownPhases = 2;

// Where the heart is in a view: by its labels, else where pictures are compared.
VoxelBox heart_box(const ViewTruth& truth) {
  const Grid& grid = truth.view.cine.grid;
  if (truth.view.labels && truth.view.labels->voxels.any().item<bool>())
    return label_box(*truth.view.labels);
  return label_box({grid, truth.heart.to(torch::kUInt8).unsqueeze(0).unsqueeze(0)});
}

// As bright on average as the view, where both are seen.
torch::Tensor as_bright(const torch::Tensor& image, const torch::Tensor& picture,
                        const torch::Tensor& where) {
  const double mean = image.masked_select(where).mean().item<double>();
  return mean > 0 ? image * (picture.masked_select(where).mean().item<double>() / mean) : image;
}

}  // namespace

std::string view_caption(const std::string& method, const torch::Tensor& labels,
                         const torch::Tensor& truth, const torch::Tensor& inside) {
  std::string text = method;
  for (const auto& [label, name] : label_table()) {
    const auto known = (truth == label) & inside;
    text += known.any().item<bool>()
                ? fmt::format(" {:.2f}", overlap((labels == label) & inside, known).dice)
                : " -";
  }
  return text;
}

Picture view_figure(const Study& study, const std::vector<ViewTruth>& truths,
                    const std::vector<NamedReslices>& answers) {
  std::vector<ComparisonRow> rows;
  for (const int64_t t : preview_phases(study.phase_names, kShownPhases)) {
    for (size_t n = 0; n < truths.size(); ++n) {
      const View& view = truths[n].view;
      const auto picture = view.cine.voxels[t][0];  // [h, w]
      ComparisonRow row;
      row.title = fmt::format("{}, {}", study.phase_names[static_cast<size_t>(t)], view.name);
      row.plane = view.cine.grid;
      row.box = heart_box(truths[n]);
      ComparedSlice known{"view", picture, {}, ""};
      if (view.labels) {
        known.labels = view.labels->voxels[t][0];
        known.caption = "view; Dice of LVC LVM RVC";
      }
      row.slices.push_back(known);
      for (const NamedReslices& answer : answers) {
        const Reslice& said = answer.views[n];
        ComparedSlice slice{answer.method, {}, {}, answer.method};
        if (said.images.defined())
          slice.image = as_bright(said.images[t], picture, truths[n].heart);
        if (said.labels.defined()) {
          slice.labels = said.labels[t];
          if (view.labels) {
            slice.caption =
                view_caption(answer.method, slice.labels, known.labels, truths[n].inside);
          }
        }
        row.slices.push_back(slice);
      }
      rows.push_back(row);
    }
  }
  return comparison(study.name, rows);
}

}  // namespace dmcvr
