// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/io/vtk_errors.h"

#include "dmcvr/core/error.h"

#include <spdlog/spdlog.h>
#include <vtkLogger.h>
#include <vtkNew.h>
#include <vtkObjectFactory.h>
#include <vtkOutputWindow.h>

#include <mutex>

namespace dmcvr {
namespace {

thread_local std::string* current_text = nullptr;

// "ERROR: In file, line 1\nvtkClass (0x55): reason\n\n" -> "vtkClass: reason"
std::string one_line(const std::string& text) {
  std::string line;
  size_t begin = text.find('\n');
  begin = begin == std::string::npos ? 0 : begin + 1;
  for (size_t i = begin; i < text.size(); ++i) {
    if (text.compare(i, 4, " (0x") == 0) {
      const size_t end = text.find(')', i);
      if (end != std::string::npos) i = end + 1;
    }
    if (i < text.size()) line += text[i] == '\n' ? ' ' : text[i];
  }
  const size_t last = line.find_last_not_of(' ');
  return last == std::string::npos ? "" : line.substr(0, last + 1);
}

class LogWindow : public vtkOutputWindow {
 public:
  static LogWindow* New();
  vtkTypeMacro(LogWindow, vtkOutputWindow)  // no semicolon: it ends with a function

      void DisplayErrorText(const char* text) override {
    const std::string line = one_line(text);
    if (current_text == nullptr) {
      spdlog::warn("VTK: {}", line);
    } else {
      *current_text += (current_text->empty() ? "" : "; ") + line;
    }
  }
  void DisplayWarningText(const char* text) override { spdlog::debug("VTK: {}", one_line(text)); }
  void DisplayGenericWarningText(const char* text) override { DisplayWarningText(text); }
  void DisplayDebugText(const char* text) override { DisplayWarningText(text); }
  void DisplayText(const char* text) override { spdlog::debug("VTK: {}", text); }
};

vtkStandardNewMacro(LogWindow);

}  // namespace

VtkErrors::VtkErrors() : outer_(current_text) {
  static std::once_flag once;
  std::call_once(once, [] {
    // Besides its window, VTK 9 writes every message to stderr.
    vtkLogger::SetStderrVerbosity(vtkLogger::VERBOSITY_OFF);
    vtkNew<LogWindow> window;
    vtkOutputWindow::SetInstance(window);
  });
  current_text = &text_;
}

VtkErrors::~VtkErrors() {
  current_text = outer_;
}

void VtkErrors::check(const std::string& context) const {
  if (!text_.empty()) throw Error("{}: {}", context, text_);
}

}  // namespace dmcvr
