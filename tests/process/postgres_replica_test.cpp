// Replicas whose job repository, leases and data are in PostgreSQL: what people ask of them, and a take-over.
#include "tests/doubles/postgres_server.h"
#include "tests/process/process_test.h"

namespace baton {
namespace {

class PostgresReplicas : public ProcessTest {
 protected:
  PostgresReplicas() {
    database_.query("CREATE TABLE public.ticks (job text)");
    workspace_.write("baton.yaml",
                     "replica: { tokens: 3 }\nlocks: { lease: 2s, heartbeat: 500ms, refresh: 200ms }\n"
                     "repository: { url: \"" +
                         database_.url() +
                         "\", schema: datasync }\n"
                         "connections: { warehouse: { url: \"" +
                         database_.url() + "\", schema: public } }\njobs:\n" + tick("a", "{ fixed_delay: 200ms }") +
                         tick("b", "{ fixed_delay: 200ms }") + tick("c", "manual"));
  }

  static std::string tick(const std::string& job, const std::string& schedule) {
    return "  " + job + ": { schedule: " + schedule + ", steps: [ { name: s, sql: { connection: warehouse, " +
           "statement: \"INSERT INTO ticks VALUES ('" + job + "')\" } } ] }\n";
  }

  std::unique_ptr<Program> start() const { return std::make_unique<Program>(workspace_.request({"run"})); }

  int ticks(const std::string& job) const {
    return std::stoi(database_.query("SELECT count(*) FROM public.ticks WHERE job = '" + job + "'"));
  }
  int completed(const std::string& job) const {
    return std::stoi(database_.query(
        "SELECT count(*) FROM datasync.batch_job_execution JOIN datasync.batch_job_instance USING (job_instance_id) "
        "WHERE status = 'COMPLETED' AND job_name = '" +
        job + "'"));
  }

  TemporaryDatabase database_;
};

TEST_F(PostgresReplicas, KilledThenTheOtherOneTakesOverAndEachRunHasOneRow) {
  const auto first = start();
  ASSERT_TRUE(await([&] { return ticks("a") > 0 && ticks("b") > 0; }));
  const auto second = start();
  ASSERT_TRUE(second->await_error_text("replica "));
  first->signal(SIGKILL);
  first->wait();
  const int a = ticks("a");
  const int b = ticks("b");
  EXPECT_TRUE(await([&] { return ticks("a") > a + 1 && ticks("b") > b + 1; }));
  second->signal(SIGTERM);
  EXPECT_EQ(second->wait().exit_code, 0);
  EXPECT_EQ(ticks("a"), completed("a"));
  EXPECT_EQ(ticks("b"), completed("b"));
  EXPECT_EQ(
      database_.query("SELECT count(*) FROM datasync.batch_job_execution WHERE status IN ('STARTING', 'STARTED')"),
      "0");
}

TEST_F(PostgresReplicas, CommandsThenAnsweredByTheOwner) {
  EXPECT_THAT(run({"status"}).output, HasSubstr("there is no job repository"));
  EXPECT_EQ(run({"history", "--json"}).output, "[]\n");
  const auto replica = start();
  ASSERT_TRUE(await([&] { return ticks("a") > 0; }));
  EXPECT_EQ(run({"pause", "a", "--reason", "a test"}).exit_code, 0);
  EXPECT_THAT(run({"explain", "a"}).output, HasSubstr("a test"));
  EXPECT_EQ(run({"resume", "a"}).exit_code, 0);
  ASSERT_EQ(run({"stop", "c"}).exit_code, 1);
  const ProgramEnd other = run({"rejects", "list", "--json"});
  EXPECT_EQ(other.exit_code, 0) << other.errors;
  EXPECT_EQ(other.output, "[]\n");
  EXPECT_THAT(run({"status"}).output, HasSubstr("1 live replica"));
  replica->signal(SIGTERM);
  EXPECT_EQ(replica->wait().exit_code, 0);
}

TEST_F(PostgresReplicas, MigrationIsForbiddenThenTheStatementsAreShown) {
  const std::string text = workspace_.read("baton.yaml");
  const std::size_t schema = text.find("schema: datasync }");
  workspace_.write("never.yaml", text.substr(0, schema) + "schema: datasync, migrate: never }" +
                                     text.substr(schema + std::string("schema: datasync }").size()));
  const ProgramEnd end = run({"run", "--once", "c", "--config", "never.yaml"});
  EXPECT_EQ(end.exit_code, 78);
  EXPECT_THAT(end.errors, HasSubstr("CREATE TABLE"));
  ASSERT_EQ(run({"migrate", "--config", "never.yaml"}).exit_code, 0);
  const ProgramEnd after = run({"run", "--once", "c", "--config", "never.yaml"});
  EXPECT_EQ(after.exit_code, 0) << after.errors;
  EXPECT_EQ(ticks("c"), 1);
}

}  // namespace
}  // namespace baton
