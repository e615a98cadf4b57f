// SPDX-License-Identifier: Apache-2.0
// What coded pixels of a DICOM file say of themselves. JPEG, JPEG-LS and JPEG 2000 streams name
// their size and depth again; GDCM as packaged stops the whole program where that differs from what
// the file says (failed assertions), and waits for ever for what a JPEG stream lacks, so that no
// pixels reach it that have not passed here.
#pragma once

#include "dmcvr/io/dicom_elements.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace dmcvr {

struct CodedSize {
  int64_t columns = 0, rows = 0, components = 1;
  int64_t bits = 0;  // per sample; of a DICOM header: allocated
};

// The frame header of a JPEG or JPEG-LS stream (ITU-T T.81, B.2.2; T.87, C.2.2), or the SIZ marker
// of a JPEG 2000 stream (T.800, A.5.1). Throws Error, in one line without the name of the file, for
// what is none of them, and for a JPEG stream whose scans do not come to their end inside it.
CodedSize codestream_size(std::string_view stream);

// The streams of the frames of a file with coded pixels; a single frame may be cut into fragments
// at any byte. Throws Error unless there is a stream for each frame, and all of them have the size
// that the file says and as many bytes per sample.
std::vector<std::string> coded_frames(const DicomFile& file, const CodedSize& said, int64_t frames);

}  // namespace dmcvr
