// P8, each sentence of it.
#include "batch/become_owner.h"

#include "tests/unit/batch/batch_fixture.h"

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class BecomeOwner : public BatchTest {
 protected:
  BecomeOwner() {
    for (MemoryStore* store : {&repository_store_, &target_store_}) {
      store->change([](MemoryState& state) { state.fences.clear(); });
    }
    request_.job = "job";
    request_.replica = "host-1";
    request_.repository = &repository_;
    request_.targets = {&target_};
    request_.open_recorded = [](const std::string& identity) -> Result<std::unique_ptr<Database>> {
      return fail(ErrorKind::retry, identity + " is away");
    };
    request_.warn = [this](const std::string& text) { warnings_.push_back(text); };
    lease_.trust_until(clock_.now() + Duration(20'000));
    lease_.on_renewal([this] { events_.emplace_back("renew"); });
    note(repository_, "repository");
    note(target_, "target");
  }

  void note(BreakableDatabase& database, const std::string& name) {
    database.breaks.before(DatabaseCall::read_fence, [this, name] { events_.push_back("read " + name); });
    database.breaks.before(DatabaseCall::raise_fence, [this, name] { events_.push_back("raise " + name); });
  }

  Result<Ownership> become() { return become_owner(request_, record_, lease_, clock_); }
  std::int64_t fence_in(MemoryStore& store) { return store.committed().fences[{"repository-1", "job"}]; }

  // Another replica becomes the owner between two of my calls.
  void taken_over(MemoryStore& store) {
    store.change([](MemoryState& state) { ++state.fences[{"repository-1", "job"}]; });
  }

  // The record's raise is noted like a database's.
  class NotedRecord final : public RepositoryRecord {
   public:
    NotedRecord(MemoryStore& store, BecomeOwner& test) : inner_(store, "repository-1"), test_(test) {}

    const std::string& repository_id() const override { return inner_.repository_id(); }
    Result<std::optional<std::string>> lease_store() override { return inner_.lease_store(); }
    Status adopt_lease_store(const std::string& identity) override { return inner_.adopt_lease_store(identity); }
    Result<std::vector<std::string>> fenced_databases(const std::string& job) override {
      return inner_.fenced_databases(job);
    }
    Status raise_fence(const std::string& job, std::int64_t from, const std::vector<std::string>& databases) override {
      test_.events_.emplace_back("raise repository");
      return breaks.run<Status>(0, [&] { return inner_.raise_fence(job, from, databases); });
    }

    Breaks<int> breaks;

   private:
    MemoryRepositoryRecord inner_;
    BecomeOwner& test_;
  };

  OwnershipRequest request_;
  std::vector<std::string> events_;
  std::vector<std::string> warnings_;
  NotedRecord record_{repository_store_, *this};
};

TEST_F(BecomeOwner, P22StopEndsTheWaitForADatabaseThatIsAway) {
  std::stop_source source;
  request_.stop = source.get_token();
  target_.breaks.before(DatabaseCall::read_fence, [&] { source.request_stop(); });
  target_.breaks.next(DatabaseCall::read_fence, {not_done});
  const auto owned = become();
  ASSERT_FALSE(owned);
  EXPECT_EQ(owned.error().kind, ErrorKind::retry);
  EXPECT_THAT(owned.error().message, HasSubstr("stopped"));
}

TEST_F(BecomeOwner, P8ReadsTheFenceThenRenewsThenRaisesTheRepositoryFirst) {
  const auto owned = become();
  ASSERT_TRUE(owned) << owned.error().message;
  EXPECT_THAT(events_,
              ElementsAre("read repository", "renew", "raise repository", "read target", "renew", "raise target"));
  EXPECT_EQ(owned->fences.at("memory:repository"), 1);
  EXPECT_EQ(owned->fences.at("memory:target"), 1);
  EXPECT_EQ(owned->in("memory:target").fence.job, "job");
  EXPECT_EQ(owned->repository_id, "repository-1");
  EXPECT_EQ(owned->replica, "host-1");
}

TEST_F(BecomeOwner, P9EndsOlderTransactionsOfEachDatabaseAfterItsRaiseAndBeforeTheNextDatabase) {
  repository_.breaks.before(DatabaseCall::end_older_transactions, [this] { events_.emplace_back("end repository"); });
  target_.breaks.before(DatabaseCall::end_older_transactions, [this] { events_.emplace_back("end target"); });
  ASSERT_TRUE(become());
  EXPECT_THAT(events_, ElementsAre("read repository", "renew", "raise repository", "end repository", "read target",
                                   "renew", "raise target", "end target"));
}

TEST_F(BecomeOwner, P9EndOfOlderTransactionsIsTriedAgain) {
  target_.breaks.next(DatabaseCall::end_older_transactions, {not_done, not_done});
  ASSERT_TRUE(become());
  EXPECT_EQ(target_.breaks.count(DatabaseCall::end_older_transactions), 3);
  EXPECT_EQ(fence_in(target_store_), 1) << "it is not raised again for that";
}

TEST_F(BecomeOwner, P9EndOfOlderTransactionsThatGoesOnFailingEndsItAfterOneLease) {
  lease_.on_renewal([this] { lease_.trust_until(clock_.now() + Duration(20'000)); });
  target_.breaks.next(DatabaseCall::end_older_transactions, std::deque<Break>(10'000, not_done));
  const Instant began = clock_.now();
  const auto owned = become();
  ASSERT_FALSE(owned);
  EXPECT_EQ(owned.error().kind, ErrorKind::retry);
  EXPECT_EQ(clock_.now() - began, Duration(20'000));
}

TEST_F(BecomeOwner, P9RefusedEndOfOlderTransactionsEndsItAtOnceWithItsMessage) {
  repository_.breaks.next(DatabaseCall::end_older_transactions, {{false, ErrorKind::invalid}});
  const auto owned = become();
  ASSERT_FALSE(owned);
  EXPECT_EQ(owned.error().kind, ErrorKind::invalid);
  EXPECT_THAT(owned.error().message, HasSubstr("broken by the test"));
  EXPECT_EQ(fence_in(target_store_), 0) << "the target comes after it";
}

TEST_F(BecomeOwner, P9FenceThatWasRaisedByAnotherMeanwhileEndsItAsLost) {
  target_.breaks.next(DatabaseCall::end_older_transactions, {refused});
  EXPECT_EQ(become().error().kind, ErrorKind::lease_lost);
}

TEST_F(BecomeOwner, P9StopEndsTheWaitForOlderTransactions) {
  std::stop_source source;
  request_.stop = source.get_token();
  target_.breaks.before(DatabaseCall::end_older_transactions, [&] { source.request_stop(); });
  target_.breaks.next(DatabaseCall::end_older_transactions, std::deque<Break>(10, not_done));
  EXPECT_EQ(become().error().kind, ErrorKind::retry);
  EXPECT_EQ(target_.breaks.count(DatabaseCall::end_older_transactions), 1);
}

TEST_F(BecomeOwner, P9DatabaseOfTheRecordWhereEndingIsRefusedIsSkippedWithAWarning) {
  ASSERT_TRUE(become());
  request_.targets.clear();
  request_.open_recorded = [this](const std::string&) -> Result<std::unique_ptr<Database>> {
    auto other = std::make_unique<BreakableDatabase>(memory_target_);
    other->breaks.next(DatabaseCall::end_older_transactions, {{false, ErrorKind::invalid}});
    return std::unique_ptr<Database>(std::move(other));
  };
  ASSERT_TRUE(become());
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("memory:target")));
}

TEST_F(BecomeOwner, P8EachTakeOverRaisesByOne) {
  ASSERT_TRUE(become());
  const auto again = become();
  EXPECT_EQ(again->fences.at("memory:repository"), 2);
  EXPECT_EQ(again->fences.at("memory:target"), 2);
}

TEST_F(BecomeOwner, P8LeaseThatIsLostBetweenReadAndRaiseRaisesNothing) {
  lease_.answer({fail(ErrorKind::lease_lost, "another holds it")});
  EXPECT_EQ(become().error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(fence_in(repository_store_), 0);
  EXPECT_EQ(fence_in(target_store_), 0);
}

TEST_F(BecomeOwner, P8LeaseThatIsLostBeforeTheTargetLeavesTheTargetAsItWas) {
  lease_.answer({Status(), fail(ErrorKind::lease_lost, "another holds it")});
  EXPECT_EQ(become().error().kind, ErrorKind::lease_lost);
  EXPECT_EQ(fence_in(repository_store_), 1);
  EXPECT_EQ(fence_in(target_store_), 0);
}

TEST_F(BecomeOwner, P8ConflictBeginsAgainWithReadAndRenewal) {
  bool taken = false;
  record_.breaks.before(0, [&] {
    if (!std::exchange(taken, true)) taken_over(repository_store_);
  });
  const auto owned = become();
  EXPECT_EQ(owned->fences.at("memory:repository"), 2);
  EXPECT_THAT(events_, ElementsAre("read repository", "renew", "raise repository", "read repository", "renew",
                                   "raise repository", "read target", "renew", "raise target"));
}

TEST_F(BecomeOwner, P8UnknownOutcomeThatWasDoneBeginsAgainSinceFPlusOneReadBackProvesNothing) {
  record_.breaks.next(0, {lost_answer});
  target_.breaks.next(DatabaseCall::raise_fence, {lost_answer});
  const auto owned = become();
  ASSERT_TRUE(owned) << owned.error().message;
  EXPECT_EQ(owned->fences.at("memory:repository"), 2) << "1 may be another replica's";
  EXPECT_EQ(owned->fences.at("memory:target"), 2);
  EXPECT_EQ(fence_in(target_store_), 2);
  EXPECT_EQ(lease_.renewals(), 4) << "each raise has a renewal of its own";
}

TEST_F(BecomeOwner, P8UnknownOutcomeThatWasNotDoneBeginsAgain) {
  target_.breaks.next(DatabaseCall::raise_fence, {lost_request});
  EXPECT_EQ(become()->fences.at("memory:target"), 1);
}

TEST_F(BecomeOwner, P8TargetsAreRecordedInTheRaiseOfTheRepositoryBeforeTheyAreRaised) {
  std::vector<std::string> recorded;
  target_.breaks.before(DatabaseCall::raise_fence, [&] { recorded = record_.fenced_databases("job").value(); });
  ASSERT_TRUE(become());
  EXPECT_THAT(recorded, ElementsAre("memory:target"));
}

TEST_F(BecomeOwner, P8TargetThatIsTheRepositoryOrNamedTwiceIsRaisedOnce) {
  request_.targets = {&target_, &repository_, &target_};
  const auto owned = become();
  EXPECT_EQ(owned->fences.size(), 2U);
  EXPECT_EQ(fence_in(repository_store_), 1);
  EXPECT_EQ(fence_in(target_store_), 1);
}

TEST_F(BecomeOwner, P8DatabaseOfTheRecordIsRaisedThoughTheConfigurationNamesItNoMore) {
  ASSERT_TRUE(become());
  request_.targets.clear();
  request_.open_recorded = [this](const std::string& identity) -> Result<std::unique_ptr<Database>> {
    EXPECT_EQ(identity, "memory:target");
    return std::unique_ptr<Database>(new MemoryDatabase(target_store_));
  };
  const auto owned = become();
  ASSERT_TRUE(owned) << owned.error().message;
  EXPECT_EQ(fence_in(target_store_), 2);
  EXPECT_THAT(warnings_, ElementsAre());
}

TEST_F(BecomeOwner, P8UnreachableDatabaseOfTheRecordIsSkippedWithAWarningAndStaysRecorded) {
  ASSERT_TRUE(become());
  request_.targets.clear();
  const auto owned = become();
  ASSERT_TRUE(owned) << owned.error().message;
  EXPECT_EQ(owned->fences.count("memory:target"), 0U);
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("memory:target")));
  EXPECT_THAT(record_.fenced_databases("job").value(), ElementsAre("memory:target"));
}

TEST_F(BecomeOwner, P8DatabaseOfTheRecordThatOpensButDoesNotAnswerIsSkippedToo) {
  ASSERT_TRUE(become());
  request_.targets.clear();
  request_.open_recorded = [this](const std::string&) -> Result<std::unique_ptr<Database>> {
    auto away = std::make_unique<BreakableDatabase>(memory_target_);
    away->breaks.next(DatabaseCall::read_fence, std::deque<Break>(10'000, not_done));
    return std::unique_ptr<Database>(std::move(away));
  };
  const Instant began = clock_.now();
  // The keeper's renewals, which go on meanwhile.
  lease_.on_renewal([this] { lease_.trust_until(clock_.now() + Duration(60'000)); });
  const auto owned = become();
  ASSERT_TRUE(owned) << owned.error().message;
  EXPECT_EQ(clock_.now() - began, Duration(20'000)) << "as much time as one lease has";
  EXPECT_THAT(warnings_, ElementsAre(HasSubstr("trying again"), HasSubstr("memory:target")));
  EXPECT_EQ(fence_in(target_store_), 1);
}

TEST_F(BecomeOwner, P8ConfiguredDatabaseThatDoesNotAnswerEndsItAfterOneLeaseHoweverOftenTheLeaseIsRenewed) {
  lease_.on_renewal([this] { lease_.trust_until(clock_.now() + Duration(20'000)); });
  target_.breaks.next(DatabaseCall::raise_fence, std::deque<Break>(10'000, not_done));
  const Instant began = clock_.now();
  const auto owned = become();
  ASSERT_FALSE(owned);
  EXPECT_EQ(owned.error().kind, ErrorKind::retry);
  EXPECT_THAT(owned.error().message, HasSubstr("memory:target"));
  EXPECT_EQ(clock_.now() - began, Duration(20'000));
}

TEST_F(BecomeOwner, P8FenceThatCannotBeReadForAMomentIsReadAgain) {
  target_.breaks.next(DatabaseCall::read_fence, {not_done, not_done});
  EXPECT_EQ(become()->fences.at("memory:target"), 1);
}

TEST_F(BecomeOwner, P8TrustThatRunsOutEndsItWithRetry) {
  record_.breaks.next(0, {not_done});
  record_.breaks.before(0, [this] { clock_.advance(Duration(20'000)); });
  EXPECT_EQ(become().error().kind, ErrorKind::retry);
  EXPECT_EQ(fence_in(repository_store_), 0);
}

TEST_F(BecomeOwner, P8InvalidEndsItAtOnce) {
  target_.breaks.next(DatabaseCall::raise_fence, {{false, ErrorKind::invalid}});
  EXPECT_EQ(become().error().kind, ErrorKind::invalid);
  EXPECT_EQ(target_.breaks.count(DatabaseCall::raise_fence), 1);
}

TEST_F(BecomeOwner, P8RecordedPathThatLeadsToAConfiguredDatabaseIsRaisedOnce) {
  ASSERT_TRUE(record_.raise_fence("job", 0, {"memory:its-old-path"}));
  request_.open_recorded = [this](const std::string&) -> Result<std::unique_ptr<Database>> {
    return std::unique_ptr<Database>(new MemoryDatabase(target_store_));
  };
  const auto owned = become();
  ASSERT_TRUE(owned) << owned.error().message;
  EXPECT_EQ(owned->fences.at("memory:target"), 1);
  EXPECT_EQ(fence_in(target_store_), 1);
}

}  // namespace
}  // namespace baton
