#include "app/plan_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace baton {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

PlannedStep upsert() {
  PlannedLoad load;
  load.input = {"/data/orders.csv", {"id", "money"}, "a restart goes on behind the last committed record"};
  load.process = {"rename money → total"};
  load.target.connection = "warehouse";
  load.target.database = "postgresql://db/scale_poc";
  load.target.table = "sales.orders";
  load.target.mode = WriteMode::upsert;
  load.target.key = {"id"};
  load.target.writers = 2;
  load.target.creates = {{"schema datasync", "CREATE SCHEMA \"datasync\""},
                         {"baton_fence", "CREATE TABLE …"},
                         {"table sales.orders", "CREATE TABLE IF NOT EXISTS \"sales\".\"orders\" (\"id\" integer)"}};
  load.target.way = "COPY BINARY into a logged staging table";
  load.target.encoders = {{"id", "integer"}, {"total", "numeric(12,2)"}};
  load.target.slowed_by = {"orders_pkey (the primary key)", "orders_mood (an index)"};
  load.target.closing_chunks = 1;
  load.chunk_rows = 50'000;
  load.skip = "3 records";
  load.retry_limit = 1;
  return {"nightly", "orders", load, {}, {}};
}

TEST(PlanText, ALoadThenAllThatItWillDoBelowItsJob) {
  EXPECT_EQ(plan_text({upsert()}),
            "nightly\n"
            "  orders: load\n"
            "    reads      /data/orders.csv: 2 columns (id, money)\n"
            "               a restart goes on behind the last committed record\n"
            "    process    rename money → total\n"
            "    writes     sales.orders of connection \"warehouse\" (postgresql://db/scale_poc), upsert by (id), 2 "
            "writers\n"
            "    creates    schema datasync, baton_fence\n"
            "               CREATE TABLE IF NOT EXISTS \"sales\".\"orders\" (\"id\" integer)\n"
            "    by         COPY BINARY into a logged staging table\n"
            "    columns    id integer; total numeric(12,2)\n"
            "    slowed by  orders_pkey (the primary key)\n"
            "               orders_mood (an index)\n"
            "    chunks of  50000 rows, then 1 closing chunk; rejects allowed: 3 records; 1 retry of a chunk\n");
}

TEST(PlanText, LocksInDynamoDbThenUnitsAMinuteAndAMonth) {
  PlannedLocks locks;
  locks.table = "DynamoDB table etl-locks";
  locks.load.jobs = {"a", "b"};
  locks.load.timings = {Duration(20'000), Duration(5'000), Duration(1'000)};
  locks.load.tokens = 2;
  locks.cost = lock_cost(locks.load);
  EXPECT_EQ(plan_text({}, locks),
            "locks in DynamoDB table etl-locks, at rest: 2 jobs, 1 replica with 2 tokens each\n"
            "    writes     24.0 units a minute, 1036800 a month of 30 days: 24.0 renewals, one of each lease in 5s\n"
            "    reads      6.0 units a minute, 259200 a month of 30 days: 12.0 listings by Scan\n"
            "               12.0 units a minute, 518400 a month of 30 days where Scan is not permitted\n");
  const auto json = nlohmann::json::parse(plan_json({}, locks));
  EXPECT_EQ(json[0]["kind"], "locks");
  EXPECT_EQ(json[0]["write_units_per_minute"], 24.0);
  EXPECT_EQ(json[0]["read_units_per_month_without_scan"], 518400.0);
}

TEST(PlanText, TextCopyProblemsAndNotesThenSaidInTheirPlace) {
  PlannedStep step = upsert();
  std::get<PlannedLoad>(step.work).target.text_reason = "column p is of type point";
  step.problems = {{ErrorKind::invalid, "there is no such table"}};
  step.notes = {"an earlier step may change that"};
  const std::string text = plan_text({step});
  EXPECT_THAT(text, AllOf(HasSubstr("text, not binary: column p is of type point"),
                          HasSubstr("    WRONG      there is no such table\n"),
                          HasSubstr("    note       an earlier step may change that\n")));
}

TEST(PlanText, SqlAndCommandsThenDescribedWithoutTheirText) {
  const std::string text = plan_text({{"a", "s", PlannedSql{"w", "db", {"TRUNCATE", "INSERT"}, true}, {}, {}},
                                      {"a", "u", PlannedSql{"w", "db", {"VACUUM"}, false}, {}, {}},
                                      {"b", "c", PlannedCommand{"/bin/sh", 2, {"TOKEN"}}, {}, {}}});
  EXPECT_THAT(text, AllOf(HasSubstr("2 statements (TRUNCATE, INSERT) on connection \"w\" (db)"),
                          HasSubstr("in one transaction, exactly once"), HasSubstr("at least once"),
                          HasSubstr("/bin/sh with 2 arguments; sets TOKEN"), HasSubstr("\n\nb\n  c: command\n")));
}

TEST(PlanJson, OneObjectAStepWithSnakeCaseKeys) {
  PlannedStep step = upsert();
  step.problems = {{ErrorKind::retry, "away"}};
  const auto json =
      nlohmann::json::parse(plan_json({step, {"b", "c", PlannedCommand{"/bin/sh", 2, {"TOKEN"}}, {}, {}}}));
  ASSERT_EQ(json.size(), 2U);
  const auto& load = json[0];
  EXPECT_EQ(load["job"], "nightly");
  EXPECT_EQ(load["kind"], "load");
  EXPECT_EQ(load["mode"], "upsert");
  EXPECT_EQ(load["input_columns"], nlohmann::json({"id", "money"}));
  EXPECT_EQ(load["columns"][1], nlohmann::json({{"column", "total"}, {"encoder", "numeric(12,2)"}}));
  EXPECT_EQ(load["creates"].size(), 3U);
  EXPECT_EQ(load["creates"][2]["what"], "table sales.orders");
  EXPECT_TRUE(load["text_reason"].is_null());
  EXPECT_EQ(load["closing_chunks"], 1);
  EXPECT_EQ(load["problems"][0], nlohmann::json({{"for_now", true}, {"message", "away"}}));
  EXPECT_EQ(json[1]["kind"], "command");
  EXPECT_EQ(json[1]["arguments"], 2);
}

}  // namespace
}  // namespace baton
