// In which order the past is forgotten, in which batches, and what happens when it cannot be.
#include "batch/retention.h"
#include "tests/doubles/stepping_clock.h"

#include <gmock/gmock.h>
#include <algorithm>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// Instances of one execution each; `calls` tells what was asked for.
class FakePast final : public Retention, public RunTraces {
 public:
  Result<std::vector<std::int64_t>> prunable(const PrunableFilter& filter) override {
    std::vector<std::int64_t> found;
    for (const auto& [id, ended] : runs) {
      const bool full = found.size() == static_cast<std::size_t>(filter.limit);
      if (id > filter.after && ended < filter.before && !full) found.push_back(id);
    }
    return found;
  }
  Result<std::int64_t> prune_executions(const std::vector<std::int64_t>& instances, std::int64_t most) override {
    calls.emplace_back("executions");
    if (away) return fail(ErrorKind::retry, "locked");
    std::int64_t done = 0;
    for (const std::int64_t id : instances) done += done < most ? static_cast<std::int64_t>(runs.erase(id)) : 0;
    return done;
  }
  Result<std::int64_t> prune_alerts(WallTime /*before*/, std::int64_t most) override {
    const std::int64_t done = std::min(alerts, most);
    alerts -= done;
    return done;
  }
  RunTraces& traces() override { return *this; }
  Result<std::int64_t> prune_rejects(const std::string& /*repository*/, const std::vector<std::int64_t>& instances,
                                     std::int64_t most) override {
    calls.emplace_back("rejects");
    largest = std::max(largest, instances.size());
    std::int64_t done = 0;
    for (const std::int64_t id : instances) {
      const std::int64_t some = std::min(rejects[id], most - done);
      rejects[id] -= some;
      done += some;
    }
    return done;
  }
  Result<std::int64_t> prune_progress(const std::string& /*repository*/,
                                      const std::vector<std::int64_t>& /*instances*/) override {
    calls.emplace_back("progress");
    return 0;
  }

  std::map<std::int64_t, WallTime> runs;
  std::map<std::int64_t, std::int64_t> rejects;
  std::int64_t alerts = 0;
  std::size_t largest = 0;
  bool away = false;
  std::vector<std::string> calls;
};

class RetentionTest : public testing::Test {
 protected:
  static constexpr Duration day{86'400'000};

  Status prune_with(RetentionAges ages) {
    PruneRequest request;
    request.retention = &past_;
    request.jobs = {"job"};
    request.now = now_;
    request.ages = ages;
    request.open_traces = [this]() -> Result<std::vector<RunTraces*>> {
      ++opened_;
      return std::vector<RunTraces*>{&past_};
    };
    request.clock = &clock_;
    request.stop = stop_.get_token();
    return prune(request, counts_);
  }

  WallTime now_ = WallTime(100 * day);
  SteppingClock clock_;
  std::stop_source stop_;
  FakePast past_;
  PruneCounts counts_;
  int opened_ = 0;
};

TEST_F(RetentionTest, RunOfThePastThenItsTracesBeforeItsMetadata) {
  past_.runs = {{1, now_ - 3 * day}, {2, now_ - day}};
  past_.rejects = {{1, 2}, {2, 2}};
  past_.alerts = 1'200;
  ASSERT_TRUE(prune_with({2 * day, std::nullopt}));
  EXPECT_THAT(past_.calls, ElementsAre("rejects", "progress", "executions"));
  EXPECT_EQ(past_.runs.size(), 1U);
  EXPECT_EQ(past_.rejects[2], 2);
  EXPECT_EQ(counts_.executions, 1);
  EXPECT_EQ(counts_.rejects, 2);
  EXPECT_EQ(counts_.alerts, 1'200);
}

TEST_F(RetentionTest, NothingDueThenOtherDatabasesAreNotOpened) {
  past_.runs = {{1, now_ - day}};
  ASSERT_TRUE(prune_with({2 * day, day * 2}));
  EXPECT_EQ(opened_, 0);
  EXPECT_THAT(past_.calls, IsEmpty());
}

TEST_F(RetentionTest, RejectsForAShorterTimeThenTheirRunsStay) {
  past_.runs = {{1, now_ - 3 * day}};
  past_.rejects = {{1, 7}};
  ASSERT_TRUE(prune_with({std::nullopt, day}));
  EXPECT_EQ(past_.rejects[1], 0);
  EXPECT_EQ(past_.runs.size(), 1U);
  past_.calls.clear();
  ASSERT_TRUE(prune_with({4 * day, day}));
  EXPECT_THAT(past_.calls, ElementsAre("rejects"));
}

TEST_F(RetentionTest, ManyRunsThenSmallBatches) {
  for (int id = 1; id <= 1'000; ++id) {
    past_.runs[id] = now_ - 3 * day;
    past_.rejects[id] = 3;
  }
  ASSERT_TRUE(prune_with({2 * day, std::nullopt}));
  EXPECT_THAT(past_.runs, IsEmpty());
  EXPECT_EQ(counts_.executions, 1'000);
  EXPECT_EQ(counts_.rejects, 3'000);
  EXPECT_LE(past_.largest, 500U);
  EXPECT_EQ(opened_, 1);
}

// What another one holds back is not asked for again and again.
TEST_F(RetentionTest, StoreThatIsLockedThenAnErrorAndTheRestIsForTheNextTime) {
  past_.runs = {{1, now_ - 3 * day}};
  past_.rejects = {{1, 2}};
  past_.away = true;
  const Status done = prune_with({2 * day, std::nullopt});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().message, "locked");
  EXPECT_EQ(counts_.rejects, 2);
  past_.away = false;
  ASSERT_TRUE(prune_with({2 * day, std::nullopt}));
  EXPECT_THAT(past_.runs, IsEmpty());
}

TEST_F(RetentionTest, StoppedThenNothingMore) {
  past_.runs = {{1, now_ - 3 * day}};
  stop_.request_stop();
  ASSERT_TRUE(prune_with({2 * day, std::nullopt}));
  EXPECT_THAT(past_.calls, IsEmpty());
}

}  // namespace
}  // namespace baton
