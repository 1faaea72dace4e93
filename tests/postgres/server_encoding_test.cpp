// What Baton thinks that an encoding has is what the server can convert.
#include "postgres/server_encoding.h"
#include "base/utf8.h"
#include "tests/doubles/postgres_server.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sstream>

namespace baton {
namespace {

constexpr int last_of_basic_plane = 0xFFFD;

std::set<int> characters_of_server(const TemporaryDatabase& database, const std::string& encoding) {
  std::istringstream numbers(database.query(fmt::format(
      "SELECT string_agg(n::text, ' ') FROM (SELECT n FROM generate_series(128, 55295) n UNION ALL SELECT n "
      "FROM generate_series(57344, {}) n) one WHERE public.has(n, '{}')",
      last_of_basic_plane, encoding)));
  std::set<int> characters;
  for (int number = 0; numbers >> number;) characters.insert(number);
  return characters;
}

TEST(PgServerEncoding, KnowsTheCharactersOfEachEncodingWithOneByteForEach) {
  const TemporaryDatabase database;
  database.query(
      "CREATE FUNCTION public.has(number int, encoding text) RETURNS bool LANGUAGE plpgsql AS $$ BEGIN PERFORM "
      "convert(convert_to(chr(number), 'UTF8'), 'UTF8', encoding); RETURN true; EXCEPTION WHEN others THEN RETURN "
      "false; END $$");
  // Each family, and those whose bytes are composed in the C library.
  for (const char* name : {"LATIN1", "LATIN9", "WIN1252", "WIN1255", "WIN1258", "WIN866", "KOI8U", "ISO_8859_6"}) {
    const PgServerEncoding encoding(name);
    std::set<int> known;
    for (int character = 128; character <= last_of_basic_plane; ++character) {
      if (encoding.has(static_cast<char32_t>(character))) known.insert(character);
    }
    EXPECT_EQ(known, characters_of_server(database, name)) << name;
  }
}

TEST(PgServerEncoding, ACharacterThatIsLackingIsWrittenAsAnEscape) {
  EXPECT_EQ(PgServerEncoding("UTF8").stored("😀"), "😀");
  EXPECT_EQ(PgServerEncoding("SQL_ASCII").stored("€"), "€");
  EXPECT_EQ(PgServerEncoding("LATIN1").stored("ü"), "ü");
  EXPECT_EQ(PgServerEncoding("LATIN1").stored("€"), "\\u20ac");
  EXPECT_EQ(PgServerEncoding("LATIN9").stored("€"), "€");
  EXPECT_EQ(PgServerEncoding("LATIN9").stored("😀"), "\\U0001f600");
  EXPECT_EQ(PgServerEncoding("EUC_JP").stored("a"), "a");
  EXPECT_EQ(PgServerEncoding("EUC_JP").stored("日"), "\\u65e5");
}

}  // namespace
}  // namespace baton
