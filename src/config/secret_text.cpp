#include "config/secret_text.h"

#include "base/ascii_text.h"

#include <algorithm>
#include <array>
#include <limits>
#include <set>

namespace baton {
namespace {

constexpr std::array<std::string_view, 8> words{"pass",      "pasw", "pwd",        "secret",
                                                "accesskey", "url",  "credential", "apikey"};

// ${NAME} and ${file:…} tell nothing; a default may.
bool tells_nothing(const std::string& text) {
  if (text.starts_with("sqlite:") || text.empty()) return true;
  return text.starts_with("${") && text.find('}') == text.size() - 1 && text.find(":-") == std::string::npos;
}

void collect_starts(const YamlNode& node, std::set<TextPosition>& starts) {
  starts.insert(node.at);
  for (const YamlNode& item : node.items) collect_starts(item, starts);
  for (const YamlMember& member : node.members) {
    starts.insert(member.key.at);
    collect_starts(member.value, starts);
  }
}

// YAML does not say where a value ends; the next key or value starts behind it.
void mask_values(const YamlNode& node, bool secret, const std::set<TextPosition>& starts, SourceText& source) {
  if (node.kind == YamlNode::Kind::scalar && secret && !tells_nothing(node.text)) {
    const auto next = starts.upper_bound(node.at);
    const TextPosition end = next == starts.end() ? TextPosition{std::numeric_limits<int>::max(), 1} : *next;
    source.mask(node.at, end);
  }
  for (const YamlNode& item : node.items) mask_values(item, secret, starts, source);
  for (const YamlMember& member : node.members) {
    mask_values(member.value, secret || may_hold_secret(member.key.text), starts, source);
  }
}

// One `*` for each character, so that a caret below still points at the same place.
std::string masked_between(const std::string& text, std::size_t from, std::size_t to) {
  std::string masked = text.substr(0, from);
  for (std::size_t index = masked.size(); index < to; ++index) {
    const bool continues_character = (static_cast<unsigned char>(text[index]) & 0xC0) == 0x80;
    if (!continues_character) masked += text[index] == ':' || text[index] == ' ' ? text[index] : '*';
  }
  return masked.append(text, std::min(to, text.size()));
}

}  // namespace

bool may_hold_secret(std::string_view key) {
  const std::string name = ascii_lower(key);
  return name.ends_with("token") || name == "ping" ||
         std::any_of(words.begin(), words.end(), [&](std::string_view word) { return name.find(word) != name.npos; });
}

void mask_secrets(const YamlNode& root, SourceText& source) {
  std::set<TextPosition> starts;
  collect_starts(root, starts);
  mask_values(root, false, starts, source);
}

std::string mask_secret_words(const std::string& line) {
  const std::string name = ascii_lower(line);
  std::size_t from = name.find("://");
  for (const std::string_view word : words) {
    const std::size_t found = name.find(word);
    if (found != name.npos) from = std::min(from, name.find(':', found));
  }
  return masked_between(line, from, line.size());
}

std::string mask_user_information(const std::string& text) {
  std::string masked = text;
  for (std::size_t from = masked.find("://"); from != masked.npos; from = masked.find("://", from + 3)) {
    const std::size_t end = std::min(masked.find_first_of(" \"'", from), masked.size());
    const std::size_t at = masked.rfind('@', end);
    if (at != masked.npos && at > from) masked = masked_between(masked, from + 3, at);
  }
  return masked;
}

}  // namespace baton
