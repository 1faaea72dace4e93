#include "tests/doubles/store_calls.h"

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace baton {

std::optional<CallPoint> call_point(const std::string& text) {
  if (text.empty()) return std::nullopt;
  CallPoint point;
  std::istringstream words(text);
  std::string when, what;
  words >> when >> point.call >> point.number >> what >> point.gate;
  point.after = when == "after";
  point.what = what == "stop" ? CallPoint::What::stop : what == "wait" ? CallPoint::What::wait : CallPoint::What::kill;
  const bool known = (when == "before" || when == "after") && point.number > 0 &&
                     (what == "kill" || what == "stop" || (what == "wait" && !point.gate.empty()));
  if (known) return point;
  std::fprintf(stderr, "no point of a call: %s\n", text.c_str());
  std::abort();
}

std::uint64_t StoreCalls::note(const char* name) {
  const std::scoped_lock lock(mutex_);
  names_.push_back(name);
  return names_.size();
}

void StoreCalls::reach(std::uint64_t point) const {
  if (point == numbers_.kill_at) std::raise(SIGKILL);
  if (point == numbers_.stop_at) std::raise(SIGSTOP);
}

bool StoreCalls::is_point(const char* name) {
  if (!point_ || name != point_->call) return false;
  const std::scoped_lock lock(mutex_);
  return ++of_that_name_ == point_->number;
}

void StoreCalls::act() const {
  switch (point_->what) {
    case CallPoint::What::kill: std::raise(SIGKILL); break;
    case CallPoint::What::stop: std::raise(SIGSTOP); break;
    case CallPoint::What::wait: {
      std::ifstream gate(point_->gate);  // opens when the test does
      std::ostringstream all;
      all << gate.rdbuf();
    }
  }
}

std::vector<std::string> StoreCalls::names() const {
  const std::scoped_lock lock(mutex_);
  return {names_.begin(), names_.end()};
}

}  // namespace baton
