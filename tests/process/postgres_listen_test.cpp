// What others change is noticed at once (P6), though a replica looks by itself only every 30 s.
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/tcp_proxy.h"
#include "tests/process/process_test.h"

#include <fmt/format.h>
#include <chrono>

namespace baton {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds at_once(5);  // on a machine with other work; far below 30 s

class PostgresListen : public ProcessTest {
 protected:
  void configure(const std::string& file, const std::string& url, const std::string& refresh) const {
    workspace_.write(file,
                     fmt::format("locks: {{ lease: 100s, heartbeat: 30s, refresh: {} }}\n"
                                 "repository: {{ url: \"{}\", schema: datasync }}\njobs:\n"
                                 "  a: {{ schedule: {{ fixed_delay: 1h }}, steps: [ {{ name: s, sql: {{ statement: "
                                 "\"SELECT 1\" }} }} ] }}\n"
                                 "  asked: {{ schedule: manual, steps: [ {{ name: s, sql: {{ statement: "
                                 "\"SELECT pg_sleep(0.1)\" }} }} ] }}\n"
                                 "  slow: {{ schedule: manual, steps: [ {{ name: s, sql: {{ statement: \"SELECT "
                                 "pg_sleep(100)\" }} }} ] }}\n",
                                 refresh, url));
  }

  std::unique_ptr<Program> start(const std::string& config = "baton.yaml") const {
    EXPECT_EQ(run({"migrate"}).exit_code, 0);  // what is asked of the tables finds them
    return std::make_unique<Program>(workspace_.request({"run", "--config", config}));
  }
  static void end(Program& replica) {
    replica.signal(SIGTERM);
    EXPECT_EQ(replica.wait().exit_code, 0);
  }

  bool await_answer(const std::string& sql, const std::string& wanted) const {
    return await([&] { return database_.query(sql) == wanted; });
  }
  bool await_listeners(int number) const {
    return await_answer(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND application_name = "
        "'baton listen' AND state = 'idle' AND query LIKE 'LISTEN%'",
        std::to_string(number));
  }
  // Of a replica, by its process.
  std::string held(const Program& replica) const {
    return "SELECT count(*) FROM datasync.baton_lease JOIN datasync.baton_replica ON id = ownerName WHERE isReleased "
           "IS "
           "NULL AND pid = " +
           std::to_string(replica.id());
  }
  static std::string runs(const std::string& job, const std::string& status) {
    return "SELECT count(*) FROM datasync.batch_job_execution JOIN datasync.batch_job_instance USING (job_instance_id) "
           "WHERE job_name = '" +
           job + "' AND status = '" + status + "'";
  }
  void expect_asked_at_once(int run) const {
    const auto began = steady_clock::now();
    EXPECT_EQ(ProcessTest::run({"trigger", "asked"}).exit_code, 0);
    EXPECT_TRUE(await_answer(runs("asked", "COMPLETED"), std::to_string(run)));
    EXPECT_LT(steady_clock::now() - began, at_once);
  }

  TemporaryDatabase database_;
};

TEST_F(PostgresListen, P6TriggerAndStopThenAtOnce) {
  configure("baton.yaml", database_.url(), "30s");
  const auto replica = start();
  ASSERT_TRUE(await_answer(held(*replica), "3"));
  ASSERT_TRUE(await_listeners(1));
  expect_asked_at_once(1);
  EXPECT_EQ(run({"trigger", "slow"}).exit_code, 0);
  ASSERT_TRUE(await_answer(runs("slow", "STARTED"), "1"));
  const auto began = steady_clock::now();
  EXPECT_EQ(run({"stop", "slow"}).exit_code, 0);
  EXPECT_TRUE(await_answer(runs("slow", "STOPPED"), "1"));
  EXPECT_LT(steady_clock::now() - began, at_once);
  end(*replica);
}

TEST_F(PostgresListen, P6ItsConnectionWasEndedThenItListensAgain) {
  configure("baton.yaml", database_.url(), "30s");
  const auto replica = start();
  ASSERT_TRUE(await_answer(held(*replica), "3"));
  ASSERT_TRUE(await_listeners(1));
  ASSERT_EQ(database_.query("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = "
                            "current_database() AND application_name = 'baton listen'"),
            "t");
  ASSERT_TRUE(await_listeners(1));
  expect_asked_at_once(1);
  end(*replica);
}

TEST_F(PostgresListen, P6OwnerLeavesThenTheOtherOneTakesItsJobsAtOnce) {
  configure("baton.yaml", database_.url(), "30s");
  const auto first = start();
  ASSERT_TRUE(await_answer(held(*first), "3"));
  const auto second = start();
  ASSERT_TRUE(await_answer("SELECT count(*) FROM datasync.baton_replica", "2"));
  ASSERT_TRUE(await_listeners(2));
  const auto began = steady_clock::now();
  end(*first);
  // More than its share, which it computes with the other one until it looks again, has to be free for longer.
  EXPECT_TRUE(await([&] { return std::stoi(database_.query(held(*second))) >= 2; }));
  EXPECT_LT(steady_clock::now() - began, at_once);
  end(*second);
}

// A request makes the owner look, who so sees that somebody has come who has less than he.
TEST_F(PostgresListen, P20OfferThenTakenAtOnce) {
  configure("baton.yaml", database_.url(), "30s");
  const auto giver = start();
  ASSERT_TRUE(await_answer(held(*giver), "3"));
  const auto receiver = start();
  ASSERT_TRUE(await_answer("SELECT count(*) FROM datasync.baton_replica", "2"));
  ASSERT_TRUE(await_listeners(2));
  const auto began = steady_clock::now();
  EXPECT_EQ(run({"pause", "slow"}).exit_code, 0);
  EXPECT_TRUE(await_answer(held(*receiver), "1"));
  EXPECT_LT(steady_clock::now() - began, at_once);
  end(*receiver);
  end(*giver);
}

TEST_F(PostgresListen, ListenIsImpossibleThenItIsSaidOnceAndRequestsWaitForTheNextLook) {
  TcpProxy proxy(database_.url());
  proxy.cut_before_each("LISTEN");
  configure("baton.yaml", proxy.through(database_.url()), "200ms");
  const auto replica = start();
  ASSERT_TRUE(await_answer(held(*replica), "3"));
  ASSERT_TRUE(proxy.wait_until_happened(Duration(20'000)));
  EXPECT_EQ(run({"trigger", "asked"}).exit_code, 0);
  EXPECT_TRUE(await_answer(runs("asked", "COMPLETED"), "1"));
  ASSERT_TRUE(proxy.wait_for_happenings(2, Duration(20'000)));
  replica->signal(SIGTERM);
  const ProgramEnd end = replica->wait();
  EXPECT_EQ(end.exit_code, 0);
  const std::string warning = "within locks.refresh (200ms) only, until LISTEN is possible: ";
  const std::size_t said = end.errors.find(warning);
  ASSERT_NE(said, std::string::npos) << end.errors;
  EXPECT_EQ(end.errors.find(warning, said + 1), std::string::npos) << end.errors;
}

}  // namespace
}  // namespace baton
