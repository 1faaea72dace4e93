// A proxy on loopback between a client and its server, PostgreSQL or another one, which a test can tell to break the
// connection.
#pragma once

#include "base/clock.h"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace baton {

// Thread-safe. Passes everything on until it is told otherwise. Messages are those of PostgreSQL's protocol, without
// TLS; of any other traffic no message is known, and nothing can be planned.
class TcpProxy {
 public:
  enum class Traffic { postgresql, any };

  // In front of the server of a URL with host and port: postgresql://user:password@127.0.0.1:5432/name.
  explicit TcpProxy(const std::string& server_url, Traffic traffic = Traffic::postgresql);
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;
  ~TcpProxy();

  // A URL of that server with this proxy's host and port instead.
  std::string through(const std::string& url) const;

  // From now on: new connections pass and nothing waits to happen. Connections in a black hole stay there.
  void pass();
  // Ends all connections now, on both sides. New ones pass.
  void cut();
  // As when the server is stopped: ends all connections now, and each new one at once, until pass().
  void down();
  // Nothing arrives any more, either way, and nothing is closed: as when a cable is pulled. So for new connections.
  void black_hole();
  // Once, at the next message of a client that contains these bytes: the server gets it whole, the client's side is
  // closed, and the server's side as soon as it has done what it was asked.
  void cut_after(const std::string& bytes) { plan(Plan::What::cut_after, bytes); }
  // The same, but the server does not get that message.
  void cut_before(const std::string& bytes) { plan(Plan::What::cut_before, bytes); }
  // At each such message, from now on.
  void cut_before_each(const std::string& bytes) { plan(Plan::What::cut_before_each, bytes); }
  // The server gets it; from then on this connection is in a black hole.
  void black_hole_after(const std::string& bytes) { plan(Plan::What::black_hole_after, bytes); }
  // The server gets it, and what comes after it on that connection, once the test calls let_go().
  void hold_before(const std::string& bytes) { plan(Plan::What::hold_before, bytes); }
  void let_go();
  // Holds each piece for this long on its way.
  void delay(Duration each);

  // Waits until what was planned has happened, and the server's side of it has ended; false after `patience`.
  bool wait_until_happened(Duration patience);
  // Waits until things that were planned have happened so many times since the beginning.
  bool wait_for_happenings(int number, Duration patience);
  // Waits until so many clients have connected since the beginning.
  bool wait_for_clients(int number, Duration patience);
  // Whole messages of clients that were passed on, those of connecting left out.
  std::int64_t client_messages() const { return client_messages_; }

 private:
  struct Plan {
    enum class What { cut_after, cut_before, cut_before_each, black_hole_after, hold_before };
    What what = What::cut_after;
    std::string bytes;
  };
  struct Link {
    int client = -1;
    int server = -1;
    bool black = false;
    bool started = false;  // the client's start-up message has passed
    std::string pending;   // of a message that is not whole yet
    std::jthread thread;
  };

  void plan(Plan::What what, const std::string& bytes);
  void accept_clients(const std::stop_token& stop);
  void relay(Link& link, const std::stop_token& stop);
  bool from_client(Link& link, std::string_view bytes);
  bool from_server(Link& link, std::string_view bytes);
  std::optional<std::string> next_message(Link& link) const;
  std::optional<Plan> take_plan(std::string_view message);
  void happened();
  void drain(int server);
  bool is_black(Link& link);
  void hold();
  void hold_until_let_go();

  const Traffic traffic_;
  std::string server_;  // host:port
  int server_port_ = 0;
  int port_ = 0;
  int listening_ = -1;
  int wake_ = -1;

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::list<Link> links_;
  std::optional<Plan> plan_;
  bool plan_under_way_ = false;
  bool black_ = false;
  bool down_ = false;
  Duration delay_{0};
  bool let_go_ = false;
  bool ending_ = false;
  int clients_ = 0;
  int happenings_ = 0;
  std::atomic<std::int64_t> client_messages_ = 0;

  std::jthread accepting_;
};

}  // namespace baton
