// Health over HTTP, and `baton health`.
#include "tests/process/served_replica.h"

#include <netinet/in.h>
#include <sys/socket.h>

namespace baton {
namespace {

using testing::IsEmpty;
using testing::StartsWith;

// A port of the loopback address that nobody else gets, and nobody listens on until listen() is called.
class ReservedPort {
 public:
  ReservedPort() : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
  }
  ReservedPort(const ReservedPort&) = delete;
  ReservedPort& operator=(const ReservedPort&) = delete;
  ~ReservedPort() { close(socket_); }

  void listen() const { EXPECT_EQ(::listen(socket_, 1), 0); }
  int port() const { return port_; }

 private:
  int socket_;
  int port_ = 0;
};

class ServedHealth : public ServedReplicaTest {
 protected:
  // `baton health` for a replica at that port.
  ProgramEnd health(int port, std::vector<std::string> more = {}) const {
    workspace_.write("probe.yaml", "server: { listen: \"127.0.0.1:" + std::to_string(port) + "\" }\njobs:\n" +
                                       sql_job("count", by_hand));
    std::vector<std::string> arguments{"health", "--config", "probe.yaml"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
};

TEST_F(ServedHealth, ItHasLookedAtItsStoresThenUp) {
  configure_served(sql_job("count", once_an_hour));
  const Replica replica = start();
  const int port = port_of(replica);
  ASSERT_TRUE(await_answer(port, "/readyz", "200 "));
  EXPECT_THAT(get(port, "/livez"), HasSubstr(R"({"status":"UP")"));
  EXPECT_THAT(get(port, "/actuator/health"), AllOf(StartsWith("200 "), HasSubstr("\"groups\"")));
  EXPECT_THAT(get(port, "/actuator/env"), StartsWith("404 "));
  EXPECT_EQ(health(port).exit_code, 0);
  EXPECT_EQ(health(port).output, "UP\n");
  EXPECT_EQ(health(port, {"--live"}).exit_code, 0);
  EXPECT_THAT(health(port, {"--json"}).output, AllOf(HasSubstr("\"probe\": \"ready\""), HasSubstr("\"UP\"")));
  end(replica);
  EXPECT_THAT(get(port, "/livez"), IsEmpty());
}

TEST_F(ServedHealth, TheStoresDoNotAnswerThenLiveAndNotReady) {
  configure_served(sql_job("count", once_an_hour));
  make_gate("gate");
  const Replica replica = start_with_point("before LeaseStore::list 1 wait gate");
  const int port = port_of(replica);
  const int gate = reach_gate("gate");
  EXPECT_THAT(get(port, "/livez"), StartsWith("200 "));
  EXPECT_THAT(get(port, "/readyz"), AllOf(StartsWith("503 "), HasSubstr(R"("leaseStore":{"status":"DOWN"})")));
  EXPECT_THAT(get(port, "/metrics"), HasSubstr("\nbaton_ready 0\n"));
  const ProgramEnd asked = health(port);
  EXPECT_EQ(asked.exit_code, 1);
  EXPECT_THAT(asked.output, AllOf(StartsWith("DOWN: "), HasSubstr("leaseStore")));
  EXPECT_EQ(health(port, {"--live"}).exit_code, 0);
  close(gate);
  EXPECT_TRUE(await_answer(port, "/readyz", "200 "));
  end(replica);
}

// Of each loop that calls the lease store: it has answered before, and none of its calls fails.
class CallThatHangs : public ServedHealth, public testing::WithParamInterface<const char*> {};

INSTANTIATE_TEST_SUITE_P(Of, CallThatHangs, testing::Values("list", "renew"),
                         [](const auto& one) { return std::string(one.param); });

TEST_P(CallThatHangs, NotReadyAfterALeaseWithTheReasonAndStillLiveUntilItReturns) {
  configure_served(sql_job("count", once_an_hour));
  make_gate("gate");
  const Replica replica = start_with_point("before LeaseStore::" + std::string(GetParam()) + " 4 wait gate");
  const int port = port_of(replica);
  const int gate = reach_gate("gate");
  ASSERT_TRUE(await_answer(port, "/readyz", R"("details":{"error":"a call has not returned for )"));
  EXPECT_THAT(get(port, "/readyz"), AllOf(StartsWith("503 "), HasSubstr(R"("leaseStore":{"status":"DOWN")")));
  EXPECT_THAT(get(port, "/actuator/health"), StartsWith("503 "));
  EXPECT_THAT(get(port, "/livez"), StartsWith("200 ")) << "not for as long as looking up a name may take";
  EXPECT_THAT(get(port, "/metrics"), AllOf(HasSubstr("\nbaton_ready 0\n"), HasSubstr("\nbaton_lease_store_up 0\n"),
                                           HasSubstr("\nbaton_repository_up 1\n"), HasSubstr("\nbaton_live 1\n")));
  EXPECT_TRUE(await_answer(port, "/metrics", "\nbaton_leases_held 0\n"));
  close(gate);
  EXPECT_TRUE(await_answer(port, "/readyz", "200 "));
  EXPECT_TRUE(await_answer(port, "/metrics", "\nbaton_leases_held 1\n"));
  end(replica);
}

TEST_F(ServedHealth, ItLeavesThenOutOfServiceAndLiveToTheEnd) {
  configure_served(shell_job("deaf", once_an_hour, "trap \"\" TERM; cat gate"));
  make_gate("gate");
  const Replica replica = start();
  const int port = port_of(replica);
  const int gate = reach_gate("gate");
  ASSERT_TRUE(await_answer(port, "/readyz", "200 "));
  replica->signal(SIGTERM);
  EXPECT_TRUE(await_answer(port, "/readyz", "503 "));
  EXPECT_THAT(get(port, "/actuator/health/readiness"), HasSubstr(R"("status":"OUT_OF_SERVICE")"));
  EXPECT_THAT(get(port, "/livez"), StartsWith("200 "));
  close(gate);
  EXPECT_EQ(replica->wait().exit_code, 0);
}

TEST_F(ServedHealth, ThePortIsTakenThenItSaysSoAndRunsItsJobs) {
  const ReservedPort taken;
  taken.listen();
  const std::string address = "127.0.0.1:" + std::to_string(taken.port());
  configure({.stores = "repository: { url: \"sqlite:baton.db\" }\nserver: { listen: \"" + address + "\" }\n",
             .jobs = sql_job("count", once_an_hour)});
  const Replica replica = start();
  EXPECT_TRUE(await_completed("count", 1));
  EXPECT_TRUE(replica->await_error_text("server.listen " + address + ": the port is taken by another process"));
  end(replica);
}

TEST_F(ServedHealth, NothingListensThenForNow) {
  const ReservedPort silent;
  const ProgramEnd asked = health(silent.port());
  EXPECT_EQ(asked.exit_code, 75);
  EXPECT_THAT(asked.errors, HasSubstr("127.0.0.1:" + std::to_string(silent.port())));
}

TEST_F(ServedHealth, ServerIsOffThenTheConfigurationIsWrong) {
  configure({.jobs = sql_job("count", by_hand)});
  const ProgramEnd asked = run({"health"});
  EXPECT_EQ(asked.exit_code, 78);
  EXPECT_THAT(asked.errors, AllOf(HasSubstr("server.listen is off"), HasSubstr("listen: 127.0.0.1:8080")));
}

}  // namespace
}  // namespace baton
