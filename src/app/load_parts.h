// From a load's configuration to its reader, its processors and what is written.
#pragma once

#include "app/native_parts.h"
#include "app/table_input.h"
#include "baton/processor.h"
#include "baton/reader.h"
#include "config/config.h"
#include "data/writer.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace baton {

// The values without their places.
std::vector<std::string> values(const std::vector<Placed<std::string>>& placed);
std::vector<std::pair<std::string, std::string>> values(
    const std::vector<std::pair<Placed<std::string>, Placed<std::string>>>& placed);

// For messages: a file's path, "table orders of connection \"shop\"", "native reader \"numbers\"".
std::string input_of(const LoadConfig& load);

// `step` is "job/step".
Result<std::unique_ptr<Reader>> make_reader(const LoadConfig& load, const std::string& step, const NativeParts& natives,
                                            InputUse use = InputUse::run);
Result<std::vector<std::unique_ptr<Processor>>> make_processors(const LoadConfig& load, const std::string& step,
                                                                const NativeParts& natives);

// Without the repository's id.
TableSpec table_spec(const TableConfig& table);

}  // namespace baton
