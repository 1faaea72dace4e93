#include "config/property_values.h"

#include "base/ascii_text.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr int deepest = 20;  // of placeholders in placeholders

// SPRING_DATASOURCE_URL for spring.datasource.url.
std::string relaxed(const std::string& key, bool dashes) {
  std::string name;
  for (const char c : key) {
    if (c == '.' || (c == '-' && dashes)) {
      name += '_';
    } else if (c != '-') {
      name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return name;
}

// As Spring compares the keys of files: maximumPoolSize and maximum_pool_size are maximum-pool-size.
std::string uniform(const std::string& key) {
  std::string name;
  for (const char c : key) {
    if (c != '-' && c != '_') name += ascii_lower(c);
  }
  return name;
}

// The } that ends the placeholder whose ${ stands before `from`; npos without one.
std::size_t end_of_placeholder(const std::string& text, std::size_t from) {
  int open = 1;
  for (std::size_t index = from; index < text.size(); ++index) {
    if (text.compare(index, 2, "${") == 0) ++open;
    if (text[index] == '}' && --open == 0) return index;
  }
  return std::string::npos;
}

// The colon that begins the default, outside of placeholders within the name.
std::size_t start_of_default(const std::string& inner) {
  int open = 0;
  for (std::size_t index = 0; index < inner.size(); ++index) {
    if (inner.compare(index, 2, "${") == 0) ++open;
    if (inner[index] == '}') --open;
    if (inner[index] == ':' && open == 0) return index;
  }
  return std::string::npos;
}

}  // namespace

std::optional<PropertyValues::Value> PropertyValues::from_environment(const std::string& key) const {
  for (const std::string& name : {key, relaxed(key, false), relaxed(key, true)}) {
    auto value = sources_.environment(name);
    if (value && !value->empty())
      return Value{std::move(*value), name, Place{"environment variable " + name, 0, 0}, {}};
  }
  return std::nullopt;
}

const Property* PropertyValues::in_file(const std::string& key) const {
  const auto found = std::find_if(properties_.rbegin(), properties_.rend(),
                                  [&](const Property& one) { return uniform(one.key) == uniform(key); });
  return found == properties_.rend() ? nullptr : &*found;
}

std::optional<std::string> PropertyValues::placeholder(const std::string& inner, TextPosition at, int depth) {
  const std::size_t colon = start_of_default(inner);
  const auto name = replaced(inner.substr(0, colon), at, depth + 1);
  if (!name) return std::nullopt;
  if (auto value = from_environment(*name)) return std::move(value->text);
  if (const Property* known = in_file(*name)) return replaced(known->value, at, depth + 1);
  if (colon != std::string::npos) return replaced(inner.substr(colon + 1), at, depth + 1);
  problems_.add(at, fmt::format("there is neither an environment variable nor a key `{}`: set it, or give a default as "
                                "in ${{{}:default}}",
                                *name, *name));
  return std::nullopt;
}

std::optional<std::string> PropertyValues::replaced(const std::string& text, TextPosition at, int depth) {
  if (depth > deepest) {
    problems_.add(at, "the placeholders of this value lead back to themselves");
    return std::nullopt;
  }
  std::string result;
  std::size_t from = 0;
  while (true) {
    const std::size_t start = text.find("${", from);
    const std::size_t end = start == std::string::npos ? start : end_of_placeholder(text, start + 2);
    if (end == std::string::npos) return result + text.substr(from);
    const auto value = placeholder(text.substr(start + 2, end - start - 2), at, depth);
    if (!value) return std::nullopt;
    result += text.substr(from, start - from) + *value;
    from = end + 1;
  }
}

std::optional<PropertyValues::Value> PropertyValues::find(const std::string& key) {
  asked_.insert(uniform(key));
  if (auto value = from_environment(key)) return value;
  const Property* known = in_file(key);
  if (known == nullptr) return std::nullopt;
  auto value = replaced(known->value, known->value_at, 0);
  if (!value || value->empty()) return std::nullopt;
  return Value{std::move(*value), known->key, source_.place(known->value_at), known->value_at};
}

int PropertyValues::unused() const {
  return static_cast<int>(std::count_if(properties_.begin(), properties_.end(), [&](const Property& property) {
    return !asked_.contains(uniform(property.key));
  }));
}

}  // namespace baton
