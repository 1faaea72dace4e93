// What a look at everything, and so a pass of a global monitor that observes, asks of the lease store.
#include "app/overview_source.h"

#include "config/load_config.h"
#include "monitor/alert_lifecycle.h"
#include "tests/doubles/breakable_lease_store.h"
#include "tests/doubles/manual_clock.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/temporary_folder.h"

#include <gtest/gtest.h>
#include <filesystem>

namespace baton {
namespace {

class OverviewReads : public testing::Test {
 protected:
  static constexpr int jobs = 50;

  Config config() const {
    std::string text = "repository: { url: \"sqlite:" + folder_.file("baton.db") + "\" }\njobs:\n";
    for (int i = 0; i < jobs; ++i) {
      text += "  job-" + std::to_string(i) +
              ": { schedule: manual, steps: [{ name: nothing, sql: { statement: \"SELECT 1\" } }] }\n";
    }
    ConfigSources sources;
    sources.read_file = [&](const std::string&) -> Result<std::string> { return text; };
    sources.environment = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
    return load_config("baton.yaml", sources).value();
  }
  // Each that is opened lives as long as the test.
  StoreHooks counting() {
    StoreHooks hooks;
    hooks.lease_store = [this](std::unique_ptr<LeaseStore> store) -> std::unique_ptr<LeaseStore> {
      opened_.push_back(std::move(store));
      auto counted = std::make_unique<BreakableLeaseStore>(*opened_.back());
      counted_ = counted.get();
      return counted;
    };
    return hooks;
  }

