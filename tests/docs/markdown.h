// What the tests of the documents see in a Markdown file: fenced blocks with the directives before them, links,
// anchors, code spans. A directive is a comment `<!-- test: … -->`; README.md of this folder lists them.
#pragma once

#include <set>
#include <string>
#include <vector>

namespace baton {

struct MarkdownBlock {
  std::string language;  // "hidden": the commands of a directive `run`
  std::string text;
  int line = 0;                         // of its first line of text, from 1
  std::vector<std::string> directives;  // those right before it

  // What follows the word, where a directive begins with it; a missing one is null.
  const std::string* directive(const std::string& word) const;
  // The file that the block is: by its directive `file`, or by a first line such as `# baton.yaml`; else empty.
  std::string file() const;

 private:
  mutable std::string argument_;
};

// A link's target, or the text of a code span.
struct MarkdownSpan {
  std::string text;
  int line = 0;
};

struct MarkdownDocument {
  std::string path;  // from the top of the source tree
  std::vector<MarkdownBlock> blocks;
  std::vector<MarkdownSpan> links;
  std::vector<MarkdownSpan> code;
  std::set<std::string> anchors;      // as GitHub makes them of headings
  std::vector<std::string> problems;  // "line N: …": a directive before no block, a block without an end
};

MarkdownDocument parse_markdown(std::string path, const std::string& text);

}  // namespace baton
