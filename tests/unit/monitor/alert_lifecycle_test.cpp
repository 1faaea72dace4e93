// An alert begins once, is told again while it lasts, and ends once, however many monitors find it.
#include "monitor/alert_lifecycle.h"

#include "monitor/notices_under_way.h"
#include "tests/doubles/memory_alerts.h"

#include <gtest/gtest.h>
#include <set>

namespace baton {
namespace {

using namespace std::chrono_literals;
using Event = Notice::Event;

const WallTime noon{std::chrono::sys_days{std::chrono::year(2026) / 11 / 22} + 12h};

struct AlertLife : testing::Test {
  // One look of a monitor that finds these; what it tells. It read the open alerts at its beginning.
  std::vector<Notice> look(WallTime now, const std::vector<FoundTrouble>& findings, AlertRules rules = {}) {
    return write(now, alerts.open().value(), findings, std::move(rules));
  }
  std::vector<Notice> write(WallTime now, const std::vector<Alert>& open, const std::vector<FoundTrouble>& findings,
                            AlertRules rules = {}) {
    const auto changes = advance_alerts(open, findings, rules, now);
    return notices_of(changes, alerts.write(changes).value());
  }
  static std::vector<Event> events(const std::vector<Notice>& notices) {
    std::vector<Event> events;
    for (const Notice& notice : notices) events.push_back(notice.event);
    return events;
  }

  // Those that `replica` takes over, where only these live.
  std::vector<Notice> claim(WallTime now, const std::string& replica, const std::set<std::string>& live) {
    return claim(now, replica, live, alerts.untold().value());
  }
  std::vector<Notice> claim(WallTime now, const std::string& replica, const std::set<std::string>& live,
                            const std::vector<Alert>& untold) {
    const ClaimRules rules{replica, 15s, [&](const std::string& one) { return live.contains(one); },
                           [&](const Notice& notice) { return under_way.contains(notice); }};
    const auto changes = claim_untold(untold, rules, now);
    return notices_of(changes, alerts.write(changes).value());
  }
  void deliver(const std::vector<Notice>& notices) {
    for (const Notice& notice : notices) EXPECT_TRUE(alerts.write(std::vector{delivered(notice)}).value().at(0));
  }
  static AlertRules told_by(const std::string& replica) {
    AlertRules rules;
    rules.teller = replica;
    return rules;
  }

  void take_on(const std::vector<Notice>& notices) {
    for (const Notice& notice : notices) EXPECT_TRUE(under_way.add(notice));
  }

