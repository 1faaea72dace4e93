#include "config/substitution.h"

#include <fmt/format.h>

namespace baton {
namespace {

bool is_variable_name(std::string_view name) {
  const auto is_letter = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_'; };
  if (name.empty() || !is_letter(name[0])) return false;
  for (const char c : name) {
    if (!is_letter(c) && !(c >= '0' && c <= '9')) return false;
  }
  return true;
}

struct Replacement {
  const std::filesystem::path& folder;
  const ConfigSources& sources;

  Result<std::string> file(std::string_view path) const {
    auto content = sources.read_file((folder / path).string());
    if (!content) {
      return fail(ErrorKind::invalid, fmt::format("${{file:{}}} cannot be read: {}", path, content.error().message));
    }
    if (content->ends_with('\n')) content->pop_back();
    if (content->ends_with('\r')) content->pop_back();
    return content;
  }

  Result<std::string> variable(std::string_view reference) const {
    const std::size_t separator = reference.find(":-");
    const std::string name(reference.substr(0, separator));
    if (!is_variable_name(name)) {
      return fail(ErrorKind::invalid,
                  "`${` starts a reference: expected ${NAME}, ${NAME:-default} or ${file:/path}; a literal `${` is "
                  "written `$${`");
    }
    const auto value = sources.environment(name);
    if (value && !(value->empty() && separator != reference.npos)) return *value;
    if (separator != reference.npos) return std::string(reference.substr(separator + 2));
    return fail(ErrorKind::invalid,
                fmt::format("the environment variable {0} is not set: set it, or write ${{{0}:-default}}", name));
  }

  Result<std::string> operator()(std::string_view reference) const {
    constexpr std::string_view file_prefix = "file:";
    return reference.starts_with(file_prefix) ? file(reference.substr(file_prefix.size())) : variable(reference);
  }
};

Result<std::string> replace_all(std::string_view text, const Replacement& replacement) {
  std::string result;
  while (true) {
    const std::size_t start = text.find("${");
    if (start == text.npos) return result.append(text);
    const bool literal = start > 0 && text[start - 1] == '$';
    result.append(text.substr(0, literal ? start - 1 : start));
    text.remove_prefix(start + 2);
    if (literal) {
      result += "${";
      continue;
    }
    const std::size_t end = text.find('}');
    if (end == text.npos) return fail(ErrorKind::invalid, "`${` without its `}`; a literal `${` is written `$${`");
    BATON_TRY(const std::string value, replacement(text.substr(0, end)));
    result += value;
    text.remove_prefix(end + 1);
  }
}

void substitute_below(YamlNode& node, const Replacement& replacement, Problems& problems) {
  for (YamlNode& item : node.items) substitute_below(item, replacement, problems);
  for (YamlMember& member : node.members) substitute_below(member.value, replacement, problems);
  if (node.kind != YamlNode::Kind::scalar || node.text.find("${") == std::string::npos) return;
  auto replaced = replace_all(node.text, replacement);
  if (!replaced) {
    problems.add(node.at, replaced.error().message);
    node.kind = YamlNode::Kind::broken;
    return;
  }
  node.text = std::move(*replaced);
  node.substituted = true;
}

}  // namespace

void substitute(YamlNode& node, const std::filesystem::path& folder, const ConfigSources& sources, Problems& problems) {
  substitute_below(node, Replacement{folder, sources}, problems);
}

}  // namespace baton
