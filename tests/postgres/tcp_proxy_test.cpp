// The proxy that fault tests rely on does what it says.
#include "tests/doubles/tcp_proxy.h"

#include "tests/doubles/postgres_server.h"

#include <gtest/gtest.h>
#include <chrono>

namespace baton {
namespace {

constexpr Duration patience(20'000);

class TcpProxyTest : public testing::Test {
 protected:
  TcpProxyTest() : proxy_(database_.url()) { database_.query("CREATE TABLE t (a int)"); }

  std::unique_ptr<PgConnection> connect() {
    PgAddress address = database_.address();
    address.url = Redacted<std::string>(proxy_.through(database_.url()));
    auto connection = PgConnection::open(pg_settings(address, "baton").value(), patience);
    EXPECT_TRUE(connection) << connection.error().message;
    return *std::move(connection);
  }
  std::string rows() { return database_.query("SELECT count(*) FROM t"); }

  TemporaryDatabase database_;
  TcpProxy proxy_;
};

TEST_F(TcpProxyTest, PassesMessagesOfAnySizeAndCountsTheClients) {
  const auto connection = connect();
  const std::int64_t before = proxy_.client_messages();
  const std::string big(3'000'000, 'x');
  const auto echo = connection->script("SELECT '" + big + "'");
  ASSERT_TRUE(echo) << echo.error().message;
  EXPECT_EQ(echo->front().view(0, 0), big);
  EXPECT_EQ(proxy_.client_messages(), before + 1);
}

TEST_F(TcpProxyTest, CutEndsWhatIsOpenAndNewConnectionsPass) {
  const auto connection = connect();
  proxy_.cut();
  EXPECT_FALSE(connection->query("SELECT 1"));
  EXPECT_TRUE(connection->lost());
  EXPECT_TRUE(connect()->query("SELECT 1"));
}

TEST_F(TcpProxyTest, CutAfterAMessageHasItDoneAndOnlyOnce) {
  const auto connection = connect();
  proxy_.cut_after("INSERT INTO t");
  const auto lost = connection->script("INSERT INTO t VALUES (1)", PgEffect::commits);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::unknown_outcome);
  ASSERT_TRUE(proxy_.wait_until_happened(patience));
  EXPECT_EQ(rows(), "1");
  EXPECT_TRUE(connect()->script("INSERT INTO t VALUES (2)", PgEffect::commits));
}

TEST_F(TcpProxyTest, CutBeforeAMessageHasItNotDone) {
  const auto connection = connect();
  proxy_.cut_before("INSERT INTO t");
  const auto lost = connection->script("INSERT INTO t VALUES (1)", PgEffect::commits);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::unknown_outcome);
  ASSERT_TRUE(proxy_.wait_until_happened(patience));
  EXPECT_EQ(rows(), "0");
}

TEST_F(TcpProxyTest, ABlackHoleAnswersNothingAndClosesNothing) {
  const auto connection = connect();
  connection->set_timeout(Duration(50));
  proxy_.black_hole_after("INSERT INTO t");
  const auto lost = connection->script("INSERT INTO t VALUES (1)", PgEffect::commits);
  ASSERT_FALSE(lost);
  EXPECT_EQ(lost.error().kind, ErrorKind::unknown_outcome);
  ASSERT_TRUE(proxy_.wait_until_happened(patience));
  while (rows() != "1") std::this_thread::yield();
  EXPECT_TRUE(connect()->query("SELECT 1")) << "others pass";
  proxy_.black_hole();
  PgAddress address = database_.address();
  address.url = Redacted<std::string>(proxy_.through(database_.url()));
  const auto none = PgConnection::open(pg_settings(address, "baton").value(), Duration(50));
  ASSERT_FALSE(none);
  EXPECT_EQ(none.error().kind, ErrorKind::retry);
}

TEST_F(TcpProxyTest, DelayHoldsBothWays) {
  const auto connection = connect();
  proxy_.delay(Duration(30));
  const auto began = std::chrono::steady_clock::now();
  ASSERT_TRUE(connection->query("SELECT 1"));
  EXPECT_GE(std::chrono::steady_clock::now() - began, Duration(60));
}

TEST_F(TcpProxyTest, DownThenNeitherOldNorNewConnectionsWorkUntilItPasses) {
  const auto before = connect();
  proxy_.down();
  EXPECT_FALSE(before->query("SELECT 1"));
  PgAddress address = database_.address();
  address.url = Redacted<std::string>(proxy_.through(database_.url()));
  EXPECT_FALSE(PgConnection::open(pg_settings(address, "baton").value(), patience));
  proxy_.pass();
  EXPECT_TRUE(connect()->query("SELECT 1"));
}

}  // namespace
}  // namespace baton
