// What breaks while a load into PostgreSQL runs: the process, its sessions, the server, the network. Afterwards
// everything is as if nothing had happened. `make test` takes a sample of the kills; BATON_SOAK=1 takes 1,000.
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/private_postgres.h"
#include "tests/doubles/tcp_proxy.h"
#include "tests/process/postgres_load_run.h"
#include "tests/process/soak.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>
#include <array>
#include <atomic>
#include <csignal>
#include <mutex>
#include <random>

namespace baton {
namespace {

using std::chrono::microseconds;
using std::chrono::steady_clock;
using testing::IsEmpty;

constexpr Duration patience(60'000);

struct Trial {
  const char* mode;
  int writers;
  std::uint64_t seed;
};

// Killed thrice at random moments, then finished; how many of the kills came before its end.
int kill_at_random(const Trial& trial, microseconds whole_run) {
  const TemporaryDatabase database;
  const PostgresLoadRun load({database.url(), "", trial.mode, trial.writers});
  load.migrate();
  std::mt19937_64 engine(trial.seed);
  int kills = 0;
  for (int kill = 0; kill < 3 && !load.finished(); ++kill) {
    const std::int64_t wait = load.is_leased() ? microseconds(PostgresLoadRun::lease).count() : 0;
    // Others run beside it, and later less is left to do.
    const std::int64_t share =
        std::uniform_int_distribution<std::int64_t>(0, 2 * whole_run.count() / (kill + 1))(engine);
    kills += load.run(microseconds(wait + share)).signal == SIGKILL ? 1 : 0;
  }
  const bool finished = load.finish();
  const auto problems = load.problems();
  EXPECT_TRUE(finished && problems.empty()) << trial.mode << " by " << trial.writers << " writers, seed " << trial.seed
                                            << ": " << fmt::format("{}", fmt::join(problems, "; ")) << "\n"
                                            << load.log();
  return kills;
}

TEST(PostgresKill, AtRandomMomentsLeavesTheUndisturbedResult) {
  const TemporaryDatabase database;
  const PostgresLoadRun undisturbed({database.url()});
  undisturbed.migrate();
  const auto began = steady_clock::now();
  ASSERT_EQ(undisturbed.run().exit_code, 0) << undisturbed.log();
  const auto whole = std::chrono::duration_cast<microseconds>(steady_clock::now() - began);
  ASSERT_THAT(undisturbed.problems(), IsEmpty());
  constexpr std::array<const char*, 4> modes{"append", "upsert", "replace", "mirror"};
  const int wanted = is_soak() ? 1'000 : 30;
  std::vector<Trial> trials;
  for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(wanted); ++seed) {
    trials.push_back({modes[seed % modes.size()], seed / modes.size() % 2 == 0 ? 1 : 2, seed});
  }
  std::atomic<int> kills = 0, runs = 0;
  for_each_at_once<Trial>(
      trials,
      [&](const Trial& trial) {
        if (kills >= wanted) return;
        kills += kill_at_random(trial, whole);
        ++runs;
      },
      5);
  fmt::print("postgres: {} kills in {} runs of the job\n", kills.load(), runs.load());
  EXPECT_GE(kills, wanted);
}

class PostgresFault : public testing::Test {
 protected:
  void expect_undisturbed(const PostgresLoadRun& load) {
    EXPECT_THAT(load.problems(), IsEmpty());
    if (HasFailure()) fmt::print(stderr, "{}\n", load.log());
  }

