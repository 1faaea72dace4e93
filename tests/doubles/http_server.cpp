#include "tests/doubles/http_server.h"

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>
#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <optional>

namespace baton {
namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

// The requests of one connection, one after another.
class Requests {
 public:
  explicit Requests(int socket) : socket_(socket) {}

  std::optional<ReceivedRequest> next() {
    std::size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!receive()) return std::nullopt;
    }
    ReceivedRequest request;
    read_head(buffer_.substr(0, end), request);
    buffer_.erase(0, end + 4);
    const auto length = request.headers.find("content-length");
    const std::size_t size = length == request.headers.end() ? 0 : std::stoul(length->second);
    while (buffer_.size() < size) {
      if (!receive()) return std::nullopt;
    }
    request.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return request;
  }

 private:
  bool receive() {
    char bytes[16'384];
    const ssize_t count = recv(socket_, bytes, sizeof bytes, 0);
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  static void read_head(const std::string& head, ReceivedRequest& request) {
    std::size_t at = head.find("\r\n");
    const std::string first = head.substr(0, at);
    request.method = first.substr(0, first.find(' '));
    request.target = first.substr(request.method.size() + 1, first.rfind(' ') - request.method.size() - 1);
    while (at != std::string::npos) {
      const std::size_t from = at + 2;
      at = head.find("\r\n", from);
      const std::string line = head.substr(from, at == std::string::npos ? at : at - from);
      const std::size_t colon = line.find(':');
      const std::string name = lower(line.substr(0, colon));
      request.header_names.push_back(name);
      request.headers[name] = line.substr(std::min(line.size(), line.find_first_not_of(' ', colon + 1)));
    }
  }

  int socket_;
  std::string buffer_;
};

void send_all(int socket, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

}  // namespace

HttpServer::HttpServer(Handler handler) : handler_(std::move(handler)), listening_(socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (bind(listening_, any, size) != 0 || listen(listening_, 512) != 0 || getsockname(listening_, any, &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  accepting_ = std::jthread([this] { accept_clients(); });
}

HttpServer::~HttpServer() {
  ending_ = true;
  shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  close(listening_);
  cut();
  ended_.notify_all();
  for (Link& link : links_) link.thread.join();
  for (const Link& link : links_) close(link.socket);
}

void HttpServer::cut() {
  const std::scoped_lock lock(mutex_);
  for (const Link& link : links_) shutdown(link.socket, SHUT_RDWR);
}

void HttpServer::accept_clients() {
  while (!ending_) {
    const int socket = accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const int no_delay = 1;
    setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &no_delay, sizeof no_delay);
    const std::scoped_lock lock(mutex_);
    links_.push_back({socket, std::jthread([this, socket, number = ++connections_] { serve(socket, number); })});
  }
}

void HttpServer::serve(int socket, int number) {
  Requests requests(socket);
  while (auto request = requests.next()) {
    request->connection = number;
    if (!answer(socket, *request)) break;
  }
  shutdown(socket, SHUT_RDWR);
}

bool HttpServer::answer(int socket, const ReceivedRequest& request) {
  const GivenReply reply = handler_(request);
  if (reply.close) return false;
  if (reply.silent) {
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] { return ending_.load(); });
    return false;
  }
  std::string text = fmt::format("HTTP/1.1 {} Said\r\nContent-Length: {}\r\n", reply.status, reply.body.size());
  for (const auto& [name, value] : reply.headers) text += fmt::format("{}: {}\r\n", name, value);
  send_all(socket, text + "\r\n" + reply.body);
  return true;
}

}  // namespace baton
