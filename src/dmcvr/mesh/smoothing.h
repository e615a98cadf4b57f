// SPDX-License-Identifier: Apache-2.0
// From steps to a smooth surface of the same volume.
#pragma once

#include "dmcvr/geometry/mesh.h"

#include <cstdint>
#include <optional>

namespace dmcvr {

// Low-pass filter over the vertices (Taubin, Zhang, Golub 1996: windowed sinc), which takes away
// steps and leaves the shape, unlike Laplacian smoothing. pass_band: 0 to 2, the smaller the
// smoother; iterations: the degree of the filter, 0 changes nothing. Triangles stay as they are.
Mesh smoothed(const Mesh& mesh, int64_t iterations, double pass_band);

// Moves a closed mesh along its normals, everywhere by the same distance, until it encloses
// `volume_ml` to a part in 10,000. Returns the distance in mm, outward positive; nothing, and the
// mesh stays as it is, where that would be more than `limit_mm`.
std::optional<double> match_volume(Mesh& mesh, double volume_ml, double limit_mm);

}  // namespace dmcvr
