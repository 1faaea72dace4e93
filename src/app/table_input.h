// The readers of `read.table` and `read.query`, each on a connection of its own.
#pragma once

#include "baton/reader.h"
#include "config/config.h"

#include <memory>
#include <string>

namespace baton {

enum class InputUse {
  run,
  look,  // open() alone, which makes no file
};

// `step` is "job/step". `invalid` for an URL that cannot be read.
Result<std::unique_ptr<Reader>> make_table_input(const TableReadConfig& read, const std::string& step,
                                                 InputUse use = InputUse::run);
Result<std::unique_ptr<Reader>> make_query_input(const QueryReadConfig& read, const std::string& step,
                                                 InputUse use = InputUse::run);

// For messages: "table orders of connection \"shop\"".
std::string name_of(const TableReadConfig& read);
std::string name_of(const QueryReadConfig& read);

}  // namespace baton
