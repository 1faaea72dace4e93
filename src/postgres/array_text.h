// The elements of an array, from PostgreSQL's text form or from JSON.
#pragma once

#include "baton/row_batch.h"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace baton {

struct ArrayElement {
  std::string_view text;
  FieldKind kind = FieldKind::text;  // null, or what it was in JSON
};

struct ArrayDimension {
  std::int32_t size = 0;
  std::int32_t lower = 1;
};

struct ArrayParts {
  std::vector<ArrayDimension> dimensions;  // outermost first; none: an empty array
  std::vector<ArrayElement> elements;      // row-major
  std::deque<std::string> made;            // texts of elements that are not written in the input as they are meant

  void clear();
};

// {a,"b c",NULL,{…}} with quotes, backslashes and [l:u]= in front
// (https://www.postgresql.org/docs/15/arrays.html#ARRAYS-IO). Views lead into `text` and `parts`. False where it is
// none.
bool read_array_text(std::string_view text, ArrayParts& parts);

// [1, "b", null, […]] as JSON. Arrays within are dimensions, unless the elements are JSON themselves: then they are
// elements.
bool read_json_array(std::string_view text, bool elements_are_json, ArrayParts& parts);

}  // namespace baton
