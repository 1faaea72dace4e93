#include "server/http_service.h"

#include "server/connection_lobby.h"
#include "server/connection_tasks.h"
#include "server/deadline_stream.h"
#include "server/http_answers.h"

#include <fmt/format.h>
#include <sys/socket.h>
#include <unistd.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <utility>

namespace baton {
namespace {

constexpr std::size_t most_waiting = 32;

// An answer that is large waits for a client that reads it slowly: those of health are small, and have threads of their
// own.
constexpr std::size_t health_threads = 2;
constexpr std::size_t other_threads = 6;

bool asks_for_health(std::string_view head) {
  const std::string_view line = head.substr(0, head.find("\r\n"));
  return line.find(" /livez ") != line.npos || line.find(" /readyz ") != line.npos ||
         line.find(" /actuator/health") != line.npos;
}

// What httplib accepts goes on at once, on its thread.
class PassOn final : public httplib::TaskQueue {
 public:
  void enqueue(std::function<void()> task) override { task(); }
  void shutdown() override {}
};

// httplib's own asks for SO_REUSEPORT: two replicas would share a port, each answering half of the requests.
void only_reuse_address(socket_t socket) {
  const int yes = 1;
  setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
}

// What has come and is not read would make the kernel cut the answer off.
void close_politely(socket_t socket) {
  shutdown(socket, SHUT_WR);
  std::array<char, 4096> rest;
  for (int i = 0; i < 16 && recv(socket, rest.data(), rest.size(), MSG_DONTWAIT) > 0; ++i) {
  }
  close(socket);
}

class LimitedServer final : public httplib::Server {
 public:
  explicit LimitedServer(const Observed& observed) {
    new_task_queue = [] { return new PassOn; };  // httplib deletes it
    set_socket_options(only_reuse_address);
    set_pre_routing_handler([&observed](const httplib::Request& request, httplib::Response& response) {
      PageAnswer answer = answer_http(request.method, request.path, observed);
      response.status = answer.status;
      if (!answer.allow.empty()) response.set_header("Allow", answer.allow);
      response.set_header("Cache-Control", "no-store");
      response.set_header("Content-Type", answer.content_type);
      response.body = std::move(answer.body);
      return HandlerResponse::Handled;
    });
    set_exception_handler([](const httplib::Request&, httplib::Response& response, const std::exception_ptr&) {
      response.status = 500;
      response.set_content("internal error\n", "text/plain; charset=utf-8");
    });
  }

  // Thread-safe. Before listen_after_bind() it returns at once then.
  void end() {
    ending_ = true;
    ended_socket_ = svr_sock_.exchange(INVALID_SOCKET);
    if (ended_socket_ != INVALID_SOCKET) shutdown(ended_socket_, SHUT_RDWR);
  }

  // httplib's backlog of 5 makes clients that come together wait for a second or more.
  void listen_to_the_end() {
    ::listen(svr_sock_, SOMAXCONN);
    const bool closed_itself = !listen_after_bind();
    if (!closed_itself && ended_socket_ != INVALID_SOCKET) close(ended_socket_);
  }

 private:
  bool process_and_close_socket(socket_t socket) override {
    lobby_.add(socket);
    return true;
  }

  void take(socket_t socket, std::string received) {
    ConnectionTasks& tasks = asks_for_health(received) ? health_tasks_ : other_tasks_;
    const bool taken =
        tasks.offer([this, socket, received = std::move(received)]() mutable { answer(socket, std::move(received)); });
    if (!taken) close_politely(socket);
  }

  void answer(socket_t socket, std::string received) {
    if (!ending_) {
      DeadlineStream stream(socket, std::move(received), {}, ending_);
      bool closed = false;
      process_request(stream, true, closed, [](httplib::Request& request) {
        request.ranges.clear();
        request.headers.erase("Accept-Encoding");  // compressing takes longer than sending
      });
    }
    close_politely(socket);
  }

  std::atomic<bool> ending_ = false;
  std::atomic<socket_t> ended_socket_ = INVALID_SOCKET;
  ConnectionTasks health_tasks_{health_threads, most_waiting};
  ConnectionTasks other_tasks_{other_threads, most_waiting};
  ConnectionLobby lobby_{{}, [this](socket_t socket, std::string received) { take(socket, std::move(received)); }};
};

}  // namespace

std::string to_text(const ServiceAddress& address) {
  const bool bare = address.host.find(':') == std::string::npos;
  return bare ? fmt::format("{}:{}", address.host, address.port) : fmt::format("[{}]:{}", address.host, address.port);
}

class HttpService::Impl {
 public:
  Impl(ServiceAddress address, const Observed& observed, ServiceNotices notices, Duration retry)
      : address_(std::move(address)),
        observed_(observed),
        notices_(std::move(notices)),
        retry_(retry),
        thread_([this](const std::stop_token& stop) { work(stop); }) {}

  int port() const { return port_; }

 private:
  void work(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      LimitedServer server(observed_);
      if (bind(server)) {
        const std::stop_callback end(stop, [&server] { server.end(); });
        server.listen_to_the_end();
        port_ = 0;
      }
      std::unique_lock lock(mutex_);
      waiting_.wait_for(lock, stop, retry_, [] { return false; });
    }
  }

  bool bind(LimitedServer& server) {
    errno = 0;
    int bound = address_.port;
    if (bound == 0) {
      bound = server.bind_to_any_port(address_.host);
    } else if (!server.bind_to_port(address_.host, bound)) {
      bound = -1;
    }
    if (bound <= 0) {
      tell_failure(errno);
      return false;
    }
    told_.clear();
    port_ = bound;
    notices_.info(fmt::format("metrics and health at http://{}/metrics, /livez, /readyz, /actuator/health",
                              to_text(ServiceAddress{address_.host, bound})));
    return true;
  }

  void tell_failure(int error) {
    const std::string why = error == EADDRINUSE ? "the port is taken by another process"
                            : error != 0        ? std::strerror(error)
                                                : "the host is no address of this machine";
    if (std::exchange(told_, why) == why) return;
    notices_.warning(
        fmt::format("server.listen {}: {}; trying again every {} s: jobs run on, metrics and health are not served "
                    "until then: give server.listen another port, or end what has this one",
                    to_text(address_), why, (retry_.count() + 999) / 1000));
  }

  const ServiceAddress address_;
  const Observed& observed_;
  const ServiceNotices notices_;
  const Duration retry_;
  std::atomic<int> port_ = 0;
  std::string told_;
  std::mutex mutex_;
  std::condition_variable_any waiting_;
  std::jthread thread_;
};

HttpService::HttpService(ServiceAddress address, const Observed& observed, ServiceNotices notices, Duration retry)
    : impl_(std::make_unique<Impl>(std::move(address), observed, std::move(notices), retry)) {}

HttpService::~HttpService() = default;

int HttpService::port() const { return impl_->port(); }

}  // namespace baton
