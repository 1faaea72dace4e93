// Where connections wait until their request is there, so that one who sends nothing holds no answering thread.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace baton {

struct LobbyLimits {
  std::size_t waiting = 128;                 // connections; beyond it the one that waits longest is closed
  std::chrono::milliseconds request{5'000};  // from the acceptance to the end of the request's head
  std::size_t request_bytes = 16 * 1024;
};

class ConnectionLobby {
 public:
  // Gets the socket, and what came over it: the whole head at least. Called on the lobby's thread; returns at once.
  using Take = std::function<void(int socket, std::string received)>;

  ConnectionLobby(LobbyLimits limits, Take take);
  ConnectionLobby(const ConnectionLobby&) = delete;
  ConnectionLobby& operator=(const ConnectionLobby&) = delete;
  // Closes all that wait.
  ~ConnectionLobby();

  // Owns the socket from now on. Thread-safe.
  void add(int socket);

 private:
  using Time = std::chrono::steady_clock;

  struct Waiting {
    int socket;
    Time::time_point until;
    std::string received;
  };

  void work(const std::stop_token& stop);
  void welcome();
  void look();
  // True once it is no longer here.
  bool read_from(Waiting& one);
  void wake() const;

  const LobbyLimits limits_;
  const Take take_;
  const int wakes_;  // an eventfd
  std::mutex mutex_;
  std::vector<int> new_;
  std::deque<Waiting> waiting_;  // of the thread, oldest first
  std::jthread thread_;
};

}  // namespace baton
