// SPDX-License-Identifier: Apache-2.0
// What `dmcvr reconstruct` was asked for, and the work itself.
#pragma once

#include "cli/input_options.h"
#include "cli/shared_options.h"

#include "dmcvr/report/surface_files.h"

#include <string>
#include <vector>

namespace dmcvr::cli {

struct ReconstructCommand {
  std::string input;
  InputOptions layout;
  std::string output;
  std::vector<std::string> phases;
  std::string method;
  std::string weights;
  std::string device = "cpu";
  std::string truth;
  std::string shard;
  bool force = false;
  bool trusts_archives = false;
  bool has_meshes = true;
  bool has_dicom = false;
  SurfaceFileOptions surfaces;
  Settings settings;
  Settings body;
  SharedOptions shared;
};

// One study, or a folder of them. Throws Error.
void run_reconstruct(const ReconstructCommand& command);

}  // namespace dmcvr::cli
