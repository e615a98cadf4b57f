// SPDX-License-Identifier: Apache-2.0
// Where the voxels of a NIfTI file lie: one rule for the four ways in which headers say it.
#pragma once

#include "dmcvr/geometry/grid.h"
#include "dmcvr/io/nifti_header.h"

#include <string>

namespace dmcvr {

// Columns, rows, slices and the affine, in RAS millimeters:
//   1. the sform, if its code > 0 and the lengths of its columns match pixdim within 1 %;
//   2. else the qform, if its code > 0;
//   3. else, with an sform code > 0, the directions and offset of the sform, and the spacing of
//      pixdim (ACDC writes sform diag(-1, -1, 1) whatever the spacing);
//   4. else RAS axes with the spacing of pixdim.
// 3, 4 and a passed-over sform are warned of, once per program each. Axes that are not at right
// angles: see require_orthogonal. Throws Error beginning with `name`.
Grid nifti_grid(const NiftiHeader& header, const std::string& name);

// Which of the four ways nifti_grid takes.
enum class GridSource { sform, qform, sform_directions, spacing };
GridSource grid_source(const NiftiHeader& header);

// Where sform and qform are both set and nifti_grid could take either: the largest distance between
// the two places of a corner of the grid, in mm; 0 otherwise. Throws Error as nifti_grid.
double sform_qform_distance_mm(const NiftiHeader& header, const std::string& name);

// Sets dimensions, pixdim, qform and sform (both with code 1, scanner coordinates) and the unit mm,
// from the affine rounded to float32.
void set_grid(NiftiHeader& header, const Grid& grid);

}  // namespace dmcvr
