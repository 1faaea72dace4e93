// One replica of the demo: a process of its own, whose log lines are collected.
#pragma once

#include "base/clock.h"
#include "baton/result.h"
#include "config/config.h"
#include "runtime/child_process.h"

#include <functional>
#include <optional>
#include <string>

namespace baton {

class DemoReplica {
 public:
  // `baton run` on the configuration, as this very program.
  static Result<DemoReplica> start(int number, const Config& config);

  int number() const { return number_; }
  pid_t pid() const { return process_.pid(); }
  // Waits at most `timeout_ms`; hands over whole lines without their time and level. True once it has ended.
  bool collect(int timeout_ms, const std::function<void(const std::string& line)>& line);
  // As kubectl would, or as a power failure would.
  void terminate() { process_.terminate(); }
  void kill() { process_.kill(); }
  std::string end() const { return process_.failure(); }

 private:
  DemoReplica(int number, ChildProcess process) : number_(number), process_(std::move(process)) {}

  int number_;
  ChildProcess process_;
  std::string partial_;
};

}  // namespace baton
