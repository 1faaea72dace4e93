// Text → Config. Reads files and the environment only through the functions passed in.
#pragma once

#include "config/config.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace baton {

// Where a configuration names a part that is written in C++.
enum class NativePart { reader, processor, writer, step };

struct ConfigSources {
  // The content of a file; `invalid` with a message for people where it cannot be read.
  std::function<Result<std::string>(const std::string& path)> read_file;
  // An environment variable; absent where it is not set.
  std::function<std::optional<std::string>(const std::string& name)> environment;
  // The folder of the configuration file; empty: as the file's name says. An absolute one makes all paths absolute, so
  // that a file or database has one name wherever the program is started.
  std::string folder = {};
  // `invalid` for a text that is no type of a column; empty: types are not checked.
  std::function<Status(const std::string& type)> check_column_type = {};
  // `invalid`, without any piece of it, for a URL of a PostgreSQL database that cannot be read; empty: only the kind of
  // a URL is checked.
  std::function<Status(const std::string& url)> check_postgres_url = {};
  // `invalid` with a suggestion for a name that is no time zone; empty: only UTC is known.
  std::function<Result<std::shared_ptr<const Zone>>(const std::string& name)> find_zone = {};
  // `invalid` where the program has no such part, or where the part refuses its options; empty: neither is checked.
  std::function<Status(NativePart part, const NativeConfig& native)> check_native = {};
};

// One thing that is wrong in the configuration.
struct ConfigProblem {
  Place place;
  std::string message;    // what is wrong, what was expected, a suggestion
  std::string line_text;  // the line as written, for the excerpt; empty where there is none
};

struct ConfigFailure {
  std::vector<ConfigProblem> problems;  // in the file's order, never empty
  // As printed: file:line:column: message, the line, a caret below the column; one after the other.
  std::string text() const;
};

// Reads `file` (its folder is what relative paths refer to). All problems of a file that parses are reported at once.
tl::expected<Config, ConfigFailure> load_config(const std::string& file, const ConfigSources& sources);

// Reads a Spring Boot application's properties, and `jobs_file`, a configuration without repository.url, for everything
// else. Relative paths are below the folder of `jobs_file`, which sources.folder names. What the environment says comes
// first, in Spring's relaxed form.
tl::expected<Config, ConfigFailure> load_application_properties(const std::string& file, const std::string& jobs_file,
                                                                const ConfigSources& sources);

// The JSON Schema (draft-07) of the configuration, made from the same description as the checks; indented JSON.
std::string config_schema();

// The same description as tables in Markdown: every key with its values, default and meaning.
std::string config_reference();

}  // namespace baton
