// The tables: Spring's own are adopted as they are, and Baton makes the same.
#include "tests/interop/interop_fixture.h"

#include <fmt/format.h>

namespace baton {
namespace {

class Schema : public InteropTest {
 protected:
  // Everything that the catalog knows of Spring Batch's part of a schema, a line each, without the schema's name and
  // but for the indexes that Baton adds to tables of its own making.
  std::string catalog(const std::string& schema, const std::string& indexes = "") const {
    constexpr const char* query = R"(
SELECT line FROM (
  SELECT format('column %s %s %s %s %s %s %s', table_name, ordinal_position, column_name, data_type,
                character_maximum_length, is_nullable, column_default) AS line
    FROM information_schema.columns WHERE table_schema = '{0}' AND table_name LIKE 'batch%'
  UNION ALL SELECT format('constraint %s %s %s', relname, conname, pg_get_constraintdef(k.oid))
    FROM pg_constraint k JOIN pg_class c ON c.oid = conrelid
    WHERE relnamespace = '{0}'::regnamespace AND relname LIKE 'batch%'
  UNION ALL SELECT format('index %s %s', tablename, indexdef)
    FROM pg_indexes WHERE schemaname = '{0}' AND tablename LIKE 'batch%' {1}
  UNION ALL SELECT format('sequence %s %s %s %s %s %s %s', sequencename, data_type, start_value, min_value, max_value,
                          increment_by, cycle)
    FROM pg_sequences WHERE schemaname = '{0}' AND sequencename LIKE 'batch%'
  UNION ALL SELECT format('trigger %s %s', relname, tgname)
    FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid
    WHERE NOT tgisinternal AND relnamespace = '{0}'::regnamespace AND relname LIKE 'batch%'
) AS lines ORDER BY line)";
    std::string text = database_.query(fmt::format(query, schema, indexes));
    const std::string prefix = schema + ".";
    for (auto at = text.find(prefix); at != std::string::npos; at = text.find(prefix, at))
      text.erase(at, prefix.size());
    return text;
  }
};

TEST_P(Schema, SpringsOwnIsAdoptedUntouched) {
  java("schema");
  const std::string before = catalog("datasync");
  configure();
  numbers(3);
  const ProgramEnd end = run_prices();
  ASSERT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(catalog("datasync"), before);
  EXPECT_EQ(explored_execution(0, 0)["status"], "COMPLETED");
}

TEST_P(Schema, WhatBatonMakesIsWhatSpringsScriptMakes) {
  configure();
  numbers(3);
  ASSERT_EQ(run_prices().exit_code, 0);
  database_.query("CREATE SCHEMA other");
  java("schema", {{"schema", "other"}});
  EXPECT_THAT(catalog("other"), HasSubstr("sequence batch_step_execution_seq"));
  EXPECT_EQ(catalog("datasync", "AND indexname NOT LIKE 'baton%'"), catalog("other"));
}

TEST_P(Schema, TheOtherGenerationsIsRefused) {
  java("schema");
  configure({.spring_batch = generation() == 5 ? 6 : 5});
  numbers(3);
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 78) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("Spring Batch"));
}

BATON_INTEROP_SUITE(Schema);

}  // namespace
}  // namespace baton
