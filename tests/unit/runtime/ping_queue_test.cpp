// Pings are sent from a thread: who is away holds nobody up, also not at the end.
#include "runtime/ping_queue.h"

#include "runtime/system_clock.h"

#include <gmock/gmock.h>
#include <latch>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

struct PingQueueTest : testing::Test {
  // Notes what it is given, and answers as `answer` says.
  PingHost host(std::function<Status(int call)> answer) {
    return {"https://host", [this, answer = std::move(answer)](const std::vector<Ping>& pings, const std::stop_token&) {
              std::vector<Status> done;
              const std::scoped_lock lock(mutex);
              for (const Ping& ping : pings) {
                sent.push_back(ping.subject);
                done.push_back(answer(static_cast<int>(sent.size())));
              }
              return done;
            }};
  }
  auto warn() {
    return [this](const std::string& text) {
      const std::scoped_lock lock(mutex);
      warnings.push_back(text);
    };
  }
  bool await_sent(std::size_t count) {
    const Instant until = clock.now() + Duration(30'000);
    while (clock.now() < until) {
      {
        const std::scoped_lock lock(mutex);
        if (sent.size() >= count) return true;
      }
      clock.wait_until(clock.now() + Duration(1), {});
    }
    return false;
  }

  SystemClock clock;
  const PingLimits quick{16, 5, Duration(1), Duration(2)};
  std::mutex mutex;
  std::vector<std::string> sent;
  std::vector<std::string> warnings;
};

TEST_F(PingQueueTest, HostThatIsAwayThenTriedAgainUntilItAnswers) {
  PingQueue queue(host([](int call) { return call < 3 ? Status(fail(ErrorKind::retry, "no route")) : Status(); }),
                  clock, warn(), quick);
  queue.add({"a"});
  EXPECT_TRUE(await_sent(3));
  queue.add({"b"});
  EXPECT_TRUE(await_sent(4));
  EXPECT_THAT(sent, ElementsAre("a", "a", "a", "b"));
  const std::scoped_lock lock(mutex);
  EXPECT_THAT(warnings, ElementsAre("https://host: a: no route; trying again", "https://host: pings arrive again"));
}

TEST_F(PingQueueTest, TheEndThenWhatWaitsIsSentOnce) {
  std::latch begun(1), go_on(1);
  {
    PingQueue queue({"https://host",
                     [&](const std::vector<Ping>& pings, const std::stop_token&) {
                       begun.count_down();
                       go_on.wait();
                       for (const Ping& ping : pings) sent.push_back(ping.subject);
                       return std::vector<Status>(pings.size());
                     }},
                    clock, warn(), {1, 5, Duration(1), Duration(2)});
    queue.add({"a"});
    begun.wait();
    queue.add({"b"});
    queue.add({"c"});
    queue.close();
    go_on.count_down();
    queue.wait_until_closed(clock.now() + Duration(60'000));
  }
  EXPECT_THAT(sent, ElementsAre("a", "b", "c"));
}

// Else a host that is away would hold up the end for each that waits.
TEST_F(PingQueueTest, TheEndWhileTheHostIsAwayThenNoMoreAttempts) {
  std::latch begun(1), go_on(1);
  {
    PingQueue queue({"https://host",
                     [&](const std::vector<Ping>& pings, const std::stop_token&) {
                       begun.count_down();
                       go_on.wait();
                       sent.push_back(pings.at(0).subject);
                       return std::vector<Status>{fail(ErrorKind::retry, "no route")};
                     }},
                    clock, warn(), {1, 5, Duration(60'000), Duration(60'000)});
    for (const std::string name : {"a", "b", "c", "d"}) queue.add({name});
    begun.wait();
    queue.close();
    go_on.count_down();
    queue.wait_until_closed(clock.now() + Duration(60'000));
  }
  EXPECT_THAT(sent, ElementsAre("a"));
  EXPECT_THAT(warnings, ElementsAre("https://host: a: not called: the program ends")) << "nobody tries again";
}

TEST_F(PingQueueTest, SendingThatThrowsThenThatIsAnError) {
  PingQueue queue(host([](int call) -> Status { return call == 1 ? throw std::runtime_error("broken") : Status(); }),
                  clock, warn(), quick);
  queue.add({"a"});
  ASSERT_TRUE(await_sent(2));
  const std::scoped_lock lock(mutex);
  EXPECT_THAT(warnings.at(0), HasSubstr("broken"));
}

}  // namespace
}  // namespace baton
