// Java goes on, by its rules, with what Baton has left.
#include "tests/interop/interop_fixture.h"

namespace baton {
namespace {

class JavaGoesOn : public InteropTest {
 protected:
  // Java's job of the same name; "prepare" would fail if it were run.
  static nlohmann::json steps_after_prepare() {
    nlohmann::json steps = java_steps(3);
    steps[0]["does"] = "fail";
    return steps;
  }
};

TEST_P(JavaGoesOn, FailedRunIsRestartedWithoutItsCompletedSteps) {
  configure();
  numbers_and_a_word(2);
  ASSERT_EQ(run_prices().exit_code, 1);
  ASSERT_EQ(loaded(), loaded(0));
  const nlohmann::json failed = explored_execution(0, 0);
  EXPECT_EQ(failed["status"], "FAILED");
  EXPECT_THAT(failed["message"].get<std::string>(), HasSubstr("word"));

  java("restart", {{"job", "prices"}, {"id", failed["id"]}, {"steps", steps_after_prepare()}});
  EXPECT_EQ(loaded(), loaded(3));
  const nlohmann::json seen = explored();
  EXPECT_EQ(seen["count"], 1) << "the same instance";
  const auto& restarted = seen["instances"][0]["executions"][0];
  EXPECT_EQ(restarted["status"], "COMPLETED");
  ASSERT_EQ(restarted["steps"].size(), 1U);
  EXPECT_EQ(restarted["steps"][0]["name"], "load");
  EXPECT_EQ(restarted["parameters"], failed["parameters"]);

  // For Baton that run is over: another one follows it.
  const nlohmann::json history = this->history();
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0]["status"], "COMPLETED");
  EXPECT_TRUE(history[0]["replica"].is_null());
  numbers(1);
  ASSERT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(explored()["count"], 2);
  EXPECT_EQ(explored_execution(0, 0)["parameters"]["run.id"]["value"], "2");
}

TEST_P(JavaGoesOn, CompletedRunIsNotRunAgain) {
  configure();
  numbers(3);
  ASSERT_EQ(run_prices().exit_code, 0);
  EXPECT_THAT(java_error("run", {{"job", "prices"}, {"parameters", run_id(1)}, {"steps", java_steps(3)}}),
              HasSubstr("JobInstanceAlreadyCompleteException"));
  EXPECT_EQ(loaded(), loaded(3));
}

TEST_P(JavaGoesOn, AbandonedRunStaysAbandonedWhoeverAbandonedIt) {
  configure();
  numbers_and_a_word(2);
  ASSERT_EQ(run_prices().exit_code, 1);
  const nlohmann::json id = explored_execution(0, 0)["id"];
  java("abandon", {{"id", id}});
  EXPECT_EQ(history()[0]["status"], "ABANDONED");
  numbers(3);
  ASSERT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(explored()["count"], 2);
  EXPECT_THAT(java_error("run", {{"job", "prices"}, {"parameters", run_id(1)}, {"steps", java_steps(3)}}),
              HasSubstr("JobInstanceAlreadyCompleteException"));
}

TEST_P(JavaGoesOn, WhatBatonLeftRunningIsJavasToRecoverAndBatonsToGoOnWith) {
  constexpr int rows = 20;
  configure({.load = "chunk: 1"});
  numbers(rows);
  {
    HeldRecord record(database_, 8);
    Program program(request({"run", "--once", "prices"}));
    ASSERT_TRUE(await_loaded(7));
    program.signal(SIGKILL);
    program.wait();
  }
  const nlohmann::json id = explored_execution(0, 0)["id"];
  const nlohmann::json steps = java_steps(3);
  EXPECT_THAT(java_error("run", {{"job", "prices"}, {"parameters", run_id(1)}, {"steps", steps}}),
              HasSubstr("JobExecutionAlreadyRunningException"));
  if (generation() == 6) {
    const nlohmann::json recovered = java("recover", {{"id", id}});
    EXPECT_EQ(recovered["status"], "FAILED");
  }
  configure();
  ASSERT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(loaded(), loaded(rows)) << "nothing is lost and nothing repeated";
  EXPECT_EQ(explored()["count"], 1);
}

BATON_INTEROP_SUITE(JavaGoesOn);

}  // namespace
}  // namespace baton
