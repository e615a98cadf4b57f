// SPDX-License-Identifier: Apache-2.0
// A long-axis view is a film of its own, taken in another breath-hold: which of its phases belong
// to those of the short axis?
#pragma once

#include "dmcvr/study/study.h"

namespace dmcvr {

// The view with one phase for each of the short axis: the nearest in time where both have times,
// else the one of equal number where the counts agree. Throws Error, in one line without the name
// of the view, for a view of more than one slice, for labels on another grid or of another count,
// for counts that differ without times, and where the nearest phase is farther away than the
// larger time step of the two films and than a tenth of the short axis' film: heart rates differ a
// little from breath-hold to breath-hold.
View with_phases_of(const Cine& sax, const View& view);

}  // namespace dmcvr
