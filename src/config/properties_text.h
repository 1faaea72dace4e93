// Java's .properties files (java.util.Properties), each key and value with its place.
#pragma once

#include "config/source_text.h"

#include <string>
#include <vector>

namespace baton {

struct Property {
  std::string key;
  std::string value;
  TextPosition key_at;
  TextPosition value_at;  // where it begins; behind the key where it is empty
};

// In the file's order; of a key that comes twice the later one counts, as in Java. Comments begin with # or !, a key
// ends at the first =, : or blank, a backslash at the end of a line goes on in the next one, and \uXXXX, \t, \n, \r, \f
// and \ before any other character stand for themselves. The problem is a \u without four hexadecimal digits, or half a
// surrogate pair.
tl::expected<std::vector<Property>, ConfigProblem> parse_properties(const SourceText& source);

}  // namespace baton
