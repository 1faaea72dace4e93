// Rows of text in aligned columns, or as one JSON array of objects.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace baton {

// A value of a listing; absent is "-" in text and null in JSON.
using Value = std::variant<std::monostate, std::string, std::int64_t, double, bool>;

// A listing: `headings` are snake_case names, which are JSON's keys too.
struct Listing {
  std::vector<std::string> headings;
  std::vector<std::vector<Value>> rows;
};

// Columns padded to the widest value, two spaces between, numbers to the right; text is cut at `max_cell` characters,
// but in the last column, which is where messages are.
std::string as_text(const Listing& listing, std::size_t max_cell = 60);

// One array of objects, indented; always valid UTF-8.
std::string as_json(const Listing& listing);

// The same on one line, without a line end.
std::string as_json_line(const Listing& listing);

}  // namespace baton
