#include "app/screen.h"

#include "app/text_width.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace baton {
namespace {

constexpr const char* to_upper_left = "\x1b[H";
constexpr const char* erase_to_line_end = "\x1b[K";
constexpr const char* erase_below = "\x1b[J";

struct Size {
  std::size_t rows = 24;
  std::size_t columns = 80;
};

// A terminal may leave either unknown.
Size terminal_size() {
  Size size;
  winsize told{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &told) != 0) return size;
  if (told.ws_row > 0) size.rows = told.ws_row;
  if (told.ws_col > 0) size.columns = told.ws_col;
  return size;
}

bool wants_colour() {
  const char* none = std::getenv("NO_COLOR");
  const char* terminal = std::getenv("TERM");
  return (none == nullptr || *none == '\0') && (terminal == nullptr || std::strcmp(terminal, "dumb") != 0);
}

void write_out(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
}

}  // namespace

Screen::Screen() : on_terminal_(isatty(STDOUT_FILENO) != 0), colour_(on_terminal_ && wants_colour()) {}

void Screen::show(const std::vector<std::string>& lines) {
  std::string text;
  if (on_terminal_) {
    const Size size = terminal_size();
    // What stood on the screen scrolls away instead of being written over.
    if (!shown_) text.assign(size.rows, '\n');
    text += frame(lines, size.rows, size.columns);
  } else {
    if (shown_) text += '\n';
    for (const std::string& line : lines) text += line + '\n';
  }
  shown_ = true;
  write_out(text);
}

std::string frame(const std::vector<std::string>& lines, std::size_t rows, std::size_t columns) {
  const std::size_t room = std::max<std::size_t>(rows, 2) - 1;  // the cursor stands below the last line
  const bool all = lines.size() <= room;
  const std::size_t count = all ? lines.size() : room - 1;
  std::string text = to_upper_left;
  for (std::size_t i = 0; i < count; ++i) text += cut_line(lines[i], columns) + erase_to_line_end + "\n";
  if (!all) {
    text += cut_line(fmt::format("… {} more lines", lines.size() - count), columns) + erase_to_line_end + "\n";
  }
  return text + erase_below;
}

}  // namespace baton
