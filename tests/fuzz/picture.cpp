// SPDX-License-Identifier: Apache-2.0
// Coded pictures of training slices: a byte of rows, one of columns, the code.
#include "dmcvr/core/error.h"
#include "dmcvr/dataset/pixel_coder.h"

#include <stdexcept>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const int64_t rows = data[0] + 1, columns = data[1] + 1;  // read_packed asks for none without
  const std::string_view code(reinterpret_cast<const char*>(data) + 2, size - 2);
  try {
    const auto picture = dmcvr::decode_picture(code, rows, columns);
    // Another code may mean the same picture; the picture's own code has to.
    const auto again = dmcvr::decode_picture(dmcvr::encode_picture(picture), rows, columns);
    if (!again.equal(picture)) throw std::logic_error("a picture does not come back");
  } catch (const dmcvr::Error&) {
  }
  return 0;
}