  MemoryAlerts alerts{std::make_shared<MemoryAlertState>()};
  NoticesUnderWay under_way;  // of any
  const FoundTrouble late{Trouble::overdue, "load", "late by 5s"};
};

TEST_F(AlertLife, FoundForAWhileThenOneNoticeAtEachEnd) {
  const auto begun = look(noon, {late});
  ASSERT_EQ(events(begun), std::vector{Event::begun});
  EXPECT_EQ(begun[0].alert.kind, "overdue");
  EXPECT_EQ(begun[0].alert.subject, "load");
  EXPECT_EQ(begun[0].alert.first_seen, noon);
  for (int i = 1; i < 100; ++i) EXPECT_TRUE(look(noon + i * 10s, {late}).empty());
  EXPECT_EQ(alerts.open().value().at(0).count, 100);
  const auto ended = look(noon + 1'000s, {});
  ASSERT_EQ(events(ended), std::vector{Event::ended});
  EXPECT_EQ(ended[0].alert.resolved, noon + 1'000s);
  EXPECT_TRUE(look(noon + 1'010s, {}).empty());
}

TEST_F(AlertLife, LastsThenTheReminderComesAtItsTimeExactly) {
  AlertRules rules;
  rules.remind = 1h;
  look(noon, {late}, rules);
  EXPECT_TRUE(look(noon + 1h - 1us, {late}, rules).empty());
  EXPECT_EQ(events(look(noon + 1h, {late}, rules)), std::vector{Event::reminder});
  EXPECT_TRUE(look(noon + 2h - 1us, {late}, rules).empty());
  EXPECT_EQ(events(look(noon + 2h, {late}, rules)), std::vector{Event::reminder});
  rules.remind = 0h;
  EXPECT_TRUE(look(noon + 100h, {late}, rules).empty());
}

// Each has read the open alerts before the other wrote.
TEST_F(AlertLife, TwoMonitorsAtOnceThenOneOfThemTells) {
  AlertRules rules;
  rules.remind = 1h;
  const auto none = alerts.open().value();
  EXPECT_EQ(write(noon, none, {late}, rules).size(), 1U);
  EXPECT_EQ(write(noon, none, {late}, rules).size(), 0U);
  const auto one = alerts.open().value();
  EXPECT_EQ(write(noon + 1h, one, {late}, rules).size(), 1U);
  EXPECT_EQ(write(noon + 1h, one, {late}, rules).size(), 0U);
  const auto still = alerts.open().value();
  EXPECT_EQ(write(noon + 2h, still, {}, rules).size(), 1U);
  EXPECT_EQ(write(noon + 2h, still, {}, rules).size(), 0U);
}

// The other one looked at the stores earlier, and writes later.
TEST_F(AlertLife, LookThatIsOlderThanTheLastSightThenDoesNotEndIt) {
  look(noon, {late});
  const auto open = alerts.open().value();
  look(noon + 10s, {late});
  EXPECT_TRUE(write(noon + 9s, open, {}).empty());
  EXPECT_EQ(alerts.open().value().size(), 1U);
}

// Its owner knows that it is over; the other one's look was earlier, whatever its clock said.
TEST_F(AlertLife, EndIsCertainThenALaterSightDoesNotKeepItOpen) {
  look(noon + 10s, {late});
  AlertRules rules;
  rules.certain = true;
  const auto ended = look(noon + 9s, {}, rules);
  ASSERT_EQ(events(ended), std::vector{Event::ended});
  EXPECT_EQ(ended[0].alert.resolved, noon + 10s);
}

TEST_F(AlertLife, FoundAgainAfterItsEndThenItBeginsAnew) {
  look(noon, {late});
  look(noon + 1s, {});
  EXPECT_EQ(events(look(noon + 2s, {late})), std::vector{Event::begun});
}

TEST_F(AlertLife, FoundTwiceInOneLookThenOneAlert) {
  EXPECT_EQ(look(noon, {late, late}).size(), 1U);
  EXPECT_TRUE(look(noon + 1s, {late, late}).empty());
  EXPECT_EQ(alerts.open().value().at(0).count, 2);
}

TEST_F(AlertLife, WhatAnotherLooksForThenIsNotEnded) {
  look(noon, {late});
  AlertRules rules;
  rules.mine = [](const Alert& alert) { return alert.kind != "overdue"; };
  EXPECT_TRUE(look(noon + 1s, {}, rules).empty());
  EXPECT_EQ(alerts.open().value().size(), 1U);
}

TEST_F(AlertLife, EndsForAReasonThenTheTextSaysIt) {
  look(noon, {late});
  AlertRules rules;
  rules.why_over = [](const Alert& alert) { return alert.subject + " was removed"; };
  const auto ended = look(noon + 5s, {}, rules);
  ASSERT_EQ(events(ended), std::vector{Event::ended});
  EXPECT_EQ(ended[0].alert.text, "over: load was removed");
  EXPECT_EQ(alerts.recent(1).value().at(0).text, "over: load was removed");
}

TEST_F(AlertLife, DeliveredThenNobodyTellsItAgain) {
  deliver(look(noon, {late}, told_by("r1")));
  EXPECT_TRUE(claim(noon + 1min, "r2", {"r2"}).empty());
  deliver(look(noon + 2min, {}, told_by("r1")));
  EXPECT_TRUE(claim(noon + 3min, "r2", {"r2"}).empty());
}

// Both see it at the same time.
TEST_F(AlertLife, TellerDiesBeforeItIsDeliveredThenOneOfTheOthersTells) {
  look(noon, {late}, told_by("r1"));
  const auto untold = alerts.untold().value();
  const auto told = claim(noon + 15s, "r2", {"r2", "r3"}, untold);
  ASSERT_EQ(events(told), std::vector{Event::begun});
  EXPECT_EQ(told[0].alert.subject, "load");
  EXPECT_TRUE(claim(noon + 15s, "r3", {"r2", "r3"}, untold).empty());
  deliver(told);
  EXPECT_TRUE(claim(noon + 1min, "r3", {"r3"}).empty());
}

TEST_F(AlertLife, TellerLivesOrMayStillShowThatItDoesThenNobodyElseTells) {
  take_on(look(noon, {late}, told_by("r1")));
  EXPECT_TRUE(claim(noon + 1h, "r2", {"r1", "r2"}).empty());
  EXPECT_TRUE(claim(noon + 1h, "r1", {"r2"}).empty()) << "its own is in its queue";
  EXPECT_TRUE(claim(noon + 15s - 1us, "r2", {"r2"}).empty());
  EXPECT_EQ(claim(noon + 15s, "r2", {"r2"}).size(), 1U);
}

// It was written, and its teller never heard so.
TEST_F(AlertLife, AnswerOfTheWriteIsLostThenItsTellerTellsAtItsNextLook) {
  look(noon, {late}, told_by("r1"));
  const auto begun = claim(noon, "r1", {"r1"});
  ASSERT_EQ(events(begun), std::vector{Event::begun});
  take_on(begun);
  look(noon + 1s, {}, told_by("r1"));
  const auto both = claim(noon + 1s, "r1", {"r1"});
  ASSERT_EQ(events(both), (std::vector{Event::begun, Event::ended})) << "of which the first is under way";
  EXPECT_FALSE(under_way.add(both[0]));
  EXPECT_TRUE(under_way.add(both[1]));
  EXPECT_TRUE(claim(noon + 1h, "r1", {"r1"}).empty());
  deliver(both);
  EXPECT_TRUE(alerts.untold().value().empty());
}

TEST_F(AlertLife, BeginningWaitsForItsSinkAndAReminderIsDueThenNeitherIsLost) {
  AlertRules rules = told_by("r1");
  rules.remind = 1h;
  const auto begun = look(noon, {late}, rules);
  const auto reminder = look(noon + 1h, {late}, rules);
  take_on(begun);
  take_on(reminder);
  EXPECT_TRUE(claim(noon + 2h, "r1", {"r1"}).empty());
  deliver(begun);
  EXPECT_TRUE(claim(noon + 2h, "r1", {"r1"}).empty());
  under_way.remove(reminder.at(0));
  EXPECT_EQ(events(claim(noon + 2h, "r1", {"r1"})), std::vector{Event::reminder});
}

TEST_F(AlertLife, TellerOfAReminderDiesThenTheReminderIsTold) {
  AlertRules rules = told_by("r1");
  rules.remind = 1h;
  deliver(look(noon, {late}, rules));
  ASSERT_EQ(events(look(noon + 1h, {late}, rules)), std::vector{Event::reminder});
  EXPECT_EQ(events(claim(noon + 2h, "r2", {"r2"})), std::vector{Event::reminder});
}

TEST_F(AlertLife, TellerOfTheEndDiesThenTheEndIsTold) {
  deliver(look(noon, {late}, told_by("r1")));
  look(noon + 1min, {}, told_by("r1"));
  const auto told = claim(noon + 2min, "r2", {"r2"});
  ASSERT_EQ(events(told), std::vector{Event::ended});
  EXPECT_EQ(told[0].alert.resolved, noon + 1min);
  deliver(told);
  EXPECT_TRUE(alerts.untold().value().empty());
}

TEST_F(AlertLife, OverBeforeItsBeginningWasDeliveredThenBothAreTold) {
  look(noon, {late}, told_by("r1"));
  look(noon + 1min, {}, told_by("r1"));
  const auto told = claim(noon + 2min, "r2", {"r2"});
  ASSERT_EQ(events(told), (std::vector{Event::begun, Event::ended}));
  EXPECT_FALSE(told[0].alert.resolved);
  deliver(told);
  EXPECT_TRUE(alerts.untold().value().empty());
}

// It was late with it, and does it all the same: at least once, and no more than the death of a teller costs.
TEST_F(AlertLife, TakenOverAndThenDeliveredByBothThenNoThirdTells) {
  const auto first = look(noon, {late}, told_by("r1"));
  const auto second = claim(noon + 1min, "r2", {"r2"});
  deliver(first);
  EXPECT_FALSE(alerts.write(std::vector{delivered(second.at(0))}).value().at(0));
  EXPECT_TRUE(claim(noon + 2min, "r3", {"r3"}).empty());
}

// Two replicas told of it while there was nowhere to record it: one entry, of which nobody is told again but its end.
TEST_F(AlertLife, ToldWhileTheRepositoryWasAwayThenEnteredOnceAndItsEndIsToldOnce) {
  const auto enter = [&](WallTime first_seen, WallTime now) {
    Alert told;
    told.kind = "store_away";
    told.subject = "repository";
    told.first_seen = first_seen;
    told.last_seen = told.notified = first_seen + 30s;
    EXPECT_TRUE(alerts.write(entering({told})));
    EXPECT_TRUE(alerts.write(seen_again(alerts.open().value(), {told}, now)).value().at(0));
  };
  enter(noon, noon + 60s);
  enter(noon + 1s, noon + 62s);
  ASSERT_EQ(alerts.open().value().size(), 1U);
  EXPECT_EQ(alerts.open().value().at(0).last_seen, noon + 62s);
  EXPECT_TRUE(alerts.untold().value().empty());
  EXPECT_TRUE(look(noon + 61s, {}).empty()) << "one misses it still";
  EXPECT_EQ(events(look(noon + 80s, {})), std::vector{Event::ended});
}

}  // namespace
}  // namespace baton
