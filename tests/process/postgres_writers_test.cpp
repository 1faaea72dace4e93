// `writers: 2` by the real program: two sessions write at the same time, and what they made is as one would make it.
#include "tests/doubles/postgres_server.h"
#include "tests/process/postgres_load_run.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <fstream>

namespace baton {
namespace {

using testing::IsEmpty;

struct WritersCase {
  const char* mode;
  const char* others_left;  // of the rows that do not come: 100001, 100002
};

class PostgresWriters : public testing::TestWithParam<WritersCase> {};

// One that has written is held before its COMMIT. A single writer would come no further than that
// chunk.
TEST_P(PostgresWriters, OneIsHeldThenTheOtherOneCommitsAndRowsAndRejectsAreExact) {
  const TemporaryDatabase database;
  database.query(
      "CREATE TABLE datasync.prices (id integer PRIMARY KEY, price double precision CHECK (price <> 4708.5)); "
      "INSERT INTO datasync.prices VALUES (100001, 1), (100002, 2)");
  if (std::string(GetParam().mode) != "append") database.query("INSERT INTO datasync.prices VALUES (5, 1), (4999, 2)");
  PostgresLoad what{database.url()};
  what.mode = GetParam().mode;
  what.writers = 2;
  what.bad_every = 1'570;
  what.refused_id = 4'708;  // by its CHECK, just before one that Baton refuses
  const PostgresLoadRun load(what);
  const std::string gate = load.file("gate");
  ASSERT_EQ(mkfifo(gate.c_str(), 0600), 0);
  const auto program = load.start("after TableWriter::write 4 wait " + gate);
  EXPECT_TRUE(load.await("SELECT count(*) FROM baton_progress WHERE revision >= 20 AND NOT input_done", "1"));
  EXPECT_TRUE(
      load.await("SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = database WHERE datname = "
                 "current_database() AND locktype = 'advisory' AND mode = 'ShareLock'",
                 "1"));
  std::ofstream(gate).close();
  const ProgramEnd end = program->wait();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(load.query("SELECT string_agg(id::text, ' ' ORDER BY id) FROM prices WHERE id > 100000"),
            GetParam().others_left);
  EXPECT_THAT(load.problems("id <= 100000"), IsEmpty());
}

// A trigger refuses one row when it reaches the table: where rows are staged, in the closing chunk, before whose COMMIT
// the process is killed.
TEST_P(PostgresWriters, KilledAfterAClosingChunkFoundARefusedRowThenItIsRejectedAndCountedOnce) {
  const TemporaryDatabase database;
  database.query(
      "CREATE TABLE datasync.prices (id integer PRIMARY KEY, price double precision); "
      "CREATE FUNCTION datasync.dear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'too dear'; END $$; "
      "CREATE TRIGGER dear BEFORE INSERT ON datasync.prices FOR EACH ROW WHEN (NEW.price = 4708.5) "
      "EXECUTE FUNCTION datasync.dear(); INSERT INTO datasync.prices VALUES (100001, 1), (100002, 2)");
  PostgresLoad what{database.url()};
  what.mode = GetParam().mode;
  what.writers = 2;
  what.refused_id = 4'708;
  const PostgresLoadRun load(what);
  const bool closes = what.mode != "append";
  const ProgramEnd end = load.start(closes ? "after TableWriter::close 1 kill" : "")->wait();
  EXPECT_EQ(end.exit_code == 0, !closes) << end.errors;
  EXPECT_TRUE(load.finish()) << load.log();
  EXPECT_THAT(load.problems("id <= 100000"), IsEmpty());
  EXPECT_EQ(load.query("SELECT phase, record, reason LIKE 'too dear%' FROM baton_reject"), "write|4708|t");
  EXPECT_EQ(load.query("SELECT sum(read_count), sum(write_count), sum(write_skip_count) FROM batch_step_execution"),
            "6000|5999|1");
}

INSTANTIATE_TEST_SUITE_P(Modes, PostgresWriters,
                         testing::Values(WritersCase{"append", "100001 100002"}, WritersCase{"upsert", "100001 100002"},
                                         WritersCase{"replace", ""}, WritersCase{"mirror", "100001 100002"}),
                         [](const auto& one) { return std::string(one.param.mode); });

}  // namespace
}  // namespace baton
