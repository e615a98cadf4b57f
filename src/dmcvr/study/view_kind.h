// SPDX-License-Identifier: Apache-2.0
// Which view of the heart a series is: the short axis, a long-axis view, or something else.
#pragma once

#include "dmcvr/study/found_series.h"

#include <vector>

namespace dmcvr {

// Sets `view` and `view_by` of all series of one examination. By geometry first: the short axis is
// the stack of parallel planes with the most slices, where stacks that cut a heart in its usual
// place across its long axis, films, and such as are named so go before others; long-axis views
// stand upright on it and have no other frame of reference. Which chambers those show is told by
// their names where they say it ("4CH", "LAX 2Ch", "3-chamber", "LVOT"), else by their angle to the
// patient's upright: a 4-chamber view lies, a 2-chamber view stands, a 3-chamber view is between; a
// stack of several slices is "lax". At most one series is "sax"; several may be "4ch".
void tell_views(std::vector<FoundSeries>& series);

// "2ch", "3ch", "4ch", "sax", "lax", or "other" (outflow of the right heart, aorta) where a name
// says so, else "".
std::string view_in_name(const std::string& name);

}  // namespace dmcvr
