// The program's log, to standard error: text or JSON lines.
#pragma once

#include "config/config.h"

#include <memory>
#include <string>

namespace baton {

// Thread-safe.
class Log {
 public:
  Log(LogFormat format, const std::string& level);
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  ~Log();

  void info(const std::string& text);
  void warn(const std::string& text);
  void error(const std::string& text);
  void debug(const std::string& text);

  // A line that is written over by the next one, on a terminal only; empty takes it away.
  void status_line(const std::string& text);
  bool on_terminal() const;

 private:
  class Lines;

  void write(int level, const std::string& text);

  std::unique_ptr<Lines> lines_;
};

}  // namespace baton
