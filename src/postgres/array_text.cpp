#include "postgres/array_text.h"

#include "base/ascii_text.h"
#include "data/value_check.h"

#include <charconv>
#include <nlohmann/json.hpp>
#include <utility>

namespace baton {
namespace {

constexpr std::size_t most_dimensions = 6;  // MAXDIM

// Counts what each level holds: every one of a level must hold as many.
class Shape {
 public:
  explicit Shape(ArrayParts& parts) : parts_(parts) {}

  bool open() {
    if (++depth_ > most_dimensions) return false;
    if (depth_ > counts_.size()) {
      // Elements stand on the innermost level only.
      if (leaf_depth_ != 0) return false;
      counts_.push_back(0);
      parts_.dimensions.push_back({-1, 1});
    }
    counts_[depth_ - 1] = 0;
    return true;
  }

  bool close() {
    ArrayDimension& dimension = parts_.dimensions[depth_ - 1];
    const std::int32_t count = counts_[depth_ - 1];
    if (dimension.size >= 0 && dimension.size != count) return false;
    dimension.size = count;
    --depth_;
    if (depth_ > 0) ++counts_[depth_ - 1];
    return true;
  }

  bool element(ArrayElement element) {
    if (leaf_depth_ == 0) leaf_depth_ = depth_;
    if (leaf_depth_ != depth_ || depth_ != counts_.size()) return false;
    ++counts_[depth_ - 1];
    parts_.elements.push_back(element);
    return true;
  }

  std::size_t depth() const { return depth_; }

 private:
  ArrayParts& parts_;
  std::size_t depth_ = 0;
  std::size_t leaf_depth_ = 0;  // 0: no element yet
  std::vector<std::int32_t> counts_;
};

class TextReader {
 public:
  TextReader(std::string_view text, ArrayParts& parts) : text_(text), parts_(parts), shape_(parts) {}

  bool read() {
    std::vector<std::pair<std::int32_t, std::int32_t>> bounds;
    skip_spaces();
    if (!read_bounds(bounds) || !read_braces()) return false;
    skip_spaces();
    if (at_ != text_.size()) return false;
    if (parts_.elements.empty()) {
      // {} has no dimensions; {{},{}} is none that PostgreSQL would write.
      const bool plain = parts_.dimensions.size() == 1 && bounds.empty();
      parts_.dimensions.clear();
      return plain;
    }
    return apply(bounds);
  }

 private:
  bool done() const { return at_ == text_.size(); }
  void skip_spaces() {
    while (!done() && is_ascii_space(text_[at_])) ++at_;
  }

  bool read_number(std::int32_t& number) {
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
    if (error != std::errc()) return false;
    at_ = static_cast<std::size_t>(end - text_.data());
    return true;
  }

