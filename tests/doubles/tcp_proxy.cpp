#include "tests/doubles/tcp_proxy.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cstdlib>
#include <string_view>
#include <utility>

namespace baton {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "TCP proxy: {}\n", why);
  std::abort();
}

sockaddr_in loopback(int port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  return address;
}

// Each piece goes on as it came: waiting for more would cost 40 ms a message.
void send_at_once(int socket) {
  const int on = 1;
  static_cast<void>(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
}

int connect_to(int port) {
  const int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const sockaddr_in address = loopback(port);
  send_at_once(server);
  if (connect(server, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0) return server;
  close(server);
  return -1;
}

bool send_all(int to, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(to, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

std::uint32_t number_at(std::string_view bytes, std::size_t at) {
  std::uint32_t number = 0;
  for (std::size_t i = 0; i < 4; ++i) number = number << 8U | static_cast<unsigned char>(bytes[at + i]);
  return number;
}

}  // namespace

TcpProxy::TcpProxy(const std::string& server_url, Traffic traffic) : traffic_(traffic) {
  const std::size_t user = server_url.rfind('@');
  const std::size_t at = user == server_url.npos ? server_url.find("://") + 3 : user + 1;
  server_ = server_url.substr(at, server_url.find('/', at) - at);
  server_port_ = std::atoi(server_.substr(server_.rfind(':') + 1).c_str());
  if (server_port_ == 0) give_up("a URL without a port");
  wake_ = eventfd(0, EFD_CLOEXEC);
  listening_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t size = sizeof(address);
  if (bind(listening_, reinterpret_cast<const sockaddr*>(&address), size) != 0 || listen(listening_, 64) != 0 ||
      getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    give_up("no port of its own");
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this](const std::stop_token& stop) { accept_clients(stop); });
}

TcpProxy::~TcpProxy() {
  {
    const std::scoped_lock lock(mutex_);
    ending_ = true;
    for (Link& link : links_) link.thread.request_stop();
  }
  changed_.notify_all();
  accepting_.request_stop();
  const std::uint64_t one = 1;
  if (write(wake_, &one, sizeof(one)) < 0) give_up("eventfd");
  accepting_.join();
  cut();
  links_.clear();
  close(listening_);
  close(wake_);
}

std::string TcpProxy::through(const std::string& url) const {
  const std::size_t at = url.find(server_);
  if (at == url.npos) give_up("a URL of another server");
  return url.substr(0, at) + fmt::format("127.0.0.1:{}", port_) + url.substr(at + server_.size());
}

void TcpProxy::pass() {
  const std::scoped_lock lock(mutex_);
  black_ = false;
  down_ = false;
  plan_.reset();
  delay_ = Duration(0);
}

void TcpProxy::cut() {
  const std::scoped_lock lock(mutex_);
  for (const Link& link : links_) {
    if (link.client >= 0) shutdown(link.client, SHUT_RDWR);
    if (link.server >= 0) shutdown(link.server, SHUT_RDWR);
  }
}

void TcpProxy::down() {
  {
    const std::scoped_lock lock(mutex_);
    down_ = true;
  }
  cut();
}

void TcpProxy::black_hole() {
  const std::scoped_lock lock(mutex_);
  black_ = true;
  for (Link& link : links_) link.black = true;
}

void TcpProxy::delay(Duration each) {
  const std::scoped_lock lock(mutex_);
  delay_ = each;
}

void TcpProxy::plan(Plan::What what, const std::string& bytes) {
  const std::scoped_lock lock(mutex_);
  plan_ = Plan{what, bytes};
  plan_under_way_ = true;
  let_go_ = false;
}

bool TcpProxy::wait_until_happened(Duration patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return !plan_under_way_; });
}

bool TcpProxy::wait_for_happenings(int number, Duration patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return happenings_ >= number; });
}

bool TcpProxy::wait_for_clients(int number, Duration patience) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] { return clients_ >= number; });
}

void TcpProxy::accept_clients(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::array<pollfd, 2> files{pollfd{listening_, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
    if (poll(files.data(), files.size(), -1) < 0 || stop.stop_requested()) continue;
    const int client = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (client < 0) continue;
    send_at_once(client);
    std::scoped_lock lock(mutex_);
    ++clients_;
    changed_.notify_all();
    if (down_) {
      close(client);
      continue;
    }
    Link& link = links_.emplace_back();
    link.client = client;
    link.black = black_;
    link.thread = std::jthread([this, &link](const std::stop_token& ended) { relay(link, ended); });
  }
}

bool TcpProxy::is_black(Link& link) {
  const std::scoped_lock lock(mutex_);
  return link.black;
}

// Waits out the delay, or until the end.
void TcpProxy::hold() {
  std::unique_lock lock(mutex_);
  if (delay_ > Duration(0)) changed_.wait_for(lock, delay_, [&] { return ending_; });
}

void TcpProxy::let_go() {
  const std::scoped_lock lock(mutex_);
  let_go_ = true;
  changed_.notify_all();
}

void TcpProxy::hold_until_let_go() {
  happened();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return let_go_ || ending_; });
}

