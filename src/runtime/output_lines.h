// What a program prints, as lines that a log can take.
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace baton {

// Gives out each line once it has ended, by LF or CR, without its end; empty ones are left out. Tabs become spaces,
// other control characters and bytes that are no UTF-8 \xNN. Of a line the first `longest_line` bytes are kept, with
// "…" where there was more, so that a line without an end takes no memory. Used by one thread.
class OutputLines {
 public:
  static constexpr std::size_t longest_line = 4'096;

  explicit OutputLines(std::function<void(const std::string& line)> take) : take_(std::move(take)) {}

  void add(std::string_view part);
  // There is no more: gives out a last line without an end.
  void end();

 private:
  std::function<void(const std::string&)> take_;
  std::string line_;  // raw; up to one byte more than is kept
};

}  // namespace baton
