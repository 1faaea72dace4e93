// The service on a free loopback port, asked by plain sockets.
#include "server/http_service.h"

#include "server/health_probe.h"
#include "tests/unit/server/fake_observed.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>
#include <condition_variable>
#include <mutex>
#include <thread>

namespace baton {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

class Connection {
 public:
  explicit Connection(int port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_in address = loopback(port);
    EXPECT_EQ(connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() { close(socket_); }

  void send(const std::string& text) const { ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL); }
  // Everything until the other side closes.
  std::string receive() const {
    std::string all;
    std::array<char, 4096> part{};
    for (ssize_t got = 0; (got = recv(socket_, part.data(), part.size(), 0)) > 0;)
      all.append(part.data(), static_cast<std::size_t>(got));
    return all;
  }

 private:
  int socket_;
};

// A port that somebody else listens on.
class TakenPort {
 public:
  TakenPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(listen(socket_, 1), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  TakenPort(const TakenPort&) = delete;
  TakenPort& operator=(const TakenPort&) = delete;
  ~TakenPort() { free(); }

  int port() const { return port_; }
  void free() {
    if (socket_ >= 0) close(socket_);
    socket_ = -1;
  }

 private:
  int socket_;
  int port_ = 0;
};

class HttpServiceTest : public testing::Test {
 protected:
  void start(int port = 0) {
    ServiceNotices notices{[this](const std::string& text) { hear(infos_, text); },
                           [this](const std::string& text) { hear(warnings_, text); }};
    service_ = std::make_unique<HttpService>(ServiceAddress{"127.0.0.1", port}, observed_, notices, Duration(10));
  }
  void start_and_wait() {
    start();
    await(infos_);
  }
  void hear(std::vector<std::string>& lines, const std::string& text) {
    const std::scoped_lock lock(mutex_);
    lines.push_back(text);
    heard_.notify_all();
  }
  void await(const std::vector<std::string>& lines) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(heard_.wait_for(lock, std::chrono::minutes(1), [&] { return !lines.empty(); }));
  }
  std::string ask(const std::string& request) const {
    const Connection connection(service_->port());
    connection.send(request);
    return connection.receive();
  }
  std::string get(const std::string& path, const std::string& headers = {}) const {
    return ask("GET " + path + " HTTP/1.1\r\nHost: a\r\n" + headers + "\r\n");
  }

