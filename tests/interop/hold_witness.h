// A server on a loopback port that judges commits, a line each: "WHAT KEY HOLD DEADLINE", the deadline in nanoseconds
// of CLOCK_MONOTONIC. It answers "accepted" or "refused".
#pragma once

#include "tests/interop/hold_judge.h"

#include <map>
#include <string>
#include <thread>

namespace baton {

class HoldWitness {
 public:
  HoldWitness();
  HoldWitness(const HoldWitness&) = delete;
  HoldWitness& operator=(const HoldWitness&) = delete;
  ~HoldWitness();

  int port() const { return port_; }
  // Ends the server. What it has seen:
  const HoldJudge& end();

 private:
  void serve();
  // False if the connection has ended.
  bool hear(int socket, std::string& buffer);

  HoldJudge judge_;
  int listener_ = -1;
  int ending_ = -1;  // eventfd
  int port_ = 0;
  std::map<int, std::string> connections_;
  std::jthread thread_;
};

}  // namespace baton
