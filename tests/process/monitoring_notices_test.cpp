// Notices of alerts outlive who was to deliver them.
#include "tests/process/monitored_replicas.h"

namespace baton {
namespace {

class Notices : public MonitoredTest, public testing::WithParamInterface<MonitoredStoresFactory> {
 protected:
  Notices() : MonitoredTest(GetParam()) {
    // The first notice hangs.
    configure_with(
        0, failing_job("a", "{ fixed_delay: 200ms }"),
        {"m1: { every: 200ms }, m2: { every: 200ms }", "",
         "command: { argv: [ /bin/sh, -c, 'test -e hangs || { touch hangs; exec sleep 60; }; cat >> alerts.log' ] }"});
  }

  bool await_hanging() const {
    return await([&] { return workspace_.exists("hangs"); });
  }
  std::string untold() const {
    return repository(
        "SELECT rtrim(kind || ' ' || subject) FROM baton_alert WHERE told_at IS NULL OR told_at < "
        "notified_at ORDER BY 1");
  }
};

INSTANTIATE_TEST_SUITE_P(On, Notices, testing::Values(sqlite_monitored(), postgres_monitored(), dynamodb_monitored()),
                         [](const auto& one) { return std::string(one.param.name); });

TEST_P(Notices, TellerIsKilledBeforeItIsDeliveredThenTheNextOneTellsOnce) {
  const Replica first = start();
  ASSERT_TRUE(await_hanging());
  first->signal(SIGKILL);
  first->wait();
  EXPECT_EQ(untold(), "failing a");
  EXPECT_EQ(told("begun", "failing a"), 0U);
  const Replica second = start();
  ASSERT_TRUE(await([&] { return told("begun", "failing a") == 1; }));
  ASSERT_TRUE(await([&] { return untold().empty(); }));
  workspace_.execute("warehouse.db", "CREATE TABLE missing (id)");
  expect_told_once("failing a");
  end(second);
}

// A sink that is slow is no reason to tell twice.
TEST_P(Notices, TellerLivesAndItsSinkHangsThenNobodyElseTells) {
  const Replica first = start();
  ASSERT_TRUE(await_hanging());
  const Replica second = start();
  ASSERT_TRUE(await([&] {
    const std::string seen = repository("SELECT seen FROM baton_alert WHERE kind = 'failing'");
    return !seen.empty() && std::stoi(seen) > 20;
  }));
  EXPECT_EQ(told("begun", "failing a"), 0U);
  EXPECT_EQ(repository("SELECT teller FROM baton_alert WHERE kind = 'failing'"), id_of(first));
  first->signal(SIGTERM);
  first->wait();
  EXPECT_TRUE(await([&] { return told("begun", "failing a") == 1; })) << "it has left without";
  end(second);
}

}  // namespace
}  // namespace baton
