// Database URLs: sqlite:PATH, libpq's URLs and key=value texts, JDBC's for PostgreSQL.
#pragma once

#include "config/config.h"

#include <filesystem>
#include <optional>
#include <string>

namespace baton {

extern const char* const database_url_expected;  // for messages: "expected …"

// True for a URL of a kind named above. SQLite needs a file: `:memory:` and `file:` are refused.
bool is_database_url(const std::string& url);

// The kind, and the path (a relative one below `folder`) or the URL. A default where is_database_url is false.
DatabaseConfig parse_database_url(const std::string& url, const Place& place, const std::filesystem::path& folder);

// For messages: scheme, hosts and database of a URL for PostgreSQL, or less where it is written in a way that leaves it
// open which part is the password.
std::string shown_without_secrets(const std::string& url);

}  // namespace baton
