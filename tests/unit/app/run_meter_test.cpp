#include "app/run_meter.h"
#include "app/monitoring_board.h"
#include "tests/doubles/manual_clock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

Config two_steps() {
  Config config;
  JobConfig& job = config.jobs.emplace_back();
  job.name.value = "prices";
  for (const char* const name : {"load", "tidy"}) job.steps.emplace_back().name.value = name;
  return config;
}

StepExecution step_with(std::int64_t read, std::int64_t written, std::int64_t rejected) {
  StepExecution step;
  step.name = "load";
  step.status = BatchStatus::completed;
  step.exit = exit_status(step.status);
  step.counts.read = read;
  step.counts.write = written;
  step.counts.write_skip = rejected;
  return step;
}

class Meter : public testing::Test {
 protected:
  DurationSummary durations(const std::string& step, const std::string& status) const {
    for (const RunDurations& one : meter_.durations(clock_.now())) {
      if (one.step == step && one.status == status) return one.durations;
    }
    ADD_FAILURE() << "no series of " << step << " " << status;
    return {};
  }
  void committed(const StepExecution& step) { run_.committed({step.name, step.counts, 0, 0}); }

  ManualClock clock_;
  RunMeter meter_{two_steps()};
  RunListener silent_;
  MeteredRun run_{meter_, silent_, clock_, "prices"};
};

TEST_F(Meter, NothingRanThenEverySeriesIsThereWithZeros) {
  for (const char* const step : {"", "load", "tidy"}) {
    for (const char* const status : {"COMPLETED", "FAILED", "STOPPED", "UNKNOWN"}) {
      EXPECT_EQ(durations(step, status).count, 0U);
    }
  }
  EXPECT_EQ(meter_.rows().at("prices").read, 0);
}

TEST_F(Meter, ChunksCommitThenRowsCountAsTheyCome) {
  run_.step_started(step_with(0, 0, 0));
  committed(step_with(10, 9, 1));
  EXPECT_EQ(meter_.rows().at("prices").write, 9);
  committed(step_with(20, 19, 1));
  run_.step_ended(step_with(20, 19, 1));
  EXPECT_EQ(meter_.rows().at("prices").read, 20);
  EXPECT_EQ(meter_.rows().at("prices").write, 19);
  EXPECT_EQ(meter_.rows().at("prices").rejected(), 1);
}

TEST_F(Meter, AClosingChunkTakesRowsOffThenNoCounterFalls) {
  run_.step_started(step_with(0, 0, 0));
  committed(step_with(10, 10, 0));
  run_.step_ended(step_with(10, 7, 3));
  EXPECT_EQ(meter_.rows().at("prices").write, 10);
  EXPECT_EQ(meter_.rows().at("prices").rejected(), 3);
}

