// What monitoring found, and when each monitor has looked.
#include "tests/contract/repository_contract.h"

namespace baton {
namespace {

using Kind = AlertChange::Kind;

class RepositoryAlerts : public RepositoryContract {
 protected:
  Alerts& alerts() { return *connection_->alerts; }
  WallTime now() { return clock_.wall_now(); }

  Alert found(const std::string& kind, const std::string& subject) {
    Alert alert;
    alert.kind = kind;
    alert.subject = subject;
    alert.text = subject + " is " + kind;
    alert.first_seen = now();
    return alert;
  }
  bool write(Kind kind, Alert alert, WallTime before = {}) {
    const auto done = alerts().write({{kind, std::move(alert), before}});
    EXPECT_TRUE(done) << done.error().message;
    return done && done->size() == 1 && done->front();
  }
  // An alert of kind late that has begun now.
  Alert begun(const std::string& subject = "load") {
    EXPECT_TRUE(write(Kind::begin, found("late", subject)));
    for (const Alert& alert : open()) {
      if (alert.subject == subject) return alert;
    }
    ADD_FAILURE() << "it is not open";
    return {};
  }
  std::vector<Alert> open() { return alerts().open().value(); }
};

TEST_P(RepositoryAlerts, NothingFoundThenNothingIsOpenAndNobodyHasLooked) {
  EXPECT_TRUE(open().empty());
  EXPECT_TRUE(alerts().recent(10).value().empty());
  EXPECT_TRUE(alerts().passes().value().empty());
  EXPECT_TRUE(alerts().write({}).value().empty());
}

TEST_P(RepositoryAlerts, BegunThenOpenWithAllThatWasSaid) {
  const Alert alert = begun("it's \"load\"");
  EXPECT_EQ(alert.kind, "late");
  EXPECT_EQ(alert.subject, "it's \"load\"");
  EXPECT_EQ(alert.text, "it's \"load\" is late");
  EXPECT_EQ(alert.first_seen, now());
  EXPECT_EQ(alert.last_seen, now());
  EXPECT_EQ(alert.notified, now());
  EXPECT_EQ(alert.count, 1);
  EXPECT_FALSE(alert.resolved);
  EXPECT_GT(alert.id, 0);
}

// Two monitors find the same: one of them tells.
TEST_P(RepositoryAlerts, BegunTwiceThenTheSecondHasNoEffect) {
  begun();
  EXPECT_FALSE(write(Kind::begin, found("late", "load")));
  EXPECT_TRUE(write(Kind::begin, found("late", "other")));
  EXPECT_TRUE(write(Kind::begin, found("failing", "load")));
  ASSERT_EQ(open().size(), 3U);
  EXPECT_EQ(open()[0].kind, "failing");
  EXPECT_EQ(open()[1].subject, "load");
  EXPECT_EQ(open()[2].subject, "other");
}

TEST_P(RepositoryAlerts, SeenAgainThenCountedAndTheTextIsTheNewest) {
  Alert alert = begun();
  const WallTime first = now();
  clock_.advance(Duration(5'000));
  alert.text = "later still";
  alert.last_seen = now();
  EXPECT_TRUE(write(Kind::seen, alert));
  const Alert stored = open().at(0);
  EXPECT_EQ(stored.text, "later still");
  EXPECT_EQ(stored.first_seen, first);
  EXPECT_EQ(stored.last_seen, now());
  EXPECT_EQ(stored.notified, first);
  EXPECT_EQ(stored.count, 2);
  // A slower monitor saw it earlier.
  alert.last_seen = first;
  EXPECT_TRUE(write(Kind::seen, alert));
  EXPECT_EQ(open().at(0).last_seen, now());
}

TEST_P(RepositoryAlerts, RemindedByTwoThenOneOfThemTells) {
  Alert alert = begun();
  const WallTime first = now();
  clock_.advance(Duration(3'600'000));
  alert.last_seen = now();
  EXPECT_TRUE(write(Kind::remind, alert, first));
  EXPECT_FALSE(write(Kind::remind, alert, first));
  EXPECT_EQ(open().at(0).notified, now());
  EXPECT_EQ(open().at(0).count, 2);
}

TEST_P(RepositoryAlerts, EndedThenNotOpenAndTheSameMayBeginAgain) {
  Alert alert = begun();
  clock_.advance(Duration(1'000));
  alert.resolved = now();
  alert.text = "over: it's gone";
  EXPECT_TRUE(write(Kind::end, alert));
  EXPECT_FALSE(write(Kind::end, alert));
  EXPECT_FALSE(write(Kind::seen, alert));
  EXPECT_EQ(alerts().recent(1).value().at(0).text, "over: it's gone");
  EXPECT_TRUE(open().empty());
  const Alert again = begun();
  EXPECT_NE(again.id, alert.id);
  const auto recent = alerts().recent(10).value();
  ASSERT_EQ(recent.size(), 2U);
  EXPECT_EQ(recent[0].id, again.id);
  EXPECT_EQ(recent[1].resolved, now());
  EXPECT_EQ(alerts().recent(1).value().size(), 1U);
}

// A monitor whose look is older than the last sight does not end it.
TEST_P(RepositoryAlerts, SeenAfterTheLookThatFoundItGoneThenItStaysOpen) {
  Alert alert = begun();
  const WallTime early = now();
  clock_.advance(Duration(1'000));
  alert.last_seen = now();
  EXPECT_TRUE(write(Kind::seen, alert));
  alert.resolved = early;
  EXPECT_FALSE(write(Kind::end, alert));
  EXPECT_EQ(open().size(), 1U);
}

TEST_P(RepositoryAlerts, SeveralChangesThenEachSaysWhetherItHadAnEffect) {
  Alert gone = begun("gone");
  gone.resolved = now();
  const auto done = alerts().write(
      {{Kind::begin, found("late", "new"), {}}, {Kind::begin, found("late", "gone"), {}}, {Kind::end, gone, {}}});
  ASSERT_TRUE(done) << done.error().message;
  EXPECT_EQ(*done, (std::vector<bool>{true, false, true}));
}

TEST_P(RepositoryAlerts, PassNotedThenTheLastOneOfEachMonitor) {
  ok(alerts().note_pass({"monitoring-2", "r1", Duration(5'000), now()}));
  ok(alerts().note_pass({"monitoring-1", "r1", Duration(2'000), now()}));
  clock_.advance(Duration(2'000));
  ok(alerts().note_pass({"monitoring-1", "r2", Duration(3'000), now()}));
  const auto passes = alerts().passes().value();
  ASSERT_EQ(passes.size(), 2U);
  EXPECT_EQ(passes[0].monitor, "monitoring-1");
  EXPECT_EQ(passes[0].replica, "r2");
  EXPECT_EQ(passes[0].every, Duration(3'000));
  EXPECT_EQ(passes[0].at, now());
  EXPECT_EQ(passes[1].at, now() - Duration(2'000));
}

TEST_P(RepositoryAlerts, BegunThenUntoldByItsTellerUntilItIsDelivered) {
  Alert alert = found("late", "load");
  alert.teller = "r1";
  alert.notified = alert.first_seen;
  EXPECT_TRUE(write(Kind::begin, alert));
  const auto untold = alerts().untold().value();
  ASSERT_EQ(untold.size(), 1U);
  EXPECT_EQ(untold[0].teller, "r1");
  EXPECT_FALSE(untold[0].told);
  EXPECT_TRUE(write(Kind::told, alert));
  EXPECT_FALSE(write(Kind::told, alert));
  EXPECT_TRUE(alerts().untold().value().empty());
  EXPECT_EQ(open().at(0).told, alert.first_seen);
}

TEST_P(RepositoryAlerts, RemindedOrEndedThenUntoldAgainByThatTeller) {
  Alert alert = begun();
  EXPECT_TRUE(write(Kind::told, alert));
  clock_.advance(Duration(3'600'000));
  const WallTime first = alert.notified;
  alert.last_seen = alert.notified = now();
  alert.teller = "r2";
  EXPECT_TRUE(write(Kind::remind, alert, first));
  ASSERT_EQ(alerts().untold().value().size(), 1U);
  EXPECT_EQ(alerts().untold().value()[0].teller, "r2");
  EXPECT_TRUE(write(Kind::told, alert));
  EXPECT_TRUE(alerts().untold().value().empty());
  clock_.advance(Duration(1'000));
  alert.resolved = alert.notified = now();
  alert.teller = "r3";
  EXPECT_TRUE(write(Kind::end, alert));
  const auto untold = alerts().untold().value();
  ASSERT_EQ(untold.size(), 1U) << "also where it is over";
  EXPECT_EQ(untold[0].teller, "r3");
  EXPECT_EQ(untold[0].notified, now());
  EXPECT_EQ(untold[0].resolved, now());
  EXPECT_EQ(untold[0].told, now() - Duration(1'000));
  EXPECT_TRUE(write(Kind::told, alert));
  EXPECT_TRUE(alerts().untold().value().empty());
}

TEST_P(RepositoryAlerts, ClaimedByTwoThenOneOfThemHasIt) {
  Alert alert = begun();
  const auto claim = [&](const std::string& teller, const std::string& before) {
    Alert claimed = alert;
    claimed.teller = teller;
    const auto done = alerts().write({{Kind::claim, claimed, {}, before}});
    EXPECT_TRUE(done) << done.error().message;
    return done && done->front();
  };
  EXPECT_TRUE(claim("r2", ""));
  EXPECT_FALSE(claim("r3", ""));
  EXPECT_EQ(alerts().untold().value().at(0).teller, "r2");
  EXPECT_TRUE(write(Kind::told, alert));
  EXPECT_FALSE(claim("r3", "r2")) << "it is delivered";
}

INSTANTIATE_TEST_SUITE_P(Every, RepositoryAlerts, every_repository(), backend_name);

}  // namespace
}  // namespace baton
