#include "app/plan_text.h"

#include "app/overloaded.h"
#include "base/duration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <string_view>

namespace baton {
namespace {

constexpr std::size_t label_width = 11;

std::string counted(std::uint64_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Lines below a label; those of a text of several lines stand below each other.
class Lines {
 public:
  void add(std::string_view label, std::string_view value) {
    while (true) {
      const std::size_t end = value.find('\n');
      text += fmt::format("    {:<{}}{}\n", label, label_width, value.substr(0, end));
      if (end == value.npos) return;
      value.remove_prefix(end + 1);
      label = "";
    }
  }
  void add(std::string_view label, const std::vector<std::string>& values) {
    for (const std::string& value : values) add(&value == &values.front() ? label : "", value);
  }

  std::string text;
};

std::string input_line(const PlannedInput& input) {
  const std::string columns = input.columns.empty() ? std::string("columns unknown")
                                                    : fmt::format("{} ({})", counted(input.columns.size(), "column"),
                                                                  fmt::join(input.columns, ", "));
  return fmt::format("{}: {}\n{}", input.name, columns, input.restart);
}

std::string target_line(const PlannedTarget& target) {
  if (target.native_writer) {
    return fmt::format("{}, at least once, with an idempotency key for each batch\nprogress in connection \"{}\" ({})",
                       target.table, target.connection, target.database);
  }
  std::string line = fmt::format("{} of connection \"{}\" ({}), {}", target.table, target.connection, target.database,
                                 mode_name(target.mode));
  if (!target.key.empty()) line += fmt::format(" by ({})", fmt::join(target.key, ", "));
  return line + ", " + counted(static_cast<std::uint64_t>(target.writers), "writer");
}

std::string native_line(const PlannedTarget& target) {
  if (target.native->empty()) return "none goes over as the bytes that the source sends: all go through text";
  std::string line = fmt::format("as the bytes that the source sends: {}", fmt::join(*target.native, ", "));
  std::vector<std::string> rest;
  for (const auto& [column, encoder] : target.encoders) {
    if (std::find(target.native->begin(), target.native->end(), column) == target.native->end()) rest.push_back(column);
  }
  return rest.empty() ? line : fmt::format("{}; through text: {}", line, fmt::join(rest, ", "));
}

void add_creates(Lines& lines, const std::vector<PlannedPart>& parts) {
  std::string own;  // Baton's tables: their statements are `baton migrate`'s to show
  std::vector<std::string> texts;
  for (const PlannedPart& part : parts) {
    if (part.what.starts_with("baton_") || part.sql.empty() || part.what.starts_with("schema ")) {
      own += (own.empty() ? "" : ", ") + part.what;
    } else {
      texts.push_back(part.sql);
    }
  }
  if (!own.empty()) texts.insert(texts.begin(), own);
  lines.add("creates", texts);
}

void add(Lines& lines, const PlannedLoad& load) {
  const PlannedTarget& target = load.target;
  lines.add("reads", input_line(load.input));
  lines.add("process", load.process);
  lines.add("writes", target_line(target));
  add_creates(lines, target.creates);
  if (!target.way.empty()) lines.add("by", target.way);
  if (!target.text_reason.empty()) lines.add("", "text, not binary: " + target.text_reason);
  std::string columns;
  for (const auto& [column, encoder] : target.encoders) {
    columns += fmt::format("{}{} {}", columns.empty() ? "" : "; ", column, encoder);
  }
  if (!columns.empty()) lines.add("columns", (load.input.columns.empty() ? "all of the table's: " : "") + columns);
  if (target.native) lines.add("", native_line(target));
  lines.add("slowed by", target.slowed_by);
  std::string chunks = fmt::format("{} rows", load.chunk_rows);
  if (target.closing_chunks > 0) {
    chunks += ", then " + counted(static_cast<std::uint64_t>(target.closing_chunks), "closing chunk");
  }
  lines.add("chunks of", fmt::format("{}; rejects allowed: {}; {} of a chunk", chunks, load.skip,
                                     load.retry_limit == 1 ? "1 retry" : fmt::format("{} retries", load.retry_limit)));
}

void add(Lines& lines, const PlannedSql& sql) {
  lines.add("runs", fmt::format("{} ({}) on connection \"{}\" ({})", counted(sql.statements.size(), "statement"),
                                fmt::join(sql.statements, ", "), sql.connection, sql.database));
  lines.add("", sql.transaction ? "in one transaction, exactly once"
                                : "outside of a transaction, at least once: each must bear to be repeated");
}

void add(Lines& lines, const PlannedCommand& command) {
  std::string line = fmt::format("{} with {}", command.program, counted(command.arguments, "argument"));
  if (!command.environment.empty()) line += fmt::format("; sets {}", fmt::join(command.environment, ", "));
  lines.add("runs", line);
  lines.add("", "at least once, with the same BATON_IDEMPOTENCY_KEY in each attempt of a run");
}

void add(Lines& lines, const PlannedNative& native) {
  lines.add(
      "runs",
      fmt::format("native step \"{}\"{}", native.name,
                  native.options.empty() ? "" : fmt::format(" with the options {}", fmt::join(native.options, ", "))));
  lines.add("", "at least once, with the same idempotency key in each attempt of a run");
}

std::string a_minute(double units) {
  return fmt::format("{:.1f} units a minute, {:.0f} a month of 30 days", units, units * minutes_a_month);
}

std::string locks_text(const PlannedLocks& locks) {
  const LockLoad& load = locks.load;
  std::string text =
      fmt::format("locks in {}, at rest: {}, {} with {} each\n", locks.table, counted(load.jobs.size(), "job"),
                  counted(static_cast<std::uint64_t>(load.replicas), "replica"),
                  counted(static_cast<std::uint64_t>(load.tokens), "token"));
  Lines lines;
  lines.add("writes", fmt::format("{}: {:.1f} renewals, one of each lease in {}", a_minute(locks.cost.write_units),
                                  locks.cost.renewals, to_text(load.timings.heartbeat)));
  lines.add("reads", fmt::format("{}: {:.1f} listings by Scan", a_minute(locks.cost.read_units), locks.cost.listings));
  lines.add("", fmt::format("{} where Scan is not permitted", a_minute(locks.cost.read_units_by_keys)));
  return text + lines.text;
}

}  // namespace

std::string_view mode_name(WriteMode mode) {
  switch (mode) {
    case WriteMode::append: return "append";
    case WriteMode::upsert: return "upsert";
    case WriteMode::replace: return "replace";
    case WriteMode::mirror: return "mirror";
  }
  return "append";
}

std::string plan_text(const std::vector<PlannedStep>& steps, const std::optional<PlannedLocks>& locks) {
  std::string text;
  const std::string* job = nullptr;
  for (const PlannedStep& step : steps) {
    if (job == nullptr || *job != step.job) text += (text.empty() ? "" : "\n") + step.job + "\n";
    job = &step.job;
    text += fmt::format(
        "  {}: {}\n", step.step,
        std::visit(
            Overloaded{[](const PlannedLoad&) { return "load"; }, [](const PlannedSql&) { return "sql"; },
                       [](const PlannedCommand&) { return "command"; }, [](const PlannedNative&) { return "native"; }},
            step.work));
    Lines lines;
    std::visit([&](const auto& work) { add(lines, work); }, step.work);
    for (const Error& problem : step.problems) lines.add("WRONG", problem.message);
    lines.add("note", step.notes);
    text += lines.text;
  }
  if (locks) text += (text.empty() ? "" : "\n") + locks_text(*locks);
  return text;
}

}  // namespace baton
