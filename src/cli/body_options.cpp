// SPDX-License-Identifier: Apache-2.0
#include "cli/body_options.h"

#include "cli/suggestions.h"

namespace dmcvr::cli {

void add_body_options(CLI::App& command, Settings& settings) {
  const std::string group = "Whose heart it is";
  add_setting<double>(command, settings, "--height", "/height_cm",
                      "Of the body, in cm; with --weight for values by body surface area")
      ->type_name("CM")
      ->group(group);
  add_setting<double>(command, settings, "--weight", "/weight_kg", "Of the body, in kg")
      ->type_name("KG")
      ->group(group);
  add_setting<double>(command, settings, "--heart-rate", "/heart_rate_per_min",
                      "Beats per minute, for cardiac output; default: from the times of a film of "
                      "8 phases or more, taken to cover one beat")
      ->type_name("N")
      ->group(group);
  add_setting<std::string>(
      command, settings, "--bsa", "/bsa_formula",
      "Formula of body surface area: mosteller or dubois; default: that of earlier "
      "measures.json of the folder, else mosteller")
      ->check(one_of({"mosteller", "dubois"}))
      ->type_name("WORD")
      ->group(group);
}

}  // namespace dmcvr::cli