  bool take(char c) {
    if (done() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  bool read_bounds(std::vector<std::pair<std::int32_t, std::int32_t>>& bounds) {
    while (take('[')) {
      std::int32_t lower = 1;
      std::int32_t upper = 0;
      if (!read_number(lower)) return false;
      if (!take(':')) {
        upper = std::exchange(lower, 1);
      } else if (!read_number(upper)) {
        return false;
      }
      if (!take(']')) return false;
      bounds.emplace_back(lower, upper);
    }
    return bounds.empty() || take('=');
  }

  bool apply(const std::vector<std::pair<std::int32_t, std::int32_t>>& bounds) {
    if (bounds.empty()) return true;
    if (bounds.size() != parts_.dimensions.size()) return false;
    for (std::size_t i = 0; i < bounds.size(); ++i) {
      const std::int64_t size = std::int64_t{bounds[i].second} - bounds[i].first + 1;
      if (size != parts_.dimensions[i].size) return false;
      parts_.dimensions[i].lower = bounds[i].first;
    }
    return true;
  }

  // From the first { to its }.
  bool read_braces() {
    bool wants_item = true;
    bool may_close = true;  // right behind {, or behind an item
    do {
      skip_spaces();
      if (done()) return false;
      if (text_[at_] == '{') {
        if (!wants_item || !shape_.open()) return false;
        ++at_;
        may_close = true;
      } else if (shape_.depth() == 0) {
        return false;
      } else if (text_[at_] == '}') {
        if (!may_close || !shape_.close()) return false;
        ++at_;
        wants_item = false;
      } else if (text_[at_] == ',') {
        if (wants_item) return false;
        ++at_;
        wants_item = true;
        may_close = false;
      } else {
        if (!wants_item || !read_element()) return false;
        wants_item = false;
        may_close = true;
      }
    } while (shape_.depth() > 0);
    return true;
  }

  bool read_element() {
    if (text_[at_] == '"') return read_quoted();
    const std::size_t first = at_;
    std::size_t end = at_;  // behind the last character that is no space
    bool escaped = false;
    while (!done() && text_[at_] != ',' && text_[at_] != '}') {
      const char c = text_[at_];
      if (c == '"' || c == '{') return false;
      if (c == '\\') {
        escaped = true;
        if (++at_ == text_.size()) return false;
        end = at_ + 1;
      } else if (!is_ascii_space(c)) {
        end = at_ + 1;
      }
      ++at_;
    }
    const std::string_view written = text_.substr(first, end - first);
    if (!escaped && equals_ignoring_case(written, "null")) return shape_.element({{}, FieldKind::null});
    return shape_.element({escaped ? unescaped(written) : written, FieldKind::text});
  }

  bool read_quoted() {
    const std::size_t first = ++at_;
    bool escaped = false;
    while (!done() && text_[at_] != '"') {
      if (text_[at_] == '\\') {
        escaped = true;
        ++at_;
      }
      if (!done()) ++at_;
    }
    if (done()) return false;
    const std::string_view written = text_.substr(first, at_ - first);
    ++at_;
    return shape_.element({escaped ? unescaped(written) : written, FieldKind::text});
  }

  std::string_view unescaped(std::string_view written) {
    std::string& text = parts_.made.emplace_back();
    for (std::size_t i = 0; i < written.size(); ++i) {
      if (written[i] == '\\') ++i;
      text += written[i];
    }
    return text;
  }

  std::string_view text_;
  ArrayParts& parts_;
  Shape shape_;
  std::size_t at_ = 0;
};

// Walks through text that is valid JSON, so that numbers stay as they are written.
class JsonReader {
 public:
  JsonReader(std::string_view text, bool elements_are_json, ArrayParts& parts)
      : text_(text), elements_are_json_(elements_are_json), parts_(parts), shape_(parts) {}

  bool read() {
    skip_spaces();
    if (at_ == text_.size() || text_[at_] != '[' || !read_array()) return false;
    if (!parts_.elements.empty()) return true;
    const bool plain = parts_.dimensions.size() == 1;
    parts_.dimensions.clear();
    return plain;
  }

 private:
  void skip_spaces() {
    while (at_ < text_.size() && is_ascii_space(text_[at_])) ++at_;
  }

  // At [, to behind its ].
  bool read_array() {
    if (!shape_.open()) return false;
    ++at_;
    while (true) {
      skip_spaces();
      if (text_[at_] == ']') break;
      if (text_[at_] == ',') {
        ++at_;
        continue;
      }
      const bool nested = text_[at_] == '[' && !elements_are_json_;
      if (nested ? !read_array() : !shape_.element(read_value()) || no_text_) return false;
    }
    ++at_;
    return shape_.close();
  }

  ArrayElement read_value() {
    const std::size_t first = at_;
    skip_value();
    const std::string_view written = text_.substr(first, at_ - first);
    switch (written.front()) {
      case 'n': return {{}, FieldKind::null};
      case '{':
      case '[': return {written, FieldKind::json};
      case 't':
      case 'f': return {written, FieldKind::boolean};
      case '"': break;
      default: return {written, FieldKind::number};
    }
    if (elements_are_json_) return {written, FieldKind::json};
    if (written.find('\\') == std::string_view::npos) return {written.substr(1, written.size() - 2), FieldKind::text};
    const auto value = nlohmann::json::parse(written.begin(), written.end(), nullptr, false);
    no_text_ = !value.is_string();  // \ud800 without its other half
    if (no_text_) return {};
    return {parts_.made.emplace_back(value.get<std::string>()), FieldKind::text};
  }

  // Behind a value: the next comma or bracket of this level.
  void skip_value() {
    std::size_t depth = 0;
    bool quoted = false;
    for (;; ++at_) {
      const char c = text_[at_];
      if (quoted) {
        if (c == '\\') ++at_;
        if (c == '"') quoted = false;
      } else if (c == '"') {
        quoted = true;
      } else if (depth == 0 && (c == ',' || c == ']' || is_ascii_space(c))) {
        return;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == '}' || c == ']') {
        --depth;
      }
    }
  }

  std::string_view text_;
  bool elements_are_json_;
  ArrayParts& parts_;
  Shape shape_;
  std::size_t at_ = 0;
  bool no_text_ = false;
};

}  // namespace

void ArrayParts::clear() {
  dimensions.clear();
  elements.clear();
  made.clear();
}

bool read_array_text(std::string_view text, ArrayParts& parts) {
  parts.clear();
  return TextReader(text, parts).read();
}

bool read_json_array(std::string_view text, bool elements_are_json, ArrayParts& parts) {
  parts.clear();
  return is_json(text) && JsonReader(text, elements_are_json, parts).read();
}

}  // namespace baton
