// What the replicas know of each other and of all jobs (P16, P19, P20).
#include "tests/contract/repository_contract.h"

namespace baton {
namespace {

class RepositoryReplicas : public RepositoryContract {
 protected:
  ReplicaRow row(const std::string& id) {
    ReplicaRow made;
    made.id = id;
    made.pid = 17;
    made.tokens = 2;
    made.owned = 1;
    made.jobs = 4;
    made.config_hash = "abc";
    made.counter = 1;
    made.heartbeat = Duration(5'000);
    return made;
  }
  RepositoryView look() {
    auto view = replicas().look();
    EXPECT_TRUE(view) << view.error().message;
    return view.value_or(RepositoryView());
  }
  std::vector<std::string> ids() {
    std::vector<std::string> ids;
    const RepositoryView view = look();
    for (const ReplicaRow& replica : view.replicas) ids.push_back(replica.id);
    return ids;
  }
  std::optional<JobControl> job(const std::string& name) {
    const RepositoryView view = look();
    for (const JobControl& one : view.jobs) {
      if (one.job == name) return one;
    }
    return std::nullopt;
  }
  StepExecution step(const JobExecution& execution) {
    return executions().start_step(authority(), execution.id, "load").value();
  }
};

TEST_P(RepositoryReplicas, NewRepositoryHoldsNoReplicaAndNoOpenExecution) {
  const RepositoryView view = look();
  EXPECT_TRUE(view.replicas.empty());
  EXPECT_TRUE(view.jobs.empty());
  EXPECT_TRUE(view.open.empty());
  EXPECT_EQ(view.now, clock_.wall_now());
}

TEST_P(RepositoryReplicas, P19BeatWritesTheRowAndKeepsItsStart) {
  const WallTime began = clock_.wall_now();
  ok(replicas().beat(row("a"), {}));
  clock_.advance(Duration(5'000));
  ReplicaRow next = row("a");
  next.counter = 2;
  next.owned = 2;
  next.leaving = true;
  ok(replicas().beat(next, {}));
  const RepositoryView view = look();
  ASSERT_EQ(view.replicas.size(), 1U);
  const ReplicaRow& kept = view.replicas[0];
  EXPECT_EQ(kept.id, "a");
  EXPECT_EQ(kept.pid, 17);
  EXPECT_EQ(kept.tokens, 2);
  EXPECT_EQ(kept.owned, 2);
  EXPECT_EQ(kept.jobs, 4);
  EXPECT_EQ(kept.config_hash, "abc");
  EXPECT_EQ(kept.counter, 2);
  EXPECT_EQ(kept.heartbeat, Duration(5'000));
  EXPECT_TRUE(kept.leaving);
  EXPECT_EQ(kept.started, began);
  EXPECT_EQ(kept.beat, clock_.wall_now());
}

TEST_P(RepositoryReplicas, P19ReplicasSeeEachOther) {
  ok(replicas().beat(row("b"), {}));
  const auto other = backend_->open();
  ok(other->replicas->beat(row("a"), {}));
  EXPECT_EQ(ids(), (std::vector<std::string>{"a", "b"}));
}

TEST_P(RepositoryReplicas, RowOfAReplicaThatWasSilentForAnHourIsRemovedAtABeat) {
  ok(replicas().beat(row("old"), {}));
  clock_.advance(Duration(1));
  ok(replicas().beat(row("young"), {}));
  clock_.advance(std::chrono::hours(1));
  EXPECT_EQ(ids().size(), 2U) << "a look removes nothing";
  ok(replicas().beat(row("mine"), {}));
  EXPECT_EQ(ids(), (std::vector<std::string>{"mine", "young"}));
}

TEST_P(RepositoryReplicas, ReplicaThatLeavesIsGoneAndMayLeaveTwice) {
  ok(replicas().beat(row("a"), {}));
  ok(replicas().leave("a"));
  EXPECT_TRUE(ids().empty());
  ok(replicas().leave("a"));
}

TEST_P(RepositoryReplicas, JobsAreNotedWhenTheyAreFirstSeenAndStay) {
  const WallTime began = clock_.wall_now();
  ok(replicas().beat(row("a"), {"y", "x"}));
  clock_.advance(Duration(5'000));
  ok(replicas().beat(row("a"), {"y", "x"}));
  ok(replicas().beat(row("a"), {"z"}));
  const RepositoryView view = look();
  ASSERT_EQ(view.jobs.size(), 3U);
  EXPECT_EQ(view.jobs[0].job, "x");
  EXPECT_EQ(view.jobs[0].first_seen, began);
  EXPECT_EQ(view.jobs[2].job, "z");
  EXPECT_EQ(view.jobs[2].first_seen, clock_.wall_now());
  EXPECT_FALSE(view.jobs[0].pause || view.jobs[0].request || view.jobs[0].offer || view.jobs[0].stop_instance);
}

TEST_P(RepositoryReplicas, P18StopRequestIsSeen) {
  const JobExecution failed = ended(BatchStatus::failed);
  ASSERT_EQ(control().request_stop("job", "anna").value(), StopAnswer::recorded);
  EXPECT_EQ(job("job")->stop_instance, failed.instance_id);
}

TEST_P(RepositoryReplicas, P16OpenExecutionsAreThoseWhoseOwnRowOrAStepIsRunning) {
  ended(BatchStatus::completed);
  JobExecution half_closed = started();
  step(half_closed);
  end(half_closed, BatchStatus::failed);
  const JobExecution running = launch(half_closed.instance_id);
  const RepositoryView view = look();
  ASSERT_EQ(view.open.size(), 2U);
  EXPECT_EQ(view.open[0].job, "job");
  EXPECT_EQ(view.open[0].execution, half_closed.id);
  EXPECT_EQ(view.open[0].instance, half_closed.instance_id);
  EXPECT_EQ(view.open[0].status, BatchStatus::failed);
  EXPECT_EQ(view.open[0].fence, 1);
  EXPECT_EQ(view.open[1].execution, running.id);
  EXPECT_EQ(view.open[1].status, BatchStatus::starting);
}

TEST_P(RepositoryReplicas, P20OfferNamesItsReceiverUntilItIsCleared) {
  ok(replicas().offer("job", {"b", "a", {}}, Duration(3'000)));
  EXPECT_EQ(job("job")->offer->to, "b");
  EXPECT_EQ(job("job")->offer->by, "a");
  EXPECT_EQ(job("job")->offer->at, clock_.wall_now());
  ok(replicas().clear_offer("job"));
  EXPECT_FALSE(job("job")->offer);
  ok(replicas().clear_offer("job"));
  ok(replicas().clear_offer("never seen"));
}

TEST_P(RepositoryReplicas, P20OfferConflictsWithAnotherThatIsValid) {
  ok(replicas().offer("job", {"b", "a", {}}, Duration(3'000)));
  clock_.advance(Duration(2'999));
  expect_kind(replicas().offer("job", {"c", "a", {}}, Duration(3'000)), ErrorKind::conflict);
  expect_kind(replicas().offer("job", {"b", "c", {}}, Duration(3'000)), ErrorKind::conflict);
  EXPECT_EQ(job("job")->offer->to, "b");
  ok(replicas().offer("other", {"c", "a", {}}, Duration(3'000)));
}

TEST_P(RepositoryReplicas, P20ExpiredOfferIsReplaced) {
  ok(replicas().offer("job", {"b", "a", {}}, Duration(3'000)));
  clock_.advance(Duration(3'000));
  ok(replicas().offer("job", {"c", "a", {}}, Duration(3'000)));
  EXPECT_EQ(job("job")->offer->to, "c");
  EXPECT_EQ(job("job")->offer->at, clock_.wall_now());
}

TEST_P(RepositoryReplicas, P20SameOfferIsRenewed) {
  ok(replicas().offer("job", {"b", "a", {}}, Duration(3'000)));
  clock_.advance(Duration(1'000));
  ok(replicas().offer("job", {"b", "a", {}}, Duration(3'000)));
  EXPECT_EQ(job("job")->offer->at, clock_.wall_now());
}

INSTANTIATE_TEST_SUITE_P(Every, RepositoryReplicas, every_repository(), backend_name);

}  // namespace
}  // namespace baton
