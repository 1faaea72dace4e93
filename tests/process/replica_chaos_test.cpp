// A replica that is killed, or held past its lease and let go on, at any call of its stores while another one is there
// to take over. Afterwards everything is as if nothing had happened. `make test` takes a sample; BATON_SOAK=1 takes
// all of it.
//   BATON_KILL_SCENARIO=S   only that scenario
//   BATON_KILL_POINT=N      only that point of it
#include "tests/doubles/workspace.h"
#include "tests/process/kill_trial.h"
#include "tests/process/replica_fixture.h"
#include "tests/process/soak.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <set>

namespace baton {
namespace {

constexpr int chaos_lease_ms = 1'000;

const std::string& inputs() {
  static const TemporaryFolder folder;
  static const bool written = (write_kill_inputs(folder.path()), true);
  static_cast<void>(written);
  return folder.path();
}

// Each job runs once: at once, and then not again in a test.
std::string with_schedules(std::string config) {
  const std::string steps = "\n    steps:", schedule = "\n    schedule: { fixed_delay: 1h }";
  for (auto at = config.find(steps); at != std::string::npos; at = config.find(steps, at + 2 * schedule.size())) {
    config.insert(at, schedule);
  }
  return config;
}

class ReplicaTrial {
 public:
  explicit ReplicaTrial(const KillScenario& scenario) : scenario_(scenario) {
    workspace_.write("baton.yaml", with_schedules(kill_config(scenario, inputs(), workspace_.path(), chaos_lease_ms)));
    for (const auto& [database, sql] : scenario.setup) execute(workspace_.file(database), sql);
  }

  // The other one is there from the start, or comes when the first one is dead.
  void kill_at(std::uint64_t point) {
    Replica first = start({{"BATON_KILL_AT", std::to_string(point)}});
    Replica other = point % 2 == 1 ? start({}) : nullptr;
    if (other == nullptr) {
      expect(await([&] { return completed() || state_of(first) == 'Z'; }), "nothing came of the first replica");
      other = start({});
    }
    expect(await([&] { return completed(); }), "not completed");
    end(first, true);
    end(other, false);
  }

  // Held for as long as the other one needs to take something; where it cannot (a transaction of the first one keeps
  // the file, P10), for three leases.
  void stop_at(std::uint64_t point) {
    const Replica first = start({{"BATON_STOP_AT", std::to_string(point)}});
    expect(await([&] { return completed() || is_stopped(first) || state_of(first) == 'Z'; }),
           "nothing came of the first replica");
    const Replica other = start({});
    const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(3 * chaos_lease_ms);
    await([&] { return completed() || holds_all(other) || std::chrono::steady_clock::now() > until; });
    first->signal(SIGCONT);
    expect(await([&] { return completed(); }), "not completed");
    end(first, false);
    end(other, false);
  }

  std::vector<std::string> problems(const Outcome& expected) {
    if (!problems_.empty()) return problems_;
    std::vector<std::string> found = broken_rules(workspace_.path());
    const std::vector<std::string> different = differences(expected, read_outcome(workspace_.path()));
    found.insert(found.end(), different.begin(), different.end());
    return found;
  }
  const std::string& log() const { return log_; }

 private:
  Replica start(std::vector<std::pair<std::string, std::string>> environment) const {
    ProgramRequest request = workspace_.request({"run"});
    request.environment = std::move(environment);
    return std::make_unique<Program>(request);
  }

  void expect(bool holds, const std::string& problem) {
    if (!holds) problems_.push_back(problem);
  }

  void end(const Replica& replica, bool may_be_dead) {
    replica->await_error_text("info");  // it listens to signals before it says anything
    replica->signal(SIGTERM);
    const ProgramEnd ended = replica->wait();
    log_ += fmt::format("process {}:\n{}", replica->id(), ended.errors);
    if (may_be_dead && ended.exit_code == 128 + SIGKILL) return;
    expect(ended.exit_code == 0, fmt::format("process {} ended with {}", replica->id(), ended.exit_code));
  }

  bool completed() const {
    const auto count = workspace_.try_query("baton.db",
                                            "SELECT count(DISTINCT b.job) FROM baton_execution b JOIN "
                                            "BATCH_JOB_EXECUTION e ON e.JOB_EXECUTION_ID = b.job_execution_id WHERE "
                                            "e.STATUS = 'COMPLETED'");
    return count == std::to_string(scenario_.jobs.size());
  }

