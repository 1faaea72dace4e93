// What is found is written, and told once, whatever becomes of the write's answer and however long a sink takes.
#include "app/alert_desk.h"

#include "config/load_config.h"
#include "runtime/system_clock.h"
#include "sqlite/connection.h"
#include "tests/doubles/forgetful_alerts.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/temporary_folder.h"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <fstream>
#include <sstream>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

class AlertDeskTest : public testing::Test {
 protected:
  // The command takes a notice once the gate is open.
  AlertDeskTest()
      : config_(config()),
        stores_(config_, clock_, random_, {}),
        repository_(stores_.repository(RepositoryAccess::create).value()),
        alerts_(repository_->alerts()) {
    EXPECT_EQ(mkfifo(gate_.c_str(), 0600), 0);
  }

  Config config() const {
    const std::string text = "repository: { url: \"sqlite:" + folder_.file("baton.db") +
                             "\" }\nalerts: { remind: 1ms, sinks: [ { command: { argv: [ /bin/sh, -c, ': < " + gate_ +
                             "; cat >> " + told_ +
                             "' ] } } ] }\njobs:\n  a: { schedule: manual, steps: [ { name: s, sql: { statement: "
                             "\"SELECT 1\" } } ] }\n";
    ConfigSources sources;
    sources.read_file = [&](const std::string&) -> Result<std::string> { return text; };
    sources.environment = [](const std::string&) -> std::optional<std::string> { return std::nullopt; };
    return load_config("baton.yaml", sources).value();
  }
  void open_gate() { gate_writer_ = std::make_unique<std::fstream>(gate_); }

