// The program of tests/interop/spring-batch: a JVM with one generation of Spring Batch.
#pragma once

#include <sys/types.h>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace baton {

class JavaPeer {
 public:
  // Generation 5 or 6. One that cannot be started ends the test program with a word on why.
  explicit JavaPeer(int generation);
  JavaPeer(const JavaPeer&) = delete;
  JavaPeer& operator=(const JavaPeer&) = delete;
  ~JavaPeer();

  // Its answer to one command; {"error": "Class: message"} where that threw. A peer that is gone ends the program.
  nlohmann::json ask(const nlohmann::json& command);

  // The one of this process, started by the first call.
  static JavaPeer& of_generation(int generation);

 private:
  pid_t process_ = -1;
  std::FILE* commands_ = nullptr;
  std::FILE* answers_ = nullptr;
};

}  // namespace baton
