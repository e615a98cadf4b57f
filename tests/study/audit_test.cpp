// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/study/audit.h"

#include "support.h"

#include "dmcvr/core/error.h"
#include "dmcvr/io/nifti.h"
#include "dmcvr/study/layouts.h"
#include "dmcvr/study/phantom.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <functional>
#include <iterator>
#include <limits>

namespace dmcvr {
namespace {

namespace fs = std::filesystem;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const Phantom& audited_phantom() {
  static const Phantom phantom = [] {
    PhantomOptions options;
    options.seed = 4;
    options.phases = 2;
    options.slices = 6;
    options.spacing_mm = 3;
    options.matrix = 96;
    options.dense = false;
    return make_phantom(options);
  }();
  return phantom;
}

fs::path write_audited_phantom() {
  const fs::path folder = test::fresh_folder() / "phantom";
  write_phantom(folder, audited_phantom());
  return folder;
}

// A film of the phantom's phases, uncompressed, so that a byte of its header can be changed.
fs::path write_film(const Cine& cine = audited_phantom().study.sax) {
  const fs::path path = test::fresh_folder() / "film.nii";
  write_nifti(path, cine);
  return path;
}

template <typename Value>
void patch(const fs::path& path, std::streamoff offset, Value value) {
  std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(offset);
  stream.write(reinterpret_cast<const char*>(&value), sizeof(value));
}

// Offsets in a NIfTI-1 header.
constexpr std::streamoff kPixdim = 76, kQformCode = 252, kSformCode = 254, kQoffset = 268,
                         kSrow = 280, kUnits = 123;

std::vector<std::string> codes_of(const Audit& audit) {
  std::vector<std::string> codes;
  for (const auto& problem : audit.problems) codes.push_back(problem.code);
  for (const auto& one : audit.series) {
    for (const auto& problem : one.found.problems) codes.push_back(problem.code);
  }
  return codes;
}

bool is_taken(const fs::path& path) {
  try {
    read_study(path);
    return true;
  } catch (const Error&) {
    return false;
  }
}

// The one problem, and a verdict that is what reading the study says.
void expect_one_problem(const fs::path& path, const std::string& code, Verdict verdict) {
  const Audit audit = audit_study(path);
  EXPECT_THAT(codes_of(audit), ElementsAre(code));
  EXPECT_EQ(audit.verdict(), verdict) << code;
  EXPECT_EQ(is_taken(path), verdict != Verdict::refused) << code;
}

fs::path write_acdc_patient(const std::function<void(int frame, Cine&, Labels&)>& damage = {}) {
  const fs::path folder = test::fresh_folder() / "patient001";
  fs::create_directories(folder);
  std::ofstream(folder / "Info.cfg") << "ED: 1\nES: 2\n";
  const Study& study = audited_phantom().study;
  for (int frame = 1; frame <= 2; ++frame) {
    Cine cine{study.sax.grid, study.sax.voxels.slice(0, frame - 1, frame).clone(), {}};
    Labels labels = relabel({study.sax.grid, study.labels->voxels.slice(0, frame - 1, frame)},
                            acdc_label_table());
    if (damage) damage(frame, cine, labels);
    write_nifti(folder / fmt::format("patient001_frame{:02}.nii.gz", frame), cine);
    write_nifti(folder / fmt::format("patient001_frame{:02}_gt.nii.gz", frame), labels);
  }
  return folder;
}

}  // namespace

TEST(AuditStudy, FindsNothingWrongWithAPhantom) {
  const fs::path folder = write_audited_phantom();
  const Audit audit = audit_study(folder);
  EXPECT_THAT(codes_of(audit), IsEmpty());
  EXPECT_EQ(audit.verdict(), Verdict::clean);
  EXPECT_EQ(audit.layout, "phantom");
  ASSERT_EQ(audit.series.size(), 4U);
  std::vector<std::string> views;
  for (const auto& one : audit.series) {
    views.push_back(one.found.view);
    EXPECT_TRUE(one.is_read);
    EXPECT_TRUE(one.has_labels);
    EXPECT_EQ(one.found.phases, 2);
  }
  EXPECT_THAT(views, UnorderedElementsAre("sax", "2ch", "3ch", "4ch"));
  EXPECT_EQ(audit.ed_frame, 0);
  EXPECT_EQ(audit.es_frame, 1);
}

TEST(AuditStudy, SaysOfAFilmWhatReadingItSays) {
  const fs::path path = write_film();
  const Audit audit = audit_study(path);
  ASSERT_EQ(audit.series.size(), 1U);
  EXPECT_EQ(audit.verdict(), Verdict::clean);
  const Study study = read_study(path);
  EXPECT_TRUE(same_grid(audit.series[0].found.grid, study.sax.grid));
  EXPECT_EQ(audit.series[0].found.times_ms, study.sax.times_ms);
  EXPECT_EQ(audit.series[0].found.view, "sax");
}

TEST(AuditStudy, NamesWhatIsWrongWithAHeader) {
  // ACDC's habit.
  fs::path path = write_film();
  for (int axis = 0; axis < 3; ++axis) {
    for (int column = 0; column < 3; ++column)
      patch<float>(path, kSrow + 16 * axis + 4 * column,
                   axis != column ? 0.F
                   : axis < 2     ? -1.F
                                  : 1.F);
  }
  patch<int16_t>(path, kQformCode, 0);
  expect_one_problem(path, "unit_scale_sform", Verdict::repaired);

  patch<int16_t>(path, kQformCode, 1);
  expect_one_problem(path, "sform_disagrees_with_spacing", Verdict::repaired);

  path = write_film();
  patch<float>(path, kQoffset, 1e3F);
  expect_one_problem(path, "sform_is_not_qform", Verdict::repaired);

  path = write_film();
  patch<int16_t>(path, kQformCode, 0);
  patch<int16_t>(path, kSformCode, 0);
  expect_one_problem(path, "no_orientation", Verdict::repaired);

  path = write_film();
  patch<int32_t>(path, 0, 7);  // the first field is no size of a header
  expect_one_problem(path, "unreadable", Verdict::refused);
}

TEST(AuditStudy, NamesAxesThatAreNotAtRightAngles) {
  for (const auto& [shear, code, verdict] :
       {std::tuple{5e-4, "axes_not_at_right_angles", Verdict::repaired},
        std::tuple{5e-2, "skewed_axes", Verdict::refused}}) {
    const fs::path path = write_film();
    const auto affine = audited_phantom().study.sax.grid.world_from_voxel;
    // The first axis leans toward the second one.
    const Point lean = times(shear * length(affine.column(0)), unit_vector(affine.column(1)));
    for (int row = 0; row < 3; ++row)
      patch<float>(path, kSrow + 16 * row, static_cast<float>(affine.column(0)[row] + lean[row]));
    patch<int16_t>(path, kQformCode, 0);
    expect_one_problem(path, code, verdict);
  }
}

TEST(AuditStudy, NamesFlippedSlices) {
  Cine cine = audited_phantom().study.sax;
  for (auto& row : cine.grid.world_from_voxel.matrix) row[2] = -row[2];
  expect_one_problem(write_film(cine), "left_handed", Verdict::repaired);
}

TEST(AuditStudy, NamesImplausibleSizes) {
  const auto scaled = [](double in_plane, double across) {
    Cine cine = audited_phantom().study.sax;
    for (auto& row : cine.grid.world_from_voxel.matrix) {
      row[0] *= in_plane;
      row[1] *= in_plane;
      row[2] *= across;
    }
    return write_film(cine);
  };
  expect_one_problem(scaled(0.5, 1), "implausible_field_of_view", Verdict::repaired);
  expect_one_problem(scaled(2, 1), "implausible_field_of_view", Verdict::repaired);
  expect_one_problem(scaled(1, 0.1), "implausible_stack", Verdict::repaired);
  expect_one_problem(scaled(1, 10), "implausible_stack", Verdict::repaired);

  // Meters: all lengths are wrong, and reading refuses the pixels.
  const fs::path path = write_film();
  patch<uint8_t>(path, kUnits, 1 | 16);
  const Audit audit = audit_study(path);
  EXPECT_THAT(codes_of(audit), Contains("pixel_size"));
  EXPECT_EQ(audit.verdict(), Verdict::refused);
  EXPECT_FALSE(is_taken(path));
}

TEST(AuditStudy, NamesStacksThatAreNone) {
  Cine cine = audited_phantom().study.sax;
  cine.grid.size[2] = 1;
  cine.voxels = cine.voxels.slice(1, 0, 1);
  const fs::path path = write_film(cine);
  EXPECT_FALSE(is_taken(path));
  EXPECT_EQ(audit_study(path).verdict(), Verdict::refused);

  const fs::path stack = path.parent_path() / "case_sa.nii";
  fs::rename(path, stack);
  expect_one_problem(stack, "single_slice", Verdict::refused);

  cine = audited_phantom().study.sax;
  cine.grid.size[0] = 8;
  cine.voxels = cine.voxels.slice(3, 40, 48);
  EXPECT_THAT(codes_of(audit_study(write_film(cine))), Contains("small_matrix"));
}

TEST(AuditStudy, NamesDamagedVoxels) {
  Cine cine = audited_phantom().study.sax;
  cine.voxels = cine.voxels.clone();
  cine.voxels[1].fill_(7);
  const fs::path empty = write_film(cine);
  expect_one_problem(empty, "empty_phase", Verdict::refused);
  EXPECT_EQ(audit_study(empty, true).verdict(), Verdict::clean);

  cine = audited_phantom().study.sax;
  cine.voxels = cine.voxels + 0.25;  // stored as float32
  fs::path path = write_film(cine);
  patch<float>(path, 352 + 4000, std::numeric_limits<float>::quiet_NaN());
  expect_one_problem(path, "damaged_voxels", Verdict::refused);

  path = write_film();
  fs::resize_file(path, fs::file_size(path) - 1000);
  expect_one_problem(path, "damaged_voxels", Verdict::refused);
}

TEST(AuditStudy, NamesLabelsThatDoNotFit) {
  expect_one_problem(write_acdc_patient([](int frame, Cine&, Labels& labels) {
                       if (frame == 1) labels.voxels[0][2][40][40] = 9;
                       labels.table[9] = "LVC";
                     }),
                     "label_values", Verdict::refused);
  expect_one_problem(write_acdc_patient([](int frame, Cine&, Labels& labels) {
                       if (frame == 2) labels.grid.world_from_voxel.offset[0] += 5;
                     }),
                     "label_grid", Verdict::refused);
  expect_one_problem(write_acdc_patient([](int frame, Cine&, Labels& labels) {
                       if (frame == 1) return;
                       labels.grid.size[0] -= 1;
                       labels.voxels = labels.voxels.slice(3, 0, labels.grid.size[0]);
                     }),
                     "label_grid", Verdict::refused);
}

TEST(AuditStudy, NamesLabelsThatCannotBeRead) {
  const fs::path folder = write_acdc_patient();
  std::ofstream(folder / "patient001_frame01_gt.nii.gz") << "no labels";
  expect_one_problem(folder, "unreadable_labels", Verdict::refused);
}

// A phantom's film has ED first; the guess is one where nothing names the phases.
TEST(AuditStudy, GuessesEndPhasesWhereNothingNamesThem) {
  const auto& sax = audited_phantom().study.sax;
  std::vector<torch::Tensor> phases;
  for (int t = 0; t < 10; ++t) {
    const double share = t < 4 ? t / 4.0 : (9 - t) / 6.0;
    phases.push_back(sax.voxels[0] * (1 - share) + sax.voxels[1] * share);
  }
  const Audit audit = audit_study(write_film({sax.grid, torch::stack(phases), {}}));
  EXPECT_TRUE(audit.are_ends_guessed);
  EXPECT_EQ(audit.ed_frame, 0);
  EXPECT_EQ(audit.es_frame, 4);
  EXPECT_FALSE(audit_study(write_audited_phantom()).are_ends_guessed);
}

TEST(AuditStudy, NamesPhasesThatDoNotFit) {
  const fs::path folder = write_acdc_patient();
  const Audit audit = audit_study(folder);
  EXPECT_EQ(audit.verdict(), Verdict::clean);
  EXPECT_EQ(audit.ed_frame, 0);
  EXPECT_EQ(audit.es_frame, 1);

  expect_one_problem(write_acdc_patient([](int frame, Cine& cine, Labels& labels) {
                       if (frame == 1) return;
                       cine.grid.world_from_voxel.offset[1] += 3;
                       labels.grid = cine.grid;
                     }),
                     "mixed_grids", Verdict::refused);
  fs::remove(folder / "patient001_frame02.nii.gz");
  fs::remove(folder / "patient001_frame02_gt.nii.gz");
  expect_one_problem(folder, "missing_phase", Verdict::refused);
}

TEST(AuditStudy, PardonsWhatReconstructDoesNotRead) {
  const fs::path folder = write_acdc_patient();
  std::ofstream(folder / "patient001_4d.nii.gz") << "no film";
  const Audit audit = audit_study(folder);
  EXPECT_THAT(codes_of(audit), ElementsAre("unreadable"));
  EXPECT_EQ(audit.verdict(), Verdict::repaired);
  EXPECT_TRUE(is_taken(folder));
}

TEST(AuditStudy, NamesAViewFromElsewhere) {
  const fs::path folder = write_audited_phantom();
  View view = audited_phantom().study.views.front();
  const auto& affine = view.cine.grid.world_from_voxel;
  const Point normal = unit_vector(cross(affine.column(0), affine.column(1)));
  view.cine.grid.world_from_voxel.offset = plus(affine.offset, times(100, normal));
  view.labels->grid = view.cine.grid;
  write_nifti(folder / fmt::format("lax_{}.nii.gz", view.name), view.cine);
  write_nifti(folder / fmt::format("lax_{}_labels.nii.gz", view.name), *view.labels);
  expect_one_problem(folder, "view_misses_stack", Verdict::repaired);
}

TEST(AuditStudy, TakesRefusalsThatItHasNoWordFor) {
  const fs::path folder = write_audited_phantom();
  std::ofstream(folder / "truth.json") << "{}";
  expect_one_problem(folder, "refused", Verdict::refused);
  EXPECT_THROW(audit_study(folder / "missing"), Error);

  const fs::path path = test::fresh_folder() / "a.hdr";
  std::ofstream(path) << "text";
  const Audit audit = audit_study(path);
  ASSERT_EQ(audit.problems.size(), 1U);
  EXPECT_THAT(audit.problems[0].remedy, HasSubstr("docs/reference"));
}

TEST(AuditStudy, SuspectsAMapOfLabelsThatIsGivenAsAPicture) {
  Cine map = audited_phantom().study.sax;
  map.voxels = audited_phantom().study.labels->voxels.to(torch::kFloat32);
  expect_one_problem(write_film(map), "looks_like_labels", Verdict::repaired);
}

TEST(AuditStudy, RealPatientsAreRepairedOrClean) {
  const auto data = test::data_folder();
  if (!data) GTEST_SKIP() << "DMCVR_DATA is not set";
  const Audit audit = audit_study(*data / "acdc/training/patient001");
  EXPECT_THAT(codes_of(audit), Contains("unit_scale_sform"));
  EXPECT_EQ(audit.verdict(), Verdict::repaired);
  EXPECT_EQ(audit.ed_frame, 0);
  EXPECT_EQ(audit.es_frame, 11);
}

}  // namespace dmcvr
