// Baton carries on what Java left: the status rules are Spring's, and a load step without Baton's progress begins anew.
#include "tests/interop/interop_fixture.h"

namespace baton {
namespace {

class CarriesOn : public InteropTest {
 protected:
  CarriesOn() { java("schema"); }

  void expect_one_instance_completed_anew() const {
    EXPECT_EQ(loaded(), loaded(5));
    const nlohmann::json seen = explored();
    EXPECT_EQ(seen["count"], 1);
    const auto& execution = seen["instances"][0]["executions"][0];
    EXPECT_EQ(execution["status"], "COMPLETED");
    ASSERT_EQ(execution["steps"].size(), 1U) << "a COMPLETED step is skipped";
    EXPECT_EQ(execution["steps"][0]["name"], "load");
    EXPECT_EQ(execution["steps"][0]["write"], 5);
  }
};

TEST_P(CarriesOn, P11LoadThatNeedNotFearRepetitionBeginsAnew) {
  for (const std::string mode : {"replace", "upsert", "mirror"}) {
    SCOPED_TRACE(mode);
    database_.query("DROP TABLE public.prices; CREATE TABLE public.prices (id integer)");
    database_.query("TRUNCATE datasync.batch_job_instance CASCADE");
    java_leaves_failed();
    configure({.prepare = "command: { argv: [\"false\"] }", .mode = mode});
    numbers(5);
    const ProgramEnd end = run_prices();
    ASSERT_EQ(end.exit_code, 0) << end.errors;
    EXPECT_THAT(end.errors, HasSubstr("begins anew: a program other than Baton has worked on it"));
    expect_one_instance_completed_anew();
  }
}

TEST_P(CarriesOn, P11AppendIsRefusedAndNothingIsLaunched) {
  java_leaves_failed();
  configure();
  numbers(5);
  for (const char* command : {"restart", "run"}) {
    const ProgramEnd end = command == std::string("run") ? run_prices() : run({command, "prices"});
    EXPECT_EQ(end.exit_code, 1) << command;
    EXPECT_THAT(end.errors, AllOf(HasSubstr("baton restart prices --from-start"), HasSubstr("baton abandon prices")));
  }
  EXPECT_EQ(loaded(), loaded(2));
  EXPECT_EQ(explored()["instances"][0]["executions"].size(), 1U);
}

TEST_P(CarriesOn, P11AppendFromStartIsAPersonsWord) {
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"restart", "prices"}, std::vector<std::string>{"run", "--once", "prices"}}) {
    SCOPED_TRACE(command[0]);
    database_.query("TRUNCATE public.prices; TRUNCATE datasync.batch_job_instance CASCADE");
    java_leaves_failed();
    configure();
    numbers(5);
    database_.query("TRUNCATE public.prices");
    std::vector<std::string> from_start = command;
    from_start.emplace_back("--from-start");
    const ProgramEnd end = run(from_start);
    ASSERT_EQ(end.exit_code, 0) << end.errors;
    expect_one_instance_completed_anew();
  }
}

TEST_P(CarriesOn, P10WhatJavaStoppedIsCarriedOnByTheNextLaunch) {
  nlohmann::json steps = java_steps(5);
  steps[0]["does"] = "stop";
  const nlohmann::json left = java("run", {{"job", "prices"}, {"parameters", run_id(7)}, {"steps", steps}});
  ASSERT_EQ(left["status"], "STOPPED");
  configure();
  numbers(5);
  ASSERT_EQ(run_prices().exit_code, 0) << "Java has not begun to append";
  EXPECT_EQ(loaded(), loaded(5));
  const nlohmann::json seen = explored();
  EXPECT_EQ(seen["count"], 1);
  const auto& execution = seen["instances"][0]["executions"][0];
  EXPECT_EQ(execution["status"], "COMPLETED");
  EXPECT_EQ(execution["steps"].size(), 2U);
  EXPECT_EQ(execution["parameters"]["run.id"]["value"], "7");

  // The next run counts on from Java's.
  ASSERT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(explored_execution(0, 0)["parameters"]["run.id"]["value"], "8");
}

TEST_P(CarriesOn, P15WhatJavaLeftRunningIsClosedAtTheNextLaunch) {
  const nlohmann::json left = java("leave_started", {{"job", "prices"}, {"step", "load"}, {"parameters", run_id(1)}});
  configure({.mode = "upsert"});
  numbers(5);
  const ProgramEnd end = run_prices();
  ASSERT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(loaded(), loaded(5));
  const nlohmann::json closed = explored_execution(0, 1);
  EXPECT_EQ(closed["id"], left["id"]);
  EXPECT_EQ(closed["status"], "FAILED");
  EXPECT_EQ(closed["exit"], "FAILED");
  EXPECT_FALSE(closed["ended"].is_null());
  EXPECT_GT(closed["version"], left["version"]);
  EXPECT_EQ(closed["steps"][0]["status"], "FAILED");
  EXPECT_EQ(closed["steps"][0]["exit"], "FAILED");
  EXPECT_FALSE(closed["steps"][0]["ended"].is_null());
  EXPECT_THAT(closed["message"].get<std::string>(), HasSubstr("a program other than Baton"));
  EXPECT_EQ(explored_execution(0, 0)["status"], "COMPLETED");
  EXPECT_EQ(explored()["running"], nlohmann::json::array());
}

TEST_P(CarriesOn, P15WhatJavaWasAskedToStopIsClosedAsStopped) {
  const nlohmann::json left = java("leave_started", {{"job", "prices"}, {"step", "load"}, {"parameters", run_id(1)}});
  java("stop", {{"id", left["id"]}});
  configure({.mode = "upsert"});
  numbers(5);
  ASSERT_EQ(run_prices().exit_code, 0);
  const nlohmann::json closed = explored_execution(0, 1);
  EXPECT_EQ(closed["status"], "STOPPED");
  EXPECT_FALSE(closed["ended"].is_null());
  EXPECT_THAT((std::vector<std::string>{"STOPPED", "FAILED"}), testing::Contains(closed["steps"][0]["status"]));
  EXPECT_EQ(explored()["running"], nlohmann::json::array());
}

TEST_P(CarriesOn, P15ClosedRunIsJavasToRestart) {
  const nlohmann::json left = java("leave_started", {{"job", "prices"}, {"step", "load"}, {"parameters", run_id(1)}});
  configure();
  numbers(5);
  ASSERT_EQ(run_prices().exit_code, 1) << "append is refused, but what Java left is closed first";
  EXPECT_EQ(explored_execution(0, 0)["status"], "FAILED");
  java("restart", {{"job", "prices"}, {"id", left["id"]}, {"steps", java_steps(5)}});
  EXPECT_EQ(explored_execution(0, 0)["status"], "COMPLETED");
  EXPECT_EQ(loaded(), loaded(5));
}

BATON_INTEROP_SUITE(CarriesOn);

}  // namespace
}  // namespace baton
