#include "server/connection_lobby.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

namespace baton {
namespace {

bool has_whole_head(const std::string& received) { return received.find("\r\n\r\n") != std::string::npos; }

}  // namespace

ConnectionLobby::ConnectionLobby(LobbyLimits limits, Take take)
    : limits_(limits), take_(std::move(take)), wakes_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
}

ConnectionLobby::~ConnectionLobby() {
  thread_.request_stop();
  wake();
  thread_.join();
  welcome();
  for (const Waiting& one : waiting_) close(one.socket);
  close(wakes_);
}

void ConnectionLobby::add(int socket) {
  {
    const std::scoped_lock lock(mutex_);
    new_.push_back(socket);
  }
  wake();
}

void ConnectionLobby::wake() const { eventfd_write(wakes_, 1); }

void ConnectionLobby::welcome() {
  std::vector<int> arrived;
  {
    const std::scoped_lock lock(mutex_);
    arrived = std::exchange(new_, {});
  }
  for (const int socket : arrived) waiting_.push_back({socket, Time::now() + limits_.request, {}});
}

bool ConnectionLobby::read_from(Waiting& one) {
  std::array<char, 4096> part;
  const ssize_t got = recv(one.socket, part.data(), part.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
  if (got > 0) {
    one.received.append(part.data(), static_cast<std::size_t>(got));
    if (has_whole_head(one.received)) {
      take_(one.socket, std::move(one.received));
      return true;
    }
    if (one.received.size() < limits_.request_bytes) return false;
  }
  close(one.socket);
  return true;
}

// Reads what has come; then who is late is sent away, and of too many those who wait longest.
void ConnectionLobby::look() {
  std::erase_if(waiting_, [this](Waiting& one) { return read_from(one); });
  const Time::time_point now = Time::now();
  while (!waiting_.empty() && (waiting_.size() > limits_.waiting || waiting_.front().until <= now)) {
    close(waiting_.front().socket);
    waiting_.pop_front();
  }
}

void ConnectionLobby::work(const std::stop_token& stop) {
  std::vector<pollfd> watched;
  while (!stop.stop_requested()) {
    watched.assign(1, {wakes_, POLLIN, 0});
    for (const Waiting& one : waiting_) watched.push_back({one.socket, POLLIN, 0});
    int timeout_ms = -1;
    if (!waiting_.empty()) {
      const auto left = std::chrono::ceil<std::chrono::milliseconds>(waiting_.front().until - Time::now());
      timeout_ms = static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
    }
    poll(watched.data(), watched.size(), timeout_ms);
    eventfd_t wakes = 0;
    eventfd_read(wakes_, &wakes);
    welcome();
    look();
  }
}

}  // namespace baton