void TcpProxy::relay(Link& link, const std::stop_token& stop) {
  if (!is_black(link)) {
    const int server = connect_to(server_port_);
    const std::scoped_lock lock(mutex_);
    link.server = server;
    if (down_) shutdown(link.client, SHUT_RDWR);
  }
  std::array<char, 65'536> piece{};
  bool goes_on = link.server >= 0 || is_black(link);
  while (goes_on && !stop.stop_requested()) {
    std::array<pollfd, 2> files{pollfd{link.client, POLLIN, 0}, pollfd{link.server, POLLIN, 0}};
    if (poll(files.data(), files.size(), -1) < 0) continue;
    for (std::size_t side = 0; side < files.size() && goes_on; ++side) {
      if (files[side].revents == 0) continue;
      const ssize_t size = recv(files[side].fd, piece.data(), piece.size(), 0);
      const std::string_view bytes(piece.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
      goes_on = size > 0 && (is_black(link) || (side == 0 ? from_client(link, bytes) : from_server(link, bytes)));
    }
  }
  if (is_black(link) && link.server >= 0) {  // the server hears nothing of the client's end
    std::unique_lock lock(mutex_);
    changed_.wait(lock, stop, [&] { return ending_; });
  }
  const std::scoped_lock lock(mutex_);
  if (link.client >= 0) close(link.client);
  if (link.server >= 0) close(link.server);
  link.client = link.server = -1;
}

// The next whole message of the client; those before the start-up message have no type.
std::optional<std::string> TcpProxy::next_message(Link& link) const {
  const std::size_t type = link.started ? 1 : 0;
  if (link.pending.size() < type + 4) return std::nullopt;
  const std::size_t size = type + number_at(link.pending, type);
  if (link.pending.size() < size) return std::nullopt;
  std::string message = link.pending.substr(0, size);
  link.pending.erase(0, size);
  return message;
}

std::optional<TcpProxy::Plan> TcpProxy::take_plan(std::string_view message) {
  const std::scoped_lock lock(mutex_);
  if (!plan_ || message.find(plan_->bytes) == message.npos) return std::nullopt;
  if (plan_->what == Plan::What::cut_before_each) return plan_;
  return std::exchange(plan_, std::nullopt);
}

void TcpProxy::happened() {
  const std::scoped_lock lock(mutex_);
  plan_under_way_ = false;
  ++happenings_;
  changed_.notify_all();
}

// No message is lost on its way to the server: it is told that no more comes, and listened to until it closes.
void TcpProxy::drain(int server) {
  shutdown(server, SHUT_WR);
  std::array<char, 4'096> piece{};
  while (recv(server, piece.data(), piece.size(), 0) > 0) {
  }
}

bool TcpProxy::from_client(Link& link, std::string_view bytes) {
  hold();
  if (traffic_ == Traffic::any) return send_all(link.server, bytes);
  link.pending += bytes;
  while (auto message = next_message(link)) {
    constexpr std::uint32_t version_3 = 196'608;
    const bool starts = !link.started && message->size() >= 8 && number_at(*message, 4) == version_3;
    if (link.started) ++client_messages_;
    link.started = link.started || starts;
    const auto plan = take_plan(*message);
    const bool held = plan && plan->what == Plan::What::hold_before;
    if (held) hold_until_let_go();
    const bool cut_before = plan && (plan->what == Plan::What::cut_before || plan->what == Plan::What::cut_before_each);
    if (!cut_before && !send_all(link.server, *message)) return false;
    if (!plan || held) continue;
    if (plan->what == Plan::What::black_hole_after) {
      const std::scoped_lock lock(mutex_);
      link.black = true;
    } else {
      shutdown(link.client, SHUT_RDWR);
      drain(link.server);
    }
    happened();
    return plan->what == Plan::What::black_hole_after;
  }
  return true;
}

bool TcpProxy::from_server(Link& link, std::string_view bytes) {
  hold();
  return send_all(link.client, bytes);
}

}  // namespace baton
