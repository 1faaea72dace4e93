#include "app/commands.h"
#include "app/listing.h"
#include "base/utf8.h"

#include <fmt/format.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

constexpr std::int64_t page = 1'000;

// Hands every reject of every database of the configuration to `take`, until it returns false.
Status each_reject(const CommandContext& context, const RejectArguments& arguments,
                   const std::function<bool(const LoggedReject&)>& take) {
  BATON_CHECK(context.stores.check_supported());
  BATON_TRY(const auto repository, context.stores.find_repository(RepositoryAccess::read_only));
  if (repository == nullptr) return {};
  bool wanted = true;
  return context.stores.each_reject_log(*repository, [&](RejectLog& log) -> Status {
    RejectFilter filter{repository->record().repository_id(), arguments.job, arguments.execution, 0, page};
    while (wanted) {
      BATON_TRY(const std::vector<LoggedReject> rejects, log.list(filter));
      for (const LoggedReject& reject : rejects) {
        wanted = wanted && take(reject);
      }
      if (static_cast<std::int64_t>(rejects.size()) < page) break;
      filter.after = rejects.back().reject_id;
    }
    return {};
  });
}

bool is_utf8(std::string_view text) {
  while (!text.empty()) {
    const std::size_t bytes = utf8_character_bytes(text);
    if (bytes == 0) return false;
    text.remove_prefix(bytes);
  }
  return true;
}

Status check_job(const CommandContext& context, const RejectArguments& arguments) {
  if (!arguments.job) return {};
  BATON_TRY([[maybe_unused]] const JobConfig* job, find_job(context.config, *arguments.job));
  return {};
}

// JSON is UTF-8: a record that is not comes in hexadecimal too, so that its bytes are there.
std::string json_line(const LoggedReject& logged) {
  using nlohmann::ordered_json;
  const Reject& reject = logged.reject;
  ordered_json line{{"job", logged.job},
                    {"step", logged.step},
                    {"instance_id", logged.instance},
                    {"execution_id", logged.job_execution_id},
                    {"phase", logged.phase},
                    {"record", reject.record},
                    {"line", reject.line},
                    {"column", reject.column.empty() ? ordered_json() : ordered_json(reject.column)},
                    {"value", reject.value},
                    {"reason", reject.reason},
                    {"raw", reject.raw}};
  if (!is_utf8(reject.raw)) {
    std::string hex;
    for (const char byte : reject.raw) hex += fmt::format("{:02x}", static_cast<unsigned char>(byte));
    line["raw_hex"] = std::move(hex);
  }
  return line.dump(-1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

}  // namespace

ExitCode rejects_list_command(const CommandContext& context, const RejectArguments& arguments) {
  if (const Status known = check_job(context, arguments); !known) return report_usage(known.error());
  Listing listing{{"job", "step", "execution_id", "phase", "record", "line", "column", "value", "reason"}, {}};
  const auto text = [](const std::string& value) { return value.empty() ? Value() : Value(value); };
  const Status done = each_reject(context, arguments, [&](const LoggedReject& logged) {
    const Reject& reject = logged.reject;
    listing.rows.push_back({logged.job, logged.step, logged.job_execution_id, logged.phase,
                            static_cast<std::int64_t>(reject.record), static_cast<std::int64_t>(reject.line),
                            text(reject.column), text(reject.value), reject.reason});
    return static_cast<std::int64_t>(listing.rows.size()) < arguments.limit;
  });
  if (!done) return report(done.error());
  fmt::print("{}", context.json ? as_json(listing) : as_text(listing));
  return ExitCode::done;
}

ExitCode rejects_export_command(const CommandContext& context, const RejectArguments& arguments) {
  if (const Status known = check_job(context, arguments); !known) return report_usage(known.error());
  std::FILE* out = stdout;
  if (arguments.output) {
    out = std::fopen(arguments.output->c_str(), "wbe");
    if (out == nullptr) {
      fmt::print(stderr, "baton: {}: {}\n", *arguments.output, std::strerror(errno));
      return ExitCode::job_failed;
    }
  }
  std::int64_t count = 0;
  const Status done = each_reject(context, arguments, [&](const LoggedReject& logged) {
    ++count;
    const std::string line = arguments.format == "raw" ? logged.reject.raw + "\n" : json_line(logged);
    return std::fwrite(line.data(), 1, line.size(), out) == line.size();
  });
  const bool written = std::fflush(out) == 0 && std::ferror(out) == 0;
  if (out != stdout) std::fclose(out);
  if (!done) return report(done.error());
  if (!written) {
    fmt::print(stderr, "baton: {}: {}\n", arguments.output.value_or("standard output"), std::strerror(errno));
    return ExitCode::job_failed;
  }
  if (arguments.output) fmt::print(stderr, "{} rejects written to {}\n", count, *arguments.output);
  return ExitCode::done;
}

}  // namespace baton