  WallTime now() { return repository_->replicas().look().value().now; }
  // A look that finds that these jobs fail.
  Status look(AlertDesk& desk, const std::vector<std::string>& failing) {
    const std::vector<Alert> open = alerts_.open().value();
    std::vector<FoundTrouble> findings;
    for (const std::string& job : failing) findings.push_back({Trouble::failing, job, "it fails"});
    BATON_CHECK(desk.tell_for_others(alerts_, {}, now()));
    return desk.write(alerts_, open, findings, AlertRules(), now());
  }
  bool await(const std::function<bool()>& condition) {
    const Instant until = clock_.now() + Duration(20'000);
    while (!condition()) {
      if (clock_.now() >= until) return false;
      clock_.wait_until(clock_.now() + Duration(1), {});
    }
    return true;
  }
  bool await_all_told() {
    return await([&] { return alerts_.untold().value().empty(); });
  }
  // "begun a", in the order of their delivery.
  std::vector<std::string> told() const {
    std::ifstream file(told_);
    std::vector<std::string> notices;
    const auto value = [](const std::string& line, const std::string& key) {
      const std::size_t at = line.find("\"" + key + "\":\"") + key.size() + 4;
      return line.substr(at, line.find('"', at) - at);
    };
    for (std::string line; std::getline(file, line);) {
      notices.push_back(value(line, "event") + " " + value(line, "subject"));
    }
    return notices;
  }

  const TemporaryFolder folder_;
  const std::string gate_ = folder_.file("gate");
  const std::string told_ = folder_.file("told");
  SystemClock clock_;
  SeededRandom random_{1};
  const Config config_;
  Stores stores_;
  Log log_{LogFormat::text, "error"};
  const NativeParts natives_;
  const CommandContext context_{config_, stores_, clock_, random_, log_, natives_};
  const std::unique_ptr<Repository> repository_;
  ForgetfulAlerts alerts_;
  std::unique_ptr<std::fstream> gate_writer_;
};

TEST_F(AlertDeskTest, AnswerOfAWriteIsLostThenTheNextLookTellsOnce) {
  open_gate();
  AlertDesk desk(context_, "r1");
  alerts_.lose_next_answer();
  ASSERT_FALSE(look(desk, {"a"}));
  EXPECT_EQ(alerts_.untold().value().size(), 1U) << "written, and its teller does not know";
  ASSERT_TRUE(desk.tell_for_others(alerts_, {}, now()));
  ASSERT_TRUE(await_all_told());
  EXPECT_THAT(told(), ElementsAre("begun a"));

  alerts_.lose_next_answer();
  ASSERT_FALSE(desk.write(alerts_, alerts_.open().value(), {}, AlertRules(), now()));
  EXPECT_TRUE(alerts_.open().value().empty());
  ASSERT_TRUE(desk.tell_for_others(alerts_, {}, now()));
  ASSERT_TRUE(await_all_told());
  EXPECT_THAT(told(), ElementsAre("begun a", "ended a"));
}

TEST_F(AlertDeskTest, AnswerOfTheClaimIsLostTooThenItIsStillToldOnce) {
  open_gate();
  AlertDesk desk(context_, "r1");
  for (int lost = 0; lost < 3; ++lost) {
    alerts_.lose_next_answer();
    ASSERT_FALSE(look(desk, {"a"}));
  }
  ASSERT_TRUE(desk.tell_for_others(alerts_, {}, now()));
  ASSERT_TRUE(await_all_told());
  EXPECT_THAT(told(), ElementsAre("begun a"));
}

// Each look sees that it is not told yet.
TEST_F(AlertDeskTest, SinkTakesLongThenNoLookTellsItAgain) {
  AlertDesk desk(context_, "r1");
  ASSERT_TRUE(look(desk, {"a"}));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(desk.tell_for_others(alerts_, {}, now()));
  open_gate();
  ASSERT_TRUE(await_all_told());
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(desk.tell_for_others(alerts_, {}, now()));
  ASSERT_TRUE(look(desk, {}));
  ASSERT_TRUE(await([&] { return told().size() > 1; }));
  EXPECT_THAT(told(), ElementsAre("begun a", "ended a"));
}

TEST_F(AlertDeskTest, MoreAtOnceThanASinkHasRoomForThenLaterLooksTellTheRest) {
  AlertDesk desk(context_, "r1", {2});
  ASSERT_TRUE(look(desk, {"a", "b", "c", "d", "e"}));
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(desk.tell_for_others(alerts_, {}, now()));
  EXPECT_THAT(told(), IsEmpty());
  open_gate();
  ASSERT_TRUE(await([&] {
    EXPECT_TRUE(desk.tell_for_others(alerts_, {}, now()));
    return alerts_.untold().value().empty();
  }));
  EXPECT_THAT(told(), UnorderedElementsAre("begun a", "begun b", "begun c", "begun d", "begun e"));
}

TEST_F(AlertDeskTest, StallEndsThoughAnotherOneSawItLaterThenItIsOver) {
  open_gate();
  AlertDesk desk(context_, "r1");
  desk.note({"a", true, "no progress"});
  ASSERT_TRUE(await([&] { return told().size() == 1; }));
  Alert seen = alerts_.open().value().at(0);
  seen.last_seen = now() + std::chrono::hours(1);
  ASSERT_TRUE(alerts_.write({{AlertChange::Kind::seen, seen, {}}}).value().at(0));
  desk.note({"a", false, ""});
  ASSERT_TRUE(await([&] { return told().size() == 2; }));
  EXPECT_THAT(told(), ElementsAre("begun a", "ended a"));
}

// Between the read of the open alert and the write of its end.
TEST_F(AlertDeskTest, StallIsSeenOnceMoreWhileItEndsThenItIsOver) {
  open_gate();
  AlertDesk desk(context_, "r1");
  desk.note({"a", true, "no progress"});
  ASSERT_TRUE(await([&] { return told().size() == 1; }));
  const auto beside = SqliteConnection::open(folder_.file("baton.db"), SqliteAccess::read_write).value();
  const Status planted = beside->execute(
      "CREATE TABLE sight (at TEXT); INSERT INTO sight VALUES ('2999-01-01 00:00:00.000000');"
      "CREATE TRIGGER seen_meanwhile BEFORE UPDATE OF resolved_at ON baton_alert WHEN (SELECT count(*) FROM sight) > 0 "
      "BEGIN UPDATE baton_alert SET last_seen = (SELECT at FROM sight); DELETE FROM sight; SELECT RAISE(IGNORE); END");
  ASSERT_TRUE(planted) << planted.error().message;
  desk.note({"a", false, ""});
  ASSERT_TRUE(await([&] { return told().size() == 2; }));
  EXPECT_THAT(told(), ElementsAre("begun a", "ended a"));
}

TEST_F(AlertDeskTest, StallIsNotedAgainThenRemindedAsTheConfigurationSays) {
  open_gate();
  AlertDesk desk(context_, "r1");
  desk.note({"a", true, "no progress"});
  ASSERT_TRUE(await([&] { return told().size() == 1; }));
  desk.note({"a", true, "no progress still"});
  ASSERT_TRUE(await([&] { return told().size() == 2; }));
  EXPECT_THAT(told(), ElementsAre("begun a", "reminder a"));
}

}  // namespace
}  // namespace baton
