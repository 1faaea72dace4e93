// The program itself and AWS's lock client share the locks of load jobs while both are killed and paused: the rows are
// exact, and nothing of Baton's commits while Java holds the job (P12).
#include "runtime/system_clock.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/workspace.h"
#include "tests/interop/hold_witness.h"
#include "tests/interop/lock_peer.h"
#include "tests/interop/locked_loads_config.h"
#include "tests/process/soak.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <array>
#include <chrono>
#include <csignal>
#include <random>
#include <sstream>

namespace baton {
namespace {

using std::chrono::nanoseconds;

const LeaseTimings timings{Duration(1'500), Duration(400), Duration(100)};
constexpr int job_count = 4;
constexpr int chunk = 20;

class LockedLoads : public testing::Test {
 protected:
  LockedLoads() {
    for (int job = 0; job < job_count; ++job) jobs_.push_back("load_" + std::to_string(job));
    std::string numbers = "id\n";
    for (int i = 1; i <= rows_; ++i) numbers += std::to_string(i) + "\n";
    workspace_.write("numbers.csv", numbers);
    make_tables();
    workspace_.write("baton.yaml",
                     locked_loads_config(table_, timings, database_.url(), database_.url(), jobs_, chunk));
  }

  // Each chunk takes 20 ms at least, and notes when it was about to commit: a deferred trigger fires after all else but
  // the guard.
  void make_tables() const {
    database_.query(R"(
CREATE TABLE public.commits (job text, at_ns bigint);
CREATE FUNCTION public.slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.02); RETURN NEW; END';
CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql AS
  'BEGIN INSERT INTO public.commits VALUES (TG_TABLE_NAME, extract(epoch FROM clock_timestamp()) * 1e9);
   RETURN NULL; END')");
    for (const std::string& job : jobs_) {
      database_.query(fmt::format(
          "CREATE TABLE public.{0} (id integer); CREATE TRIGGER slow BEFORE INSERT ON public.{0} FOR EACH ROW WHEN "
          "(NEW.id % {1} = 0) EXECUTE FUNCTION public.slow(); CREATE CONSTRAINT TRIGGER note AFTER INSERT ON "
          "public.{0} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.id % {1} = 0) EXECUTE FUNCTION "
          "public.note()",
          job, chunk));
    }
  }

  void start_baton() { baton_ = std::make_unique<Program>(workspace_.request({"run"})); }

  void start_java(LockSide side) {
    auto& peer = java_[side];
    peer = std::make_unique<LockPeer>(side, table_, timings);
    peer->ask({{"command", "contend"},
               {"keys", jobs_},
               {"name", peer->owner()},
               {"witness", witness_.port()},
               {"threads", 2},
               {"lease", timings.lease.count()},
               {"long_of_ten", 7}});
  }

  void pass(std::uint64_t least_ms, std::uint64_t most_ms) {
    clock_.wait_until(clock_.now() + Duration(least_ms + below(random_, most_ms - least_ms)), {});
  }

  // Baton is away for longer than a lease, as soon as it is amid its loads again; every other time one of Java's dies
  // meanwhile.
  void strike(int round) {
    const std::string so_far = number_of_commits();
    await([&] { return number_of_commits() != so_far || completed() == job_count; });
    const int how = std::array{SIGSTOP, SIGKILL, SIGSTOP, SIGTERM}[static_cast<std::size_t>(round) % 4];
    baton_->signal(how);
    if (how != SIGSTOP) baton_->wait();
    if (round % 2 == 1) {
      const LockSide victim = below(random_, 2) == 0 ? LockSide::java1 : LockSide::java2;
      java_[victim]->process().kill();
      start_java(victim);
    }
    pass(2'000, 3'500);
    if (how == SIGSTOP) {
      baton_->signal(SIGCONT);
    } else {
      start_baton();
    }
    pass(0, 700);
  }

  std::string number_of_commits() const { return database_.query("SELECT count(*) FROM public.commits"); }
  int completed() const {
    return std::stoi(database_.query("SELECT count(*) FROM datasync.batch_job_execution WHERE status = 'COMPLETED'"));
  }

  // Commits of Baton's, by job, on CLOCK_MONOTONIC.
  std::map<std::string, std::vector<nanoseconds>> commits() const {
    const nanoseconds ahead = std::chrono::duration_cast<nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch() - std::chrono::steady_clock::now().time_since_epoch());
    std::map<std::string, std::vector<nanoseconds>> found;
    std::istringstream lines(database_.query("SELECT job, at_ns FROM public.commits ORDER BY at_ns"));
    for (std::string line; std::getline(lines, line);) {
      const std::size_t bar = line.find('|');
      found[line.substr(0, bar)].push_back(nanoseconds(std::stoll(line.substr(bar + 1))) - ahead);
    }
    return found;
  }

  const std::uint64_t seed_ =
      setting("BATON_SEED").empty() ? std::random_device()() : std::stoull(setting("BATON_SEED"));
  const int rows_ = is_soak() ? 40'000 : 4'000;  // more than the strikes leave time for, and no minute more
  SystemClock clock_;
  SeededRandom random_{seed_};
  const LockTable table_ = new_lock_table();
  TemporaryDatabase database_;
  Workspace workspace_{BATON_BINARY_DIR "/baton"};
  std::vector<std::string> jobs_;
  HoldWitness witness_;
  std::unique_ptr<Program> baton_;
  std::map<LockSide, std::unique_ptr<LockPeer>> java_;
};

TEST_F(LockedLoads, P12RowsAreExactAlthoughJobsMoveBetweenJavaAndBaton) {
  const ProgramEnd migrated = run_to_end(workspace_.request({"migrate"}));
  ASSERT_EQ(migrated.exit_code, 0) << migrated.errors;
  // Java first: its start may take longer than the loads do.
  for (const LockSide side : {LockSide::java1, LockSide::java2}) start_java(side);
  start_baton();
  ASSERT_TRUE(await([&] { return commits().size() == job_count; }));
  const int most_strikes = is_soak() ? 150 : 4;
  int strikes = 0;
  while (strikes < most_strikes && completed() < job_count) strike(strikes++);
  for (const auto& [side, peer] : java_) EXPECT_TRUE(peer->ask({{"command", "end_contention"}}).contains("holds"));
  EXPECT_TRUE(await([&] { return completed() == job_count; }));
  baton_->signal(SIGTERM);
  EXPECT_EQ(baton_->wait().exit_code, 0);

  const std::string exact = fmt::format("{0}|{0}|{1}", rows_, 1LL * rows_ * (rows_ + 1) / 2);
  for (const std::string& job : jobs_) {
    EXPECT_EQ(database_.query("SELECT count(*), count(DISTINCT id), sum(id) FROM public." + job), exact) << job;
  }
  const HoldJudge& seen = witness_.end();
  EXPECT_TRUE(seen.overlaps().empty()) << testing::PrintToString(seen.overlaps());
  const auto commits_of = commits();
  constexpr nanoseconds clocks_differ(2'000'000);
  std::size_t amid_loads = 0;
  for (const JudgedHold& java : seen.all()) {
    const auto& commits = commits_of.at(java.key);
    if (commits.front() < java.entered && java.last < commits.back()) ++amid_loads;
    for (const nanoseconds commit : commits) {
      EXPECT_FALSE(commit > java.entered + clocks_differ && commit < java.last - clocks_differ)
          << java.key << ": Baton committed " << (commit - java.entered).count() << " ns after " << java.hold;
    }
  }
  EXPECT_GT(amid_loads, 0U);
  fmt::print("seed {}: {} strikes; Java held a job {} times, {} of them amid its load\n", seed_, strikes,
             seen.all().size(), amid_loads);
}

}  // namespace
}  // namespace baton
