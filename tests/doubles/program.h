// A program started by a test, with its output and its end. Only this one child is ever signalled.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace baton {

struct ProgramRequest {
  std::vector<std::string> argv;                                 // argv[0] is a path, or is looked up in PATH
  std::string folder;                                            // where it runs; empty: where the test runs
  std::vector<std::pair<std::string, std::string>> environment;  // besides the test's own
  std::optional<std::uint64_t> largest_file_bytes;               // writing beyond fails, as on a full disk
  bool obeys_file_modes = false;                                 // also as root
  bool on_terminal = false;  // standard output and error are a pseudo-terminal, 100 columns wide; both come as errors
};

struct ProgramEnd {
  int exit_code = -1;  // 128 + signal, as a shell says it
  std::string output;
  std::string errors;
};

class Program {
 public:
  explicit Program(const ProgramRequest& request);
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;
  // Ends it, if it still runs. Shows its standard error where the test has failed.
  ~Program();

  int id() const { return process_; }
  void signal(int number) const;
  // Until its standard error holds `text` so many times; false if it ended before.
  bool await_error_text(const std::string& text, int times = 1);
  // Its standard error, up to now.
  std::string errors_so_far();
  // Until it ends; one that does not within two minutes is ended, which fails the test.
  ProgramEnd wait();

 private:
  void collect(int output, int errors);

  int process_ = -1;
  int ended_ = -1;   // pidfd
  int enough_ = -1;  // eventfd: read what is there, then no more
  bool reaped_ = false;
  std::mutex mutex_;
  std::condition_variable changed_;
  ProgramEnd end_;
  bool collected_ = false;
  std::jthread collector_;
};

ProgramEnd run_to_end(const ProgramRequest& request);

}  // namespace baton
