#include "config/yaml_tree.h"

#include "config/secret_text.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <optional>
#include <sstream>

namespace baton {
namespace {

constexpr std::size_t max_nodes = 200'000;
constexpr std::size_t max_depth = 64;

struct Refused {
  TextPosition at;
  std::string message;
};

std::size_t count_nodes(const YamlNode& node) {
  std::size_t count = 1;
  for (const YamlNode& item : node.items) count += count_nodes(item);
  for (const YamlMember& member : node.members) count += 1 + count_nodes(member.value);
  return count;
}

// yaml-cpp takes a quote that is never closed for text up to the end of the file.
bool closes(std::string_view text) {
  const char quote = text[0];
  for (std::size_t offset = 1; offset < text.size(); ++offset) {
    if (quote == '"' && text[offset] == '\\') {
      ++offset;
    } else if (text[offset] == quote) {
      if (quote == '"' || !text.substr(offset).starts_with("''")) return true;
      ++offset;
    }
  }
  return false;
}

class TreeBuilder : public YAML::EventHandler {
 public:
  explicit TreeBuilder(const SourceText& source) : source_(source) {}

  YamlNode take_root() { return std::move(root_); }

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1)
      throw Refused{position(mark), "a configuration is one YAML document, and here starts another"};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    finish(make(YamlNode::Kind::null, position(mark)), anchor);
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto known = anchors_.find(anchor);
    if (known == anchors_.end()) throw Refused{position(mark), "an alias may not stand inside of what it repeats"};
    count(count_nodes(known->second), position(mark));
    place(known->second);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    YamlNode node = make(YamlNode::Kind::scalar, position(mark), tag);
    node.text = value;
    node.quoted = tag == "!";
    if (node.quoted) check_quote(node.at);
    finish(std::move(node), anchor);
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(make(YamlNode::Kind::sequence, position(mark), tag), anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(make(YamlNode::Kind::map, position(mark), tag), anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    YamlNode node;
    YAML::anchor_t anchor = 0;
    std::optional<YamlNode> key;
  };

  TextPosition position(const YAML::Mark& mark) const { return source_.position(mark.line, mark.column); }

  YamlNode make(YamlNode::Kind kind, TextPosition at, const std::string& tag = "?") {
    count(1, at);
    if (tag != "?" && tag != "!" && !tag.empty())
      throw Refused{at, "YAML tags (!name) are not used in a configuration"};
    YamlNode node;
    node.kind = kind;
    node.at = at;
    return node;
  }

  void count(std::size_t nodes, TextPosition at) {
    nodes_ += nodes;
    if (nodes_ > max_nodes) throw Refused{at, fmt::format("more than {} values, aliases included", max_nodes)};
  }

  void check_quote(TextPosition at) const {
    const std::string_view text = source_.rest(at);
    const bool opens = text.starts_with('"') || text.starts_with('\'');
    if (opens && !closes(text)) throw Refused{at, "the quote that opens here is never closed"};
  }

  void open(YamlNode node, YAML::anchor_t anchor) {
    if (stack_.size() >= max_depth) throw Refused{node.at, fmt::format("nested more than {} levels deep", max_depth)};
    stack_.push_back({std::move(node), anchor, std::nullopt});
  }

  void close() {
    Open done = std::move(stack_.back());
    stack_.pop_back();
    finish(std::move(done.node), done.anchor);
  }

  void finish(YamlNode node, YAML::anchor_t anchor) {
    if (anchor != 0) {
      count(count_nodes(node), node.at);
      anchors_[anchor] = node;
    }
    place(std::move(node));
  }

  void place(YamlNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = stack_.back();
    if (parent.node.kind == YamlNode::Kind::sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      if (node.kind != YamlNode::Kind::scalar) throw Refused{node.at, "a key is one word or one text in quotes"};
      parent.key = std::move(node);
    } else {
      parent.node.members.push_back({std::move(*parent.key), std::move(node)});
      parent.key.reset();
    }
  }

  const SourceText& source_;
  YamlNode root_;
  int documents_ = 0;
  std::size_t nodes_ = 0;
  std::vector<Open> stack_;
  std::map<YAML::anchor_t, YamlNode> anchors_;
};

std::string hint(std::string_view line) {
  const std::string_view indent = line.substr(0, line.find_first_not_of(" \t"));
  if (indent.find('\t') != indent.npos) return " (YAML is indented with spaces, and this line starts with a tab)";
  if (line.find("${") != line.npos) return " (inside of {…} and […] a value with ${…} needs quotes)";
  return "";
}

// The tree is not known here, so what may be secret is told from the line alone.
ConfigProblem syntax_error(const SourceText& source, TextPosition at, const std::string& message) {
  const std::string line = source.line(at.line);
  return {source.place(at), message + hint(line), mask_secret_words(line)};
}

}  // namespace

const YamlNode* YamlNode::find(std::string_view key) const {
  for (const YamlMember& member : members) {
    if (member.key.text == key) return &member.value;
  }
  return nullptr;
}

tl::expected<YamlNode, ConfigProblem> parse_yaml(const SourceText& source) {
  try {
    std::istringstream stream(source.content());
    YAML::Parser parser(stream);
    TreeBuilder builder(source);
    while (parser.HandleNextDocument(builder)) {
    }
    return builder.take_root();
  } catch (const Refused& refused) {
    return tl::unexpected(syntax_error(source, refused.at, refused.message));
  } catch (const YAML::Exception& error) {
    const TextPosition at = error.mark.is_null() ? TextPosition{} : source.position(error.mark.line, error.mark.column);
    return tl::unexpected(syntax_error(source, at, "not valid YAML: " + error.msg));
  } catch (const std::exception&) {
    return tl::unexpected(syntax_error(source, {}, "not valid YAML"));
  }
}

void drop_duplicate_keys(YamlNode& node, Problems& problems) {
  std::map<std::string_view, int> lines;
  std::vector<YamlMember> kept;
  for (const YamlMember& member : node.members) {
    const auto [known, is_new] = lines.emplace(member.key.text, member.key.at.line);
    if (is_new) {
      kept.push_back(member);
    } else {
      problems.add(member.key.at, fmt::format("the key `{}` is already given in line {}: keep one of them",
                                              member.key.text, known->second));
    }
  }
  node.members = std::move(kept);
  for (YamlMember& member : node.members) drop_duplicate_keys(member.value, problems);
  for (YamlNode& item : node.items) drop_duplicate_keys(item, problems);
}

}  // namespace baton
