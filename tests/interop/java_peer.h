// The program of tests/interop/spring-batch: a JVM with one generation of Spring Batch.
#pragma once

#include "tests/interop/peer_process.h"

namespace baton {

class JavaPeer {
 public:
  // Generation 5 or 6. One that cannot be started ends the test program with a word on why.
  explicit JavaPeer(int generation);

  // Its answer to one command; {"error": "Class: message"} where that threw. A peer that is gone ends the program.
  nlohmann::json ask(const nlohmann::json& command) { return process_.ask(command); }

  // The one of this process, started by the first call.
  static JavaPeer& of_generation(int generation);

 private:
  PeerProcess process_;
};

}  // namespace baton
