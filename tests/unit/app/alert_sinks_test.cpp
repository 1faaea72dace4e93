// What those hear who are told of alerts: a webhook in each form, a command.
#include "app/alert_sinks.h"

#include "app/commands.h"
#include "app/notice_text.h"
#include "runtime/system_clock.h"
#include "tests/doubles/http_server.h"
#include "tests/doubles/temporary_folder.h"

#include <gmock/gmock.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

namespace baton {
namespace {

using nlohmann::json;
using testing::HasSubstr;
using testing::Not;

Notice late(Notice::Event event = Notice::Event::begun) {
  using std::chrono::hours;
  const WallTime noon{std::chrono::sys_days{std::chrono::year(2026) / 11 / 22} + hours(12)};
  Notice notice;
  notice.event = event;
  notice.alert.kind = "overdue";
  notice.alert.subject = "load \"x\"";
  notice.alert.text = "late by 5s\nand more";
  notice.alert.first_seen = noon;
  notice.alert.last_seen = noon + hours(1);
  notice.alert.count = 7;
  if (event == Notice::Event::ended) notice.alert.resolved = noon + hours(2);
  return notice;
}

struct AlertSinks : testing::Test {
  AlertSinks()
      : server([this](const ReceivedRequest& request) {
          received.push_back(request);
          GivenReply reply;
          reply.status = status;
          reply.silent = silent;
          if (silent) stop.request_stop();
          return reply;
        }) {}

  Status send(WebhookFormat format, const Notice& notice) {
    AlertsConfig config;
    WebhookConfig webhook;
    webhook.url = Redacted<std::string>(server.url() + "/hook?token=geheim");
    webhook.shown = server.url();
    webhook.format = format;
    config.sinks.emplace_back(webhook);
    const auto sinks = make_sinks(config, log, clock);
    EXPECT_THAT(sinks.at(0).shown, Not(HasSubstr("geheim")));
    return sinks.at(0).deliver(notice, stop.get_token());
  }
  Status run(const std::vector<std::string>& argv, const Notice& notice) {
    CommandSinkConfig command;
    for (const std::string& argument : argv) command.argv.push_back({argument, {}});
    AlertsConfig config;
    config.sinks.emplace_back(command);
    return make_sinks(config, log, clock).at(0).deliver(notice, {});
  }

