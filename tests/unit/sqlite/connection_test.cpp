#include "sqlite/connection.h"

#include "sqlite/fenced_transaction.h"
#include "sqlite/lock_holder.h"
#include "tests/doubles/processes.h"
#include "tests/doubles/temporary_folder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <filesystem>
#include <fstream>

namespace baton {
namespace {

using testing::HasSubstr;

std::string journal_mode(SqliteConnection& connection) {
  SqliteStatement* statement = connection.prepare("PRAGMA journal_mode").value();
  EXPECT_TRUE(statement->step().value());
  const std::string mode = statement->text(0);
  statement->reset();
  return mode;
}

Error refused(const std::string& path, SqliteAccess access) {
  const auto connection = SqliteConnection::open(path, access, Duration(100));
  EXPECT_FALSE(connection) << path;
  return connection ? Error{} : connection.error();
}

TEST(SqliteConnection, ANewFileIsMadeInWalMode) {
  const TemporaryFolder folder;
  const auto connection = SqliteConnection::open(folder.file("new.db"), SqliteAccess::create).value();
  EXPECT_EQ(journal_mode(*connection), "wal");
}

TEST(SqliteConnection, AnExistingFileKeepsItsJournalMode) {
  const TemporaryFolder folder;
  sqlite3* db = nullptr;
  ASSERT_EQ(sqlite3_open(folder.file("old.db").c_str(), &db), SQLITE_OK);
  sqlite3_exec(db, "CREATE TABLE t (a)", nullptr, nullptr, nullptr);
  sqlite3_close(db);
  const auto connection = SqliteConnection::open(folder.file("old.db"), SqliteAccess::create).value();
  EXPECT_EQ(journal_mode(*connection), "delete");
}

TEST(SqliteConnection, ALookThenTheContentIsSeenAndNoFileIsMadeBesideIt) {
  const TemporaryFolder folder;
  const std::string path = folder.file("odd?name#100%.db");
  const auto tables = [&] {
    const auto look = SqliteConnection::open(path, SqliteAccess::untouched).value();
    SqliteStatement* count = look->prepare("SELECT count(*) FROM sqlite_schema").value();
    EXPECT_TRUE(count->step().value());
    return count->integer(0);
  };
  EXPECT_EQ(refused(path, SqliteAccess::untouched).kind, ErrorKind::invalid);
  {
    const auto writer = SqliteConnection::open(path, SqliteAccess::create).value();
    ASSERT_TRUE(writer->execute("CREATE TABLE t (a)"));
    EXPECT_EQ(tables(), 1);  // what is in the log of another connection counts
  }
  ASSERT_FALSE(std::filesystem::exists(path + "-wal"));
  EXPECT_EQ(tables(), 1);
  EXPECT_FALSE(std::filesystem::exists(path + "-wal"));
  EXPECT_FALSE(std::filesystem::exists(path + "-shm"));
  const auto look = SqliteConnection::open(path, SqliteAccess::untouched).value();
  EXPECT_FALSE(look->execute("CREATE TABLE u (a)"));
}

TEST(SqliteConnection, ManyProcessesMakeOneFileAtOnceAndAllOfThemCanUseIt) {
  constexpr int processes = 10;
  for (int round = 0; round < 10; ++round) {
    const TemporaryFolder folder;
    const std::string path = folder.file("shared.db");
    const bool all_done = in_processes(processes, [&](int i) {
      const auto connection = SqliteConnection::open(path, SqliteAccess::create, Duration(20'000));
      if (!connection) {
        std::fprintf(stderr, "open: %s\n", connection.error().message.c_str());
        return 1;
      }
      const Status written = (*connection)
                                 ->execute("BEGIN IMMEDIATE; CREATE TABLE IF NOT EXISTS t (a); INSERT INTO t VALUES (" +
                                           std::to_string(i) + "); COMMIT");
      if (!written) std::fprintf(stderr, "write: %s\n", written.error().message.c_str());
      return written ? 0 : 1;
    });
    ASSERT_TRUE(all_done);
    const auto connection = SqliteConnection::open(path, SqliteAccess::read_write).value();
    SqliteStatement* count = connection->prepare("SELECT count(*) FROM t").value();
    ASSERT_TRUE(count->step().value());
    EXPECT_EQ(count->integer(0), processes);
    EXPECT_EQ(journal_mode(*connection), "wal");
  }
}

TEST(SqliteConnection, AMissingFolderIsInvalidAndSaysWhatToCheck) {
  const TemporaryFolder folder;
  const Error error = refused(folder.file("missing/new.db"), SqliteAccess::create);
  EXPECT_EQ(error.kind, ErrorKind::invalid);
  EXPECT_THAT(error.message, HasSubstr("missing/new.db"));
  EXPECT_THAT(error.message, HasSubstr("folder exists"));
}

TEST(SqliteConnection, AMissingFileIsInvalidUnlessItIsToBeMade) {
  const TemporaryFolder folder;
  EXPECT_EQ(refused(folder.file("none.db"), SqliteAccess::read_write).kind, ErrorKind::invalid);
  EXPECT_EQ(refused(folder.file("none.db"), SqliteAccess::read_only).kind, ErrorKind::invalid);
  EXPECT_EQ(access(folder.file("none.db").c_str(), F_OK), -1) << "nothing was made";
}

TEST(SqliteConnection, AnEmptyNameIsInvalidAndNoPrivateDatabase) {
  EXPECT_EQ(refused("", SqliteAccess::create).kind, ErrorKind::invalid);
}

TEST(SqliteConnection, AFileThatIsNoDatabaseIsInvalidAndUnchanged) {
  const TemporaryFolder folder;
  const std::string path = folder.file("notes.txt");
  const std::string text(5'000, 'x');
  std::ofstream(path) << text;
  for (const SqliteAccess access : {SqliteAccess::create, SqliteAccess::read_write, SqliteAccess::read_only}) {
    const Error error = refused(path, access);
    EXPECT_EQ(error.kind, ErrorKind::invalid);
    EXPECT_THAT(error.message, HasSubstr("no SQLite database"));
  }
  std::ifstream file(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(file), {}), text);
}

TEST(SqliteConnection, AFileThatMayNotBeWrittenIsInvalidAndSaysWhatToDo) {
  const TemporaryFolder folder;
  const std::string path = folder.file("read-only.db");
  { ASSERT_TRUE(SqliteConnection::open(path, SqliteAccess::create).value()->execute("CREATE TABLE t (a)")); }
  ASSERT_EQ(chmod(path.c_str(), 0444), 0);
  ASSERT_EQ(chmod(folder.path().c_str(), 0755), 0);
  // The superuser may write everything: be somebody else.
  const bool refused_to_write = in_processes(1, [&](int) {
    if (geteuid() == 0 && setuid(65'534) != 0) return 2;
    const auto connection = SqliteConnection::open(path, SqliteAccess::create, Duration(100));
    if (connection || connection.error().kind != ErrorKind::invalid) return 1;
    return connection.error().message.find("writable") != std::string::npos ? 0 : 1;
  });
  EXPECT_TRUE(refused_to_write);
}

TEST(SqliteConnection, AWriterThatIsHeldUpGetsRetryAndTheHoldersProcess) {
  const TemporaryFolder folder;
  const std::string path = folder.file("busy.db");
  int locked[2];
  int done[2];
  ASSERT_EQ(pipe(locked), 0);
  ASSERT_EQ(pipe(done), 0);
  const pid_t holder = fork();
  if (holder == 0) {
    close(done[1]);
    const auto connection = SqliteConnection::open(path, SqliteAccess::create);
    if (!connection || !(*connection)->begin()) _exit(1);
    char byte = 'x';
    if (write(locked[1], &byte, 1) != 1) _exit(1);
    while (read(done[0], &byte, 1) > 0) {
    }
    _exit(0);
  }
  char byte = 0;
  ASSERT_EQ(read(locked[0], &byte, 1), 1);
  EXPECT_EQ(sqlite_write_lock_holder(path), holder);
  {
    const auto connection = SqliteConnection::open(path, SqliteAccess::create, Duration(30)).value();
    const Status begun = connection->begin();
    ASSERT_FALSE(begun);
    EXPECT_EQ(begun.error().kind, ErrorKind::retry);
    EXPECT_THAT(begun.error().message, HasSubstr("process " + std::to_string(holder)));
    close(done[1]);
    waitpid(holder, nullptr, 0);
    EXPECT_TRUE(connection->begin()) << "a dead process holds nothing";
    connection->rollback();
  }
  for (const int end : {locked[0], locked[1], done[0]}) close(end);
}

TEST(SqliteConnection, AFileThatWasMovedOrDeletedIsNoticed) {
  const TemporaryFolder folder;
  const std::string path = folder.file("here.db");
  const auto connection = SqliteConnection::open(path, SqliteAccess::create).value();
  EXPECT_FALSE(connection->file_has_moved());
  ASSERT_EQ(std::rename(path.c_str(), folder.file("there.db").c_str()), 0);
  EXPECT_TRUE(connection->file_has_moved());
  std::ofstream(path) << "";
  EXPECT_TRUE(connection->file_has_moved());
}

TEST(SqliteConnection, BytesGoInAndOutUnchanged) {
  const TemporaryFolder folder;
  const auto connection = SqliteConnection::open(folder.file("b.db"), SqliteAccess::create).value();
  ASSERT_TRUE(connection->execute("CREATE TABLE t (a BLOB) STRICT"));
  const std::string bytes("a\0\xff'", 4);
  SqliteStatement* insert = connection->prepare("INSERT INTO t VALUES (?1)").value();
  ASSERT_TRUE(insert->bind_blob(1, bytes).run());
  SqliteStatement* select = connection->prepare("SELECT a FROM t").value();
  ASSERT_TRUE(select->step().value());
  EXPECT_EQ(select->text(0), bytes);
}

TEST(SqliteConnection, ATransactionThatIsNotCommittedIsRolledBack) {
  const TemporaryFolder folder;
  const auto connection = SqliteConnection::open(folder.file("t.db"), SqliteAccess::create).value();
  ASSERT_TRUE(connection->execute("CREATE TABLE t (a)"));
  {
    auto transaction = SqliteTransaction::begin(*connection).value();
    ASSERT_TRUE(connection->execute("INSERT INTO t VALUES (1)"));
    EXPECT_TRUE(connection->in_transaction());
  }
  EXPECT_FALSE(connection->in_transaction());
  {
    auto transaction = SqliteTransaction::begin(*connection).value();
    ASSERT_TRUE(connection->execute("INSERT INTO t VALUES (2)"));
    ASSERT_TRUE(transaction.commit());
  }
  SqliteStatement* sum = connection->prepare("SELECT sum(a) FROM t").value();
  ASSERT_TRUE(sum->step().value());
  EXPECT_EQ(sum->integer(0), 2);
}

TEST(SqliteConnection, ABusyTimeoutBeyondAllMeasureIsTaken) {
  const TemporaryFolder folder;
  EXPECT_TRUE(SqliteConnection::open(folder.file("t.db"), SqliteAccess::create, Duration(1LL << 40)));
}

TEST(LockHolder, NobodyHoldsAFreeOrMissingFile) {
  const TemporaryFolder folder;
  EXPECT_FALSE(sqlite_write_lock_holder(folder.file("none.db")));
  const auto connection = SqliteConnection::open(folder.file("free.db"), SqliteAccess::create).value();
  EXPECT_FALSE(sqlite_write_lock_holder(folder.file("free.db")));
}

TEST(SqliteConnection, TooManyFilesAreOpenThenOpeningAnotherIsTriedAgainLater) {
  const TemporaryFolder folder;
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit few{3, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  const Error error = refused(folder.file("a.db"), SqliteAccess::create);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(error.kind, ErrorKind::retry);
  EXPECT_THAT(error.message, HasSubstr("ulimit -n"));
}

// Counts the flushes of a connection's write-ahead log, or lets them fail. One at a time.
class LogFlushes {
 public:
  explicit LogFlushes(SqliteConnection& connection) {
    sqlite3_file_control(connection.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &log_);
    real = log_->pMethods;
    counting = *real;
    counting.xSync = [](sqlite3_file* file, int flags) {
      ++count;
      return answer == SQLITE_OK ? real->xSync(file, flags) : answer;
    };
    log_->pMethods = &counting;
    count = 0;
    answer = SQLITE_OK;
  }
  LogFlushes(const LogFlushes&) = delete;
  LogFlushes& operator=(const LogFlushes&) = delete;
  ~LogFlushes() { log_->pMethods = real; }

  static inline int count = 0;
  static inline int answer = SQLITE_OK;

 private:
  static inline const sqlite3_io_methods* real = nullptr;
  static inline sqlite3_io_methods counting{};
  sqlite3_file* log_ = nullptr;
};

struct SqliteDurability : testing::Test {
  SqliteDurability() { EXPECT_TRUE(connection->execute("CREATE TABLE t (x)")); }

  Status insert(Durability durability) {
    BATON_CHECK(set_durability(*connection, durability));
    BATON_TRY(SqliteTransaction transaction, SqliteTransaction::begin(*connection));
    BATON_CHECK(connection->execute("INSERT INTO t VALUES (1)"));
    return transaction.commit();
  }

  const TemporaryFolder folder;
  const std::unique_ptr<SqliteConnection> connection =
      SqliteConnection::open(folder.file("a.db"), SqliteAccess::create).value();
};

TEST_F(SqliteDurability, CommitIsFullThenTheLogIsFlushedOnceAndARelaxedOneDoesNotFlush) {
  const LogFlushes flushes(*connection);
  ASSERT_TRUE(insert(Durability::relaxed));
  EXPECT_EQ(LogFlushes::count, 0);
  ASSERT_TRUE(insert(Durability::full));
  EXPECT_EQ(LogFlushes::count, 1);
  ASSERT_TRUE(insert(Durability::relaxed));
  EXPECT_EQ(LogFlushes::count, 1);
}

TEST_F(SqliteDurability, FlushAfterAFullCommitFailsThenTheOutcomeIsUnknownAndTheTurnIsFree) {
  const LogFlushes flushes(*connection);
  LogFlushes::answer = SQLITE_IOERR_FSYNC;
  const Status committed = insert(Durability::full);
  ASSERT_FALSE(committed);
  EXPECT_EQ(committed.error().kind, ErrorKind::unknown_outcome);
  EXPECT_THAT(committed.error().message, HasSubstr("flushed"));
  EXPECT_TRUE(insert(Durability::relaxed));
}

}  // namespace
}  // namespace baton
