// --from-start: an append that another program than Baton has begun.
#include "tests/process/process_test.h"

namespace baton {
namespace {

class FromStart : public ProcessTest {
 protected:
  // A run that failed at its second record after the first was loaded, as if it were Java's: no entry of Baton's.
  void java_leaves_failed() const {
    configure({.step = "chunk: 1"});
    workspace_.write("prices.csv", prices(1) + "x,1\n");
    ASSERT_EQ(run_prices().exit_code, 1);
    workspace_.execute("baton.db", "DELETE FROM baton_execution");
    workspace_.execute("warehouse.db", "DELETE FROM baton_progress");
    ASSERT_EQ(loaded(), loaded(1));
    workspace_.write("prices.csv", prices(3));
  }
  void take_rows_out() const { workspace_.execute("warehouse.db", "DELETE FROM prices"); }
};

TEST_F(FromStart, P11AppendIsRefusedWithoutIt) {
  java_leaves_failed();
  for (const auto& command : {std::vector<std::string>{"run", "--once", "prices"}, {"restart", "prices"}}) {
    const ProgramEnd end = run(command);
    EXPECT_EQ(end.exit_code, 1);
    EXPECT_THAT(end.errors, AllOf(HasSubstr("baton restart prices --from-start"), HasSubstr("baton abandon prices")));
  }
  EXPECT_EQ(loaded(), loaded(1));
  EXPECT_EQ(history().size(), 1U);
}

TEST_F(FromStart, P11RestartAppendsTheWholeInput) {
  java_leaves_failed();
  take_rows_out();
  const ProgramEnd end = run({"restart", "prices", "--from-start"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(loaded(), loaded(3));
  EXPECT_EQ(history()[0]["instance_id"], history()[1]["instance_id"]);
}

TEST_F(FromStart, P11OwnerIsAskedAndDoesIt) {
  java_leaves_failed();
  take_rows_out();
  Program replica(workspace_.request({"run"}));
  ASSERT_TRUE(await([&] { return run({"restart", "prices"}).errors.find("is asked to do it") != std::string::npos; }));
  EXPECT_EQ(loaded(), "0|NULL|NULL");
  const ProgramEnd end = run({"restart", "prices", "--from-start"});
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("is asked to do it"));
  EXPECT_EQ(loaded(), loaded(3));
  replica.signal(SIGTERM);
  EXPECT_EQ(replica.wait().exit_code, 0);
}

TEST_F(FromStart, ReplicaTakesNoSuchOption) {
  configure();
  EXPECT_EQ(run({"run", "--from-start"}).exit_code, 2);
}

}  // namespace
}  // namespace baton