  std::mutex mutex_;
  std::condition_variable heard_;
  std::vector<std::string> infos_;
  std::vector<std::string> warnings_;
  FakeObserved observed_;
  std::unique_ptr<HttpService> service_;
};

TEST_F(HttpServiceTest, ItListensThenItSaysWhereAndAnswers) {
  start_and_wait();
  EXPECT_THAT(infos_, ElementsAre(HasSubstr("http://127.0.0.1:" + std::to_string(service_->port()) + "/metrics")));
  EXPECT_THAT(get("/livez"), AllOf(StartsWith("HTTP/1.1 200 OK\r\n"), HasSubstr("Connection: close"),
                                   HasSubstr("Content-Type: application/vnd.spring-boot.actuator.v3+json\r\n"),
                                   HasSubstr("\r\n\r\n{\"status\":\"UP\"")));
  EXPECT_THAT(get("/metrics?format=any"), AllOf(HasSubstr("Content-Type: text/plain; version=0.0.4"),
                                                HasSubstr("\nbaton_replica_info{replica=\"host-1\"")));
}

TEST_F(HttpServiceTest, AskedForTheHeadThenTheLengthOfTheBodyAndNoBody) {
  start_and_wait();
  const std::string whole = get("/livez");
  const std::size_t length = whole.size() - whole.find("\r\n\r\n") - 4;
  EXPECT_THAT(ask("HEAD /livez HTTP/1.1\r\nHost: a\r\n\r\n"),
              AllOf(StartsWith("HTTP/1.1 200"), HasSubstr("Content-Length: " + std::to_string(length) + "\r\n"),
                    EndsWith("\r\n\r\n")));
}

TEST_F(HttpServiceTest, SomethingElseIsAskedThenTheFittingStatus) {
  start_and_wait();
  observed_.well.live = false;
  EXPECT_THAT(get("/livez"), StartsWith("HTTP/1.1 503 "));
  EXPECT_THAT(get("/nowhere"), StartsWith("HTTP/1.1 404 "));
  EXPECT_THAT(ask("POST /metrics HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"),
              AllOf(StartsWith("HTTP/1.1 405 "), HasSubstr("Allow: GET, HEAD\r\n")));
  EXPECT_THAT(ask("nonsense\r\n\r\n"), StartsWith("HTTP/1.1 400 "));
}

TEST_F(HttpServiceTest, ARangeOrACompressionIsAskedThenTheWholePlainText) {
  start_and_wait();
  EXPECT_THAT(get("/metrics", "Range: bytes=0-1\r\nAccept-Encoding: br, gzip\r\n"),
              AllOf(StartsWith("HTTP/1.1 200"), Not(HasSubstr("Content-Encoding")), HasSubstr("\nbaton_tokens 0\n")));
}

TEST_F(HttpServiceTest, ARequestIsTooLongThenItIsCutOff) {
  start_and_wait();
  std::string endless;
  for (int i = 0; i < 2'000; ++i) endless += "X-Header-" + std::to_string(i) + ": value\r\n";
  EXPECT_THAT(get("/livez", endless), Not(HasSubstr("UP")));
  EXPECT_THAT(get("/" + std::string(10'000, 'a')), Not(HasSubstr("HTTP/1.1 200")));
  EXPECT_THAT(get("/livez"), HasSubstr("UP"));
}

TEST_F(HttpServiceTest, ClientsSendNothingThenOthersAreAnswered) {
  start_and_wait();
  const std::string first_half = "GET /livez HTT";
  const Connection silent(service_->port());
  const Connection slow(service_->port());
  slow.send(first_half);
  EXPECT_THAT(get("/livez"), HasSubstr("UP"));
}

TEST_F(HttpServiceTest, ManyClientsSendNothingOrHalfThenHealthIsAnswered) {
  start_and_wait();
  std::vector<std::unique_ptr<Connection>> clients;
  for (int i = 0; i < 200; ++i) {
    clients.push_back(std::make_unique<Connection>(service_->port()));
    if (i % 2 == 0) clients.back()->send("GET /livez HTT");
  }
  EXPECT_THAT(get("/livez"), HasSubstr("UP"));
  EXPECT_THAT(clients.front()->receive(), IsEmpty());  // the oldest made room
  clients.back()->send("GET /readyz HTTP/1.1\r\nHost: a\r\n\r\n");
  EXPECT_THAT(clients.back()->receive(), StartsWith("HTTP/1.1 200"));
}

// More clients ask for metrics than there are threads, and are answered once the mutex is free; as with clients that
// read slowly.
class BusyHttpService : public HttpServiceTest {
 protected:
  void SetUp() override {
    start_and_wait();
    observed_.on_metrics = [this] { const std::scoped_lock wait(held_); };
    for (int i = 0; i < 60; ++i) {
      clients_.push_back(std::make_unique<Connection>(service_->port()));
      clients_.back()->send("GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n");
    }
  }
  void TearDown() override {
    if (hold_.owns_lock()) hold_.unlock();
    service_.reset();  // before the mutex
  }

  std::mutex held_;
  std::unique_lock<std::mutex> hold_{held_};
  std::vector<std::unique_ptr<Connection>> clients_;
};

TEST_F(BusyHttpService, EveryThreadForMetricsIsBusyThenHealthIsAnswered) {
  for (const std::string path : {"/livez", "/readyz", "/actuator/health/liveness"}) {
    EXPECT_THAT(get(path), HasSubstr("UP")) << path;
  }
}

TEST_F(BusyHttpService, MoreClientsWaitThanItMayThenTheRestAreCutOffAndNoneHangs) {
  EXPECT_THAT(clients_.back()->receive(), IsEmpty());
  hold_.unlock();
  EXPECT_THAT(clients_.front()->receive(), StartsWith("HTTP/1.1 200"));
}

TEST_F(HttpServiceTest, ItEndsThenAWaitingClientIsCutOff) {
  start_and_wait();
  const Connection silent(service_->port());
  EXPECT_THAT(get("/livez"), HasSubstr("UP"));  // the silent one was accepted
  service_.reset();
  EXPECT_THAT(silent.receive(), IsEmpty());
}

TEST_F(HttpServiceTest, ThePortIsTakenThenOneWarningAndItListensOnceThePortIsFree) {
  TakenPort taken;
  start(taken.port());
  await(warnings_);
  EXPECT_THAT(warnings_.front(), AllOf(HasSubstr("127.0.0.1:" + std::to_string(taken.port())),
                                       HasSubstr("taken by another process"), HasSubstr("another port")));
  taken.free();
  await(infos_);
  EXPECT_THAT(warnings_, testing::SizeIs(1));
  EXPECT_THAT(get("/livez"), HasSubstr("UP"));
}

TEST_F(HttpServiceTest, TwoServicesWantOnePortThenTheSecondIsRefused) {
  start_and_wait();
  const auto first = std::move(service_);
  start(first->port());
  await(warnings_);
  EXPECT_EQ(service_->port(), 0);
}

TEST_F(HttpServiceTest, ItEndsBeforeItListensThenItEnds) {
  for (int i = 0; i < 20; ++i) {
    start();
    service_.reset();
  }
}

TEST_F(HttpServiceTest, ProbedThenStatusAndBody) {
  start_and_wait();
  observed_.well.ready = false;
  const auto answer = probe_health({"127.0.0.1", service_->port()}, "/readyz", Duration(60'000));
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->status, 503);
  EXPECT_THAT(answer->body, HasSubstr("OUT_OF_SERVICE"));
}

TEST_F(HttpServiceTest, NobodyListensThenTheProbeSaysSo) {
  start_and_wait();
  const int port = service_->port();
  service_.reset();
  const auto answer = probe_health({"127.0.0.1", port}, "/readyz", Duration(60'000));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().kind, ErrorKind::retry);
  EXPECT_THAT(answer.error().message, HasSubstr("127.0.0.1:" + std::to_string(port)));
}

}  // namespace
}  // namespace baton
