// How many sessions a run needs, and what is said where `pool` allows fewer.
#include "config/session_needs.h"
#include "loading.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;
using testing::StartsWith;
using testing_config::with_step;
using testing_config::World;

const std::string stores =
    "repository: { url: \"postgresql://localhost/r\", pool: 3 }\n"
    "connections: { shop: { url: \"postgresql://localhost/s\", pool: 4 }, file: { url: \"sqlite:f.db\", pool: 1 } }\n";
const std::string write_to_shop = "write: { table: { connection: shop, name: t, writers: ";

SessionCounts of_job(const std::string& step) {
  const auto config = World().load(stores + with_step(step));
  return config ? sessions_of_run(config->jobs.at(0), *config) : SessionCounts{{"wrong configuration", 0}};
}

TEST(SessionNeeds, EachWriterAndOneReaderHaveASession) {
  EXPECT_THAT(of_job("read: { csv: { path: p } }, " + write_to_shop + "3 } }"),
              ElementsAre(Pair("", 1), Pair("shop", 3)));
  EXPECT_THAT(of_job("read: { table: { connection: shop, name: u, key: [id] } }, " + write_to_shop + "2 } }"),
              ElementsAre(Pair("", 1), Pair("shop", 3)));
  EXPECT_THAT(of_job("sql: { connection: shop, statement: select 1 }"), ElementsAre(Pair("", 1), Pair("shop", 1)));
}

TEST(SessionNeeds, TheRepositorysOwnSessionIsTheFirstWriter) {
  EXPECT_THAT(of_job("read: { csv: { path: p } }, write: { table: { name: t, writers: 1 } }"),
              ElementsAre(Pair("", 1)));
  EXPECT_THAT(of_job("sql: { statement: select 1 }"), ElementsAre(Pair("", 1)));
}

TEST(SessionNeeds, SqliteHasNoPool) {
  EXPECT_THAT(of_job("sql: { connection: file, statement: select 1 }"), ElementsAre(Pair("", 1)));
  const std::string sqlite_alone = "repository: { url: \"sqlite:r.db\", pool: 1 }\n";
  EXPECT_THAT(World().problems(sqlite_alone + with_step("sql: { statement: select 1 }")), IsEmpty());
}

TEST(SessionNeeds, ARunNeedsMoreThanThePoolThenItsPlaceTheKeyAndTheNumberAreNamed) {
  const std::string read = "read: { table: { connection: shop, name: u, key: [id] } }, ";
  EXPECT_THAT(World().problems(stores + with_step(read + write_to_shop + "3 } }")), IsEmpty());
  EXPECT_THAT(World().problems(stores + with_step(read + write_to_shop + "4 } }")),
              ElementsAre("3:9 a run of `j` needs 5 sessions at a time with connection \"shop\": expected a "
                          "`connections.shop.pool` of at least 5, it is 4; or lower `writers`"));
}

// What looks how its jobs are is not counted: what could run before it was there still can.
TEST(SessionNeeds, TheReplicasOwnSessionWithTheRepositoryCounts) {
  const auto with = [](int pool) {
    return "repository: { url: \"postgresql://localhost/r\", pool: " + std::to_string(pool) + " }\n" +
           with_step("sql: { statement: select 1 }");
  };
  EXPECT_THAT(World().problems(with(2)), IsEmpty());
  EXPECT_THAT(World().problems(with(1)),
              ElementsAre(AllOf(StartsWith("2:9 a run of `j` needs 2 sessions at a time with the job repository, 1 of "
                                           "them the replica's own and those of monitors: expected a "
                                           "`repository.pool` of at least 2"))));
}

TEST(SessionNeeds, TheDefaultAllowsTheMostWritersThatReadTheSameDatabase) {
  EXPECT_THAT(World().problems("repository: { url: \"postgresql://localhost/r\" }\n" +
                               with_step("read: { table: { name: u, key: [id] } }, write: { table: { name: t, "
                                         "writers: 8 } }")),
              IsEmpty());
}

// Each monitor looks and writes; what was told is written by somebody else.
TEST(SessionNeeds, TheMonitorsSessionsWithTheRepositoryCount) {
  const std::string sql = with_step("sql: { statement: select 1 }");
  const auto with = [&](int pool, const std::string& monitors) {
    return "repository: { url: \"postgresql://localhost/r\", pool: " + std::to_string(pool) +
           " }\nmonitoring: { global: { " + monitors + " } }\n" + sql;
  };
  EXPECT_THAT(World().problems(with(4, "m1: {}")), IsEmpty());
  EXPECT_THAT(World().problems(with(3, "m1: {}")),
              ElementsAre(AllOf(StartsWith("3:9 a run of `j` needs 4 sessions at a time with the job repository, 3 of "
                                           "them the replica's own and those of monitors: expected a "
                                           "`repository.pool` of at least 4, it is 3"))));
  EXPECT_THAT(World().problems(with(6, "m1: {}, m2: {}")), IsEmpty());
  EXPECT_THAT(World().problems(with(5, "m1: {}, m2: {}")), testing::SizeIs(1));
}

}  // namespace
}  // namespace baton
