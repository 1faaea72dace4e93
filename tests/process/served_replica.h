// Replicas that serve metrics and health, and asking them.
#pragma once

#include "server/health_probe.h"
#include "tests/process/replica_fixture.h"
#include "tests/process/served_port.h"

#include <string>

namespace baton {

class ServedReplicaTest : public ReplicaTest {
 protected:
  static constexpr const char* any_port = "server: { listen: \"127.0.0.1:0\" }\n";

  // With a free port, and `more` keys of the file.
  void configure_served(const std::string& jobs, const std::string& more = "") const {
    configure({.stores = "repository: { url: \"sqlite:baton.db\" }\n" + std::string(any_port) + more, .jobs = jobs});
  }

  // Waits until it listens.
  static int port_of(const Replica& replica) {
    EXPECT_TRUE(replica->await_error_text("metrics and health at"));
    return served_port(replica->errors_so_far()).value_or(0);
  }

  // "200 BODY"; empty where nothing answers.
  static std::string get(int port, const std::string& path) {
    const auto answer = probe_health({"127.0.0.1", port}, path, Duration(60'000));
    return answer ? std::to_string(answer->status) + " " + answer->body : std::string();
  }
  static bool await_answer(int port, const std::string& path, const std::string& part) {
    return await([&] { return get(port, path).find(part) != std::string::npos; });
  }
};

}  // namespace baton