  SystemClock clock;
  Log log{LogFormat::text, "error"};
  int status = 200;
  bool silent = false;
  std::stop_source stop;
  std::vector<ReceivedRequest> received;  // by one connection's thread, read after its answer
  HttpServer server;
};

TEST_F(AlertSinks, WebhookThenAPostOfPlainJson) {
  ASSERT_TRUE(send(WebhookFormat::json, late(Notice::Event::ended)));
  ASSERT_EQ(received.size(), 1U);
  EXPECT_EQ(received[0].method, "POST");
  EXPECT_EQ(received[0].target, "/hook?token=geheim");
  EXPECT_EQ(received[0].headers["content-type"], "application/json");
  const json body = json::parse(received[0].body);
  EXPECT_EQ(body["event"], "ended");
  EXPECT_EQ(body["kind"], "overdue");
  EXPECT_EQ(body["subject"], "load \"x\"");
  EXPECT_EQ(body["message"], "late by 5s\nand more");
  EXPECT_EQ(body["first_seen"], "2026-11-22T12:00:00.000Z");
  EXPECT_EQ(body["count"], 7);
  EXPECT_EQ(body["resolved"], "2026-11-22T14:00:00.000Z");
}

TEST_F(AlertSinks, SlackThenOneText) {
  ASSERT_TRUE(send(WebhookFormat::slack, late(Notice::Event::reminder)));
  const json body = json::parse(received.at(0).body);
  EXPECT_EQ(body.size(), 1U);
  EXPECT_THAT(body["text"].get<std::string>(), HasSubstr("Baton: overdue load \"x\": late by 5s"));
  EXPECT_THAT(body["text"].get<std::string>(), HasSubstr("seen 7 times"));
}

TEST_F(AlertSinks, OverForAReasonThenTheSentenceSaysIt) {
  Notice notice = late(Notice::Event::ended);
  EXPECT_EQ(notice_sentence(notice), "overdue load \"x\": is over");
  notice.alert.text = "over: it was removed";
  EXPECT_EQ(notice_sentence(notice), "overdue load \"x\": is over: it was removed");
}

// The labels are the same at both ends: that is how it knows which alert is over.
TEST_F(AlertSinks, AlertmanagerThenTheListOfItsApi) {
  ASSERT_TRUE(send(WebhookFormat::alertmanager, late()));
  ASSERT_TRUE(send(WebhookFormat::alertmanager, late(Notice::Event::ended)));
  const json begun = json::parse(received.at(0).body);
  const json ended = json::parse(received.at(1).body);
  ASSERT_EQ(begun.size(), 1U);
  EXPECT_EQ(begun[0]["labels"]["alertname"], "baton_overdue");
  EXPECT_EQ(begun[0]["labels"]["subject"], "load \"x\"");
  EXPECT_EQ(begun[0]["startsAt"], "2026-11-22T12:00:00.000Z");
  const std::string ends_at = begun[0]["endsAt"];
  const auto keeps = [this](Duration wanted) { return rfc3339(clock.wall_now() + wanted); };
  EXPECT_GT(ends_at, keeps(std::chrono::hours(2)));  // by default told again each hour
  EXPECT_LT(ends_at, keeps(std::chrono::hours(3)));
  EXPECT_EQ(ended[0]["labels"], begun[0]["labels"]);
  EXPECT_EQ(ended[0]["endsAt"], "2026-11-22T14:00:00.000Z");
}

TEST_F(AlertSinks, NoRemindersThenAlertmanagerKeepsIt) {
  using std::chrono::hours;
  EXPECT_EQ(kept_for(Duration(0)), hours(365 * 24));
  EXPECT_GT(kept_for(hours(24)), hours(48));
  EXPECT_EQ(kept_for(hours(24 * 36'600)), hours(365 * 24));
}

// What a source's error says mentions nobody, and is no link.
TEST_F(AlertSinks, TextWithSlacksMarkupThenEscaped) {
  Notice notice = late();
  notice.alert.text = "<!channel> & <http://evil|click>";
  ASSERT_TRUE(send(WebhookFormat::slack, notice));
  EXPECT_THAT(json::parse(received.at(0).body)["text"].get<std::string>(),
              HasSubstr("&lt;!channel&gt; &amp; &lt;http://evil|click&gt;"));
}

TEST_F(AlertSinks, WebhookThatAnswersBadlyThenTriedAgainOnlyWhereThatMayHelp) {
  for (const auto& [answer, kind] : std::vector<std::pair<int, ErrorKind>>{
           {500, ErrorKind::retry}, {429, ErrorKind::retry}, {404, ErrorKind::invalid}}) {
    status = answer;
    const Status sent = send(WebhookFormat::json, late());
    ASSERT_FALSE(sent);
    EXPECT_EQ(sent.error().kind, kind) << answer;
    EXPECT_THAT(sent.error().message, Not(HasSubstr("geheim")));
  }
}

TEST_F(AlertSinks, WebhookThatNeverAnswersThenTheEndWaitsForNoAnswer) {
  silent = true;
  const Instant began = clock.now();
  const Status sent = send(WebhookFormat::json, late());
  EXPECT_LT(clock.now() - began, Duration(5'000));  // the request itself may last 10 s
  ASSERT_FALSE(sent);
  EXPECT_EQ(sent.error().message, "stopped");
}

TEST_F(AlertSinks, CommandThenOneLineOnItsStandardInput) {
  const TemporaryFolder folder;
  const std::string file = folder.file("told");
  ASSERT_TRUE(run({"/usr/bin/tee", "-a", file}, late()));
  ASSERT_TRUE(run({"/usr/bin/tee", "-a", file}, late(Notice::Event::ended)));
  std::ifstream text(file);
  std::string first, second, third;
  std::getline(text, first);
  std::getline(text, second);
  EXPECT_EQ(first, notice_json(late()));
  EXPECT_EQ(json::parse(second)["event"], "ended");
  EXPECT_FALSE(std::getline(text, third));
}

TEST_F(AlertSinks, CommandThatFailsThenTriedAgain) {
  const Status done = run({"/bin/sh", "-c", "exit 3"}, late());
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::retry);
  EXPECT_THAT(done.error().message, HasSubstr("exit code 3"));
  EXPECT_FALSE(run({"/nowhere/at/all"}, late()));
}

}  // namespace
}  // namespace baton
