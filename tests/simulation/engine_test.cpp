// The simulator's own parts: virtual time, fibers, the network.
#include "tests/doubles/seeded_random.h"
#include "tests/simulation/chance.h"
#include "tests/simulation/fiber.h"
#include "tests/simulation/network.h"

#include <gtest/gtest.h>
#include <string>

namespace baton {
namespace {

using namespace std::chrono_literals;

TEST(EventQueue, EventsAtOneMomentHappenInTheOrderOfAsking) {
  EventQueue queue;
  std::string order;
  queue.at(20us, [&] { order += "c"; });
  queue.at(10us, [&] {
    order += "a";
    queue.at(5us, [&] { order += "b"; });  // not in the past
  });
  queue.at(20us, [&] { order += "d"; });
  while (!queue.empty()) queue.run_next();
  EXPECT_EQ(order, "abcd");
  EXPECT_EQ(queue.now(), 20us);
}

TEST(Fiber, SuspendedThenResumedThenGoesOnWhereItWas) {
  std::string heard;
  Fiber fiber([&] {
    heard += "1";
    Fiber::current()->suspend();
    heard += "3";
  });
  fiber.resume();
  heard += "2";
  EXPECT_FALSE(fiber.ended());
  fiber.resume();
  EXPECT_TRUE(fiber.ended());
  EXPECT_EQ(heard, "123");
}

TEST(Fiber, KilledThenItsStackIsUnwound) {
  struct Sign {
    bool& gone;
    explicit Sign(bool& sign) : gone(sign) {}
    Sign(const Sign&) = delete;
    Sign& operator=(const Sign&) = delete;
    ~Sign() { gone = true; }
  };
  bool unwound = false;
  bool went_on = false;
  Fiber fiber([&] {
    const Sign sign(unwound);
    Fiber::current()->suspend();
    went_on = true;
  });
  fiber.resume();
  EXPECT_FALSE(unwound);
  fiber.kill();
  EXPECT_TRUE(fiber.ended());
  EXPECT_TRUE(unwound);
  EXPECT_FALSE(went_on);
}

TEST(Fiber, ManyTakeTurnsOnReusedStacks) {
  int sum = 0;
  for (int round = 0; round < 50; ++round) {
    std::vector<std::unique_ptr<Fiber>> fibers;
    for (int number = 0; number < 20; ++number) {
      fibers.push_back(std::make_unique<Fiber>([&sum, number] {
        std::string text(1000, static_cast<char>('a' + number));
        Fiber::current()->suspend();
        sum += text[999] - 'a';
      }));
      fibers.back()->resume();
    }
    for (const auto& fiber : fibers) fiber->resume();
  }
  EXPECT_EQ(sum, 50 * 190);
}

class NetworkTest : public testing::Test {
 protected:
  CallFate call() {
    std::optional<CallFate> fate;
    network_.call(
        link_, 100ms,
        [this](const Network::Answer& answer) {
          ++done_;
          answer();
        },
        [&](CallFate became) {
          fate = became;
          fate_at_ = queue_.now();
        });
    while (!fate) queue_.run_next();
    return *fate;
  }

  EventQueue queue_;
  SeededRandom random_{1};
  Network network_{queue_, random_};
  SimulatedServer server_{"store", true, {}};
  Link link_{&server_};
  int done_ = 0;
  TrueTime fate_at_{0};
};

TEST_F(NetworkTest, NothingWrongThenAnsweredSoon) {
  EXPECT_EQ(call(), CallFate::answered);
  EXPECT_EQ(done_, 1);
  EXPECT_LE(fate_at_, 4ms);
}

TEST_F(NetworkTest, AnswerLostThenDoneButUnanswered) {
  server_.faults.answer_lost = 1;
  EXPECT_EQ(call(), CallFate::unanswered);
  EXPECT_EQ(done_, 1);
  EXPECT_EQ(fate_at_, 100ms);
}

TEST_F(NetworkTest, RequestLostThenNotDone) {
  server_.faults.request_lost = 1;
  EXPECT_EQ(call(), CallFate::unanswered);
  while (!queue_.empty()) queue_.run_next();
  EXPECT_EQ(done_, 0);
}

TEST_F(NetworkTest, SlowThenItIsDoneAfterTheCallerGaveUp) {
  server_.faults.slow = 1;
  server_.faults.slowest = 1s;
  bool late = false;
  for (int i = 0; i < 20; ++i) {
    done_ = 0;
    const bool unanswered = call() == CallFate::unanswered;
    const bool not_yet = done_ == 0;
    while (!queue_.empty()) queue_.run_next();
    late = late || (unanswered && not_yet && done_ == 1);
  }
  EXPECT_TRUE(late);
}

TEST_F(NetworkTest, CutThenNoCallSucceeds) {
  link_.requests_pass = false;
  for (int i = 0; i < 20; ++i) EXPECT_NE(call(), CallFate::answered);
}

}  // namespace
}  // namespace baton
