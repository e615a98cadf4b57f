// SPDX-License-Identifier: Apache-2.0
// NIfTI files, as pictures and as labels.
#include "dmcvr/io/nifti.h"

#include "fuzz/fuzz.h"

#include "dmcvr/core/label_table.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  dmcvr::fuzz::read_as_file(data, size, ".nii.gz", [](const std::filesystem::path& path) {
    dmcvr::read_nifti(path).check();
    dmcvr::read_nifti_labels(path, dmcvr::label_table()).check();
  });
  return 0;
}
