#include "postgres/server_encoding.h"

#include "base/utf8.h"

#include <fmt/format.h>
#include <iconv.h>
#include <algorithm>
#include <array>
#include <cstdint>

namespace baton {
namespace {

// What the C library calls an encoding with one byte for each character; empty for others.
std::string single_byte_name(std::string_view name) {
  std::string known(name);
  if (name.starts_with("LATIN") || name.starts_with("KOI8")) return known;
  if (name.starts_with("WIN")) return known.replace(0, 3, "CP");
  if (!name.starts_with("ISO_8859_")) return "";
  std::replace(known.begin(), known.end(), '_', '-');
  return known;
}

std::set<char32_t> characters_beyond_ascii(const std::string& name) {
  std::set<char32_t> characters;
  if (name.empty()) return characters;
  iconv_t conversion = iconv_open("UCS-4LE", name.c_str());
  if (conversion == reinterpret_cast<iconv_t>(-1)) return characters;  // this machine does not have it
  for (unsigned byte = 0x80; byte <= 0xFF; ++byte) {
    std::array<char, 2> in{static_cast<char>(byte), '\0'};  // the zero flushes what might be kept for composing
    std::array<unsigned char, 16> out{};
    char* from = in.data();
    char* to = reinterpret_cast<char*>(out.data());
    std::size_t left = in.size();
    std::size_t room = out.size();
    iconv(conversion, nullptr, nullptr, nullptr, nullptr);
    if (iconv(conversion, &from, &left, &to, &room) == static_cast<std::size_t>(-1) || room != out.size() - 8) continue;
    characters.insert(static_cast<char32_t>(out[0] | out[1] << 8 | out[2] << 16));
  }
  iconv_close(conversion);
  return characters;
}

}  // namespace

PgServerEncoding::PgServerEncoding(std::string_view name)
    : whole_unicode_(name == "UTF8" || name == "SQL_ASCII"),
      beyond_ascii_(characters_beyond_ascii(single_byte_name(name))) {}

bool PgServerEncoding::has(char32_t character) const {
  return character < 0x80 || whole_unicode_ || beyond_ascii_.count(character) > 0;
}

std::string PgServerEncoding::stored(std::string_view character) const {
  const char32_t code_point = utf8_code_point(character);
  if (has(code_point)) return std::string(character);
  const auto number = static_cast<std::uint32_t>(code_point);
  return number > 0xFFFF ? fmt::format("\\U{:08x}", number) : fmt::format("\\u{:04x}", number);
}

}  // namespace baton
