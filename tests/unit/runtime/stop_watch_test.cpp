// The watch for a person's stop, and the queue between a load's threads.
#include "runtime/stop_watch.h"

#include "runtime/bounded_queue.h"
#include "tests/doubles/manual_clock.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

class ScriptedControl final : public Control {
 public:
  Result<JobControl> state(const std::string&) override { return JobControl(); }
  Result<StopAnswer> request_stop(const std::string&, const std::string&) override { return StopAnswer::not_needed; }
  Result<bool> stop_requested(std::int64_t execution) override {
    asked = execution;
    ++polls;
    if (broken) return fail(ErrorKind::retry, "away");
    return wanted == execution;
  }
  Status pause(const std::string&, const Pause&) override { return {}; }
  Result<bool> resume(const std::string&) override { return false; }
  Result<std::string> ask(const std::string&, JobRequest request) override { return request.id; }
  Result<bool> withdraw(const std::string&, const std::string&) override { return false; }
  Result<std::optional<RequestAnswer>> answer(const std::string&, const std::string&) override {
    return std::optional<RequestAnswer>();
  }

  std::atomic<std::int64_t> asked = 0;
  std::atomic<int> polls = 0;
  std::atomic<bool> broken = false;
  std::atomic<std::int64_t> wanted = -1;
};

class StopWatchRun : public testing::Test {
 protected:
  // Lets one refresh pass, and waits until the watch waits for the next.
  void poll() {
    clock_.advance_to(clock_.await_waiters(1));
    clock_.await_waiters(1);
  }

  ManualClock clock_;
  ScriptedControl control_;
  std::stop_source stop_;
};

TEST_F(StopWatchRun, StopThatIsAskedForIsRequestedAtTheNextRefresh) {
  StopWatch watch(control_, clock_, Duration(1'000), stop_);
  watch.watch(4);
  poll();
  EXPECT_EQ(control_.asked, 4);
  EXPECT_FALSE(stop_.stop_requested());
  control_.wanted = 4;
  poll();
  EXPECT_TRUE(stop_.stop_requested());
}

TEST_F(StopWatchRun, NothingIsAskedBeforeThereIsAnExecution) {
  const StopWatch watch(control_, clock_, Duration(1'000), stop_);
  poll();
  poll();
  EXPECT_EQ(control_.polls, 0);
}

TEST_F(StopWatchRun, NewExecutionIsWatchedInPlaceOfTheOld) {
  StopWatch watch(control_, clock_, Duration(1'000), stop_);
  watch.watch(4);
  poll();
  watch.watch(5);
  control_.wanted = 4;
  poll();
  EXPECT_EQ(control_.asked, 5);
  EXPECT_FALSE(stop_.stop_requested());
}

TEST_F(StopWatchRun, StoreThatIsAwayIsAskedAgain) {
  StopWatch watch(control_, clock_, Duration(1'000), stop_);
  watch.watch(4);
  control_.wanted = 4;
  control_.broken = true;
  poll();
  EXPECT_FALSE(stop_.stop_requested());
  control_.broken = false;
  poll();
  EXPECT_TRUE(stop_.stop_requested());
}

TEST_F(StopWatchRun, EndOfTheWatchEndsItsThread) {
  const StopWatch watch(control_, clock_, Duration(1'000'000), stop_);
  clock_.await_waiters(1);
}

TEST(BoundedQueue, ItemsComeOutInOrderThroughAQueueThatIsOftenFull) {
  BoundedQueue<int> queue(2);
  std::jthread pushing([&] {
    for (int i = 0; i < 10'000; ++i) ASSERT_TRUE(queue.push(i));
    queue.close();
  });
  int next = 0;
  while (const auto item = queue.pop()) ASSERT_EQ(*item, next++);
  EXPECT_EQ(next, 10'000);
}

TEST(BoundedQueue, CloseLetsThoseGoWhoWait) {
  BoundedQueue<int> full(1), empty(1);
  ASSERT_TRUE(full.push(1));
  std::jthread pushing([&] { EXPECT_FALSE(full.push(2)); });
  std::jthread popping([&] { EXPECT_FALSE(empty.pop()); });
  full.close();
  empty.close();
  pushing.join();
  EXPECT_EQ(full.pop(), 1) << "what is left comes out";
  EXPECT_FALSE(full.pop());
  EXPECT_FALSE(full.push(3));
}

TEST(BoundedQueue, TryPopDoesNotWait) {
  BoundedQueue<int> queue(2);
  EXPECT_FALSE(queue.try_pop());
  ASSERT_TRUE(queue.push(5));
  EXPECT_EQ(queue.try_pop(), 5);
}

}  // namespace
}  // namespace baton
