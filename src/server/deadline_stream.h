// One HTTP connection as httplib's Stream, with an end: of time, and of the bytes of a request.
#pragma once

#include <httplib.h>
#include <atomic>
#include <chrono>
#include <string>

namespace baton {

struct ConnectionLimits {
  std::chrono::milliseconds request{5'000};  // from its head to the whole request
  std::chrono::milliseconds answer{10'000};  // from the first to the last byte of the answer
  std::size_t request_bytes = 16 * 1024;
};

// Used by one thread. Beyond a limit, and once `ending` is set, reading and writing fail.
class DeadlineStream final : public httplib::Stream {
 public:
  // `received` is what was read from the socket before.
  DeadlineStream(socket_t socket, std::string received, const ConnectionLimits& limits,
                 const std::atomic<bool>& ending);

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return socket_; }

 private:
  using Time = std::chrono::steady_clock;

  bool wait_for(short what, Time::time_point until) const;

  const socket_t socket_;
  const ConnectionLimits limits_;
  const std::atomic<bool>& ending_;
  const Time::time_point request_until_;
  Time::time_point answer_until_ = Time::time_point::max();
  std::size_t bytes_left_;
  std::string buffer_;
  std::size_t begin_ = 0;  // of what is not given yet
};

}  // namespace baton
