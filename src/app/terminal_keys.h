// Single keys from a terminal, without waiting for the end of a line.
#pragma once

#include <termios.h>
#include <optional>

namespace baton {

// While it lives, standard input hands over keys one by one; nothing where it is no terminal.
class TerminalKeys {
 public:
  TerminalKeys();
  TerminalKeys(const TerminalKeys&) = delete;
  TerminalKeys& operator=(const TerminalKeys&) = delete;
  ~TerminalKeys();

  bool there() const { return before_.has_value(); }
  // A key that was pressed; does not wait.
  std::optional<char> next() const;

 private:
  std::optional<termios> before_;
};

}  // namespace baton
