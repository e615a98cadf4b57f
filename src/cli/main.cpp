// SPDX-License-Identifier: Apache-2.0
// The program: picks the verb and turns what went wrong into one line and an exit code, 0 done,
// 1 failed (a value that cannot be, among others), 2 no such verb, option or word, 3 info found
// what reconstruct repairs.
#include "cli/commands.h"
#include "cli/shared_options.h"
#include "cli/suggestions.h"

#include "dmcvr/core/error.h"
#include "dmcvr/core/version.h"
#include "dmcvr/training/ranks.h"

#include <CLI/CLI.hpp>
#include <c10/util/Exception.h>
#include <spdlog/spdlog.h>

#include <exception>
#include <filesystem>
#include <iostream>
#include <new>
#include <string>

namespace dmcvr::cli {
namespace {

constexpr int kFailed = 1;
constexpr int kWrongUsage = 2;

const char* const kOutOfMemory =
    "not enough memory; reconstruct needs less with fewer --phases or a wider --slice-spacing, "
    "training with a smaller data.batch_size";

void declare(CLI::App& app) {
  app.require_subcommand(0, 1);  // Inputs behind a verb may be called like another one.
  app.set_version_flag(
      "--version", fmt::format("dmcvr {} ({}torch {}, several processes by {})", version(),
                               commit().empty() ? "" : "commit " + commit() + ", ", torch_version(),
                               rank_backends()));
  app.get_formatter()->column_width(34);
  app.footer(
      "Each verb has its own help with examples: dmcvr VERB --help\n"
      "Exit codes: 0 done, 1 failed, 2 not understood, 3 (info) problems that are repaired. "
      "Results go to stdout, all talk to stderr.");
#ifdef DMCVR_IMAGING
  add_info(app);
  add_phantom(app);
  add_prepare(app);
#endif
  add_train(app);
#ifdef DMCVR_IMAGING
  add_reconstruct(app);
  add_evaluate(app);
  add_measure(app);
  add_mesh(app);
#endif
}

int explain_usage(CLI::App& app, const CLI::ParseError& error) {
  if (dynamic_cast<const CLI::RuntimeError*>(&error) != nullptr) return error.get_exit_code();
  if (error.get_exit_code() == 0) return app.exit(error);  // --help, --version
  const std::string unknown = unknown_word(app);
  spdlog::error("{}", unknown.empty()
                          ? fmt::format("{}; see {} --help", error.what(), full_name(app))
                          : unknown);
  return kWrongUsage;
}

int explain_torch(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  if (text.find("can't allocate memory") != std::string::npos ||
      text.find("out of memory") != std::string::npos) {
    spdlog::error("{}", kOutOfMemory);
  } else {
    spdlog::error("internal: {}; please report this with the output of -vv",
                  text.substr(0, text.find('\n')));
  }
  spdlog::trace("{}", error.what());
  return kFailed;
}

int run(int argc, char** argv) {
  CLI::App app("A sparse stack of cine cardiac MRI slices becomes a dense 3D heart.", "dmcvr");
  declare(app);
  try {
    app.parse(argc, argv);
    if (app.get_subcommands().empty()) {
      std::cerr << app.help();
      return kWrongUsage;
    }
    return 0;
  } catch (const CLI::ParseError& error) {
    return explain_usage(app, error);
  } catch (const Error& error) {
    spdlog::error("{}", error.what());
  } catch (const c10::Error& error) {
    return explain_torch(error);
  } catch (const std::filesystem::filesystem_error& error) {
    spdlog::error("{}: {}", error.path1().string(), error.code().message());
  } catch (const std::bad_alloc&) {
    spdlog::error("{}", kOutOfMemory);
  } catch (const std::exception& error) {
    spdlog::error("internal: {}; please report this with the output of -vv", error.what());
  }
  return kFailed;
}

}  // namespace
}  // namespace dmcvr::cli

int main(int argc, char** argv) {
  dmcvr::cli::set_up_log();
  return dmcvr::cli::run(argc, argv);
}
