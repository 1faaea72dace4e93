// Which text of a configuration may be secret, so that no excerpt shows it.
#pragma once

#include "config/yaml_tree.h"

#include <string>
#include <string_view>

namespace baton {

// True for keys such as password, url, secretkey, API_TOKEN, whatever the case.
bool may_hold_secret(std::string_view key);

// Masks the values of such keys, in whatever form they are written, except references such as ${NAME} and SQLite paths.
void mask_secrets(const YamlNode& root, SourceText& source);

// A line of a file that does not parse: masks what follows such a key, or `://`.
std::string mask_secret_words(const std::string& line);

// Masks what stands between `://` and `@`, whatever key it belongs to.
std::string mask_user_information(const std::string& text);

}  // namespace baton
