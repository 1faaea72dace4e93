// Where a value stands in a text file that a person wrote.
#pragma once

#include <string>

namespace baton {

struct Place {
  std::string file;
  int line = 0;    // from 1; 0 where the value has no place (a default)
  int column = 0;  // from 1, in characters

  // file:line:column, or the file alone
  std::string text() const {
    return line == 0 ? file : file + ":" + std::to_string(line) + ":" + std::to_string(column);
  }
};

}  // namespace baton
