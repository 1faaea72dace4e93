// The documents of the source tree.
#pragma once

#include "tests/docs/markdown.h"

#include <set>
#include <string>
#include <vector>

namespace baton {

// Every *.md of the tree, without build folders and hidden ones; sorted by path.
const std::vector<MarkdownDocument>& source_documents();

std::string source_text(const std::string& path);

// "Suite.Name" of every TEST, TEST_F and TEST_P below tests/.
std::set<std::string> source_tests();

}  // namespace baton
