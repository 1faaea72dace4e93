// An alert begins once, is told again while it lasts, and ends once, however many monitors find it.
#include "monitor/alert_lifecycle.h"

#include "tests/doubles/memory_alerts.h"

#include <gtest/gtest.h>

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

  MemoryAlerts alerts{std::make_shared<MemoryAlertState>()};
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

}  // namespace
}  // namespace baton
