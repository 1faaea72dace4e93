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

constexpr std::size_t least_log_lines = 3;

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

std::optional<std::size_t> Screen::columns() const {
  return on_terminal_ ? std::optional(terminal_size().columns) : std::nullopt;
}

void Screen::show(const ScreenParts& parts) {
  show(fit(parts, on_terminal_ ? frame_room(terminal_size().rows) : std::string::npos));
}

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

std::size_t frame_room(std::size_t rows) { return std::max<std::size_t>(rows, 2) - 1; }

std::vector<std::string> fit(const ScreenParts& parts, std::size_t rows) {
  const std::size_t keys = parts.keys.empty() ? 0 : 1;
  const std::size_t gaps = (parts.log.empty() ? 0U : 1U) + keys;
  const std::size_t least_log = std::min(parts.log.size(), least_log_lines);
  const bool roomy = rows >= parts.tables.size() + least_log + keys + gaps;
  const std::size_t gap = roomy ? 1 : 0;
  const std::size_t room = rows - std::min(rows, keys + (roomy ? gaps : 0));
  const std::size_t tables = std::min(parts.tables.size(), room - std::min(room, least_log));
  const std::size_t log = std::min(parts.log.size(), room - tables);

  std::vector<std::string> lines(parts.tables.begin(), parts.tables.begin() + static_cast<std::ptrdiff_t>(tables));
  if (tables > 0 && tables < parts.tables.size()) {
    lines.back() = fmt::format("… {} more lines", parts.tables.size() - tables + 1);
  }
  if (log > 0) lines.resize(lines.size() + gap);
  lines.insert(lines.end(), parts.log.end() - static_cast<std::ptrdiff_t>(log), parts.log.end());
  if (keys == 0) return lines;
  lines.resize(lines.size() + gap);
  lines.push_back(parts.keys);
  return lines;
}

std::string frame(const std::vector<std::string>& lines, std::size_t rows, std::size_t columns) {
  const std::size_t room = frame_room(rows);
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
