#include "sqlite/table_definition.h"

#include "sqlite/table_shape.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(TableDefinition, EveryKindOfNameIsReplaced) {
  const std::string expected = "CREATE TABLE main.\"n\"\"ew\"(a, t INTEGER)";
  for (const char* name : {"t", "\"t\"", "\"a \"\" b\"", "[t (x]", "`t`", "'t'", "/* c ( */ t", "\n -- x(\n\tt"}) {
    EXPECT_EQ(renamed_table(std::string("CREATE TABLE ") + name + "(a, t INTEGER)", "n\"ew").value(), expected) << name;
  }
}

TEST(TableDefinition, VirtualTablesAreRefused) {
  EXPECT_FALSE(renamed_table("CREATE VIRTUAL TABLE t USING fts5(x)", "new"));
}

TEST(TableDefinition, AnIndexGetsBothNames) {
  EXPECT_EQ(renamed_index("CREATE UNIQUE INDEX \"i on\" ON [t](a, b DESC) WHERE a > 0", "j", "s t").value(),
            "CREATE UNIQUE INDEX main.\"j\" ON \"s t\"(a, b DESC) WHERE a > 0");
  EXPECT_EQ(renamed_index("CREATE INDEX i on t(a)", "j", "s").value(), "CREATE INDEX main.\"j\" ON \"s\"(a)");
}

TEST(TableShape, AffinityFollowsTheDeclaredName) {
  EXPECT_EQ(affinity_of("BIGINT"), Affinity::integer);
  EXPECT_EQ(affinity_of("floating point"), Affinity::integer);
  EXPECT_EQ(affinity_of("varchar(5)"), Affinity::text);
  EXPECT_EQ(affinity_of("double precision"), Affinity::real);
  EXPECT_EQ(affinity_of(""), Affinity::blob);
  EXPECT_EQ(affinity_of("DATE"), Affinity::numeric);
}

}  // namespace
}  // namespace baton
