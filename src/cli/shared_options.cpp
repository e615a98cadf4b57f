// SPDX-License-Identifier: Apache-2.0
#include "cli/shared_options.h"

#include "dmcvr/core/participant.h"

#include <ATen/Parallel.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cmath>
#include <csignal>
#include <filesystem>
#include <iostream>
#include <memory>
#include <thread>

namespace dmcvr::cli {
namespace fs = std::filesystem;
namespace {

volatile std::sig_atomic_t is_interrupted = 0;

void note_interrupt(int number) {
  is_interrupted = 1;
  std::signal(number, SIG_DFL);
}

// "warning: " and "error: " before lines that are one; milestones stand alone. No line has the id
// of a participant.
class Line : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    const char* word = message.level == spdlog::level::warn  ? "warning: "
                       : message.level >= spdlog::level::err ? "error: "
                                                             : "";
    out.append(word, word + std::char_traits<char>::length(word));
    const std::string text = without_ids({message.payload.data(), message.payload.size()});
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<custom_flag_formatter> clone() const override { return std::make_unique<Line>(); }
};

}  // namespace

void add_shared_options(CLI::App& command, SharedOptions& shared) {
  const std::string group = "Talk and speed";
  command.add_flag("-q,--quiet", shared.is_quiet, "Only warnings and errors")->group(group);
  command
      .add_flag("-v,--verbose", shared.verbosity, "Say more; -vv: everything, traces of errors too")
      ->group(group);
  command.add_option("--threads", shared.threads, "Threads of the work; 0: all cores")
      ->check(CLI::Range(int64_t{0}, int64_t{1024}).description(""))
      ->type_name("N")
      ->capture_default_str()
      ->group(group);
}

void apply(const SharedOptions& shared) {
  spdlog::set_level(shared.verbosity > 1   ? spdlog::level::trace
                    : shared.verbosity > 0 ? spdlog::level::debug
                    : shared.is_quiet      ? spdlog::level::warn
                                           : spdlog::level::info);
  const auto cores = static_cast<int64_t>(std::max(1U, std::thread::hardware_concurrency()));
  at::set_num_threads(static_cast<int>(shared.threads > 0 ? shared.threads : cores));
}

void catch_interrupts() {
  std::signal(SIGINT, note_interrupt);
  std::signal(SIGTERM, note_interrupt);
}

void throw_if_interrupted(const char* left) {
  if (is_interrupted != 0) throw Error("interrupted; {}", left);
}

void set_up_log() {
  auto logger = spdlog::stderr_logger_mt("dmcvr");
  auto formatter = std::make_unique<spdlog::pattern_formatter>();
  formatter->add_flag<Line>('*').set_pattern("dmcvr: %*");
  logger->set_formatter(std::move(formatter));
  logger->flush_on(spdlog::level::trace);
  spdlog::set_default_logger(logger);
}

void add_settings(CLI::App& command, Settings& settings) {
  const std::string group = "All other options";
  command.add_option("--config", settings.config, "Options from a JSON file")
      ->type_name("FILE")
      ->group(group);
  command
      .add_option("--set", settings.assignments,
                  "One option by its dotted path, as --dry-run prints it; may be repeated")
      ->type_name("PATH=VALUE")
      ->allow_extra_args(false)
      ->group(group);
  command.add_flag("--dry-run", settings.is_dry_run, "Print all options in force as JSON and stop")
      ->group(group);
}

bool printed_only(const Settings& settings, const nlohmann::json& options) {
  if (settings.is_dry_run) std::cout << options.dump(2) << std::endl;
  return settings.is_dry_run;
}

std::string bundled_folder(const std::string& name) {
  std::error_code failure;
  const fs::path program = fs::read_symlink("/proc/self/exe", failure);
  const fs::path installed = program.parent_path().parent_path() / "share" / "dmcvr" / name;
  if (!failure && fs::is_directory(installed)) return installed.string();
  const fs::path source = fs::path(DMCVR_SOURCE_DIR) / name;
  if (fs::is_directory(source)) return source.string();
  throw Error("the folder '{}' that comes with dmcvr is missing; looked at {} and {}", name,
              installed.string(), source.string());
}

double seconds_from(const std::string& text) {
  size_t used = 0;
  double value = 0;
  try {
    value = std::stod(text, &used);
  } catch (const std::exception&) {
    used = 0;
  }
  const std::string unit = text.substr(used);
  const double scale = unit.empty() || unit == "s" ? 1 : unit == "m" ? 60 : unit == "h" ? 3600 : 0;
  if (used == 0 || scale == 0 || !(value > 0) || !std::isfinite(value)) {
    throw Error("'{}' is no time; expected for example 90s, 40m or 2h", text);
  }
  return value * scale;
}

}  // namespace dmcvr::cli
