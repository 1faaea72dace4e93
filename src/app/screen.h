// Standard output as a place for a text that changes: in place on a terminal, else one text after the other.
#pragma once

#include <string>
#include <vector>

namespace baton {

// Writes to standard output; used by one thread. No terminal modes are set, so that nothing has to be put back however
// the process ends.
class Screen {
 public:
  Screen();

  bool on_terminal() const { return on_terminal_; }
  // A terminal whose user has not asked for text without colours (NO_COLOR).
  bool colour() const { return colour_; }

  // Terminal: in place of the last ones, cut to the terminal's size as it is now, in one write. Else: whole, with an
  // empty line before all but the first.
  void show(const std::vector<std::string>& lines);

 private:
  bool on_terminal_;
  bool colour_;
  bool shown_ = false;
};

// The escape sequences that show `lines` on a screen of that size, from its upper left corner.
std::string frame(const std::vector<std::string>& lines, std::size_t rows, std::size_t columns);

}  // namespace baton
