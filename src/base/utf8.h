// Characters of UTF-8 text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton {

// The number of bytes of the character at the start of `text`, which is not empty; 0 where it is not valid UTF-8
// (RFC 3629: overlong forms, surrogates and values above U+10FFFF are invalid).
std::size_t utf8_character_bytes(std::string_view text);

// The code point of a valid character.
char32_t utf8_code_point(std::string_view character);

// Columns of a terminal that a character takes: 0 for combining marks, 2 for the wide East Asian ones and emoji.
int terminal_columns(char32_t code_point);

// Text that came from outside, for a message: line breaks, terminal codes and bytes that are no characters are written
// as \n, \r, \t and \xNN, so that they neither split a line nor steer a terminal.
std::string visible(std::string_view text);

}  // namespace baton
