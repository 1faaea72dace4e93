#include "server/deadline_stream.h"

#include <poll.h>
#include <sys/socket.h>
#include <algorithm>
#include <cstring>
#include <utility>

namespace baton {
namespace {

constexpr std::chrono::milliseconds look_at_end(100);

}  // namespace

DeadlineStream::DeadlineStream(socket_t socket, std::string received, const ConnectionLimits& limits,
                               const std::atomic<bool>& ending)
    : socket_(socket),
      limits_(limits),
      ending_(ending),
      request_until_(Time::now() + limits.request),
      bytes_left_(limits.request_bytes - std::min(limits.request_bytes, received.size())),
      buffer_(std::move(received)) {}

bool DeadlineStream::wait_for(short what, Time::time_point until) const {
  while (!ending_) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Time::now());
    if (left.count() <= 0) return false;
    pollfd one{socket_, what, 0};
    const int found = poll(&one, 1, static_cast<int>(std::min(left, look_at_end).count()));
    if (found > 0) return true;
    if (found < 0 && errno != EINTR) return false;
  }
  return false;
}

bool DeadlineStream::is_readable() const { return begin_ < buffer_.size() || wait_for(POLLIN, request_until_); }

bool DeadlineStream::is_writable() const {
  return wait_for(POLLOUT, std::min(answer_until_, Time::now() + limits_.answer));
}

ssize_t DeadlineStream::read(char* to, std::size_t size) {
  if (begin_ == buffer_.size()) {
    constexpr std::size_t at_once = 4096;
    const std::size_t wanted = std::min(at_once, bytes_left_);
    if (wanted == 0 || !wait_for(POLLIN, request_until_)) return -1;
    buffer_.resize(wanted);
    begin_ = 0;
    const ssize_t got = recv(socket_, buffer_.data(), wanted, MSG_DONTWAIT);
    buffer_.resize(static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0) return got;
    bytes_left_ -= buffer_.size();
  }
  const std::size_t given = std::min(size, buffer_.size() - begin_);
  std::memcpy(to, buffer_.data() + begin_, given);
  begin_ += given;
  return static_cast<ssize_t>(given);
}

ssize_t DeadlineStream::write(const char* from, std::size_t size) {
  if (answer_until_ == Time::time_point::max()) answer_until_ = Time::now() + limits_.answer;
  while (wait_for(POLLOUT, answer_until_)) {
    const ssize_t sent = send(socket_, from, size, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent >= 0) return sent;
    if (errno != EAGAIN && errno != EINTR) return -1;
  }
  return -1;
}

// Nothing here depends on who asks.
void DeadlineStream::get_remote_ip_and_port(std::string& ip, int& port) const {
  ip.clear();
  port = 0;
}

void DeadlineStream::get_local_ip_and_port(std::string& ip, int& port) const { get_remote_ip_and_port(ip, port); }

}  // namespace baton
