#include "app/demo.h"

#include "app/demo_replica.h"
#include "app/demo_score.h"
#include "app/overview_source.h"
#include "app/overview_text.h"
#include "app/run_replica.h"
#include "app/screen.h"
#include "app/signals.h"
#include "app/terminal_keys.h"
#include "app/text_width.h"
#include "base/duration.h"
#include "replica/timings_in_words.h"

#include <fmt/format.h>
#include <algorithm>
#include <deque>
#include <list>

namespace baton {
namespace {

constexpr Duration replaced_after(5'000);  // as a Deployment starts a new pod
constexpr Duration between_looks(500);
constexpr Duration for_runs(5'000);  // at least, before the kill and after the take-over together
constexpr Duration for_last_runs(2'000);
constexpr std::size_t lines_shown = 12;

std::int64_t owner_pid(const Overview& overview, const JobOverview& job) {
  for (const ReplicaOverview& replica : overview.replicas) {
    if (replica.row.id == job.owner()) return replica.row.pid;
  }
  return 0;
}

LeaseTimings timings_of(const CommandContext& context) { return replica_settings(context.config, "").timings; }

// Who owns what, and why nobody: what changes seldom.
std::string owners_of(const Overview& overview) {
  std::string owners;
  for (const JobOverview& job : overview.jobs) {
    owners += fmt::format("{}|{}|{}\n", job.job, job.owner(), static_cast<int>(job.ownership.kind));
  }
  return owners;
}

class Demo {
 public:
  Demo(const CommandContext& context, const DemoRequest& request)
      : context_(context),
        request_(request),
        began_(context.clock.now()),
        source_(context.config, context.stores, context.clock) {
    for (const JobConfig& job : context.config.jobs) jobs_.push_back(*job.name);
  }

  ExitCode run(const std::stop_token& stop);

 private:
  Status open_stores();
  Status start_replica();
  void collect();
  void pass_on(int number, const std::string& line);
  Status look();
  void obey_keys();
  void kill(DemoReplica& member);
  void kill_by_itself();
  void replace();
  std::string keys_line() const;
  void show();
  void say(const std::string& line);
  void end_all();
  ExitCode sum_up();
  Result<DemoScore> score() const;
  bool over() const { return request_.length && context_.clock.now() - began_ >= *request_.length; }

  const CommandContext& context_;
  const DemoRequest& request_;
  const Instant began_;
  std::vector<std::string> jobs_;
  std::vector<std::string> timings_;
  OverviewSource source_;
  Screen screen_;
  TerminalKeys keys_;
  std::list<DemoReplica> members_;
  int started_ = 0;
  std::deque<Instant> replacements_;  // when the missing ones start
  std::optional<Overview> overview_;
  std::string shown_;  // who owned what when the table was printed last
  std::deque<std::string> lines_;
  Instant look_at_{Instant::min()};
  std::int64_t execution_before_ = 0;  // the newest one when the demo began
  std::optional<WallTime> killed_at_;
  std::vector<std::string> victims_jobs_;
  bool quit_ = false;
};

Status Demo::start_replica() {
  BATON_TRY(DemoReplica process, DemoReplica::start(++started_, context_.config));
  members_.push_back(std::move(process));
  say(fmt::format("replica {} starts", started_));
  return {};
}

void Demo::say(const std::string& line) {
  const double at = std::chrono::duration<double>(context_.clock.now() - began_).count();
  const std::string text = fmt::format("{:5.1f} s  {}", at, without_controls(line));
  if (!screen_.on_terminal()) {
    fmt::print("{}\n", text);
    std::fflush(stdout);
  }
  lines_.push_back(text);
  if (lines_.size() > lines_shown) lines_.pop_front();
}

// Not what is the same for all of them, nor that a run began: its end tells more.
void Demo::pass_on(int number, const std::string& line) {
  const bool said = std::find(timings_.begin(), timings_.end(), line) != timings_.end();
  if (!said && !line.ends_with(" started")) say(fmt::format("replica {}: {}", number, line));
}

void Demo::collect() {
  for (auto member = members_.begin(); member != members_.end();) {
    const int number = member->number();
    const bool ended = member->collect(50, [&](const std::string& line) { pass_on(number, line); });
    if (!ended) {
      ++member;
      continue;
    }
    const std::string end = member->end();
    say(fmt::format("replica {} ended{}{}", number, end.empty() ? "" : ": ", end));
    members_.erase(member++);
    if (!over() && !quit_) replacements_.push_back(context_.clock.now() + replaced_after);
  }
}

Status Demo::look() {
  if (context_.clock.now() < look_at_) return {};
  look_at_ = context_.clock.now() + between_looks;
  BATON_TRY(overview_, source_.read());
  return {};
}

void Demo::kill(DemoReplica& member) {
  const auto number = member.number();
  victims_jobs_.clear();
  if (overview_) {
    for (const JobOverview& job : overview_->jobs) {
      if (owner_pid(*overview_, job) == member.pid()) victims_jobs_.push_back(job.job);
    }
  }
  say(fmt::format("replica {} is killed (SIGKILL): nothing is released", number));
  killed_at_ = context_.clock.wall_now();
  member.kill();
}

void Demo::obey_keys() {
  const auto key = keys_.next();
  if (!key) return;
  if (*key == 'q') quit_ = true;
  for (DemoReplica& member : members_) {
    if (*key - '0' == member.number()) return kill(member);
  }
}

void Demo::kill_by_itself() {
  if (!request_.length || killed_at_ || members_.empty()) return;
  const auto counted = score();
  const bool late = context_.clock.now() - began_ >= demo_plan(timings_of(context_), *request_.length).kill_at;
  if ((counted && counted->all_before()) || late) kill(members_.front());
}

void Demo::replace() {
  while (!replacements_.empty() && context_.clock.now() >= replacements_.front()) {
    replacements_.pop_front();
    if (const Status started = start_replica(); !started) say(started.error().message);
  }
}

std::string Demo::keys_line() const {
  std::string line;
  for (const DemoReplica& member : members_) {
    line += fmt::format("[{0}] kills replica {0}   ", member.number());
  }
  return "[q] ends   " + line;
}

void Demo::show() {
  if (!overview_) return;
  std::vector<std::string> lines =
      overview_lines(*overview_, context_.clock.wall_now(), screen_.colour(), screen_.columns());
  if (screen_.on_terminal()) {
    screen_.show({std::move(lines), {lines_.begin(), lines_.end()}, keys_.there() ? keys_line() : ""});
    return;
  }
  std::string owners = owners_of(*overview_);
  if (owners == shown_) return;
  shown_ = std::move(owners);
  fmt::print("\n");
  for (const std::string& line : lines) fmt::print("         {}\n", line);
  fmt::print("\n");
  std::fflush(stdout);
}

Result<DemoScore> Demo::score() const {
  BATON_TRY(const auto repository, context_.stores.repository(RepositoryAccess::read_only));
  BATON_TRY(std::vector<JobExecution> all, repository->executions().history(std::nullopt, 10'000));
  std::erase_if(all, [&](const JobExecution& execution) { return execution.id <= execution_before_; });
  return demo_score(jobs_, all, killed_at_, victims_jobs_);
}

void Demo::end_all() {
  for (DemoReplica& member : members_) member.terminate();
  quit_ = true;
  while (!members_.empty()) collect();
}

ExitCode Demo::sum_up() {
  const auto counted = score();
  if (!counted) return report(counted.error());
  fmt::print("\n");
  for (const std::string& line : score_lines(*counted)) fmt::print("{}\n", line);
  const bool whole = counted->all_before() && (!killed_at_ || counted->all_after());
  if (overview_) {
    for (const std::string& line : missing_lines(*counted, *overview_)) fmt::print("{}\n", line);
  }
  if (whole) fmt::print("Each job completed{}.\n", killed_at_ ? " before the kill and after it" : "");
  if (!request_.length) return ExitCode::done;
  if (!killed_at_) fmt::print("No replica was killed.\n");
  return whole && killed_at_ ? ExitCode::done : ExitCode::job_failed;
}

// Makes the stores as the first replica would, so that what is wrong with them is said at once.
Status Demo::open_stores() {
  BATON_TRY(const auto repository, context_.stores.repository(RepositoryAccess::create));
  BATON_TRY(const auto leases, context_.stores.lease_store());
  BATON_TRY(const auto newest, repository->executions().history(std::nullopt, 1));
  if (!newest.empty()) execution_before_ = newest.front().id;
  return {};
}

ExitCode Demo::run(const std::stop_token& stop) {
  if (const Status opened = open_stores(); !opened) return report(opened.error());
  timings_ = timings_in_words(timings_of(context_));
  for (const std::string& sentence : timings_) say(sentence);
  for (int i = 0; i < request_.replicas; ++i) {
    if (const Status started = start_replica(); !started) return report(started.error());
  }
  while (!stop.stop_requested() && !quit_ && !over()) {
    collect();
    if (const Status looked = look(); !looked) say(looked.error().message);
    obey_keys();
    kill_by_itself();
    replace();
    show();
    if (members_.empty()) context_.clock.wait_until(context_.clock.now() + Duration(50), stop);
  }
  end_all();
  return sum_up();
}

}  // namespace

DemoPlan demo_plan(const LeaseTimings& timings, Duration length) {
  const Duration take_over = timings.lease + timings.refresh;
  // The replica that is started anew may be the only one with free tokens.
  return {replaced_after + take_over + for_runs,
          std::min(length * 2 / 5, length - replaced_after - take_over - for_last_runs)};
}

ExitCode demo_command(const CommandContext& context, const DemoRequest& request) {
  if (const Status supported = context.stores.check_supported(); !supported) return report(supported.error());
  if (request.length) {
    const Duration least = demo_plan(timings_of(context), *request.length).least_length;
    if (*request.length < least) {
      return report_usage(
          {ErrorKind::invalid,
           fmt::format("demo --for {}: too short to show a take-over with this configuration's lease: at least {}",
                       to_text(*request.length), to_text(least))});
    }
  }
  const Signals signals(context.config.shutdown_grace);
  return Demo(context, request).run(signals.stop());
}

}  // namespace baton
