// SPDX-License-Identifier: Apache-2.0
// Hearts differ: what is drawn from a seed, and what can be asked for instead.
#pragma once

#include "dmcvr/study/heart_model.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <string>

namespace dmcvr {

// normal: ejects 50 to 75 %. dilated: a large, thin-walled left ventricle that ejects 15 to 40 %.
// hypertrophic: a thick wall, thickest at the septum, around a small cavity that ejects 55 to 75 %.
// rv_overload: a large right ventricle that flattens the septum. drawn: any of them, by the seed.
enum class Pathology { drawn, normal, dilated, hypertrophic, rv_overload };

NLOHMANN_JSON_SERIALIZE_ENUM(Pathology, {{Pathology::drawn, "drawn"},
                                         {Pathology::normal, "normal"},
                                         {Pathology::dilated, "dilated"},
                                         {Pathology::hypertrophic, "hypertrophic"},
                                         {Pathology::rv_overload, "rv-overload"}})

// What can be asked for instead of being drawn; a negative value is drawn.
struct HeartWishes {
  double ejection_fraction = -1;
  double lv_ml = -1;
  Pathology pathology = Pathology::drawn;
};

// The pathology that `draw_heart` takes for these: never `drawn`.
Pathology pathology_of(uint64_t seed, const HeartWishes& wishes);

// A plausible heart. A wish changes what it names and what follows from it; nothing else is drawn
// differently for it.
HeartShape draw_heart(uint64_t seed, const HeartWishes& wishes = {});

}  // namespace dmcvr
