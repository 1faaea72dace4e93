// Replicas whose locks are in DynamoDB (dynalite) and whose repository is in SQLite.
#include "dynamodb/lease_store.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "tests/doubles/dynalite.h"
#include "tests/process/dynamodb_process.h"

#include <fmt/format.h>

namespace baton {
namespace {

constexpr const char* any_keys = ", accesskey: test, secretkey: s3cr3t";
constexpr Duration soon{20'000};

class DynamoReplicas : public DynamoProcessTest {
 protected:
  std::unique_ptr<Program> start() const { return std::make_unique<Program>(request({"run"})); }

  std::vector<LeaseRecord> locks() {
    DynamoLeaseSettings settings{table_, dynalite_endpoint(), {}, {}};
    const auto store = open_dynamo_lease_store(std::move(settings), dynalite_credentials(), clock_, random_, soon);
    if (!store) return {};
    return (*store)->list(soon).value_or(std::vector<LeaseRecord>());
  }
  int held_by(const Program& replica) {
    const std::string id =
        workspace_.try_query("baton.db", "SELECT id FROM baton_replica WHERE pid = " + std::to_string(replica.id()))
            .value_or("");
    int held = 0;
    for (const LeaseRecord& lock : locks()) held += !lock.released && lock.owner_name == id ? 1 : 0;
    return id.empty() ? 0 : held;
  }
  std::string four_jobs() const {
    return sql_job("a", "{ fixed_delay: 100ms }") + sql_job("b", "{ fixed_delay: 100ms }") +
           sql_job("c", "{ fixed_delay: 100ms }") + sql_job("d", "{ fixed_delay: 100ms }");
  }

  SystemClock clock_;
  SystemRandom random_;
  const LockTable table_ = new_lock_table();
};

TEST_F(DynamoReplicas, OneIsKilledThenTheOtherTakesItsJobsOver) {
  configure(table_, dynalite_endpoint(), any_keys, four_jobs());
  const auto first = start();
  const auto second = start();
  ASSERT_TRUE(await([&] { return held_by(*first) == 2 && held_by(*second) == 2; }));
  first->signal(SIGKILL);
  first->wait();
  const auto third = start();
  ASSERT_TRUE(await([&] { return held_by(*second) == 2 && held_by(*third) == 2; }));
  second->signal(SIGTERM);
  const ProgramEnd end = second->wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("leases in DynamoDB table " + table_.name + " in eu-test-1"));
  EXPECT_THAT(end.errors, HasSubstr("AWS credentials: the configuration"));
  EXPECT_THAT(end.errors, Not(HasSubstr("s3cr3t")));
  third->signal(SIGTERM);
  EXPECT_EQ(third->wait().exit_code, 0);
  const std::vector<LeaseRecord> left = locks();
  EXPECT_EQ(left.size(), 4U);
  for (const LeaseRecord& lock : left) EXPECT_TRUE(lock.released) << lock.key;
}

TEST_F(DynamoReplicas, CommandsThenEachKnowsTheLocks) {
  configure(table_, dynalite_endpoint(), any_keys, four_jobs());
  EXPECT_THAT(run({"doctor"}).output, HasSubstr("can be read and listed"));
  const ProgramEnd once = run({"run", "--once", "a"});
  EXPECT_EQ(once.exit_code, 0) << once.errors;
  EXPECT_THAT(once.errors, HasSubstr("AWS credentials: the configuration"));
  const auto replica = start();
  ASSERT_TRUE(await([&] { return held_by(*replica) == 2; }));
  const ProgramEnd status = run({"status"});
  EXPECT_EQ(status.exit_code, 0) << status.errors;
  EXPECT_THAT(status.output, HasSubstr("1 live replica"));
  const ProgramEnd explained = run({"explain", "a"});
  EXPECT_EQ(explained.exit_code, 0) << explained.errors;
  replica->signal(SIGTERM);
  EXPECT_EQ(replica->wait().exit_code, 0);
}

TEST_F(DynamoReplicas, P8AnotherTableThenNobodyRunsBesideTheFirst) {
  configure(table_, dynalite_endpoint(), any_keys);
  ASSERT_EQ(run({"run", "--once", "a"}).exit_code, 0);
  configure(new_lock_table(), dynalite_endpoint(), any_keys);
  for (const auto& command : {std::vector<std::string>{"run"}, {"run", "--once", "a"}, {"doctor"}}) {
    const ProgramEnd end = run(command);
    EXPECT_EQ(end.exit_code, 78) << end.errors;
    EXPECT_THAT(end.errors + end.output, HasSubstr("lease store")) << command.front();
  }
}

}  // namespace
}  // namespace baton
