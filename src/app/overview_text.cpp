#include "app/overview_text.h"

#include "app/duration_words.h"
#include "app/replica_names.h"
#include "app/text_width.h"
#include "replica/time_words.h"

#include <fmt/format.h>
#include <algorithm>
#include <array>

namespace baton {
namespace {

enum class Colour { none, good, warning, bad, heading };

struct Cell {
  std::string text;
  Colour colour = Colour::none;
};

using Row = std::vector<Cell>;

constexpr Duration silence_shown(120'000);  // of a replica that owns nothing any more
constexpr std::size_t widest_cell = 72;
constexpr std::size_t widest_last_run = 100;  // with the beginning of a message; explain has all of it
constexpr std::size_t narrowest_state = 12;
constexpr std::size_t least_last_run = 20;  // "COMPLETED 12 s ago"
constexpr std::size_t between_columns = 2;
constexpr std::size_t state_column = 2;

std::string coloured(const std::string& text, Colour colour) {
  constexpr std::array<std::string_view, 5> codes{"", "\x1b[32m", "\x1b[33m", "\x1b[31m", "\x1b[1m"};
  return colour == Colour::none ? text : fmt::format("{}{}\x1b[0m", codes[static_cast<std::size_t>(colour)], text);
}

// As wide as one cell of the column needs.
std::size_t column_width(const std::vector<Row>& rows, std::size_t column, std::size_t limit) {
  std::size_t width = 0;
  for (const Row& row : rows) width = std::max(width, text_width(row[column].text));
  return std::min(width, limit);
}

// The first row holds the headings.
void add_table(std::vector<Row> rows, bool colour, std::vector<std::string>& lines) {
  const std::size_t columns = rows.front().size();
  std::vector<std::size_t> widths(columns, 0);
  for (Row& row : rows) {
    for (std::size_t i = 0; i < columns; ++i) {
      row[i].text = cut_to_width(std::move(row[i].text), i + 1 == columns ? widest_last_run : widest_cell);
      widths[i] = std::max(widths[i], text_width(row[i].text));
    }
  }
  for (const Row& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < columns; ++i) {
      const std::string pad = i + 1 == columns ? "" : padding(widths[i] + between_columns, row[i].text);
      line += (colour ? coloured(row[i].text, row[i].colour) : row[i].text) + pad;
    }
    lines.push_back(std::move(line));
  }
}

Row headings(std::initializer_list<const char*> names) {
  Row row;
  for (const char* name : names) row.push_back({name, Colour::heading});
  return row;
}

std::string plural(std::int64_t count, const char* thing) {
  return fmt::format("{} {}{}", count, thing, count == 1 ? "" : "s");
}

std::string words(JobState state) {
  std::string text(name(state));
  std::replace(text.begin(), text.end(), '_', ' ');
  return text;
}

std::string counts_text(const StepCounts& counts) {
  std::string text = fmt::format("{} read, {} written", counts.records(), counts.write);
  if (counts.filter > 0) text += fmt::format(", {} filtered", counts.filter);
  if (counts.rejected() > 0) text += fmt::format(", {} rejected", counts.rejected());
  return text;
}

std::string running_text(const JobOverview& job, WallTime now) {
  const JobExecution& run = *job.newest;
  std::string text = words(job.state);
  const auto step = std::find_if(run.steps.rbegin(), run.steps.rend(),
                                 [](const StepExecution& one) { return is_running(one.status); });
  if (step != run.steps.rend()) text += " " + step->name;
  if (run.started) text += " for " + in_words(std::chrono::duration_cast<Duration>(now - *run.started));
  return step == run.steps.rend() ? text : text + ": " + counts_text(step->counts);
}

Colour colour_of(JobState state) {
  switch (state) {
    case JobState::running:
    case JobState::stopping:
    case JobState::taking_over: return Colour::good;
    case JobState::idle: return Colour::none;
    case JobState::paused:
    case JobState::stopped:
    case JobState::unowned:
    case JobState::unknown: return Colour::warning;
    case JobState::failed:
    case JobState::held_back: return Colour::bad;
  }
  return Colour::none;
}

bool is_bad(const JobHealth& health) {
  return health.overdue || health.state == HealthState::stalled || health.state == HealthState::failing;
}

Colour worst_of(const JobOverview& job) {
  if (!job.configured) return Colour::none;
  return is_bad(job.health) ? Colour::bad : colour_of(job.state);
}

// What a person should look at: the red ones, then the yellow ones.
std::vector<const JobOverview*> worst_first(const Overview& overview) {
  std::vector<const JobOverview*> jobs;
  for (const JobOverview& job : overview.jobs) jobs.push_back(&job);
  const auto rank = [](const JobOverview* job) {
    const Colour colour = worst_of(*job);
    return colour == Colour::bad ? 0 : colour == Colour::warning ? 1 : 2;
  };
  std::stable_sort(jobs.begin(), jobs.end(), [&](const auto* a, const auto* b) { return rank(a) < rank(b); });
  return jobs;
}

Colour colour_of(const std::optional<JobExecution>& run) {
  if (!run) return Colour::none;
  if (run->status == BatchStatus::completed) return Colour::good;
  return run->status == BatchStatus::failed || run->status == BatchStatus::unknown ? Colour::bad : Colour::warning;
}

std::string sums(const Overview& overview) {
  std::string text = overview.live_replicas == 0
                         ? "no live replica"
                         : fmt::format("{} with {}", plural(overview.live_replicas, "live replica"),
                                       plural(overview.live_tokens, "token"));
  text += "; " + plural(overview.configured_jobs, "job");
  std::string parts;
  for (const JobState state :
       {JobState::running, JobState::stopping, JobState::taking_over, JobState::idle, JobState::paused,
        JobState::failed, JobState::stopped, JobState::held_back, JobState::unowned, JobState::unknown}) {
    const auto count = std::count_if(overview.jobs.begin(), overview.jobs.end(),
                                     [&](const JobOverview& job) { return job.configured && job.state == state; });
    if (count > 0) parts += fmt::format("{}{} {}", parts.empty() ? ": " : ", ", count, words(state));
  }
  return text + parts;
}

void add_remarks(const Overview& overview, WallTime now, bool colour, std::vector<std::string>& lines) {
  const auto add = [&](const std::string& text) { lines.push_back(colour ? coloured(text, Colour::warning) : text); };
  if (overview.away) {
    const std::string as_of = overview.jobs.empty() ? "" : "; this is as of " + time_in_words(overview.now, now);
    add(cut_to_width("cannot be read now: " + *overview.away + as_of, std::string::npos));
  }
  if (overview.leases_away && !overview.away) add(cut_to_width(overview.leases_away->message, std::string::npos));
  if (!overview.repository_there && !overview.jobs.empty()) add("nothing has run yet: there is no job repository");
  if (overview.configurations_differ) {
    add("configurations differ: a rolling update is under way, or a replica has another file than this one");
  }
}

void add_monitors(const Overview& overview, const ReplicaNames& names, std::vector<std::string>& lines) {
  std::string text;
  for (const MonitorOverview& one : overview.monitors) {
    const std::string owner = !one.owner ? "unknown" : one.owner->empty() ? "nobody" : names.of(*one.owner);
    text += fmt::format("{}{} ({})", text.empty() ? "monitors: " : ", ", one.monitor, owner);
  }
  if (!text.empty()) lines.push_back(std::move(text));
}

ReplicaNames names_of(const Overview& overview) {
  std::vector<std::string> ids;
  for (const ReplicaOverview& replica : overview.replicas) ids.push_back(replica.row.id);
  for (const JobOverview& job : overview.jobs) {
    if (!job.owner().empty()) ids.push_back(job.owner());
    if (job.control && job.control->offer) ids.push_back(job.control->offer->to);
  }
  for (const MonitorOverview& monitor : overview.monitors) {
    if (monitor.owner && !monitor.owner->empty()) ids.push_back(*monitor.owner);
  }
  return ReplicaNames(ids);
}

Cell life(const ReplicaOverview& replica) {
  if (replica.row.leaving) return {"leaving", Colour::warning};
  return replica.live ? Cell{"live", Colour::good} : Cell{"silent", Colour::warning};
}

void add_replicas(const Overview& overview, const ReplicaNames& names, WallTime now, bool colour,
                  std::vector<std::string>& lines) {
  if (overview.replicas.empty()) return;
  std::int64_t gone = 0;
  std::vector<Row> rows{headings({"replica", "pid", "owns", "runs", "state", "beat", "configuration"})};
  for (const ReplicaOverview& replica : overview.replicas) {
    const ReplicaRow& row = replica.row;
    if (!replica.live && replica.owned == 0 && now - row.beat > silence_shown) {
      ++gone;
      continue;
    }
    rows.push_back({{names.of(row.id)},
                    {std::to_string(row.pid)},
                    {fmt::format("{} of {}", replica.owned, row.tokens)},
                    {std::to_string(replica.running)},
                    life(replica),
                    {ago(row.beat, now)},
                    replica.same_configuration ? Cell{"as here"} : Cell{"another", Colour::warning}});
  }
  lines.emplace_back();
  if (rows.size() > 1) add_table(std::move(rows), colour, lines);
  if (gone > 0) {
    lines.push_back(
        fmt::format("{} without a beat for more than {}", plural(gone, "replica"), in_words(silence_shown)));
  }
}

Cell owner_cell(const JobOverview& job, const ReplicaNames& names) {
  const std::string owner = job.owner();
  switch (job.owner_state) {
    case OwnerState::live: return {names.of(owner)};
    case OwnerState::silent: return {names.of(owner) + " (silent)", Colour::warning};
    case OwnerState::foreign: return {names.of(owner) + " (no replica)"};
    case OwnerState::unknown: return {"unknown", Colour::warning};
    case OwnerState::none: return {"-"};
  }
  return {"-"};
}

// What is left of a line for the states of jobs.
std::size_t state_width(const std::vector<Row>& rows, std::size_t columns) {
  std::size_t others = least_last_run + between_columns * (rows.front().size() - 1);
  for (std::size_t i = 0; i + 1 < rows.front().size(); ++i) {
    if (i != state_column) others += column_width(rows, i, widest_cell);
  }
  return std::max(columns - std::min(columns, others), narrowest_state);
}

void add_jobs(const Overview& overview, const ReplicaNames& names, WallTime now, bool colour,
              std::optional<std::size_t> columns, std::vector<std::string>& lines) {
  std::vector<Row> rows{headings({"job", "owner", "state", "next", "last run"})};
  for (const JobOverview* shown : worst_first(overview)) {
    const JobOverview& job = *shown;
    const std::string trouble = trouble_text(job);
    std::string state = trouble.empty() ? state_text(job, now) : trouble + "; " + state_text(job, now);
    if (job.control && job.control->offer) state += "; offered to " + names.of(job.control->offer->to);
    rows.push_back({{job.job},
                    owner_cell(job, names),
                    {std::move(state), worst_of(job)},
                    {next_text(job, now)},
                    {last_run_text(job, now), colour_of(job.ended)}});
  }
  if (columns) {
    const std::size_t limit = state_width(rows, *columns);
    for (Row& row : rows) {
      if (text_width(row[state_column].text) > limit) {
        row[state_column].text = cut_to_width(std::move(row[state_column].text), limit - 1);
      }
    }
  }
  lines.emplace_back();
  add_table(std::move(rows), colour, lines);
}

}  // namespace

std::string state_text(const JobOverview& job, WallTime now) {
  if (!job.configured) return "not in this configuration";
  switch (job.state) {
    case JobState::running:
    case JobState::stopping: return running_text(job, now);
    case JobState::paused: return job.reason;
    case JobState::failed:
      if (job.next.at && job.next.order.reason == StartReason::restart) {
        return "failed: restarts " + from_now(*job.next.at, now);
      }
      [[fallthrough]];
    default: return job.reason.empty() ? words(job.state) : words(job.state) + ": " + job.reason;
  }
}

std::string trouble_text(const JobOverview& job) {
  if (!job.configured) return "";
  const JobHealth& health = job.health;
  std::string text;
  if (health.state == HealthState::stalled) text = "stalled";
  if (health.failures > 1) text += fmt::format("{}failed {} times", text.empty() ? "" : ", ", health.failures);
  if (health.overdue) text += fmt::format("{}late {}", text.empty() ? "" : ", ", in_words(health.lateness));
  return text;
}

std::string next_text(const JobOverview& job, WallTime now) {
  if (job.after_this_run) return "after this run";
  if (!job.next.at) {
    const bool paused = job.control && job.control->paused(now);
    const std::string asked =
        paused && job.control->request ? fmt::format("request: {}", name(job.control->request->kind)) : "";
    if (job.next.look_again_at) {
      return fmt::format("{} (the pause ends{}{})", from_now(*job.next.look_again_at, now), asked.empty() ? "" : "; ",
                         asked);
    }
    return asked.empty() ? "-" : fmt::format("once resumed ({})", asked);
  }
  const bool waits = job.state == JobState::unowned && *job.next.at <= now;
  const std::string when = waits ? "once owned" : from_now(*job.next.at, now);
  switch (job.next.order.reason) {
    case StartReason::schedule: return when;
    case StartReason::restart: return when + " (restart)";
    case StartReason::carry_on: return when + " (carried on)";
    case StartReason::request: return fmt::format("{} (request: {})", when, name(job.next.order.kind));
  }
  return when;
}

std::string last_run_text(const JobOverview& job, WallTime now) {
  if (!job.ended) return job.newest ? "-" : "never ran";
  const JobExecution& run = *job.ended;
  std::string text(name(run.status));
  if (run.ended) text += " " + ago(*run.ended, now);
  if (run.ended && run.started) {
    text += " in " + in_words(std::chrono::duration_cast<Duration>(*run.ended - *run.started));
  }
  text += ": " + counts_text(run.counts());
  return run.status == BatchStatus::completed || run.exit.description.empty() ? text
                                                                              : text + "; " + run.exit.description;
}

std::vector<std::string> overview_lines(const Overview& overview, WallTime now, bool colour,
                                        std::optional<std::size_t> columns) {
  const ReplicaNames names = names_of(overview);
  std::vector<std::string> lines;
  const bool nothing_read = overview.away && overview.jobs.empty();
  if (!nothing_read) lines.push_back(sums(overview));
  add_remarks(overview, now, colour, lines);
  if (nothing_read) return lines;
  add_monitors(overview, names, lines);
  add_replicas(overview, names, now, colour, lines);
  add_jobs(overview, names, now, colour, columns, lines);
  return lines;
}

}  // namespace baton
