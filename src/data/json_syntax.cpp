#include "data/value_check.h"

namespace baton {
namespace {

bool is_decimal(char c) { return c >= '0' && c <= '9'; }

bool is_hexadecimal(char c) { return is_decimal(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// Without recursion, however deep values are nested.
class JsonSyntax {
 public:
  explicit JsonSyntax(std::string_view text) : rest_(text) {}

  bool is_value() {
    while (true) {
      const Begun begun = begin_value();
      if (begun == Begun::wrong) return false;
      if (begun == Begun::nested) continue;
      // Behind a value: to the next one, or to the end.
      while (true) {
        skip_spaces();
        if (open_.empty()) return rest_.empty();
        if (take(',')) break;
        if (!take(open_.back() == '{' ? '}' : ']')) return false;
        open_.pop_back();
      }
      if (open_.back() == '{' && !take_name()) return false;
    }
  }

 private:
  enum class Begun { wrong, whole, nested };

  Begun begin_value() {
    skip_spaces();
    if (take('[')) {
      skip_spaces();
      if (take(']')) return Begun::whole;
      open_ += '[';
      return Begun::nested;
    }
    if (take('{')) {
      skip_spaces();
      if (take('}')) return Begun::whole;
      open_ += '{';
      return take_name() ? Begun::nested : Begun::wrong;
    }
    return take_string() || take("true") || take("false") || take("null") || take_number() ? Begun::whole
                                                                                           : Begun::wrong;
  }

  void skip_spaces() {
    const std::size_t end = rest_.find_first_not_of(" \t\n\r");
    rest_.remove_prefix(end == rest_.npos ? rest_.size() : end);
  }

  bool take(char c) {
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }

  bool take(std::string_view word) {
    if (!rest_.starts_with(word)) return false;
    rest_.remove_prefix(word.size());
    return true;
  }

  bool take_name() {
    skip_spaces();
    if (!take_string()) return false;
    skip_spaces();
    return take(':');
  }

  bool take_string() {
    if (!take('"')) return false;
    while (!rest_.empty()) {
      const char c = rest_.front();
      rest_.remove_prefix(1);
      if (c == '"') return true;
      if (static_cast<unsigned char>(c) < 0x20 || (c == '\\' && !take_escape())) return false;
    }
    return false;
  }

  bool take_escape() {
    constexpr std::size_t digits = 4;
    if (!take('u')) {
      if (rest_.empty() || std::string_view("\"\\/bfnrt").find(rest_.front()) == std::string_view::npos) return false;
      rest_.remove_prefix(1);
      return true;
    }
    for (std::size_t i = 0; i < digits; ++i) {
      if (rest_.empty() || !is_hexadecimal(rest_.front())) return false;
      rest_.remove_prefix(1);
    }
    return true;
  }

  bool take_number() {
    take('-');
    if (!take('0') && !take_digits()) return false;
    if (take('.') && !take_digits()) return false;
    if (!take('e') && !take('E')) return true;
    if (!take('+')) take('-');
    return take_digits();
  }

  bool take_digits() {
    const std::size_t before = rest_.size();
    while (!rest_.empty() && is_decimal(rest_.front())) rest_.remove_prefix(1);
    return rest_.size() < before;
  }

  std::string_view rest_;
  std::string open_;  // { and [
};

}  // namespace

bool is_json(std::string_view text) { return JsonSyntax(text).is_value(); }

}  // namespace baton