  bool holds_all(const Replica& replica) const {
    const auto id =
        workspace_.try_query("baton.db", "SELECT id FROM baton_replica WHERE pid = " + std::to_string(replica->id()));
    if (!id || id->empty()) return false;
    const auto count = workspace_.try_query(
        "baton.db-locks", "SELECT count(*) FROM baton_lease WHERE isReleased IS NULL AND ownerName = '" + *id + "'");
    return count == std::to_string(scenario_.jobs.size());
  }

  const KillScenario& scenario_;
  Workspace workspace_{BATON_FAILPOINT_PROGRAM};
  std::vector<std::string> problems_;
  std::string log_;
};

class ReplicaChaos : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string only = setting("BATON_KILL_SCENARIO");
    if (!only.empty() && only != GetParam()) GTEST_SKIP() << "BATON_KILL_SCENARIO names another one";
    const std::set<std::string> sample{"append_elsewhere", "replace_here", "two_jobs"};
    if (only.empty() && !is_soak() && !sample.contains(GetParam())) GTEST_SKIP() << "BATON_SOAK=1 takes it";
  }

  static const Undisturbed& undisturbed() {
    static std::map<std::string, Undisturbed> known;
    const auto found = known.find(GetParam());
    if (found != known.end()) return found->second;
    return known.emplace(GetParam(), KillTrial(kill_scenario(GetParam()), inputs(), "", 60'000).run_undisturbed())
        .first->second;
  }

  // Of a replica's life: its listings and renewals come on top of what a single run calls.
  static std::vector<std::uint64_t> plan(std::uint64_t sample, std::uint64_t offset) {
    if (const std::string only = setting("BATON_KILL_POINT"); !only.empty()) return {std::stoull(only)};
    const std::uint64_t points = undisturbed().points() + 40;
    const std::uint64_t count = is_soak() ? points : sample;
    std::vector<std::uint64_t> spread;
    for (std::uint64_t i = 0; i < count; ++i) spread.push_back(1 + (i * points / count + offset) % points);
    return spread;
  }

  void check(ReplicaTrial& trial, const std::string& what, std::uint64_t point) {
    const std::vector<std::string> problems = trial.problems(undisturbed().outcome);
    if (problems.empty()) return;
    const std::string& log = trial.log();
    const std::scoped_lock lock(mutex_);
    ADD_FAILURE() << GetParam() << ", " << what << " at point " << point << ":\n  "
                  << fmt::format("{}", fmt::join(problems, "\n  "))
                  << "\nrepeat with: BATON_KILL_SCENARIO=" << GetParam() << " BATON_KILL_POINT=" << point
                  << "\nthe end of its logs:\n"
                  << log.substr(log.size() - std::min<std::size_t>(log.size(), 6'000));
  }

  static std::uint64_t offset_of_scenario() { return std::hash<std::string>()(GetParam()) % 97; }

  std::mutex mutex_;
};

TEST_P(ReplicaChaos, AKillAtAnyCallOfAStoreLeavesTheUndisturbedResult) {
  undisturbed();
  for_each_at_once<std::uint64_t>(plan(2, offset_of_scenario()), [this](const std::uint64_t& point) {
    ReplicaTrial trial(kill_scenario(GetParam()));
    trial.kill_at(point);
    check(trial, "killed", point);
  });
}

TEST_P(ReplicaChaos, AStopPastTheLeaseAtAnyCallOfAStoreLeavesTheUndisturbedResult) {
  undisturbed();
  for_each_at_once<std::uint64_t>(plan(2, offset_of_scenario() + 31), [this](const std::uint64_t& point) {
    ReplicaTrial trial(kill_scenario(GetParam()));
    trial.stop_at(point);
    check(trial, "stopped", point);
  });
}

// ctest asks for the names when it is built: the soak's are there too.
std::vector<std::string> scenarios() {
  std::vector<std::string> all;
  for (const KillScenario& scenario : kill_scenarios()) all.push_back(scenario.name);
  return all;
}

INSTANTIATE_TEST_SUITE_P(Every, ReplicaChaos, testing::ValuesIn(scenarios()),
                         [](const auto& scenario) { return scenario.param; });

}  // namespace
}  // namespace baton
