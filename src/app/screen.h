// Standard output as a place for a text that changes: in place on a terminal, else one text after the other.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// What a screen shows, from top to bottom, with empty lines between.
struct ScreenParts {
  std::vector<std::string> tables;
  std::vector<std::string> log;  // oldest first
  std::string keys;              // may be empty
};

// At most `rows` lines. Where there is too little room, the oldest log lines go first, then the last lines of the
// tables, and with them the empty lines; the keys and the newest log lines stay.
std::vector<std::string> fit(const ScreenParts& parts, std::size_t rows);

// Writes to standard output; used by one thread. No terminal modes are set, so that nothing has to be put back however
// the process ends.
class Screen {
 public:
  Screen();

  bool on_terminal() const { return on_terminal_; }
  // A terminal whose user has not asked for text without colours (NO_COLOR).
  bool colour() const { return colour_; }

  // Of the terminal as it is now; empty where there is none.
  std::optional<std::size_t> columns() const;

  // As `fit` says on a terminal; else whole.
  void show(const ScreenParts& parts);

  // Terminal: in place of the last ones, cut to the terminal's size as it is now, in one write. Else: whole, with an
  // empty line before all but the first.
  void show(const std::vector<std::string>& lines);

 private:
  bool on_terminal_;
  bool colour_;
  bool shown_ = false;
};

// How many lines a frame of that many rows can hold: the cursor stands below the last one.
std::size_t frame_room(std::size_t rows);

// The escape sequences that show `lines` on a screen of that size, from its upper left corner.
std::string frame(const std::vector<std::string>& lines, std::size_t rows, std::size_t columns);

}  // namespace baton
