#include "tests/interop/hold_witness.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <cstdlib>
#include <sstream>
#include <vector>

namespace baton {
namespace {

HoldCommit commit_in(const std::string& line) {
  HoldCommit commit;
  std::int64_t deadline = 0;
  std::istringstream words(line);
  if (!(words >> commit.what >> commit.key >> commit.hold >> deadline)) {
    fmt::print(stderr, "no commit: {}\n", line);
    std::abort();
  }
  commit.deadline = std::chrono::nanoseconds(deadline);
  return commit;
}

}  // namespace

HoldWitness::HoldWitness()
    : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), ending_(eventfd(0, EFD_CLOEXEC)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener_, any, size) != 0 || listen(listener_, 64) != 0 || getsockname(listener_, any, &size) != 0) {
    fmt::print(stderr, "no loopback port for the witness\n");
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  thread_ = std::jthread([this] { serve(); });
}

HoldWitness::~HoldWitness() {
  end();
  for (const auto& connection : connections_) close(connection.first);
  close(listener_);
  close(ending_);
}

const HoldJudge& HoldWitness::end() {
  if (thread_.joinable()) {
    eventfd_write(ending_, 1);
    thread_.join();
  }
  return judge_;
}

void HoldWitness::serve() {
  while (true) {
    std::vector<pollfd> sources = {{ending_, POLLIN, 0}, {listener_, POLLIN, 0}};
    for (const auto& connection : connections_) sources.push_back({connection.first, POLLIN, 0});
    if (poll(sources.data(), sources.size(), -1) < 0) continue;
    if (sources[0].revents != 0) return;
    for (std::size_t i = 2; i < sources.size(); ++i) {
      if (sources[i].revents == 0 || hear(sources[i].fd, connections_[sources[i].fd])) continue;
      close(sources[i].fd);
      connections_.erase(sources[i].fd);
    }
    if (sources[1].revents == 0) continue;
    const int accepted = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (accepted < 0) continue;
    const int at_once = 1;
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    connections_.emplace(accepted, "");
  }
}

bool HoldWitness::hear(int socket, std::string& buffer) {
  char bytes[4'096];
  const ssize_t count = recv(socket, bytes, sizeof bytes, 0);
  if (count <= 0) return false;
  buffer.append(bytes, static_cast<std::size_t>(count));
  for (std::size_t end = buffer.find('\n'); end != std::string::npos; end = buffer.find('\n')) {
    const HoldCommit commit = commit_in(buffer.substr(0, end));
    buffer.erase(0, end + 1);
    const bool accepted = judge_.accepts(commit, std::chrono::steady_clock::now().time_since_epoch());
    const std::string answer = accepted ? "accepted\n" : "refused\n";
    if (send(socket, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return false;
  }
  return true;
}

}  // namespace baton
