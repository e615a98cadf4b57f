// SPDX-License-Identifier: Apache-2.0
// DICOM files, header and pixels.
#include "dmcvr/io/dicom.h"

#include "dmcvr/core/error.h"

#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  try {
    if (dmcvr::read_dicom_header(bytes)) dmcvr::read_dicom_pixels(bytes);
    dmcvr::read_dicom_identity(bytes);
  } catch (const dmcvr::Error&) {
  }
  return 0;
}
