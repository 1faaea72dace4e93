#include "app/log.h"

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>
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

}  // namespace

class Log::Lines {
 public:
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger;
  bool terminal = false;
  std::string status;
};

Log::Log(LogFormat format, const std::string& level) : lines_(std::make_unique<Lines>()) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
  lines_->logger = std::make_shared<spdlog::logger>("baton", std::move(sink));
  if (format == LogFormat::json) {
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
  lines_->logger->log(static_cast<spdlog::level::level_enum>(level), "{}", text);
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
  fmt::print(stderr, "\r\x1b[K{}", text);
  std::fflush(stderr);
  lines_->status = text;
}

}  // namespace baton
