// Who waits for the last of it is woken by its end, not by a look at the clock now and then.
#include "runtime/work_left.h"

#include "tests/doubles/manual_clock.h"

#include <gtest/gtest.h>
#include <future>

namespace baton {
namespace {

struct WorkLeftTest : testing::Test {
  ManualClock clock;
  const Instant until = clock.now() + Duration(1'000);
  WorkLeft left;

  std::future<bool> wait() {
    return std::async(std::launch::async, [this] { return left.wait_until_none(clock, until); });
  }
};

TEST_F(WorkLeftTest, NothingIsThenNobodyWaits) { EXPECT_TRUE(left.wait_until_none(clock, clock.now())); }

TEST_F(WorkLeftTest, TheLastOfItEndsThenTheWaitIsOverAtOnce) {
  left.begin(2);
  std::future<bool> none = wait();
  EXPECT_EQ(clock.await_waiters(1), until) << "it looks at nothing before";
  left.end();
  EXPECT_EQ(clock.await_waiters(1), until);
  left.end();
  EXPECT_TRUE(none.get());
}

TEST_F(WorkLeftTest, TheTimeComesFirstThenItSaysSo) {
  left.begin();
  std::future<bool> none = wait();
  EXPECT_EQ(clock.await_waiters(1), until);
  clock.advance_to(until);
  EXPECT_FALSE(none.get());
}

}  // namespace
}  // namespace baton
