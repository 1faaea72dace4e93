// Which columns of a load go from its reader to its writer in a form of their own, without a text in between.
#pragma once

#include "baton/processor.h"
#include "baton/reader.h"
#include "data/writer.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

// The forms of the columns that reach the writer, given those of the reader's (Reader::native_forms); empty for one
// that a processor made.
std::vector<std::string> arriving_forms(const std::vector<std::string>& forms,
                                        const std::vector<std::unique_ptr<Processor>>& processors);

// Settles it with the reader. REQUIRES: the reader is open, the processors and the writer are bound.
void settle_native_columns(Reader& reader, const std::vector<std::unique_ptr<Processor>>& processors,
                           const TableWriter& writer);

}  // namespace baton
