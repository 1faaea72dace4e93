// Execution contexts in the forms that Spring Batch's serializers read. Baton keeps its own state in baton_* tables and
// writes empty contexts, because Java's later updates need a row that is there.
#pragma once

#include <optional>
#include <string>

namespace baton {

enum class ContextFormat { base64_java, jackson2, jackson3, none };

// The text of an empty context; absent for `none`: no row is written.
std::optional<std::string> empty_context(ContextFormat format);

}  // namespace baton
