// Jobs whose repository, leases and targets are in different PostgreSQL databases (P8).
#include "tests/doubles/postgres_server.h"
#include "tests/process/process_test.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr int rows = 2'000;

class SeveralDatabases : public ProcessTest {
 protected:
  SeveralDatabases() {
    workspace_.write("prices.csv", prices(rows));
    workspace_.write("baton.yaml", fmt::format(R"(repository: {{ url: "{}", schema: datasync }}
locks: {{ store: postgresql, url: "{}", schema: datasync, lease: 2s, heartbeat: 500ms, refresh: 100ms }}
connections:
  north: {{ url: "{}", schema: public }}
  south: {{ url: "{}", schema: public }}
jobs:
  prices:
    schedule: manual
    steps:
      - name: first
        read: {{ csv: {{ path: prices.csv }} }}
        write: {{ table: {{ connection: north, name: prices, mode: append, create: true, columns: {{ id: bigint, price: numeric }} }} }}
        chunk: 100
      - name: second
        read: {{ table: {{ connection: north, name: prices }} }}
        write: {{ table: {{ connection: south, name: prices, mode: replace, create: true, columns: {{ id: bigint, price: numeric }} }} }}
        chunk: 100
      - name: count
        sql: {{ connection: south, statement: "CREATE TABLE counted AS SELECT count(*) AS n FROM prices" }}
)",
                                               repository_.url(), leases_.url(), north_.url(), south_.url()));
  }
  static std::string total(const TemporaryDatabase& database) {
    return database.query("SELECT count(*), sum(id) FROM public.prices");
  }

  const std::string undisturbed_ = fmt::format("{}|{}", rows, 1LL * rows * (rows + 1) / 2);
  TemporaryDatabase repository_, leases_, north_, south_;
};

TEST_F(SeveralDatabases, OneJobWritesToTwoAndEachHoldsItsOwnFenceAndProgress) {
  const ProgramEnd end = run_prices();
  ASSERT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(total(north_), undisturbed_);
  EXPECT_EQ(total(south_), undisturbed_);
  EXPECT_EQ(south_.query("SELECT n FROM public.counted"), std::to_string(rows));
  EXPECT_EQ(history()[0]["status"], "COMPLETED");
  for (const TemporaryDatabase* target : {&north_, &south_}) {
    EXPECT_EQ(target->query("SELECT count(*) > 0 FROM public.baton_fence WHERE fence > 0"), "t");
  }
  EXPECT_EQ(leases_.query("SELECT count(*) FROM pg_tables WHERE tablename = 'baton_lease'"), "1");
  EXPECT_EQ(repository_.query("SELECT count(*) FROM pg_tables WHERE tablename = 'baton_lease'"), "0");
}

TEST_F(SeveralDatabases, KilledDuringTheFirstTargetThenTheNextRunCompletesBothExactly) {
  north_.query("CREATE TABLE public.prices (id bigint PRIMARY KEY, price numeric)");
  const auto held = north_.connect("public");  // the load waits for it at half of the rows
  ASSERT_TRUE(held->script(fmt::format("BEGIN; INSERT INTO prices VALUES ({})", rows / 2)));
  Program first(workspace_.request({"run", "--once", "prices"}));
  ASSERT_TRUE(await([&] { return north_.query("SELECT count(*) FROM public.prices") == "900"; }));
  first.signal(SIGKILL);
  first.wait();
  ASSERT_TRUE(held->script("ROLLBACK"));
  const ProgramEnd end = run_prices();
  ASSERT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(total(north_), undisturbed_);
  EXPECT_EQ(total(south_), undisturbed_);
  EXPECT_EQ(
      repository_.query("SELECT count(*) FROM datasync.batch_job_execution WHERE status IN ('STARTING', 'STARTED')"),
      "0");
}

TEST_F(SeveralDatabases, TriggeredThenTheReplicaRunsItOnce) {
  Program replica(workspace_.request({"run"}));
  const ProgramEnd end = run({"trigger", "prices", "--wait"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(total(north_), undisturbed_);
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
  EXPECT_EQ(history().size(), 1U);
}

}  // namespace
}  // namespace baton
