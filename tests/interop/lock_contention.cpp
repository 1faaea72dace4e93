#include "tests/interop/lock_contention.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

namespace baton {
namespace {

// The keeper's clock counts from another moment than the witness's.
std::chrono::nanoseconds on_monotonic_clock(Instant instant, const Clock& clock) {
  const Instant now = clock.now();
  return std::chrono::steady_clock::now().time_since_epoch() + (instant - now);
}

}  // namespace

class LockContention::Witness {
 public:
  Witness(int port, const Clock& clock) : socket_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), clock_(clock) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    const int at_once = 1;
    setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    if (connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) _exit(1);
  }
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { close(socket_); }

  // P12: the deadline is the trust as it stands when the commit is sent.
  bool accepts(const char* what, const std::string& key, const std::string& hold, const LeaseHold& lease) {
    const Instant deadline = lease.trusted_until();
    if (clock_.now() >= deadline) return false;
    const std::string line =
        fmt::format("{} {} {} {}\n", what, key, hold, on_monotonic_clock(deadline, clock_).count());
    if (send(socket_, line.data(), line.size(), MSG_NOSIGNAL) < 0) return false;
    std::string answer;
    char byte = 0;
    while (recv(socket_, &byte, 1, 0) == 1 && byte != '\n') answer += byte;
    return answer == "accepted";
  }

 private:
  const int socket_;
  const Clock& clock_;
};

LockContention::LockContention(LeaseKeeper& keeper, Clock& clock, Random& random, LeaseTimings timings,
                               LockContentionPlan plan)
    : keeper_(keeper), clock_(clock), random_(random), timings_(timings), plan_(std::move(plan)) {
  for (int i = 0; i < plan_.threads; ++i) {
    threads_.emplace_back([this](std::stop_token stop) { contend(std::move(stop)); });
  }
}

std::uint64_t LockContention::end() {
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
  return holds_;
}

void LockContention::contend(std::stop_token stop) {
  Witness witness(plan_.witness_port, clock_);
  while (!stop.stop_requested()) {
    const std::string& key = plan_.keys[below(random_, plan_.keys.size())];
    const auto lease = keeper_.take(key, timings_.lease, stop);
    if (lease) {
      hold(key, **lease, witness);
    } else if (lease.error().kind == ErrorKind::invalid) {
      fmt::print(stderr, "{}\n", lease.error().message);
      return;
    }
  }
}

void LockContention::hold(const std::string& key, const LeaseHold& lease, Witness& witness) {
  const std::string hold = fmt::format("{}/{}", plan_.name, ++holds_);
  const bool is_long = below(random_, 10) < plan_.long_of_ten;
  const std::uint64_t commits = is_long ? 6 : 1 + below(random_, 4);
  bool mine = witness.accepts("enter", key, hold, lease);
  for (std::uint64_t i = 0; mine && i < commits; ++i) {
    const Duration work = is_long ? timings_.lease / 4 : Duration(below(random_, 40));
    clock_.wait_until(clock_.now() + work, {});
    mine = witness.accepts("commit", key, hold, lease);
  }
  if (mine) witness.accepts("leave", key, hold, lease);
  static_cast<void>(keeper_.release(key));  // one that fails expires for the others
}

}  // namespace baton
