// JobOperator.stop from Java on a run of Baton's (P10).
#include "tests/interop/interop_fixture.h"

namespace baton {
namespace {

class JavaStops : public InteropTest {
 protected:
  JavaStops() {
    configure({.schedule = "{ fixed_delay: 1h }", .load = "chunk: 1"});
    numbers(rows);
  }

  static constexpr int rows = 20, held = 8;

  // While it waits to write a record.
  void stop_what_runs() {
    ASSERT_TRUE(await_loaded(held - 1));
    EXPECT_EQ(java("stop", {{"id", explored_execution(0, 0)["id"]}})["sent"], true);
    record_.let_go();
  }
  void expect_stopped_by_person() const {
    const nlohmann::json execution = explored_execution(0, 0);
    EXPECT_EQ(execution["status"], "STOPPED");
    EXPECT_EQ(execution["exit"], "STOPPED");
    EXPECT_FALSE(execution["ended"].is_null());
    EXPECT_EQ(execution["steps"][1]["status"], "STOPPED");
    EXPECT_EQ(explored()["running"], nlohmann::json::array());
    const nlohmann::json history = this->history();
    EXPECT_EQ(history[0]["ended_by"], "person");
    EXPECT_EQ(history[0]["written"], held) << "it ends with the chunk that was under way";
    EXPECT_EQ(loaded(), loaded(held));
  }

  HeldRecord record_{database_, held};
};

TEST_P(JavaStops, P10RunEndsAtItsNextChunkAndRestartCompletesItExactly) {
  Program program(request({"run", "--once", "prices"}));
  stop_what_runs();
  const ProgramEnd end = program.wait();
  EXPECT_EQ(end.exit_code, 1) << end.errors;
  EXPECT_THAT(end.output, testing::StartsWith("prices STOPPED: "));
  expect_stopped_by_person();

  configure();  // another chunk size does not matter
  ASSERT_EQ(run({"restart", "prices"}).exit_code, 0);
  EXPECT_EQ(loaded(), loaded(rows));
  EXPECT_EQ(explored_execution(0, 0)["status"], "COMPLETED");
}

TEST_P(JavaStops, P10ReplicaLeavesItStoppedUntilItsNextDueTime) {
  Program replica(request({"run"}));
  stop_what_runs();
  const auto job = [&] {
    const nlohmann::json status = listing({"status"});
    for (const auto& row : status) {
      if (row.value("job", nlohmann::json()) == "prices") return row;
    }
    return nlohmann::json::object();
  };
  ASSERT_TRUE(await([&] { return job().value("state", nlohmann::json()) == "stopped"; }));
  const nlohmann::json now = job();
  EXPECT_EQ(now["next_reason"], "schedule") << now;
  expect_stopped_by_person();
  EXPECT_EQ(history().size(), 1U);

  // A person's restart carries it on at once.
  const ProgramEnd restarted = run({"restart", "prices"});
  EXPECT_EQ(restarted.exit_code, 0) << restarted.errors;
  EXPECT_EQ(loaded(), loaded(rows));
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
}

BATON_INTEROP_SUITE(JavaStops);

}  // namespace
}  // namespace baton
