// `pool`: a process has no more sessions with a database than that, and its runs take turns.
#include "tests/doubles/postgres_server.h"
#include "tests/process/process_test.h"

#include <fmt/format.h>
#include <algorithm>
#include <atomic>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>

namespace baton {
namespace {

// Looks at the sessions of a database again and again. One that is being closed is still there for a moment, so one
// counts that is there at two looks.
class MostSessions {
 public:
  explicit MostSessions(const TemporaryDatabase& database)
      : thread_([this, &database](const std::stop_token& stop) {
          std::set<std::string> before;
          while (!stop.stop_requested()) {
            std::istringstream lines(database.query(
                "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE "
                "'baton%' AND application_name NOT IN ('baton-test', 'baton leases', 'baton listen')"));
            const std::set<std::string> now{std::istream_iterator<std::string>(lines), {}};
            std::vector<std::string> both;
            std::set_intersection(before.begin(), before.end(), now.begin(), now.end(), std::back_inserter(both));
            most_ = std::max(most_.load(), static_cast<int>(both.size()));
            before = now;
          }
        }) {}

  int end() {
    thread_.request_stop();
    thread_.join();
    return most_;
  }

 private:
  std::atomic<int> most_ = 0;
  std::jthread thread_;
};

// The replica's, to look how its jobs are and to write alerts.
constexpr int not_counted = 1;

class PostgresPool : public ProcessTest {
 protected:
  // Of the repository's database and of "shop", which is the same one as another schema.
  void configure(int repository, int shop, const std::string& jobs) const {
    workspace_.write("baton.yaml",
                     fmt::format("locks: {{ lease: 20s, heartbeat: 5s, refresh: 200ms }}\n"
                                 "repository: {{ url: \"{0}\", schema: datasync, pool: {1} }}\n"
                                 "connections: {{ shop: {{ url: \"{0}\", schema: public, pool: {2} }} }}\n"
                                 "jobs:\n{3}",
                                 database_.url(), repository, shop, jobs));
  }
  static std::string sleeping(const std::string& name) {
    return "  " + name +
           ": { schedule: { fixed_delay: 1h }, steps: [ { name: s, sql: { statement: \"SELECT pg_sleep(0.3)\" " +
           "} } ] }\n";
  }
  // Reads and writes in "shop".
  static std::string copying(const std::string& name, int writers) {
    return "  " + name +
           ": { schedule: { fixed_delay: 1h }, steps: [ { name: s, read: { query: { connection: shop, sql: \"SELECT i "
           "AS id "
           "FROM generate_series(1, 500) AS i\", key: [id] } }, write: { table: { connection: shop, name: " +
           name + ", create: true, columns: { id: integer }, writers: " + std::to_string(writers) +
           " } }, chunk: 20 } ] }\n";
  }
  int completed() const {
    return std::stoi(database_.query("SELECT count(*) FROM datasync.batch_job_execution WHERE status = 'COMPLETED'"));
  }
  // A replica, until so many runs are completed; the most sessions that it had.
  int most_sessions_until(int runs) {
    EXPECT_EQ(run({"migrate"}).exit_code, 0);
    MostSessions sessions(database_);
    Program replica(workspace_.request({"run"}));
    EXPECT_TRUE(await([&] { return completed() == runs; }));
    replica.signal(SIGTERM);
    const ProgramEnd end = replica.wait();
    EXPECT_EQ(end.exit_code, 0);
    log_ = end.errors;
    return sessions.end();
  }

  TemporaryDatabase database_;
  std::string log_;  // of that replica
};

TEST_F(PostgresPool, MoreJobsThanSessionsThenTheyTakeTurns) {
  std::string jobs;
  for (int i = 0; i < 6; ++i) jobs += sleeping("j" + std::to_string(i));
  configure(3, 10, jobs);
  const int most = most_sessions_until(6);
  EXPECT_LE(most, 3 + not_counted);
  EXPECT_GE(most, 2) << "the replica's own, and a run's";
  EXPECT_THAT(log_, HasSubstr("waits: the 3 sessions that `repository.pool` allows are in use: raise it, or lower "
                              "replica.tokens"));
}

// Runs with two writers and a reader have three sessions of four; those of others are closed for them.
TEST_F(PostgresPool, RunsOfDifferentNeedsThenAllOfThemEnd) {
  std::string jobs;
  for (int i = 0; i < 3; ++i) jobs += sleeping("j" + std::to_string(i));
  for (int i = 0; i < 3; ++i) jobs += copying("one" + std::to_string(i), 1);
  for (int i = 0; i < 3; ++i) jobs += copying("two" + std::to_string(i), 2);
  configure(4, 4, jobs);
  EXPECT_LE(most_sessions_until(9), 4 + 4 + not_counted);
  for (const char* table : {"one0", "one2", "two0", "two2"}) {
    EXPECT_EQ(database_.query(fmt::format("SELECT count(*), sum(id) FROM public.{}", table)), "500|125250");
  }
}

TEST_F(PostgresPool, OnceThenNoMoreRunsAtATimeThanHaveSessions) {
  std::string jobs;
  std::vector<std::string> command{"run", "--once"};
  for (int i = 0; i < 6; ++i) {
    command.push_back("j" + std::to_string(i));
    jobs += sleeping(command.back());
  }
  configure(4, 10, jobs);
  ASSERT_EQ(run({"migrate"}).exit_code, 0);
  MostSessions sessions(database_);
  const ProgramEnd end = run(command);
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_LE(sessions.end(), 4);
  EXPECT_EQ(completed(), 6);
}

TEST_F(PostgresPool, ARunNeedsMoreThanAllThenRefusedWithThePlaceAndTheKey) {
  configure(10, 2, copying("two", 2));
  for (const char* command : {"validate", "run"}) {
    const ProgramEnd end = run({command});
    EXPECT_EQ(end.exit_code, 78);
    EXPECT_THAT(end.errors + end.output,
                AllOf(HasSubstr("baton.yaml:5:3: a run of `two` needs 3 sessions at a time with connection \"shop\""),
                      HasSubstr("expected a `connections.shop.pool` of at least 3, it is 2; or lower `writers`")));
  }
}

}  // namespace
}  // namespace baton
