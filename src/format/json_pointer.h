// Finds the array that a JSON pointer (RFC 6901) names, and checks the grammar of the whole document on the way.
#pragma once

#include "baton/result.h"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

// The reference tokens of a pointer, unescaped; none for the empty pointer, the document itself. `invalid` where the
// pointer is malformed.
Result<std::vector<std::string>> parse_json_pointer(std::string_view pointer);

// Offsets in the text.
struct JsonArray {
  std::size_t first = 0;  // of the first item, or of the closing bracket
  std::size_t close = 0;  // of the closing bracket
};

// Of members with the same name the last one counts. `invalid`, with the place in `path`, where the document is
// malformed, where nothing stands at the pointer, or no array.
Result<JsonArray> find_json_array(std::string_view text, const std::string& path, std::string_view pointer);

// Sets `text` to what a JSON string, given with its quotes, stands for. False where it holds half of a surrogate pair,
// which is no character.
bool decode_json_string(std::string_view token, std::string& text);

}  // namespace baton
