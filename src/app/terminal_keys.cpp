#include "app/terminal_keys.h"

#include <poll.h>
#include <unistd.h>

namespace baton {

TerminalKeys::TerminalKeys() {
  termios settings{};
  // A job in the background must not touch its terminal: it would be stopped.
  if (isatty(STDIN_FILENO) == 0 || tcgetpgrp(STDIN_FILENO) != getpgrp()) return;
  if (tcgetattr(STDIN_FILENO, &settings) != 0) return;
  before_ = settings;
  settings.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  tcsetattr(STDIN_FILENO, TCSANOW, &settings);
}

TerminalKeys::~TerminalKeys() {
  if (before_) tcsetattr(STDIN_FILENO, TCSANOW, &*before_);
}

std::optional<char> TerminalKeys::next() const {
  pollfd input{STDIN_FILENO, POLLIN, 0};
  char key = 0;
  if (!there() || poll(&input, 1, 0) != 1 || read(STDIN_FILENO, &key, 1) != 1) return std::nullopt;
  return key;
}

}  // namespace baton