TEST_F(Meter, ARunEndsThenItsDurationAndItsSteps) {
  JobExecution execution;
  run_.started(execution, false);
  run_.step_started(step_with(0, 0, 0));
  clock_.advance(Duration(2'000));
  run_.step_ended(step_with(0, 0, 0));
  clock_.advance(Duration(1'000));
  execution.exit.code = "COMPLETED";
  run_.ended(execution);
  EXPECT_EQ(meter_.launches(), 1U);
  EXPECT_EQ(durations("load", "COMPLETED").sum, 2.0);
  EXPECT_EQ(durations("", "COMPLETED").sum, 3.0);
  EXPECT_EQ(durations("", "COMPLETED").max, 3.0);
}

TEST_F(Meter, HowItEndedIsNotKnownThenSo) {
  run_.started({}, false);
  run_.ended(std::nullopt);
  EXPECT_EQ(durations("", "UNKNOWN").count, 1U);
}

TEST_F(Meter, StepRunsThenItAloneIsActiveUntilItEnds) {
  const auto active = [&](const std::string& step) {
    for (const ActiveStep& one : meter_.steps(clock_.now())) {
      if (one.job == "prices" && one.step == step) return one.running_for.value_or(-1);
    }
    return -2.0;
  };
  EXPECT_EQ(active("load"), -1) << "there from the start";
  run_.started({}, false);
  run_.step_started(step_with(0, 0, 0));
  clock_.advance(Duration(2'500));
  EXPECT_EQ(active("load"), 2.5);
  EXPECT_EQ(active("tidy"), -1);
  run_.step_ended(step_with(1, 1, 0));
  EXPECT_EQ(active("load"), -1);
  run_.step_started(step_with(0, 0, 0));
  run_.ended(std::nullopt);  // its end could not be written
  EXPECT_EQ(active("load"), -1);
}

TEST_F(Meter, NothingWasLaunchedThenNothingCounts) {
  run_.ended(std::nullopt);
  EXPECT_EQ(meter_.launches(), 0U);
  EXPECT_EQ(durations("", "COMPLETED").count, 0U);
}

class Board : public testing::Test {
 protected:
  static Config two_monitors() {
    Config config;
    for (const char* const name : {"m1", "m2"}) config.monitoring.monitors.emplace_back().name.value = name;
    return config;
  }
  static Alert alert(const std::string& kind, const std::string& subject) {
    Alert alert;
    alert.kind = kind;
    alert.subject = subject;
    return alert;
  }

  MonitoringShown shown() const { return board_.shown(Instant(std::chrono::seconds(100))); }

  MonitoringBoard board_{two_monitors()};
};

TEST_F(Board, NoMonitorLookedThenEveryKindAndMonitorIsThereWithZero) {
  EXPECT_THAT(shown().alerts, Contains(Pair("overdue", 0)));
  EXPECT_THAT(shown().alerts, Contains(Pair("monitor_silent", 0)));
  ASSERT_EQ(shown().monitors.size(), 2U);
  EXPECT_EQ(shown().monitors.front().interval, 60);
  EXPECT_EQ(shown().monitors.front().last_pass, 0);
  EXPECT_EQ(shown().monitors.front().passes.count, 0U);
  EXPECT_THAT(shown().states, ElementsAre("on_time", "late", "stalled", "failing", "never_ran", "paused"));
  EXPECT_THAT(shown().job_state, IsEmpty());
}

TEST_F(Board, NoMonitorIsConfiguredThenTheStatesOfItsOwnJobs) {
  MonitoringBoard board{Config()};
  EXPECT_EQ(board.shown({}).states.size(), 6U);
  board.looked_at_own({}, {{"a", HealthState::failing}});
  EXPECT_THAT(board.shown({}).job_state, ElementsAre(Pair("a", "failing")));
  board.looked_at_own({}, {});
  EXPECT_THAT(board.shown({}).job_state, IsEmpty());
}

TEST_F(Board, AMonitorLookedTooThenItsOwnJobsAreAsTheReplicaSays) {
  board_.looked("m1", {}, {}, {{"a", HealthState::late}, {"b", HealthState::late}});
  board_.looked_at_own({}, {{"a", HealthState::on_time}});
  EXPECT_THAT(shown().job_state, ElementsAre(Pair("a", "on_time"), Pair("b", "late")));
}

TEST_F(Board, BothLookedThenTheMostOfEachKindUntilOneIsLost) {
  const WallTime at{std::chrono::seconds(1'700'000'000)};
  board_.looked("m1", {alert("overdue", "a"), alert("overdue", "b")}, {{"m1", "me", Duration(1), at}}, {});
  board_.looked("m2", {alert("overdue", "a")}, {{"gone", "me", Duration(1), at}}, {});
  EXPECT_THAT(shown().alerts, Contains(Pair("overdue", 2)));
  EXPECT_EQ(shown().monitors.front().last_pass, 1.7e9);
  board_.lost("m1");
  EXPECT_THAT(shown().alerts, Contains(Pair("overdue", 1)));
}

TEST_F(Board, BothLookedThenTheStatesOfTheOneThatLookedLastUntilItIsLost) {
  board_.looked("m2", {}, {}, {{"a", HealthState::late}});
  board_.looked("m1", {}, {}, {{"a", HealthState::failing}});
  EXPECT_THAT(shown().job_state, ElementsAre(Pair("a", "failing")));
  board_.looked("m2", {}, {}, {{"a", HealthState::on_time}});
  EXPECT_THAT(shown().job_state, ElementsAre(Pair("a", "on_time")));
  board_.lost("m2");
  EXPECT_THAT(shown().job_state, ElementsAre(Pair("a", "failing")));
  board_.lost("m1");
  EXPECT_THAT(shown().job_state, IsEmpty());
  EXPECT_EQ(shown().states.size(), 6U);
}

TEST_F(Board, ALookWasTimedThenItCounts) {
  const Instant began{std::chrono::seconds(98)};
  board_.timed("m2", began, began + std::chrono::milliseconds(250));
  EXPECT_EQ(shown().monitors.at(1).passes.count, 1U);
  EXPECT_EQ(shown().monitors.at(1).passes.sum, 0.25);
  EXPECT_EQ(shown().monitors.at(1).passes.max, 0.25);
}

}  // namespace
}  // namespace baton
