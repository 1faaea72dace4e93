// Which pings wait, in which order they go, and which are of no interest any more.
#include "runtime/ping_backlog.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class PingBacklogTest : public testing::Test {
 protected:
  void add(const std::string& subject, PingKind kind) { backlog_.add({subject, kind}); }
  // "a start": what is taken now.
  static std::vector<std::string> names(const std::vector<Ping>& pings) {
    std::vector<std::string> names;
    for (const Ping& ping : pings) {
      names.push_back(ping.subject + (ping.kind == PingKind::start     ? " start"
                                      : ping.kind == PingKind::success ? " success"
                                                                       : " failure"));
    }
    return names;
  }
  // Takes what can be taken, and answers so.
  std::vector<std::string> send(const Status& done = {}) {
    const std::vector<Ping> pings = backlog_.take(now_);
    for (const Ping& ping : pings) {
      for (const std::string& line : backlog_.judge(ping, done, now_)) told_.push_back(line);
    }
    return names(pings);
  }
  std::vector<std::string> send_all() {
    std::vector<std::string> all;
    for (auto some = send(); !some.empty(); some = send()) all.insert(all.end(), some.begin(), some.end());
    return all;
  }

  static Status away() { return fail(ErrorKind::retry, "no route"); }
  static Status refused() { return fail(ErrorKind::invalid, "HTTP status 404"); }

  const PingLimits limits_{2, 3, Duration(1'000), Duration(4'000)};
  PingBacklog backlog_{limits_};
  Instant now_{Duration(1'000'000)};
  std::vector<std::string> told_;
};

TEST_F(PingBacklogTest, ShortRunThenStartBeforeEnd) {
  add("a", PingKind::start);
  add("a", PingKind::success);
  EXPECT_THAT(send(), ElementsAre("a start"));
  EXPECT_THAT(send(), ElementsAre("a success"));
  EXPECT_THAT(send(), IsEmpty());
  EXPECT_EQ(backlog_.next_time(), Instant::max());
}

TEST_F(PingBacklogTest, ManyRunsBeforeOneIsSentThenOnlyTheNewest) {
  for (int run = 0; run < 5; ++run) {
    add("a", PingKind::start);
    add("a", run == 4 ? PingKind::failure : PingKind::success);
  }
  EXPECT_THAT(send_all(), ElementsAre("a start", "a failure"));
}

// A failure that a start hid would be heard of by nobody.
TEST_F(PingBacklogTest, StartAfterAFailureThenBoth) {
  add("a", PingKind::start);
  add("a", PingKind::failure);
  add("a", PingKind::start);
  add("a", PingKind::start);
  EXPECT_THAT(send_all(), ElementsAre("a failure", "a start"));
}

TEST_F(PingBacklogTest, HostAwayThenTriedAgainAfterPausesThatDouble) {
  add("a", PingKind::failure);
  EXPECT_THAT(send(away()), ElementsAre("a failure"));
  EXPECT_EQ(backlog_.next_time(), now_ + Duration(1'000));
  EXPECT_THAT(send(away()), IsEmpty());
  now_ += Duration(1'000);
  EXPECT_THAT(send(away()), ElementsAre("a failure"));
  EXPECT_EQ(backlog_.next_time(), now_ + Duration(2'000));
  now_ += Duration(2'000);
  EXPECT_THAT(send(away()), ElementsAre("a failure"));
  EXPECT_EQ(backlog_.next_time(), Instant::max());  // the third was the last
  EXPECT_THAT(told_, ElementsAre("a: no route; trying again"));
}

TEST_F(PingBacklogTest, NewerPingWhileThePauseLastsThenItWaitsAsWellAndTheOldOneIsDropped) {
  add("a", PingKind::start);
  EXPECT_THAT(send(away()), ElementsAre("a start"));
  add("a", PingKind::success);
  EXPECT_THAT(send(), IsEmpty());
  now_ += Duration(1'000);
  EXPECT_THAT(send_all(), ElementsAre("a success"));
  EXPECT_THAT(told_, ElementsAre("a: no route; trying again", "pings arrive again"));
}

TEST_F(PingBacklogTest, NewerPingWhileOneIsUnderWayThenThatIsNotTriedAgain) {
  add("a", PingKind::success);
  const std::vector<Ping> under_way = backlog_.take(now_);
  add("a", PingKind::start);
  add("a", PingKind::failure);
  ASSERT_EQ(under_way.size(), 1U);
  static_cast<void>(backlog_.judge(under_way[0], away(), now_));
  now_ += Duration(1'000);
  EXPECT_THAT(send_all(), ElementsAre("a start", "a failure"));
}

TEST_F(PingBacklogTest, FailureUnderWayThatIsToBeTriedAgainThenBeforeTheNextStart) {
  add("a", PingKind::failure);
  const std::vector<Ping> under_way = backlog_.take(now_);
  add("a", PingKind::start);
  static_cast<void>(backlog_.judge(under_way[0], away(), now_));
  now_ += Duration(1'000);
  EXPECT_THAT(send_all(), ElementsAre("a failure", "a start"));
}

TEST_F(PingBacklogTest, OneThatFailsThenTheOthersGoOn) {
  add("a", PingKind::success);
  EXPECT_THAT(send(away()), ElementsAre("a success"));
  add("b", PingKind::success);
  EXPECT_THAT(send(), ElementsAre("b success"));
}

TEST_F(PingBacklogTest, ManySubjectsThenSoManyAtOnceAndEachInTurn) {
  for (const std::string name : {"a", "b", "c"}) {
    add(name, PingKind::start);
    add(name, PingKind::success);
  }
  EXPECT_THAT(send(), ElementsAre("a start", "b start"));
  EXPECT_THAT(send(), ElementsAre("c start", "a success"));
  EXPECT_THAT(send(), ElementsAre("b success", "c success"));
}

TEST_F(PingBacklogTest, RefusedForGoodThenNotTriedAgainAndToldOnce) {
  for (int run = 0; run < 3; ++run) {
    add("a", PingKind::success);
    EXPECT_THAT(send(refused()), ElementsAre("a success"));
    EXPECT_THAT(send(), IsEmpty());
  }
  EXPECT_THAT(told_, ElementsAre("a: HTTP status 404"));
}

TEST_F(PingBacklogTest, TheEndThenOnlyWhatWasNotTriedYet) {
  add("a", PingKind::success);
  static_cast<void>(send(away()));
  add("b", PingKind::success);
  EXPECT_THAT(names(backlog_.take_untried()), ElementsAre("b success"));
}

}  // namespace
}  // namespace baton
