// Reads the items of an array in a JSON document (RFC 8259).
#pragma once

#include "baton/reader.h"

#include <memory>
#include <string>

namespace baton {

struct JsonOptions {
  std::string path;
  std::string items;  // JSON pointer (RFC 6901) to an array
  // The columns asked for are a table's, not a person's: those that no item has are left out of what open() returns,
  // so that they are not overwritten with NULL; names that differ in the case of ASCII letters alone are the same.
  bool only_present = false;
};

// A column is a member of the items: string → text, number → number as it is written, true and false → boolean, array
// and object → json without white space, null and a missing member → null. Of members with the same name the last one
// counts; those that are not wanted are ignored. Rejected: items that are no object, invalid UTF-8, half surrogate
// pairs and NUL in a wanted member. A malformed document fails in open(), with its place. The file is held in memory
// while it is read: once, and one batch.
std::unique_ptr<Reader> make_json_reader(JsonOptions options);

}  // namespace baton