  const TemporaryFolder folder_;
  ManualClock clock_;
  SeededRandom random_{1};
  std::vector<std::unique_ptr<LeaseStore>> opened_;
  BreakableLeaseStore* counted_ = nullptr;
};

TEST_F(OverviewReads, FiftyJobsThenOneListingOfTheLeasesALook) {
  const Config config = this->config();
  const Stores stores(config, clock_, random_, counting());
  ASSERT_TRUE(stores.repository(RepositoryAccess::create));
  ASSERT_TRUE(stores.lease_store());
  OverviewSource source(config, stores, clock_);
  ASSERT_TRUE(source.check_stores());
  for (int look = 1; look <= 3; ++look) {
    const auto facts = source.facts();
    ASSERT_TRUE(facts) << facts.error().message;
    EXPECT_TRUE(facts->repository_there);
    EXPECT_EQ(facts->settings.jobs.size(), jobs);
    EXPECT_EQ(counted_->count(LeaseCall::list), look);
  }
  for (const LeaseCall call : {LeaseCall::read, LeaseCall::take, LeaseCall::renew, LeaseCall::release}) {
    EXPECT_EQ(counted_->count(call), 0);
  }
  EXPECT_EQ(opened_.size(), 2U) << "one here, one for all looks";
}

// A rolling update gives the new configuration a monitor that this one does not have.
TEST_F(OverviewReads, MonitorOfAnotherConfigurationThenItIsNoJob) {
  const Config config = this->config();
  const Stores stores(config, clock_, random_, counting());
  auto repository = stores.repository(RepositoryAccess::create);
  ASSERT_TRUE(repository);
  auto leases = stores.lease_store();
  ASSERT_TRUE(leases);
  ASSERT_TRUE((*leases)->take({"new-monitor", "host-2", Duration(20'000), "v1", false, std::nullopt}, std::nullopt,
                              Duration(20'000)));
  OverviewSource source(config, stores, clock_);
  EXPECT_TRUE(source.read()->job("new-monitor") != nullptr) << "for all that this one knows";
  ASSERT_TRUE((*repository)->alerts().note_pass({"new-monitor", "host-2", Duration(1'000), clock_.wall_now()}));
  const auto overview = source.read();
  ASSERT_TRUE(overview);
  EXPECT_EQ(overview->job("new-monitor"), nullptr);
  ASSERT_EQ(overview->monitors.size(), 1U);
  EXPECT_EQ(overview->monitors[0].monitor, "new-monitor");
  EXPECT_EQ(overview->monitors[0].owner, "host-2");
}

TEST_F(OverviewReads, TheLeasesCannotBeReadThenWhatTheRepositoryKnowsIsShownWithoutOwners) {
  const Config config = this->config();
  const Stores stores(config, clock_, random_, counting());
  auto repository = stores.repository(RepositoryAccess::create);
  ASSERT_TRUE(repository && stores.lease_store());
  ASSERT_TRUE((*repository)->alerts().note_pass({"monitor", "host-2", Duration(1'000), clock_.wall_now()}));
  OverviewSource source(config, stores, clock_);
  ASSERT_TRUE(source.read());
  counted_->always(LeaseCall::list, Fault::refuse);
  const auto partly = source.read();
  ASSERT_TRUE(partly) << partly.error().message;
  ASSERT_TRUE(partly->leases_away);
  EXPECT_EQ(partly->leases_away->kind, ErrorKind::retry);
  EXPECT_NE(partly->leases_away->message.find("the store is away"), std::string::npos);
  EXPECT_TRUE(partly->repository_there);
  EXPECT_EQ(partly->jobs.size(), jobs);
  EXPECT_EQ(partly->jobs[0].owner_state, OwnerState::unknown);
  ASSERT_EQ(partly->monitors.size(), 1U);
  EXPECT_EQ(partly->monitors[0].owner, std::nullopt);
  const auto whole = source.read();
  ASSERT_TRUE(whole) << "connected anew, to a store that is well";
  EXPECT_FALSE(whole->leases_away);
  counted_->always(LeaseCall::list, Fault::refuse);
  EXPECT_FALSE(source.facts()) << "a monitor judges nothing then";
}

// A store that does not answer costs its timeout once.
TEST_F(OverviewReads, TheLeasesCouldNotBeOpenedForTheCheckThenTheFirstLookDoesNotTryAgain) {
  const Config config = this->config();
  const Stores stores(config, clock_, random_, {});
  ASSERT_TRUE(stores.repository(RepositoryAccess::create));
  std::filesystem::create_directory(config.locks.database.path.value);
  OverviewSource source(config, stores, clock_);
  ASSERT_TRUE(source.check_stores());
  std::filesystem::remove(config.locks.database.path.value);
  const auto partly = source.read();
  ASSERT_TRUE(partly) << partly.error().message;
  EXPECT_TRUE(partly->leases_away);
  EXPECT_FALSE(source.read()->leases_away);
}

// What its owner ends after that is still open to both, so that it is not begun again.
TEST_F(OverviewReads, AMonitorThatHasReadTheAlertsThenTheyAreNotReadAgainAndItGetsThePasses) {
  const Config config = this->config();
  const Stores stores(config, clock_, random_, counting());
  auto repository = stores.repository(RepositoryAccess::create);
  ASSERT_TRUE(repository && stores.lease_store());
  Alerts& alerts = (*repository)->alerts();
  const WallTime now = clock_.wall_now();
  const AlertRules rules;
  ASSERT_TRUE(alerts.write(advance_alerts({}, {{Trouble::stalled, "job-1", "no progress"}}, rules, now)));
  ASSERT_TRUE(alerts.note_pass({"new-monitor", "host-2", Duration(1'000), now}));
  MonitorAlerts before;
  before.open = alerts.open().value();
  ASSERT_TRUE(alerts.write(advance_alerts(*before.open, {}, rules, now)));
  OverviewSource source(config, stores, clock_);
  auto facts = source.facts(before);
  ASSERT_TRUE(facts) << facts.error().message;
  EXPECT_TRUE(facts->stalled.contains("job-1"));
  ASSERT_EQ(before.passes.size(), 1U);
  EXPECT_EQ(before.passes[0].monitor, "new-monitor");
  facts = source.facts();
  ASSERT_TRUE(facts);
  EXPECT_TRUE(facts->stalled.empty());
}

}  // namespace
}  // namespace baton
