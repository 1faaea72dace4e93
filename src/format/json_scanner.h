// Walks over the values of a JSON text (RFC 8259) and finds where each begins and ends, without taking them apart.
// Strict in everything but the bytes of strings, whose UTF-8 is not checked.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton {

// Where the text is malformed, and what is wrong there; `at` is the opening byte of what is never closed.
struct JsonFault {
  std::size_t at = 0;
  std::string reason;
};

inline constexpr int deepest_json = 1024;  // levels of arrays and objects, as simdjson's

// The functions that return bool begin at the first byte of what they name and stop behind it; false: see fault().
class JsonScanner {
 public:
  JsonScanner() = default;
  JsonScanner(std::string_view text, std::size_t at) : text_(text), at_(at) {}

  std::size_t at() const { return at_; }
  void move_to(std::size_t at) { at_ = at; }
  char next() const { return at_ < text_.size() ? text_[at_] : '\0'; }  // NUL at the end of the text
  bool at_end() const { return at_ == text_.size(); }
  const JsonFault& fault() const { return fault_; }

  void skip_space();
  bool skip_value();
  bool skip_string();

  // Calls on_member(key) for each member, with the token of the key, quotes included. It stands at the value then and
  // on_member skips it; false from on_member ends it.
  template <class OnMember>
  bool members(OnMember on_member);

  // Calls on_element() for each element in the same way.
  template <class OnElement>
  bool elements(OnElement on_element);

  // Between two elements or members: stands at the next one, or at `close`. False: neither follows.
  bool skip_comma(char close);

  bool refuse(std::size_t at, std::string reason);

 private:
  bool enter();
  bool skip_number();
  bool skip_literal(std::string_view literal);
  bool skip_escape();
  bool refuse_next(std::string_view expected);

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
  JsonFault fault_;
};

template <class OnElement>
bool JsonScanner::elements(OnElement on_element) {
  const std::size_t begin = at_;
  if (!enter()) return false;
  while (next() != ']') {
    if (at_end()) return refuse(begin, "the array that opens here is never closed");
    if (!on_element()) return false;
    skip_space();
    if (at_end()) return refuse(begin, "the array that opens here is never closed");
    if (!skip_comma(']')) return false;
  }
  ++at_;
  --depth_;
  return true;
}

template <class OnMember>
bool JsonScanner::members(OnMember on_member) {
  const std::size_t begin = at_;
  if (!enter()) return false;
  while (next() != '}') {
    if (at_end()) return refuse(begin, "the object that opens here is never closed");
    const std::size_t key = at_;
    if (next() != '"') return refuse_next("the name of a member in double quotes");
    if (!skip_string()) return false;
    const std::string_view token = text_.substr(key, at_ - key);
    skip_space();
    if (next() != ':') return refuse_next("`:` and the member's value");
    ++at_;
    skip_space();
    if (!on_member(token)) return false;
    skip_space();
    if (at_end()) return refuse(begin, "the object that opens here is never closed");
    if (!skip_comma('}')) return false;
  }
  ++at_;
  --depth_;
  return true;
}

}  // namespace baton
