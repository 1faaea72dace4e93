#include "format/json_pointer.h"

#include "format/json_scanner.h"
#include "format/text_place.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <simdjson.h>
#include <algorithm>
#include <optional>

namespace baton {
namespace {

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";
constexpr std::size_t most_listed_names = 20;

std::string_view kind_of(char first) {
  switch (first) {
    case '{': return "an object";
    case '[': return "an array";
    case '"': return "a string";
    case 't':
    case 'f': return "a boolean";
    case 'n': return "null";
    default: return "a number";
  }
}

// An array index without leading zeros, as RFC 6901 section 4 asks.
std::optional<std::size_t> array_index(const std::string& token) {
  constexpr std::size_t most_digits = 18;
  if (token.empty() || token.size() > most_digits || (token[0] == '0' && token.size() > 1)) return std::nullopt;
  std::size_t index = 0;
  for (const char c : token) {
    if (c < '0' || c > '9') return std::nullopt;
    index = index * 10 + static_cast<std::size_t>(c - '0');
  }
  return index;
}

// One walk over the whole document; each value on the way of the pointer is looked into, the others are skipped.
class PointerWalk {
 public:
  PointerWalk(std::string_view text, std::size_t begin, const std::vector<std::string>& tokens)
      : text_(text), tokens_(tokens), scanner_(text, begin) {}

  bool document() {
    scanner_.skip_space();
    if (scanner_.at_end()) return scanner_.refuse(scanner_.at(), "expected a JSON value, found the end of the file");
    if (!value(0)) return false;
    scanner_.skip_space();
    return scanner_.at_end() || scanner_.refuse(scanner_.at(), "expected the end of the file behind the document");
  }

  const JsonFault& fault() const { return scanner_.fault(); }
  const std::optional<JsonArray>& array() const { return array_; }
  std::size_t missing_at() const { return missing_at_; }
  const std::string& missing() const { return missing_; }

 private:
  bool value(std::size_t level) {
    array_.reset();
    if (level == tokens_.size()) return target();
    if (scanner_.next() == '{') return object(level);
    if (scanner_.next() == '[') return array(level);
    lack(scanner_.at(),
         fmt::format("{} stands here, which has no member `{}`", kind_of(scanner_.next()), tokens_[level]));
    return scanner_.skip_value();
  }

  bool target() {
    const std::size_t begin = scanner_.at();
    if (scanner_.next() != '[') {
      lack(begin, fmt::format("{} stands here, an array is expected", kind_of(scanner_.next())));
      return scanner_.skip_value();
    }
    if (!scanner_.skip_value()) return false;
    JsonScanner inside(text_, begin + 1);
    inside.skip_space();
    array_ = JsonArray{inside.at(), scanner_.at() - 1};
    return true;
  }

  bool object(std::size_t level) {
    const std::size_t begin = scanner_.at();
    bool found = false;
    std::vector<std::string> names;
    const bool whole = scanner_.members([&](std::string_view token) {
      std::string name;
      if (decode_json_string(token, name) && name == tokens_[level]) {
        found = true;
        return value(level + 1);
      }
      if (names.size() <= most_listed_names) names.push_back(name);
      return scanner_.skip_value();
    });
    if (whole && !found) {
      if (names.size() > most_listed_names) names.back() = "…";
      lack(begin,
           fmt::format("the object here has no member `{}`; it has: {}", tokens_[level], fmt::join(names, ", ")));
    }
    return whole;
  }

  bool array(std::size_t level) {
    const std::size_t begin = scanner_.at();
    const std::optional<std::size_t> wanted = array_index(tokens_[level]);
    std::size_t count = 0;
    const bool whole = scanner_.elements([&] { return count++ == wanted ? value(level + 1) : scanner_.skip_value(); });
    if (whole && (!wanted || count <= *wanted)) {
      lack(begin, fmt::format("the array here has {} items, none of them is `{}`", count, tokens_[level]));
    }
    return whole;
  }

  void lack(std::size_t at, std::string reason) {
    missing_at_ = at;
    missing_ = std::move(reason);
  }

  std::string_view text_;
  const std::vector<std::string>& tokens_;
  JsonScanner scanner_;
  std::optional<JsonArray> array_;
  std::size_t missing_at_ = 0;
  std::string missing_;
};

}  // namespace

Result<std::vector<std::string>> parse_json_pointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (!pointer.empty() && pointer.front() != '/') {
    return fail(ErrorKind::invalid, fmt::format("`items: {}` is no JSON pointer: it begins with `/`, or is empty for "
                                                "the whole document; for example /data/rows",
                                                pointer));
  }
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    if (pointer[i] == '/') {
      tokens.emplace_back();
    } else if (pointer[i] != '~') {
      tokens.back() += pointer[i];
    } else if (const char escaped = ++i < pointer.size() ? pointer[i] : '\0'; escaped == '0' || escaped == '1') {
      tokens.back() += escaped == '0' ? '~' : '/';
    } else {
      return fail(ErrorKind::invalid,
                  fmt::format("`items: {}` is no JSON pointer: `~` is written `~0`, and `/` in a name `~1`", pointer));
    }
  }
  return tokens;
}

Result<JsonArray> find_json_array(std::string_view text, const std::string& path, std::string_view pointer) {
  BATON_TRY(const std::vector<std::string> tokens, parse_json_pointer(pointer));
  const std::size_t begin = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  const auto place = [&](std::size_t at) { return text_place(path, 1, text.substr(begin, at - begin)); };
  PointerWalk walk(text, begin, tokens);
  if (!walk.document()) {
    return fail(ErrorKind::invalid, fmt::format("{}: malformed JSON: {}; correct the file and run again",
                                                place(walk.fault().at), walk.fault().reason));
  }
  if (!walk.array()) {
    return fail(ErrorKind::invalid, fmt::format("{}: looking for the array at `{}`: {}; name the array in `items`",
                                                place(walk.missing_at()), pointer, walk.missing()));
  }
  return *walk.array();
}

bool decode_json_string(std::string_view token, std::string& text) {
  if (token.find('\\') == std::string_view::npos) {
    text = token.substr(1, token.size() - 2);
    return true;
  }
  simdjson::dom::parser parser;
  std::string_view decoded;
  if (parser.parse(simdjson::padded_string(token)).get(decoded) != simdjson::SUCCESS) return false;
  text = decoded;
  return true;
}

}  // namespace baton
