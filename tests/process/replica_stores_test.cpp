// Stores that do not belong together, or are none: no replica starts on them.
#include "tests/process/replica_fixture.h"

#include <filesystem>

namespace baton {
namespace {

class RefusedStores : public ReplicaTest {};

TEST_F(RefusedStores, LeasesInAnotherStoreThanTheRepositorysOwnAreNamedWithWhatToDo) {
  ReplicaConfig config{.jobs = sql_job("one", by_hand)};
  configure(config);
  const Replica first = start();
  ASSERT_TRUE(await_held(first, 1));
  config.locks = "store: sqlite, url: \"sqlite:others.db\", ";
  workspace_.write("others.yaml", config.text());
  const ProgramEnd refused = start("others.yaml")->wait();
  EXPECT_EQ(refused.exit_code, 78) << refused.errors;
  EXPECT_THAT(refused.errors, AllOf(HasSubstr("baton.db: this repository's leases"), HasSubstr("locks.*"),
                                    HasSubstr("Name the old one")));
  EXPECT_EQ(count_held(first), 1);
  end(first);
}

TEST_F(RefusedStores, LeasesInTheRepositorysOwnFileAreRefused) {
  configure({.locks = "store: sqlite, url: \"sqlite:baton.db\", ", .jobs = sql_job("one", by_hand)});
  const ProgramEnd end = start()->wait();
  EXPECT_EQ(end.exit_code, 78) << end.errors;
  EXPECT_THAT(end.errors, AllOf(HasSubstr("baton.yaml:2:"), HasSubstr("leases need a file of their own")));
}

// Waiting would mend neither.
TEST_F(RefusedStores, AFileThatIsNoDatabaseIsNamed) {
  configure({.jobs = sql_job("one", by_hand)});
  for (const char* file : {"baton.db", "baton.db-locks"}) {
    workspace_.write(file, "not a database, but a text of more than a hundred bytes: " + std::string(200, '.'));
    const ProgramEnd end = start()->wait();
    EXPECT_EQ(end.exit_code, 78) << end.errors;
    EXPECT_THAT(end.errors, HasSubstr(workspace_.file(file) + ": file is not a database"));
    std::filesystem::remove(workspace_.file(file));
  }
}

}  // namespace
}  // namespace baton
