// Says once that something is away, and once that it is back.
#pragma once

#include <set>
#include <string>

namespace baton {

class Outage {
 public:
  // True if all was well before. `what` names the kind of call, so that one kind's success does not hide another's
  // failure.
  bool failed(const std::string& what) {
    const bool first = failing_.empty();
    failing_.insert(what);
    return first;
  }

  // True if that was the last that failed.
  bool succeeded(const std::string& what) { return failing_.erase(what) > 0 && failing_.empty(); }

  bool lasts() const { return !failing_.empty(); }
  bool lasts(const std::string& what) const { return failing_.contains(what); }

 private:
  std::set<std::string> failing_;
};

}  // namespace baton
