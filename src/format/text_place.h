// file:line:column of a byte of a data file, for messages.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace baton {

// `column` from 1, in characters.
std::string text_place(const std::string& path, std::uint64_t line, std::uint64_t column);

// The place right behind `before`, a text that begins at column 1 of `line`.
std::string text_place(const std::string& path, std::uint64_t line, std::string_view before);

// At most `limit` bytes of `text`; cut between two characters of UTF-8.
std::string_view clipped(std::string_view text, std::size_t limit);

}  // namespace baton
