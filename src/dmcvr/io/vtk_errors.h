// SPDX-License-Identifier: Apache-2.0
// VTK reports to a window of its own. Here its errors become ours, and its warnings lines of our
// log.
#pragma once

#include <string>

namespace dmcvr {

// Collects what VTK objects report as errors on this thread while it lives; the innermost one
// collects.
class VtkErrors {
 public:
  VtkErrors();
  ~VtkErrors();
  VtkErrors(const VtkErrors&) = delete;
  VtkErrors& operator=(const VtkErrors&) = delete;

  // Throws Error "context: what VTK said" if it has reported an error.
  void check(const std::string& context) const;

 private:
  std::string text_;
  std::string* outer_;
};

}  // namespace dmcvr
