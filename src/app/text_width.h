// Text in a terminal's columns: one for each character, none for colours.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace baton {

std::size_t text_width(std::string_view text);

// With a space for each control character: those of C0 and DEL, and C1 as UTF-8 writes them.
std::string without_controls(std::string text);

// Without control characters; what is longer ends with "…" after `limit` characters.
std::string cut_to_width(std::string text, std::size_t limit);

// What is missing from `text` to `width`, as spaces.
std::string padding(std::size_t width, std::string_view text);

// A line that may hold colours, cut so that it does not wrap; colours are ended.
std::string cut_line(std::string_view line, std::size_t columns);

}  // namespace baton
