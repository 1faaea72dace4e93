// Process steps that choose and name columns; they touch no value.
#pragma once

#include "baton/processor.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baton {

// Gives columns new names, all at once (two may swap theirs). bind: `invalid` where a column does not arrive, is
// renamed twice, or where two columns would have one name.
std::unique_ptr<Processor> make_rename(std::vector<std::pair<std::string, std::string>> from_to);

// Keeps these columns only, in the order in which they arrive. bind: `invalid` where one does not arrive.
std::unique_ptr<Processor> make_keep(std::vector<std::string> columns);

// Keeps the other columns. bind: `invalid` where one does not arrive, or where none would be left.
std::unique_ptr<Processor> make_drop(std::vector<std::string> columns);

}  // namespace baton
