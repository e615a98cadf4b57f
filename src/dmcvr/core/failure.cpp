// SPDX-License-Identifier: Apache-2.0
#include "dmcvr/core/failure.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/participant.h"

#include <c10/util/Exception.h>

#include <filesystem>
#include <new>

namespace dmcvr {

std::string failure_of(const std::function<void()>& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    return without_ids(text.substr(0, text.find('\n')));
  } catch (const std::bad_alloc&) {
    return "not enough memory";
  } catch (const std::filesystem::filesystem_error& error) {
    return without_ids(error.path1().string() + ": " + error.code().message());
  } catch (const std::exception& error) {
    return without_ids(error.what());
  }
  return "";
}

}  // namespace dmcvr
