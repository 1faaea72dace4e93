// Processes that end by SIGKILL: before and after each call of a store, in pairs, in the middle of SQLite's writes,
// with an heir that waits, and at random moments. Afterwards everything is as if nothing had happened. `make test`
// takes a sample; BATON_SOAK=1 takes all of it.
//   BATON_KILL_SCENARIO=S   only that scenario
//   BATON_KILL_POINT=N      only that point of it; N,M kills the next run at M (with the test's --gtest_filter)
//   BATON_KILL_SEED=X       only that random order of kills
#include "tests/process/kill_trial.h"
#include "tests/process/soak.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <mutex>
#include <random>
#include <sstream>

namespace baton {
namespace {

using Points = std::vector<std::uint64_t>;

const std::string& inputs() {
  static const TemporaryFolder folder;
  static const bool written = (write_kill_inputs(folder.path()), true);
  static_cast<void>(written);
  return folder.path();
}

// The lease is long, so that its renewals are no calls among the others.
const Undisturbed& undisturbed(const KillScenario& scenario) {
  static std::map<std::string, Undisturbed> known;
  const auto found = known.find(scenario.name);
  if (found != known.end()) return found->second;
  return known.emplace(scenario.name, KillTrial(scenario, inputs(), "", 60'000).run_undisturbed()).first->second;
}

std::vector<std::string> names() {
  std::vector<std::string> all;
  for (const KillScenario& scenario : kill_scenarios()) all.push_back(scenario.name);
  return all;
}

std::uint64_t number_of(const std::string& scenario) {
  const std::vector<std::string> all = names();
  return static_cast<std::uint64_t>(std::find(all.begin(), all.end(), scenario) - all.begin());
}

class Kill : public testing::TestWithParam<std::string> {
 protected:
  void SetUp() override {
    const std::string only = setting("BATON_KILL_SCENARIO");
    if (!only.empty() && only != GetParam()) GTEST_SKIP() << "BATON_KILL_SCENARIO names another one";
  }
  void TearDown() override {
    RecordProperty("kills", std::to_string(kills_));
    if (kills_ > 0) fmt::print("{}: {} kills in {} runs of the job\n", GetParam(), kills_, trials_);
  }

  void count(const ProcessEnd& end) {
    if (end.signal == SIGKILL) ++kills_;
  }

  // Finishes what was killed and compares; `repeat` is what brings the same kills again.
  void finish_and_check(KillTrial& trial, const Undisturbed& expected, const std::string& what,
                        const std::string& repeat) {
    ++trials_;
    std::vector<std::string> problems;
    if (trial.finish(problems)) problems = trial.problems(expected.outcome);
    if (problems.empty()) return;
    const std::scoped_lock lock(mutex_);
    const std::string log = trial.log();
    ADD_FAILURE() << GetParam() << ", " << what << ":\n  " << fmt::format("{}", fmt::join(problems, "\n  "))
                  << "\nrepeat with: BATON_KILL_SCENARIO=" << GetParam() << " " << repeat << " " << BATON_KILL_TESTS
                  << " --gtest_filter=" << testing::UnitTest::GetInstance()->current_test_info()->test_suite_name()
                  << "." << testing::UnitTest::GetInstance()->current_test_info()->name() << "\nthe end of its log:\n"
                  << log.substr(log.size() - std::min<std::size_t>(log.size(), 3'000));
  }

  void kill_at(const Points& points) {
    const KillScenario& scenario = kill_scenario(GetParam());
    KillTrial trial(scenario, inputs());
    for (const std::uint64_t point : points) {
      if (trial.finished()) break;
      count(trial.run_with_kill_at(point));
    }
    finish_and_check_point(trial, points, call_at(points.front()));
  }

  void kill_with_heirs(const Points& points) {
    KillTrial trial(kill_scenario(GetParam()), inputs());
    count(trial.run_with_heirs(points.front()));
    finish_and_check_point(trial, points, call_at(points.front()) + ", while others waited for its leases");
  }

  void kill_at_write(const Points& points) {
    KillTrial trial(kill_scenario(GetParam()), inputs());
    count(trial.run_with_kill_at_write(points.front()));
    constexpr std::array<const char*, 3> where{"before", "in the middle of", "after"};
    const std::uint64_t point = points.front() - 1;
    finish_and_check_point(trial, points, fmt::format("killed {} write {}", where[point % 3], point / 3 + 1));
  }

  std::string call_at(std::uint64_t point) const {
    const std::vector<std::string>& calls = undisturbed(kill_scenario(GetParam())).calls;
    const std::uint64_t call = (point - 1) / 2;
    return fmt::format("killed {} call {} ({})", point % 2 == 1 ? "before" : "after", call + 1,
                       call < calls.size() ? calls[call] : "the end");
  }

  void finish_and_check_point(KillTrial& trial, const Points& points, const std::string& what) {
    finish_and_check(trial, undisturbed(kill_scenario(GetParam())), what,
                     fmt::format("BATON_KILL_POINT={}", fmt::join(points, ",")));
  }

  void kill_at_random(std::uint64_t seed, int most_kills) {
    const KillScenario& scenario = kill_scenario(GetParam());
    const Undisturbed& expected = undisturbed(scenario);
    std::mt19937_64 engine(seed);
    bool killed = false;
    // On an idle machine a run may be over before any kill: then with less delay.
    for (KillDelay longest = expected.duration; !killed && longest > KillDelay(1'000); longest /= 2) {
      KillTrial trial(scenario, inputs());
      for (int i = 0; i < most_kills && !trial.finished(); ++i) {
        const KillDelay first = delay(engine, longest, i == 0);
        const KillDelay second = delay(engine, longest, false);
        const bool alone = engine() % 3 != 0;
        for (const ProcessEnd& end : trial.run_killed_after(first, alone ? std::nullopt : std::optional(second))) {
          killed = killed || end.signal == SIGKILL;
          count(end);
        }
      }
      finish_and_check(trial, expected, fmt::format("killed at random moments (seed {})", seed),
                       fmt::format("BATON_KILL_SEED={}", seed));
    }
  }

  // Now and then while the lease of the one that was killed before is waited out, mostly after that.
  static KillDelay delay(std::mt19937_64& engine, KillDelay longest, bool first) {
    const auto below = [&](std::int64_t bound) {
      return std::uniform_int_distribution<std::int64_t>(0, bound)(engine);
    };
    const std::int64_t lease = first || below(3) == 0 ? 0 : KillTrial::lease_ms * 1'000;
    return KillDelay(lease + below(longest.count()));
  }

  // So many points, spread over all of them, other ones for each scenario; those of the environment where it names any.
  static std::vector<Points> plan(std::uint64_t count, std::uint64_t points) {
    if (const Points only = points_of_environment(); !only.empty()) return {only};
    const std::uint64_t offset = points * number_of(GetParam()) / kill_scenarios().size();
    std::vector<Points> spread;
    for (std::uint64_t i = 0; i < std::min(count, points); ++i) {
      spread.push_back({1 + (i * points / std::min(count, points) + offset) % points});
    }
    return spread;
  }

  static Points points_of_environment() {
    Points points;
    std::istringstream text(setting("BATON_KILL_POINT"));
    for (std::string point; std::getline(text, point, ',');) points.push_back(std::stoull(point));
    return points;
  }

 private:
  std::mutex mutex_;
  std::atomic<int> kills_ = 0;
  std::atomic<int> trials_ = 0;
};

std::vector<std::uint64_t> seeds(std::uint64_t count, std::uint64_t offset) {
  if (const std::string seed = setting("BATON_KILL_SEED"); !seed.empty()) return {std::stoull(seed)};
  std::vector<std::uint64_t> all;
  for (std::uint64_t i = 0; i < count; ++i) all.push_back(1'000 * (offset + 1) + i);
  return all;
}

TEST_P(Kill, AtAnyCallOfAStoreLeavesTheUndisturbedResult) {
  const std::uint64_t points = undisturbed(kill_scenario(GetParam())).points();
  for_each_at_once<Points>(plan(is_soak() ? points : 2, points), [this](const Points& one) { kill_at(one); });
}

TEST_P(Kill, InTheMiddleOfAWriteLeavesTheUndisturbedResult) {
  const std::uint64_t points = undisturbed(kill_scenario(GetParam())).write_points();
  for_each_at_once<Points>(plan(is_soak() ? 200 : 1, points), [this](const Points& one) { kill_at_write(one); });
}

TEST_P(Kill, WhileOthersWaitForItsLeaseLeavesTheUndisturbedResult) {
  const std::uint64_t points = undisturbed(kill_scenario(GetParam())).points();
  for_each_at_once<Points>(plan(is_soak() ? 50 : 1, points), [this](const Points& one) { kill_with_heirs(one); });
}

TEST_P(Kill, TwiceInARowLeavesTheUndisturbedResult) {
  const std::uint64_t points = undisturbed(kill_scenario(GetParam())).points();
  std::mt19937_64 engine(number_of(GetParam()));
  const auto any = [&] { return std::uniform_int_distribution<std::uint64_t>(1, points)(engine); };
  std::vector<Points> plan;
  for (int i = 0; i < (is_soak() ? 100 : 1); ++i) plan.push_back({any(), any()});
  if (const Points only = points_of_environment(); !only.empty()) plan = {only};
  for_each_at_once<Points>(plan, [this](const Points& pair) { kill_at(pair); });
}

TEST_P(Kill, AtRandomMomentsLeavesTheUndisturbedResult) {
  const int most_kills = is_soak() ? 6 : 2;
  undisturbed(kill_scenario(GetParam()));
  for_each_at_once<std::uint64_t>(seeds(is_soak() ? 40 : 1, number_of(GetParam())),
                                  [&](const std::uint64_t& seed) { kill_at_random(seed, most_kills); });
}

INSTANTIATE_TEST_SUITE_P(Every, Kill, testing::ValuesIn(names()), [](const auto& scenario) { return scenario.param; });

using KillOfRealSize = Kill;

TEST_P(KillOfRealSize, AtRandomMomentsLeavesTheUndisturbedResult) {
  if (!std::filesystem::exists(vendors_input)) GTEST_SKIP() << vendors_input << " is in Debian's package ieee-data";
  undisturbed(kill_scenario(GetParam()));
  for_each_at_once<std::uint64_t>(seeds(is_soak() ? 20 : 2, 99),
                                  [&](const std::uint64_t& seed) { kill_at_random(seed, is_soak() ? 6 : 3); });
}

INSTANTIATE_TEST_SUITE_P(Demo, KillOfRealSize, testing::Values("vendors"),
                         [](const auto& scenario) { return scenario.param; });

// P10: work that kills its process is not begun again and again, but when a person says so.
TEST(KillLimit, ARunThatDiesThriceWithoutProgressIsRefusedUntilAPersonRestartsIt) {
  const KillScenario& scenario = kill_scenario("append_elsewhere");
  KillTrial trial(scenario, inputs());
  for (int i = 0; i < 3; ++i) EXPECT_EQ(trial.run_with_kill_before("TableWriter::write").signal, SIGKILL);
  EXPECT_EQ(trial.run_one({"run", "--once", "job"}).exit_code, 1);
  EXPECT_NE(trial.log().find("died without committing anything"), std::string::npos) << trial.log();
  EXPECT_EQ(trial.run_one({"restart", "job"}).exit_code, 0) << trial.log();
  EXPECT_THAT(trial.problems(undisturbed(scenario).outcome), testing::IsEmpty());
}

// What every result is compared with.
TEST(KillScenarios, AnUndisturbedRunWritesWhatTheInputsSay) {
  const auto lines = [](const std::string& scenario, const std::string& what) {
    return undisturbed(kill_scenario(scenario)).outcome.at(what).size();
  };
  EXPECT_EQ(lines("append_elsewhere", "warehouse.db: rows of people"), 2'400U);
  EXPECT_EQ(lines("append_here", "baton.db: rows of people"), 2'400U);
  EXPECT_EQ(lines("upsert_here", "baton.db: rows of orders"), 2'100U);
  EXPECT_EQ(lines("upsert_elsewhere", "warehouse.db: rows of orders"), 2'100U);
  EXPECT_EQ(lines("replace_elsewhere", "warehouse.db: rows of people"), 2'400U);
  EXPECT_EQ(lines("replace_here", "baton.db: rows of people"), 2'400U);
  EXPECT_EQ(lines("mirror_elsewhere", "warehouse.db: rows of people"), 2'400U);
  EXPECT_EQ(lines("mirror_here", "baton.db: rows of people"), 2'400U);
  EXPECT_EQ(lines("rejects_elsewhere", "warehouse.db: rows of people"), 2'400U);
  EXPECT_EQ(lines("rejects_elsewhere", "warehouse.db: rejects"), 70U);
  EXPECT_GE(lines("rejects_here", "baton.db: rejects"), 47U);
  EXPECT_EQ(lines("several_steps", "warehouse.db: rows of sums"), 26U);
  EXPECT_EQ(lines("several_steps", "baton.db: rows of notes"), 1U);
  EXPECT_EQ(lines("native_parts", "warehouse.db: rows of numbers"), 2'376U);
  EXPECT_EQ(lines("native_parts", "warehouse.db: rejects"), 24U);
  EXPECT_EQ(lines("native_parts", "baton.db: rejects"), 24U);
  EXPECT_GE(lines("native_parts", "outbox"), 2'376U + 2'400U);
  EXPECT_EQ(lines("native_parts", "tally"), 600U);
  EXPECT_EQ(lines("two_jobs", "warehouse.db: rows of orders"), 2'100U);
}

// The checks themselves: what they are for, planted, must be found.
class KillCheck : public testing::Test {
 protected:
  // Kills after the fourth commit of a chunk.
  std::string problems_with(const std::string& planted_bug) {
    const KillScenario& scenario = kill_scenario("append_elsewhere");
    const Undisturbed broken = KillTrial(scenario, inputs(), planted_bug, 60'000).run_undisturbed();
    std::uint64_t point = 0;
    for (int commits = 0; commits < 4; point += 2) commits += broken.calls[point / 2] == "Transaction::commit" ? 1 : 0;
    KillTrial trial(scenario, inputs(), planted_bug);
    EXPECT_EQ(trial.run_with_kill_at(point).signal, SIGKILL) << trial.log();
    std::vector<std::string> problems;
    if (trial.finish(problems)) problems = trial.problems(undisturbed(scenario).outcome);
    return fmt::format("{}", fmt::join(problems, "\n"));
  }
};

TEST_F(KillCheck, WithoutABugFindsNothing) { EXPECT_EQ(problems_with(""), ""); }

TEST_F(KillCheck, FindsProgressThatIsCommittedApartFromTheRows) {
  EXPECT_THAT(problems_with("progress"), testing::HasSubstr("rows of people: 0 lines missing, 200 too many"));
}

TEST_F(KillCheck, FindsExecutionsThatNobodyCloses) {
  EXPECT_THAT(problems_with("orphans"), testing::HasSubstr("job execution left open"));
}

}  // namespace
}  // namespace baton
