#include "app/log.h"

#include "data/write_reject.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <mutex>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

// One JSON object a line: time in RFC 3339 UTC, level, message.
class JsonFormatter final : public spdlog::formatter {
 public:
  void format(const spdlog::details::log_msg& message, spdlog::memory_buf_t& out) override {
    spdlog::pattern_formatter time("%Y-%m-%dT%H:%M:%S.%eZ", spdlog::pattern_time_type::utc, "");
    spdlog::memory_buf_t when;
    time.format(message, when);
    const std::string_view level(spdlog::level::to_string_view(message.level).data());
    const nlohmann::ordered_json line{{"time", std::string(when.data(), when.size())},
                                      {"level", level},
                                      {"message", std::string(message.payload.data(), message.payload.size())}};
    const std::string text = line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
    out.append(text.data(), text.data() + text.size());
  }
  std::unique_ptr<formatter> clone() const override { return std::make_unique<JsonFormatter>(); }
};

// A line that wraps could not be taken away.
std::size_t terminal_columns() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 2) return 79;
  return size.ws_col - 1U;
}

// What a file or a child process brings along must not steer a terminal or split lines: only line ends stay.
std::string printable(std::string text) {
  for (char& c : text) {
    if ((static_cast<unsigned char>(c) < ' ' && c != '\n') || c == '\x7f') c = '?';
  }
  return text;
}

}  // namespace

class Log::Lines {
 public:
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;
  bool terminal = false;
  bool formats_json = false;
  std::string status;
};

Log::Log(LogFormat format, const std::string& level) : lines_(std::make_unique<Lines>()) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  lines_->logger = std::make_shared<spdlog::logger>("baton", std::move(sink));
  lines_->formats_json = format == LogFormat::json;
  if (lines_->formats_json) {
    lines_->logger->set_formatter(std::make_unique<JsonFormatter>());
  } else {
    lines_->logger->set_formatter(
        std::make_unique<spdlog::pattern_formatter>("%Y-%m-%dT%H:%M:%S.%eZ %-7l %v", spdlog::pattern_time_type::utc));
  }
  lines_->logger->set_level(spdlog::level::from_str(level));
  lines_->terminal = format == LogFormat::text && isatty(STDERR_FILENO) != 0;
}

Log::~Log() { status_line(""); }

bool Log::on_terminal() const { return lines_->terminal; }

void Log::write(int level, const std::string& text) {
  const std::lock_guard lock(lines_->mutex);
  if (!lines_->status.empty()) fmt::print(stderr, "\r\x1b[K");
  const bool whole = lines_->formats_json;
  lines_->logger->log(static_cast<spdlog::level::level_enum>(level), "{}", whole ? text : printable(text));
  lines_->logger->flush();
  if (!lines_->status.empty()) fmt::print(stderr, "{}", lines_->status);
}

void Log::info(const std::string& text) { write(spdlog::level::info, text); }
void Log::warn(const std::string& text) { write(spdlog::level::warn, text); }
void Log::error(const std::string& text) { write(spdlog::level::err, text); }
void Log::debug(const std::string& text) { write(spdlog::level::debug, text); }

void Log::status_line(const std::string& text) {
  const std::lock_guard lock(lines_->mutex);
  if (!lines_->terminal || (text.empty() && lines_->status.empty())) return;
  lines_->status = cut_text(text, terminal_columns());
  fmt::print(stderr, "\r\x1b[K{}", lines_->status);
  std::fflush(stderr);
}

}  // namespace baton
