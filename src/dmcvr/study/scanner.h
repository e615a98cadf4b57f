// SPDX-License-Identifier: Apache-2.0
// What the scanner makes of a subject: the short-axis cine of thick slices, long-axis views, and
// the dense truth.
#pragma once

#include "dmcvr/core/progress.h"
#include "dmcvr/study/phantom.h"
#include "dmcvr/study/phantom_scan.h"

namespace dmcvr {

// All of a phantom but the names of its study and its truth; the options are complete. The same
// scan and subject give the same bytes, whatever the thread count. `on_progress` counts phases of
// pictures: the short axis, the long-axis views, the dense truth.
Phantom scan_subject(const Scan& scan, const Subject& subject, const PhantomOptions& options,
                     const OnProgress& on_progress = {});

}  // namespace dmcvr