  TemporaryDatabase database_;
};

TEST_F(PostgresFault, ASessionThatIsEndedInTheMiddleOfCopyIsMadeAgain) {
  TcpProxy proxy(database_.url());
  const PostgresLoadRun load({proxy.through(database_.url()), database_.url()});
  proxy.black_hole_after("COPY ");
  const auto program = load.start();
  ASSERT_TRUE(proxy.wait_until_happened(patience));
  EXPECT_TRUE(
      load.await("SELECT bool_and(pg_terminate_backend(pid, 10000)) FROM pg_stat_activity "
                 "WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE '%COPY %'",
                 "t"));
  proxy.cut();
  const ProgramEnd end = program->wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  expect_undisturbed(load);
}

TEST_F(PostgresFault, AConnectionThatIsCutRightAfterCommitWasSentLosesAndRepeatsNothing) {
  TcpProxy proxy(database_.url());
  const PostgresLoadRun load({proxy.through(database_.url()), database_.url()});
  const auto program = load.start();
  ASSERT_TRUE(load.await("SELECT count(*) > 0 FROM prices", "t"));
  for (int cut = 0; cut < 3; ++cut) {
    proxy.cut_after("COMMIT");
    if (!proxy.wait_until_happened(Duration(5'000))) break;
  }
  proxy.pass();
  const ProgramEnd end = program->wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  expect_undisturbed(load);
}

TEST_F(PostgresFault, AServerThatCrashesInTheMiddleOfALoadLosesAndRepeatsNothing) {
  PrivatePostgres server;  // what a server has written survives its crash without fsync, as long as the machine runs
  PostgresLoad what{server.url()};
  what.rows = 30'000;
  what.chunk = 500;
  const PostgresLoadRun load(what);
  const auto program = load.start();
  ASSERT_TRUE(load.await("SELECT count(*) > 0 FROM prices", "t"));
  server.crash_and_restart();
  program->wait();
  EXPECT_TRUE(load.finish());
  expect_undisturbed(load);
}

// Stopped with a transaction open, past its lease: another process takes over without waiting for it, and what the
// stopped one does afterwards changes nothing.
struct Freeze {
  const char* at;
  const char* mode = "append";
  int writers = 1;
};

void freeze(const Freeze& freeze) {
  const std::string what = fmt::format("{} of {} by {} writers", freeze.at, freeze.mode, freeze.writers);
  const TemporaryDatabase database;
  const PostgresLoadRun load({database.url(), "", freeze.mode, freeze.writers});
  const auto frozen = load.start(freeze.at);
  EXPECT_TRUE(load.await("SELECT count(*) FROM baton_lease WHERE isReleased IS NULL", "1")) << what;
  const ProcessEnd heir = load.run(std::chrono::seconds(60));
  EXPECT_EQ(heir.exit_code, 0) << what << ": " << heir.text() << "\n" << load.log();
  EXPECT_EQ(load.loaded(), "6000") << what;
  frozen->signal(SIGCONT);
  EXPECT_NE(frozen->wait().exit_code, 0) << what;
  EXPECT_THAT(load.problems(), IsEmpty()) << what << "\n" << load.log();
}

// Of two writers both have a transaction open, or the other one commits.
TEST(PostgresFreeze, AtEachPointThenTakeOverDoesNotHang) {
  for_each_at_once<Freeze>({{"after TableWriter::write 5 stop"},
                            {"before Transaction::commit 5 stop"},
                            {"after Database::begin 5 stop"},
                            {"after Executions::launch 1 stop"},
                            {"after TableWriter::write 6 stop", "append", 2},
                            {"before Transaction::commit 6 stop", "upsert", 2},
                            {"after Database::begin 7 stop", "mirror", 2}},
                           freeze, 4);
}

// Stopped at the moment when the server has got a message of that kind.
class PostgresFreezeAtMessage : public PostgresFault, public testing::WithParamInterface<const char*> {};

TEST_P(PostgresFreezeAtMessage, TakeOverDoesNotHang) {
  TcpProxy proxy(database_.url());
  const PostgresLoadRun load({database_.url()});
  proxy.black_hole_after(GetParam());
  const auto frozen = load.start("", proxy.through(database_.url()));
  ASSERT_TRUE(proxy.wait_until_happened(patience));
  frozen->signal(SIGSTOP);
  const ProcessEnd heir = load.run(std::chrono::seconds(60));
  EXPECT_EQ(heir.exit_code, 0) << heir.text() << "\n" << load.log();
  proxy.cut();
  frozen->signal(SIGCONT);
  frozen->wait();
  expect_undisturbed(load);
}

// In the middle of COPY, and inside a transaction of the repository.
INSTANTIATE_TEST_SUITE_P(Messages, PostgresFreezeAtMessage, testing::Values("COPY ", "pg_advisory_xact_lock_shared"));

// Each mode that stages, by a run that dies, after which somebody changes its staging.
const std::array<PostgresLoad, 3> staged_loads{{{"", "", "replace", 1}, {"", "", "upsert", 2}, {"", "", "mirror", 2}}};
constexpr const char* lost = "begins anew: rows that were staged for table prices are lost";

// The name of the staging of a run that died in the middle.
std::string left_by_the_dead(const PostgresLoadRun& load) {
  EXPECT_NE(load.start("after Transaction::commit 8 kill")->wait().exit_code, 0);
  return load.query("SELECT tablename FROM pg_tables WHERE tablename LIKE 'baton_stage%'");
}

void expect_begun_anew(const PostgresLoadRun& load) {
  EXPECT_EQ(load.run().exit_code, 0) << load.log();
  EXPECT_NE(load.log().find(lost), std::string::npos) << load.log();
  EXPECT_THAT(load.problems(), IsEmpty()) << load.log();
}

class PostgresStaging : public PostgresFault, public testing::WithParamInterface<PostgresLoad> {
 protected:
  static PostgresLoad at(const std::string& url) {
    PostgresLoad load = GetParam();
    load.url = url;
    return load;
  }
};

TEST_P(PostgresStaging, DroppedBetweenTwoExecutionsThenTheStepBeginsAnew) {
  const PostgresLoadRun load(at(database_.url()));
  const std::string staging = left_by_the_dead(load);
  ASSERT_NE(staging, "");
  database_.query("DROP TABLE datasync." + staging);
  expect_begun_anew(load);
}

TEST_P(PostgresStaging, EmptiedWhileItIsFilledThenTheStepBeginsAnew) {
  const PostgresLoadRun load(at(database_.url()));
  const std::string gate = load.file("gate");
  ASSERT_EQ(mkfifo(gate.c_str(), 0600), 0);
  const auto program = load.start("before Database::begin 8 wait " + gate);
  ASSERT_TRUE(load.await("SELECT count(*) FROM baton_progress WHERE revision >= 4", "1"));
  const int reached = open(gate.c_str(), O_WRONLY | O_CLOEXEC);
  const std::string staging = load.query("SELECT tablename FROM pg_tables WHERE tablename LIKE 'baton_stage%'");
  database_.query("TRUNCATE datasync." + staging);
  close(reached);
  const ProgramEnd end = program->wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_NE(end.errors.find(lost), std::string::npos);
  expect_undisturbed(load);
}

INSTANTIATE_TEST_SUITE_P(Modes, PostgresStaging, testing::ValuesIn(staged_loads),
                         [](const auto& one) { return one.param.mode; });

// Somebody made it a table that is not logged; as Baton makes it, it loses nothing in a crash.
TEST(PostgresStagingCrash, EmptiesItThenTheStepBeginsAnew) {
  PrivatePostgres server;
  const auto admin = PgConnection::open(server.settings(), patience);
  ASSERT_TRUE(admin);
  std::vector<std::unique_ptr<PostgresLoadRun>> loads;
  std::vector<std::string> stagings;
  for (PostgresLoad what : staged_loads) {
    ASSERT_TRUE((*admin)->script("CREATE DATABASE " + what.mode));
    what.url = server.url().substr(0, server.url().rfind('/') + 1) + what.mode;
    loads.push_back(std::make_unique<PostgresLoadRun>(what));
    stagings.push_back(left_by_the_dead(*loads.back()));
    ASSERT_NE(stagings.back(), "");
    loads.back()->query("ALTER TABLE " + stagings.back() + " SET UNLOGGED");
  }
  server.crash_and_restart();
  for (std::size_t i = 0; i < loads.size(); ++i) {
    ASSERT_EQ(loads[i]->query("SELECT count(*) FROM " + stagings[i]), "0");
    loads[i]->query("ALTER TABLE " + stagings[i] + " SET LOGGED");
    expect_begun_anew(*loads[i]);
  }
}

}  // namespace
}  // namespace baton
