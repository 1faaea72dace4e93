#include "tests/docs/source_documents.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>

namespace baton {
namespace {

namespace fs = std::filesystem;

std::vector<MarkdownDocument> read_documents() {
  const fs::path top(BATON_SOURCE_DIR);
  std::vector<MarkdownDocument> documents;
  for (auto entry = fs::recursive_directory_iterator(top); entry != fs::recursive_directory_iterator(); ++entry) {
    const std::string name = entry->path().filename();
    if (entry->is_directory() && (name == "build" || name == "node_modules" || name.starts_with('.'))) {
      entry.disable_recursion_pending();
    }
    if (!entry->is_regular_file() || entry->path().extension() != ".md") continue;
    const std::string path = fs::relative(entry->path(), top);
    documents.push_back(parse_markdown(path, source_text(path)));
  }
  std::sort(documents.begin(), documents.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return documents;
}

}  // namespace

const std::vector<MarkdownDocument>& source_documents() {
  static const std::vector<MarkdownDocument> documents = read_documents();
  return documents;
}

std::string source_text(const std::string& path) {
  std::ifstream file(fs::path(BATON_SOURCE_DIR) / path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::set<std::string> source_tests() {
  std::set<std::string> tests;
  const fs::path top = fs::path(BATON_SOURCE_DIR) / "tests";
  const std::regex declared("TEST(_F|_P)?\\(([A-Za-z0-9]+),\\s*([A-Za-z0-9]+)\\)");
  for (const auto& entry : fs::recursive_directory_iterator(top)) {
    if (entry.path().extension() != ".cpp" && entry.path().extension() != ".h") continue;
    const std::string text = source_text(fs::relative(entry.path(), BATON_SOURCE_DIR));
    for (std::sregex_iterator at(text.begin(), text.end(), declared), end; at != end; ++at) {
      tests.insert((*at)[2].str() + "." + (*at)[3].str());
    }
  }
  return tests;
}

}  // namespace baton
