// Notices reach those who are to be told, and who cannot be reached holds nobody up.
#include "runtime/notice_queue.h"

#include "runtime/system_clock.h"
#include "tests/doubles/manual_clock.h"

#include <gmock/gmock.h>
#include <atomic>
#include <future>
#include <latch>

namespace baton {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

struct NoticeQueueTest : testing::Test {
  static Notice notice(const std::string& subject) {
    Notice notice;
    notice.alert.kind = "late";
    notice.alert.subject = subject;
    return notice;
  }
  // Notes the subjects that it is given, and answers as `answer` says.
  NoticeSink sink(std::function<Status(int call)> answer) {
    return {"the sink", [this, answer = std::move(answer)](const Notice& told, const std::stop_token&) {
              const std::scoped_lock lock(mutex);
              delivered.push_back(told.alert.subject);
              return answer(static_cast<int>(delivered.size()));
            }};
  }
  void warn(const std::string& text) {
    const std::scoped_lock lock(mutex);
    warnings.push_back(text);
  }
  bool wait(NoticeQueue& queue) { return queue.wait_until_told(clock.now() + Duration(30'000)); }

  SystemClock clock;
  const NoticeLimits quick{3, 4, Duration(1), Duration(2)};
  std::mutex mutex;
  std::vector<std::string> delivered;
  std::vector<std::string> warnings;
};

TEST_F(NoticeQueueTest, SinksThatTakeThemThenEachNoticeOnceAndInOrder) {
  NoticeQueue queue(
      {sink([](int) { return Status(); })}, clock, [this](const auto& text) { warn(text); }, quick);
  queue.tell({notice("a"), notice("b")});
  queue.tell({notice("c")});
  ASSERT_TRUE(wait(queue));
  EXPECT_THAT(delivered, ElementsAre("a", "b", "c"));
  EXPECT_TRUE(warnings.empty());
}

TEST_F(NoticeQueueTest, SinkThatIsAwayThenTriedAgainUntilItTakesIt) {
  NoticeQueue queue(
      {sink([](int call) { return call < 3 ? Status(fail(ErrorKind::retry, "no route")) : Status(); })}, clock,
      [this](const auto& text) { warn(text); }, quick);
  queue.tell({notice("a")});
  ASSERT_TRUE(wait(queue));
  EXPECT_THAT(delivered, ElementsAre("a", "a", "a"));
  EXPECT_THAT(warnings, ElementsAre("alerts: the sink: no route", "alerts: the sink takes notices again"));
}

TEST_F(NoticeQueueTest, SinkThatStaysAwayThenTheNoticeIsGivenUpAndTheNextIsTried) {
  NoticeQueue queue(
      {sink([](int) { return Status(fail(ErrorKind::retry, "no route")); })}, clock,
      [this](const auto& text) { warn(text); }, quick);
  queue.tell({notice("a"), notice("b")});
  ASSERT_TRUE(wait(queue));
  EXPECT_EQ(delivered.size(), 8U);
  EXPECT_THAT(warnings, Contains("alerts: the notice \"late a\" is not delivered to the sink: no route"));
}

TEST_F(NoticeQueueTest, SinkThatRefusesForGoodThenNotTriedAgain) {
  NoticeQueue queue(
      {sink([](int) { return Status(fail(ErrorKind::invalid, "HTTP status 404")); })}, clock,
      [this](const auto& text) { warn(text); }, quick);
  queue.tell({notice("a")});
  ASSERT_TRUE(wait(queue));
  EXPECT_EQ(delivered.size(), 1U);
}

TEST_F(NoticeQueueTest, SinkThatThrowsThenThatIsAnError) {
  NoticeQueue queue(
      {sink([](int) -> Status { throw std::runtime_error("broken"); })}, clock,
      [this](const auto& text) { warn(text); }, quick);
  queue.tell({notice("a")});
  ASSERT_TRUE(wait(queue));
  EXPECT_THAT(warnings, Contains(HasSubstr("broken")));
}

// Who tells is not held up, the others hear of it, and memory is bounded.
TEST_F(NoticeQueueTest, SinkThatHangsThenOthersAreToldAndWhatIsTooMuchOfItsOwnIsDropped) {
  std::latch begun(1);
  NoticeSink hanging{"hanging", [&](const Notice&, std::stop_token stop) {
                       begun.count_down();
                       clock.wait_until(clock.now() + Duration(60'000), std::move(stop));
                       return Status();
                     }};
  {
    NoticeQueue queue(
        {hanging, sink([](int) { return Status(); })}, clock, [this](const auto& text) { warn(text); }, quick);
    queue.tell({notice("first")});
    begun.wait();
    for (int i = 0; i < 5; ++i) {
      queue.tell({notice("n")});
      const Instant until = clock.now() + Duration(10'000);
      const auto told = [&] {
        const std::scoped_lock lock(mutex);
        return delivered.size() == static_cast<std::size_t>(i) + 2;
      };
      while (!told() && clock.now() < until) clock.wait_until(clock.now() + Duration(1), {});
      ASSERT_TRUE(told());
    }
    EXPECT_FALSE(queue.wait_until_told(clock.now()));
  }
  EXPECT_THAT(warnings, Contains("alerts: 1 notices for hanging are dropped: too many wait"));
}

// Only what all have taken, or never will, is known to be told.
TEST_F(NoticeQueueTest, SeveralSinksThenFinishedOnceTheLastOfThemHasIt) {
  std::latch reached(1), go_on(1);
  std::atomic<int> finished = 0;
  NoticeQueue queue(
      {sink([](int) { return Status(); }),
       {"the slow sink",
        [&](const Notice&, const std::stop_token&) -> Status {
          reached.count_down();
          go_on.wait();
          return fail(ErrorKind::invalid, "not that");
        }}},
      clock, [this](const auto& text) { warn(text); }, quick, [&](const Notice&) { ++finished; });
  queue.tell({notice("a")});
  reached.wait();
  EXPECT_EQ(finished, 0);
  go_on.count_down();
  ASSERT_TRUE(wait(queue));
  EXPECT_EQ(finished, 1);
}

// Those that are dropped untried count too.
TEST_F(NoticeQueueTest, SomebodyWaitsThenTheLastDeliveryWakesHim) {
  ManualClock still;
  std::latch go_on(1);
  NoticeQueue queue({{"the slow sink",
                      [&](const Notice&, const std::stop_token&) {
                        go_on.wait();
                        return Status();
                      }}},
                    still, [this](const auto& text) { warn(text); }, {2, 4, Duration(1), Duration(2)});
  queue.tell({notice("a"), notice("b"), notice("c"), notice("d")});
  const Instant until = still.now() + Duration(1'000);
  std::future<bool> told = std::async(std::launch::async, [&] { return queue.wait_until_told(until); });
  EXPECT_EQ(still.await_waiters(1), until) << "it looks at nothing before";
  go_on.count_down();
  EXPECT_TRUE(told.get());
}

// Six at once, of which it has room for three, beside one that it is at.
TEST_F(NoticeQueueTest, MoreThanASinkThatIsWellHasRoomForThenTheNewestAreToBeToldAgain) {
  std::latch begun(1), go_on(1);
  std::mutex noting;
  std::vector<std::string> finished, dropped;
  const auto note = [&](std::vector<std::string>& where) {
    return [&noting, &where](const Notice& one) {
      const std::scoped_lock lock(noting);
      where.push_back(one.alert.subject);
    };
  };
  NoticeQueue queue(
      {{"the sink",
        [&](const Notice& told, const std::stop_token&) -> Status {
          if (told.alert.subject == "a") begun.count_down();
          go_on.wait();
          const std::scoped_lock lock(mutex);
          delivered.push_back(told.alert.subject);
          return {};
        }}},
      clock, [this](const auto& text) { warn(text); }, quick, note(finished), note(dropped));
  queue.tell({notice("a")});
  begun.wait();
  EXPECT_EQ(queue.room(), 3U);
  queue.tell({notice("b"), notice("c"), notice("d"), notice("e"), notice("f")});
  EXPECT_EQ(queue.room(), 0U);
  go_on.count_down();
  ASSERT_TRUE(wait(queue));
  EXPECT_THAT(delivered, ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(finished, ElementsAre("a", "b", "c", "d"));
  EXPECT_THAT(dropped, ElementsAre("f", "e"));
  EXPECT_EQ(queue.room(), 3U);
  EXPECT_THAT(warnings, ElementsAre("alerts: 2 notices for the sink are dropped: too many wait"));
}

// Nobody waits for it, and nothing is told again for its sake.
TEST_F(NoticeQueueTest, MoreThanASinkThatIsAwayHasRoomForThenTheOldestAreGivenUp) {
  std::atomic<int> calls = 0;
  std::vector<std::string> finished, dropped;
  NoticeQueue queue(
      {{"the sink",
        [&](const Notice&, const std::stop_token&) -> Status {
          ++calls;
          calls.notify_all();
          return fail(ErrorKind::retry, "no route");
        }}},
      clock, [this](const auto& text) { warn(text); }, {3, 1'000, Duration(60'000), Duration(60'000)},
      [&](const Notice& one) { finished.push_back(one.alert.subject); },
      [&](const Notice& one) { dropped.push_back(one.alert.subject); });
  queue.tell({notice("a")});
  calls.wait(0);
  const Instant until = clock.now() + Duration(10'000);
  while (queue.room() == 3 && clock.now() < until) clock.wait_until(clock.now() + Duration(1), {});
  EXPECT_GT(queue.room(), 1'000U) << "it counts no more";
  queue.tell({notice("b"), notice("c"), notice("d"), notice("e"), notice("f")});
  EXPECT_THAT(finished, ElementsAre("b", "c"));
  EXPECT_TRUE(dropped.empty());
}

TEST_F(NoticeQueueTest, NoSinksThenFinishedAtOnce) {
  std::vector<std::string> finished;
  NoticeQueue queue(
      {}, clock, [this](const auto& text) { warn(text); }, quick,
      [&](const Notice& one) { finished.push_back(one.alert.subject); });
  queue.tell({notice("a"), notice("b")});
  EXPECT_THAT(finished, ElementsAre("a", "b"));
}

TEST_F(NoticeQueueTest, EndsWhileASinkIsAwayThenNotFinished) {
  std::atomic<int> finished = 0;
  {
    NoticeQueue queue(
        {sink([](int) { return Status(fail(ErrorKind::retry, "no route")); })}, clock,
        [this](const auto& text) { warn(text); }, {3, 1'000, Duration(1), Duration(60'000)},
        [&](const Notice&) { ++finished; });
    queue.tell({notice("a")});
    while (true) {
      const std::scoped_lock lock(mutex);
      if (!delivered.empty()) break;
    }
  }
  EXPECT_EQ(finished, 0);
}

}  // namespace
}  // namespace baton
