// Which characters the encoding of a server's database has, and texts made of these alone.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace baton {

class PgServerEncoding {
 public:
  // By PostgreSQL's name: "UTF8", "LATIN1", "SQL_ASCII". Of an encoding that has more than one byte for a character,
  // other than UTF8, only ASCII is known.
  explicit PgServerEncoding(std::string_view name);

  bool has(char32_t character) const;

  // A character of UTF-8 as it is, or where the encoding lacks it as PostgreSQL writes it in E'…': \u20ac, \U0001f600.
  std::string stored(std::string_view character) const;

 private:
  bool whole_unicode_ = false;
  std::set<char32_t> beyond_ascii_;
};

}  // namespace baton
