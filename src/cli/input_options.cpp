// SPDX-License-Identifier: Apache-2.0
#include "cli/input_options.h"

#include "cli/suggestions.h"

#include "dmcvr/core/participant.h"

#include <fmt/format.h>

namespace dmcvr::cli {
namespace {

constexpr const char* kGroup = "What the inputs are";
constexpr const char* kLabelsHelp =
    "What the values of NAME_gt.nii.gz and kin mean where nothing beside them says it: dmcvr, "
    "mnms, ukb, acdc, or a list such as 1=LVC,2=LVM,3=RVC";

std::string layout_help() {
  return fmt::format("Read inputs as {}; auto: by what is there", fmt::join(layout_words(), ", "));
}

void add_keep_id(CLI::App& command) {
  command
      .add_flag_callback(
          "--keep-id", [] { keep_ids(true); },
          "Keep the participant's identity from the input in names and DICOM outputs; default: "
          "none "
          "leaves the program, and UK Biobank's cases are called case_ and ten digits of a "
          "checksum")
      ->group(kGroup);
}

}  // namespace

void add_input_options(CLI::App& command, InputOptions& input) {
  command.add_option("--layout", input.layout, layout_help())
      ->check(one_of(layout_words()))
      ->type_name("WORD")
      ->default_str("auto")
      ->group(kGroup);
  command.add_option("--labels-are", input.labels_are, kLabelsHelp)
      ->type_name("WORD|LIST")
      ->group(kGroup);
  add_keep_id(command);
}

void add_input_settings(CLI::App& command, Settings& settings, bool has_labels_are) {
  add_setting<std::string>(command, settings, "--layout", "/input/layout", layout_help())
      ->check(one_of(layout_words()))
      ->type_name("WORD")
      ->default_str("auto")
      ->group(kGroup);
  if (has_labels_are) {
    add_setting<std::string>(command, settings, "--labels-are", "/input/labels_are", kLabelsHelp)
        ->type_name("WORD|LIST")
        ->group(kGroup);
  }
  add_keep_id(command);
}

}  // namespace dmcvr::cli
