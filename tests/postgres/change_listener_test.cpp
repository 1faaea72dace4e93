#include "postgres/change_listener.h"

#include "postgres/lease_store.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/tcp_proxy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <condition_variable>
#include <mutex>

namespace baton {
namespace {

constexpr Duration patience(20'000);

// What the listener called, for a test to wait for.
class Changes {
 public:
  void note(PgChange change) {
    const std::scoped_lock lock(mutex_);
    ++(change == PgChange::leases ? leases_ : repository_);
    noted_.notify_all();
  }
  void note(const std::string& why) {
    const std::scoped_lock lock(mutex_);
    why_not_.push_back(why);
  }
  std::vector<std::string> why_not() {
    const std::scoped_lock lock(mutex_);
    return why_not_;
  }
  bool wait_for(int leases, int repository) {
    std::unique_lock lock(mutex_);
    return noted_.wait_for(lock, patience, [&] { return leases_ >= leases && repository_ >= repository; });
  }
  std::pair<int, int> counts() {
    const std::scoped_lock lock(mutex_);
    return {leases_, repository_};
  }

 private:
  std::mutex mutex_;
  std::condition_variable noted_;
  int leases_ = 0;
  int repository_ = 0;
  std::vector<std::string> why_not_;
};

class ChangeListener : public testing::Test {
 protected:
  std::unique_ptr<PgChangeListener> listener(const PgSettings& settings) {
    return std::make_unique<PgChangeListener>(
        PgChangeListener::Listening{settings, [this](PgChange change) { changes_.note(change); },
                                    [this](const std::string& why) { changes_.note(why); }});
  }
  // Until a session has done LISTEN.
  void wait_until_listening() {
    const auto connection = database_.connect();
    const std::string listening =
        fmt::format("SELECT 1 FROM pg_stat_activity WHERE datname = '{}' AND state = 'idle' AND query LIKE 'LISTEN%'",
                    database_.name());
    while (connection->query(listening)->rows() == 0) std::this_thread::yield();
  }

  TemporaryDatabase database_;
  Changes changes_;
};

TEST_F(ChangeListener, P6AReleaseAndARepositorysChangeArriveAndOtherSchemasDoNot) {
  const auto listening = listener(database_.settings());
  wait_until_listening();
  SeededRandom random(1);
  const auto store = open_pg_lease_store(database_.settings(), true, random, patience).value();
  ASSERT_TRUE(store->take({"job", "me", Duration(20'000), "v1", false, {}}, std::nullopt, patience));
  database_.query("SELECT " + notify_call("other", PgChange::leases));
  ASSERT_TRUE(store->release("job", "me", "v1", patience));
  ASSERT_TRUE(changes_.wait_for(1, 0));
  EXPECT_EQ(changes_.counts(), std::pair(1, 0));
  database_.query("SELECT " + notify_call("datasync", PgChange::repository));
  ASSERT_TRUE(changes_.wait_for(1, 1));
  EXPECT_EQ(changes_.counts(), std::pair(1, 1));
}

TEST_F(ChangeListener, ALostConnectionIsMadeAgainAndThenBothKindsAreTold) {
  const auto listening = listener(database_.settings());
  wait_until_listening();
  database_.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = "
      "current_database()");
  ASSERT_TRUE(changes_.wait_for(1, 1));
  EXPECT_EQ(changes_.counts(), std::pair(1, 1));
  database_.query("SELECT " + notify_call("datasync", PgChange::repository));
  EXPECT_TRUE(changes_.wait_for(1, 2));
}

TEST_F(ChangeListener, NoSchemaIsNamedThenTheFirstOfTheSearchPathIsMeant) {
  const auto listening = listener(pg_settings({database_.address().url, {}, {}, {}, "test"}, "baton").value());
  wait_until_listening();
  database_.query("SELECT " + notify_call("public", PgChange::repository));
  EXPECT_TRUE(changes_.wait_for(0, 1));
}

TEST_F(ChangeListener, ListenFailsTwiceThenThatIsToldOnceAndBothKindsOnceItWorks) {
  TcpProxy proxy(database_.url());
  proxy.cut_before_each("LISTEN");
  PgAddress address = database_.address();
  address.url = Redacted<std::string>(proxy.through(database_.url()));
  const auto listening = listener(pg_settings(address, "baton").value());
  ASSERT_TRUE(proxy.wait_for_happenings(2, patience));
  proxy.pass();
  EXPECT_TRUE(changes_.wait_for(1, 1)) << "something may have changed while nobody listened";
  EXPECT_EQ(changes_.why_not().size(), 1U);
}

TEST_F(ChangeListener, ItsEndComesAtOnceWhetherItListensOrConnectsOrPauses) {
  const auto ends_at_once = [](std::unique_ptr<PgChangeListener> listening) {
    const auto began = std::chrono::steady_clock::now();
    listening.reset();
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::milliseconds(900));
  };
  auto listening = listener(database_.settings());
  wait_until_listening();
  ends_at_once(std::move(listening));
  TcpProxy proxy(database_.url());
  proxy.black_hole();
  PgAddress address = database_.address();
  address.url = Redacted<std::string>(proxy.through(database_.url()));
  auto connecting = listener(pg_settings(address, "baton").value());
  ASSERT_TRUE(proxy.wait_for_clients(1, patience));
  ends_at_once(std::move(connecting));
  address.url = Redacted<std::string>("postgresql://u:p@127.0.0.1:1/nowhere");
  ends_at_once(listener(pg_settings(address, "baton").value()));
}

TEST(ChangeChannel, NamesOfAnyLengthAndQuotesAreChannels) {
  const TemporaryDatabase database;
  for (const std::string& schema : {std::string("it's \"x\""), std::string(63, 's')}) {
    const auto connection = database.connect();
    ASSERT_TRUE(connection->query("LISTEN " + PgConnection::quoted_name(change_channel(schema))));
    ASSERT_TRUE(connection->query("SELECT " + notify_call(schema, PgChange::leases)));
    const auto notices = connection->notices(std::chrono::steady_clock::now() + patience, -1);
    ASSERT_TRUE(notices);
    EXPECT_EQ(notices->size(), 1U);
  }
}

}  // namespace
}  // namespace baton
