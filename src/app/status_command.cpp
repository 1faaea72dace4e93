// baton status, baton status --watch, baton explain.
#include "app/commands.h"
#include "app/explain.h"
#include "app/overview_listing.h"
#include "app/overview_source.h"
#include "app/overview_text.h"
#include "app/screen.h"
#include "app/signals.h"
#include "app/text_width.h"

#include <fmt/format.h>
#include <algorithm>
#include <utility>

namespace baton {
namespace {

// Looks again and again until it is told to stop. What it saw last stays while a store is away.
class Watch {
 public:
  Watch(const CommandContext& context, OverviewSource& source) : context_(context), source_(source) {}

  void run(const std::stop_token& stop) {
    while (!stop.stop_requested() && std::ferror(stdout) == 0) {
      look();
      context_.clock.wait_until(context_.clock.now() + pause(), stop);
    }
  }

 private:
  Duration pause() const { return std::clamp(*context_.config.locks.refresh, Duration(100), Duration(1'000)); }

  void look() {
    auto overview = source_.read();
    const Instant now = context_.clock.now();
    std::optional<std::string> missed;
    if (overview) {
      last_ = *std::move(overview);
      read_at_ = now;
      if (last_.leases_away) missed = last_.leases_away->message;
    } else {
      last_.away = missed = overview.error().message;
    }
    tell_once(missed);
    if (!context_.json) {
      const auto since = last_.now == WallTime{} ? Instant::duration(0) : now - read_at_;
      screen_.show(overview_lines(last_, last_.now + since, screen_.colour(), screen_.columns()));
    } else if (!last_.away) {
      fmt::print("{}\n", as_json_line(overview_listing(last_)));
      std::fflush(stdout);
    }
  }

  // A picture says it itself.
  void tell_once(const std::optional<std::string>& missed) {
    if (std::exchange(told_, missed) == missed || !missed || !context_.json) return;
    fmt::print(stderr, "baton: {}\n", *missed);
  }

  const CommandContext& context_;
  OverviewSource& source_;
  Screen screen_;
  Overview last_;
  Instant read_at_{};
  std::optional<std::string> told_;
};

std::vector<std::string> explanation_lines(const Explanation& explanation) {
  std::size_t width = 0;
  for (const auto& [what, said] : explanation.evidence) width = std::max(width, what.size());
  std::vector<std::string> lines{without_controls(explanation.sentence)};
  for (const auto& [what, said] : explanation.evidence) {
    lines.push_back(fmt::format("  {:<{}}  {}", what, width, without_controls(said)));
  }
  return lines;
}

// The job of the configuration, or one that a lease tells of.
const JobOverview* find_shown(const CommandContext& context, const Overview& overview, const std::string& job) {
  if (const JobOverview* found = overview.job(job)) return found;
  const bool is_monitor = std::any_of(overview.monitors.begin(), overview.monitors.end(),
                                      [&](const MonitorOverview& one) { return one.monitor == job; });
  if (is_monitor) {
    report_usage(Error{ErrorKind::invalid, job + " is a global monitor, and no job: baton status says who runs it, and "
                                                 "baton alerts what it found"});
  } else {
    report_usage(find_job(context.config, job).error());
  }
  return nullptr;
}

}  // namespace

ExitCode status_command(const CommandContext& context, bool watch) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  OverviewSource source(context.config, context.stores, context.clock);
  if (const Status same = source.check_stores(); !same) return report(same.error());
  if (watch) {
    const Signals signals(context.config.shutdown_grace);
    Watch(context, source).run(signals.stop());
    return ExitCode::done;
  }
  auto overview = source.read();
  if (!overview) return report(overview.error());
  const auto leases_away = std::exchange(overview->leases_away, std::nullopt);
  const Screen screen;
  if (context.json) {
    fmt::print("{}", as_json(overview_listing(*overview)));
  } else {
    for (const std::string& line : overview_lines(*overview, overview->now, screen.colour())) fmt::print("{}\n", line);
  }
  for (const std::string& line : context.stores.writers_now()) fmt::print(stderr, "{}\n", line);
  return leases_away ? report(*leases_away) : ExitCode::done;
}

ExitCode explain_command(const CommandContext& context, const std::string& job) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  OverviewSource source(context.config, context.stores, context.clock);
  if (const Status same = source.check_stores(); !same) return report(same.error());
  auto overview = source.read();
  if (!overview) return report(overview.error());
  const JobOverview* found = find_shown(context, *overview, job);
  if (found == nullptr) return ExitCode::wrong_usage;
  const auto fence = source.fence(job);
  if (!fence) return report(fence.error());
  JobOverview explained = *found;
  explained.fence = *fence;
  const Explanation explanation = explain(*overview, explained);
  if (context.json) {
    fmt::print("{}", as_json(explanation_listing(*overview, explained, explanation)));
  } else {
    for (const std::string& line : explanation_lines(explanation)) fmt::print("{}\n", line);
  }
  return overview->leases_away ? report(*overview->leases_away) : ExitCode::done;
}

}  // namespace baton
