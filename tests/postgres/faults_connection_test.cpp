// Connections and the lease store behind a network that breaks: each call ends in time, and says what is known.
#include "postgres/lease_store.h"
#include "tests/doubles/postgres_server.h"
#include "tests/doubles/seeded_random.h"
#include "tests/doubles/tcp_proxy.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <chrono>
#include <thread>

namespace baton {
namespace {

using std::chrono::steady_clock;

constexpr Duration patience(20'000);
// What a call may take beyond its time on a machine that is busy; far below what the network would take to give up.
constexpr Duration slack(5'000);

class BrokenNetwork : public testing::Test {
 protected:
  BrokenNetwork() : proxy_(database_.url()) {
    PgAddress address = database_.address();
    address.url = Redacted<std::string>(proxy_.through(database_.url()));
    settings_ = pg_settings(address, "baton").value();
  }

  std::unique_ptr<PgConnection> connect() {
    auto connection = PgConnection::open(settings_, patience);
    EXPECT_TRUE(connection) << connection.error().message;
    return *std::move(connection);
  }
  std::unique_ptr<LeaseStore> store() {
    auto store = open_pg_lease_store(settings_, true, random_, patience);
    EXPECT_TRUE(store) << store.error().message;
    return *std::move(store);
  }
  static LeaseRecord record(const std::string& version) {
    return {"job", "me", Duration(20'000), version, false, std::nullopt};
  }
  static LeaseRenewal renewal(const std::string& from, const std::string& to) {
    return {"job", "me", from, to, Duration(20'000)};
  }
  template <class Call>
  static auto in_time(Duration timeout, const Call& call) {
    const auto began = steady_clock::now();
    auto answer = call();
    EXPECT_LT(steady_clock::now() - began, timeout + slack);
    return answer;
  }
  // Until no session but the test's own is left in the database.
  void wait_until_no_backend_is_left() {
    const auto watcher = database_.connect();
    const std::string others =
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()";
    const auto until = steady_clock::now() + patience;
    while (watcher->query(others)->rows() > 0) {
      ASSERT_LT(steady_clock::now(), until) << "a backend is left";
      std::this_thread::yield();
    }
  }

  TemporaryDatabase database_;
  TcpProxy proxy_;
  PgSettings settings_;
  SeededRandom random_{7};
};

TEST_F(BrokenNetwork, CommitWhoseAnswerIsLostIsUnknownAndWasDone) {
  const auto connection = connect();
  ASSERT_TRUE(connection->script("CREATE TABLE t (a int); BEGIN; INSERT INTO t VALUES (1)"));
  proxy_.cut_after("COMMIT");
  const auto committed = connection->script("COMMIT", PgEffect::commits);
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::unknown_outcome);
  ASSERT_TRUE(proxy_.wait_until_happened(patience));
  EXPECT_EQ(database_.query("SELECT count(*) FROM t"), "1");
  wait_until_no_backend_is_left();
}

TEST_F(BrokenNetwork, CommitThatNeverArrivesIsUnknownAndWasNotDone) {
  const auto connection = connect();
  ASSERT_TRUE(connection->script("CREATE TABLE t (a int)"));
  ASSERT_TRUE(connection->script("BEGIN; INSERT INTO t VALUES (1)"));
  proxy_.cut_before("COMMIT");
  const auto committed = connection->script("COMMIT", PgEffect::commits);
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::unknown_outcome);
  ASSERT_TRUE(proxy_.wait_until_happened(patience));
  EXPECT_EQ(database_.query("SELECT count(*) FROM t"), "0");
  wait_until_no_backend_is_left();
}

TEST_F(BrokenNetwork, ACutInTheMiddleOfCopyLeavesNothingBehind) {
  const auto connection = connect();
  ASSERT_TRUE(connection->script("CREATE TABLE t (a int, b text)"));
  ASSERT_TRUE(connection->script("BEGIN"));
  ASSERT_TRUE(connection->copy_in("COPY t FROM STDIN"));
  proxy_.cut_after("the last row that arrives");
  std::string rows;
  for (int i = 0; i < 20'000; ++i) rows += fmt::format("{}\tx\n", i);
  Status sent = connection->copy_data(rows);
  if (sent) sent = connection->copy_data(std::string_view("20000\tthe last row that arrives\n"));
  ASSERT_TRUE(proxy_.wait_until_happened(patience));
  while (sent) sent = connection->copy_data(rows);
  EXPECT_EQ(sent.error().kind, ErrorKind::retry);
  EXPECT_TRUE(connection->lost());
  EXPECT_EQ(database_.query("SELECT count(*) FROM t"), "0");
  wait_until_no_backend_is_left();
}

TEST_F(BrokenNetwork, AStatementWhoseClientIsGoneIsEndedByTheServer) {
  const auto connection = connect();
  connection->set_timeout(Duration(50));
  EXPECT_FALSE(connection->query("SELECT pg_sleep(3600)"));
  wait_until_no_backend_is_left();
}

TEST_F(BrokenNetwork, NoCallWaitsLongerThanItsTimeInABlackHole) {
  const auto connection = connect();
  connection->set_timeout(Duration(100));
  proxy_.black_hole();
  const auto none = in_time(Duration(100), [&] { return connection->query("SELECT 1"); });
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::retry);
  const auto unopened = in_time(Duration(100), [&] { return PgConnection::open(settings_, Duration(100)); });
  ASSERT_FALSE(unopened);
  EXPECT_EQ(unopened.error().kind, ErrorKind::retry);
}

TEST_F(BrokenNetwork, LeaseCallsInABlackHoleEndInTimeWithTheRightKind) {
  const auto leases = store();
  ASSERT_TRUE(leases->take(record("v1"), std::nullopt, patience));
  const LeaseRenewal to_v2 = renewal("v1", "v2");
  ASSERT_TRUE(leases->renew({&to_v2, 1}, patience).front());
  proxy_.black_hole();
  constexpr Duration time(200);
  const LeaseRenewal to_v3 = renewal("v2", "v3");
  const auto renewed = in_time(time, [&] { return leases->renew({&to_v3, 1}, time); });
  EXPECT_EQ(renewed.front().error().kind, ErrorKind::unknown_outcome);
  const auto read = in_time(time, [&] { return leases->read("job", time); });
  EXPECT_EQ(read.error().kind, ErrorKind::retry);
  // The connections are known to be lost now, and connecting does nothing.
  const auto released = in_time(time, [&] { return leases->release("job", "me", "v2", time); });
  EXPECT_EQ(released.error().kind, ErrorKind::retry);
  EXPECT_EQ(in_time(time, [&] { return leases->renew({&to_v3, 1}, time); }).front().error().kind, ErrorKind::retry);
  proxy_.pass();
  EXPECT_EQ(leases->read("job", patience).value(), record("v2"));
  EXPECT_TRUE(leases->renew({&to_v3, 1}, patience).front());
}

TEST_F(BrokenNetwork, ARenewalWhoseAnswerIsLostIsUnknownAndReadBackShowsIt) {
  const auto leases = store();
  ASSERT_TRUE(leases->take(record("v1"), std::nullopt, patience));
  const LeaseRenewal to_v2 = renewal("v1", "v2");
  ASSERT_TRUE(leases->renew({&to_v2, 1}, patience).front());
  const LeaseRenewal to_v3 = renewal("v2", "v3");
  proxy_.cut_after("renewed");
  EXPECT_EQ(leases->renew({&to_v3, 1}, patience).front().error().kind, ErrorKind::unknown_outcome);
  ASSERT_TRUE(proxy_.wait_until_happened(patience));
  EXPECT_EQ(leases->read("job", patience).value(), record("v3"));
  const LeaseRenewal to_v4 = renewal("v3", "v4");
  proxy_.cut_before("renewed");
  EXPECT_EQ(leases->renew({&to_v4, 1}, patience).front().error().kind, ErrorKind::unknown_outcome);
  ASSERT_TRUE(proxy_.wait_until_happened(patience));
  EXPECT_EQ(leases->read("job", patience).value(), record("v3"));
}

TEST_F(BrokenNetwork, AReadWhoseConnectionBreaksIsReadAgainInTheSameCall) {
  const auto leases = store();
  ASSERT_TRUE(leases->take(record("v1"), std::nullopt, patience));
  proxy_.cut_before("SELECT key");
  EXPECT_EQ(leases->read("job", patience).value(), record("v1"));
  proxy_.cut();
  EXPECT_EQ(leases->list(patience).value(), std::vector<LeaseRecord>{record("v1")});
}

// Agrees to TLS and goes away: what a server does that stops or restarts.
class BrokenHandshake {
 public:
  BrokenHandshake() {
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address_), size), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address_), &size), 0);
    server_ = std::jthread([socket = socket_] {
      const int client = accept(socket, nullptr, nullptr);
      std::array<char, 8> request{};
      if (recv(client, request.data(), request.size(), MSG_WAITALL) > 0) static_cast<void>(send(client, "S", 1, 0));
      close(client);
    });
  }
  ~BrokenHandshake() {
    server_.join();
    close(socket_);
  }
  std::string url() const {
    return fmt::format("postgresql://u@127.0.0.1:{}/d?sslmode=require", ntohs(address_.sin_port));
  }

 private:
  int socket_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address_{};
  std::jthread server_;
};

TEST(BrokenTls, AHandshakeThatBreaksOffIsTriedAgain) {
  const BrokenHandshake server;
  const PgAddress address{Redacted<std::string>(server.url()), {}, {}, {}, "shown"};
  const auto connection = PgConnection::open(pg_settings(address, "baton").value(), patience);
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().kind, ErrorKind::retry) << connection.error().message;
}

}  // namespace
}  // namespace baton
