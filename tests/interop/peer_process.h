// A program that obeys commands: a line in is a JSON object, a line out its answer.
#pragma once

#include <sys/types.h>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace baton {

class PeerProcess {
 public:
  // It dies with the thread that starts it. One that cannot be started ends the test program with a word on why.
  explicit PeerProcess(const std::vector<std::string>& argv);
  PeerProcess(const PeerProcess&) = delete;
  PeerProcess& operator=(const PeerProcess&) = delete;
  // It ends with its input.
  ~PeerProcess();

  void send(const nlohmann::json& command);
  // The next answer; {"error": "Class: message"} where the command failed. A peer that is gone ends the program.
  nlohmann::json receive();
  nlohmann::json ask(const nlohmann::json& command);

  void stop() const;
  void resume() const;
  // By SIGKILL; returns when it is dead.
  void kill();

 private:
  pid_t process_ = -1;
  std::FILE* commands_ = nullptr;
  std::FILE* answers_ = nullptr;
};

// How a JVM of ours is started: the main class of a Maven project that build-peer has built into `folder`. One that is
// not there ends the test program with a word on what to do.
std::vector<std::string> java_program(const std::string& folder, const std::string& main_class);

}  // namespace baton
