#include "format/json_scanner.h"

#include <fmt/format.h>
#include <array>

namespace baton {
namespace {

bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The bytes at which plain text of a string ends.
constexpr std::array<bool, 256> make_stops() {
  std::array<bool, 256> stops{};
  for (std::size_t c = 0; c < 0x20; ++c) stops[c] = true;
  stops['"'] = stops['\\'] = true;
  return stops;
}
constexpr std::array<bool, 256> stops = make_stops();

}  // namespace

void JsonScanner::skip_space() {
  while (at_ < text_.size() && is_space(text_[at_])) ++at_;
}

bool JsonScanner::skip_value() {
  switch (next()) {
    case '{': return members([this](std::string_view) { return skip_value(); });
    case '[': return elements([this] { return skip_value(); });
    case '"': return skip_string();
    case 't': return skip_literal("true");
    case 'f': return skip_literal("false");
    case 'n': return skip_literal("null");
    default: return skip_number();
  }
}

bool JsonScanner::skip_string() {
  const std::size_t begin = at_++;
  for (;;) {
    while (at_ < text_.size() && !stops[static_cast<unsigned char>(text_[at_])]) ++at_;
    if (at_end()) return refuse(begin, "the string that opens here is never closed");
    if (text_[at_] == '"') {
      ++at_;
      return true;
    }
    if (text_[at_] != '\\')
      return refuse_next("the string's end before the end of the line; escape control characters");
    if (!skip_escape()) return false;
  }
}

bool JsonScanner::skip_escape() {
  constexpr std::string_view simple = "\"\\/bfnrt";
  const std::size_t begin = at_++;
  if (!at_end() && simple.find(text_[at_]) != std::string_view::npos) {
    ++at_;
    return true;
  }
  constexpr std::size_t digits = 4;
  const std::string_view hex = next() == 'u' ? text_.substr(at_ + 1, digits) : std::string_view();
  for (const char c : hex) {
    if (!is_hex(c)) return refuse(begin, "expected four hexadecimal digits behind `\\u`");
  }
  if (hex.size() < digits)
    return refuse(begin, "unknown escape; expected one of \\\" \\\\ \\/ \\b \\f \\n \\r \\t \\u");
  at_ += 1 + digits;
  return true;
}

bool JsonScanner::skip_number() {
  const std::size_t begin = at_;
  const auto digits = [this] {
    const std::size_t first = at_;
    while (is_digit(next())) ++at_;
    return at_ > first;
  };
  if (next() == '-') ++at_;
  if (next() == '0') {
    ++at_;
  } else if (!digits()) {
    if (at_ > begin) return refuse_next("a digit");
    return refuse_next("a value");
  }
  if (next() == '.') {
    ++at_;
    if (!digits()) return refuse_next("a digit behind the point");
  }
  if (next() == 'e' || next() == 'E') {
    ++at_;
    if (next() == '+' || next() == '-') ++at_;
    if (!digits()) return refuse_next("a digit of the exponent");
  }
  return true;
}

bool JsonScanner::skip_literal(std::string_view literal) {
  if (text_.substr(at_, literal.size()) != literal) return refuse_next("a value");
  at_ += literal.size();
  return true;
}

bool JsonScanner::skip_comma(char close) {
  skip_space();
  if (next() == close) return true;
  if (next() != ',') return refuse_next(fmt::format("`,` or `{}`", close));
  ++at_;
  skip_space();
  if (next() == close) return refuse_next("a value behind the comma");
  return true;
}

bool JsonScanner::enter() {
  if (++depth_ > deepest_json) return refuse(at_, fmt::format("nested deeper than {} levels", deepest_json));
  ++at_;
  skip_space();
  return true;
}

bool JsonScanner::refuse(std::size_t at, std::string reason) {
  fault_ = {at, std::move(reason)};
  return false;
}

bool JsonScanner::refuse_next(std::string_view expected) {
  if (at_end()) return refuse(at_, fmt::format("expected {}, found the end of the file", expected));
  const auto byte = static_cast<unsigned char>(text_[at_]);
  if (byte < 0x20 || byte >= 0x7F) return refuse(at_, fmt::format("expected {}, found byte 0x{:02X}", expected, byte));
  return refuse(at_, fmt::format("expected {}, found `{}`", expected, text_[at_]));
}

}  // namespace baton
