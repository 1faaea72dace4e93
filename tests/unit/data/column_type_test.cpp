#include "data/column_type.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(ColumnType, NamesAndAliasesInAnyCaseAndSpacingAreUnderstood) {
  const std::pair<const char*, TypeKind> cases[] = {
      {"boolean", TypeKind::boolean},
      {"BOOL", TypeKind::boolean},
      {"int2", TypeKind::smallint},
      {"INT", TypeKind::integer},
      {"int4", TypeKind::integer},
      {"int(11)", TypeKind::integer},
      {"bigint", TypeKind::bigint},
      {"int8", TypeKind::bigint},
      {"real", TypeKind::real},
      {"float(24)", TypeKind::real},
      {"float", TypeKind::double_precision},
      {"float(25)", TypeKind::double_precision},
      {"  Double   PRECISION ", TypeKind::double_precision},
      {"decimal", TypeKind::numeric},
      {"string", TypeKind::text},
      {"Character Varying (10)", TypeKind::varchar},
      {"char(2)", TypeKind::character},
      {"BLOB", TypeKind::bytea},
      {"date", TypeKind::date},
      {"time without time zone", TypeKind::time},
      {"datetime", TypeKind::timestamp},
      {"timestamp(3) with time zone", TypeKind::timestamptz},
      {"uuid", TypeKind::uuid},
      {"json", TypeKind::json},
      {"jsonb", TypeKind::jsonb},
  };
  for (const auto& [text, kind] : cases) {
    const auto type = parse_column_type(text);
    ASSERT_TRUE(type) << text;
    EXPECT_EQ(type->kind, kind) << text;
  }
}

TEST(ColumnType, LengthPrecisionAndScaleAreKept) {
  EXPECT_EQ(parse_column_type("varchar(44)")->length, 44);
  EXPECT_EQ(parse_column_type("DECIMAL( 15 , 2 )").value(), (ColumnType{TypeKind::numeric, 0, 15, 2}));
  EXPECT_EQ(parse_column_type("numeric(9)").value(), (ColumnType{TypeKind::numeric, 0, 9, 0}));
  EXPECT_EQ(parse_column_type("varchar")->length, 0);
}

TEST(ColumnType, AnythingElseIsRefusedWithTheKnownOnes) {
  for (const char* text : {"", "number", "varchar(0)", "varchar(x)", "varchar(5", "numeric(2,3)", "numeric(0)",
                           "numeric(1,2,3)", "text(5)", "date(3)", "other", "int[]", "varchar(-1)"}) {
    const auto type = parse_column_type(text);
    ASSERT_FALSE(type) << text;
    EXPECT_EQ(type.error().kind, ErrorKind::invalid);
    EXPECT_NE(type.error().message.find("numeric(p,s)"), std::string::npos) << type.error().message;
  }
}

TEST(ColumnType, TextReadsBackAsTheSameType) {
  for (const char* text : {"boolean", "double precision", "numeric(15,2)", "varchar(3)", "char(1)", "timestamptz"}) {
    EXPECT_EQ(to_text(parse_column_type(text).value()), text);
  }
}

}  // namespace
}  // namespace baton
