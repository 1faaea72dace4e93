// Wakes all who wait on a Clock for something that another thread does.
#pragma once

#include <stop_token>
#include <utility>

namespace baton {

// Used under a mutex: who listens while holding it misses no ring after that.
class Bell {
 public:
  std::stop_token listen() const { return round_.get_token(); }
  void ring() { std::exchange(round_, std::stop_source()).request_stop(); }

 private:
  std::stop_source round_;
};

}  // namespace baton
