#include "app/doctor_findings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::Each;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

constexpr Duration tolerance(2'000);
constexpr DatabaseUse target{true, true, 10};
constexpr std::int64_t gibibyte = 1 << 30;

PgServerFacts healthy() {
  PgServerFacts facts;
  facts.address = "127.0.0.1:5432";
  facts.local = true;
  facts.database = "scale_poc";
  facts.role = "etl";
  facts.identity = "7/scale_poc";
  facts.version = 150'004;
  facts.version_text = "15.4";
  facts.encoding = "UTF8";
  facts.max_wal_bytes = 4 * gibibyte;
  facts.free_bytes = 100 * gibibyte;
  facts.max_connections = 100;
  facts.round_trip = std::chrono::milliseconds(1);
  return facts;
}

auto finding(FindingLevel level, const std::string& what) {
  return AllOf(Field(&Finding::level, level), Field(&Finding::what, HasSubstr(what)));
}
auto warning(const std::string& what, const std::string& remedy) {
  return AllOf(finding(FindingLevel::warning, what), Field(&Finding::remedy, HasSubstr(remedy)));
}
auto error(const std::string& what, const std::string& remedy) {
  return AllOf(finding(FindingLevel::error, what), Field(&Finding::remedy, HasSubstr(remedy)));
}

std::vector<Finding> of(const PgServerFacts& facts, const DatabaseUse& use = target) {
  return findings_of("locks (127.0.0.1:5432/scale_poc)", facts, use, tolerance);
}

TEST(ServerFindings, AHealthyServerThenNothingButOk) {
  EXPECT_THAT(of(healthy()), Each(Field(&Finding::level, FindingLevel::ok)));
  EXPECT_THAT(of(healthy()), Each(Field(&Finding::where, "locks (127.0.0.1:5432/scale_poc)")));
}

TEST(ServerFindings, AStandbyThenAnErrorWhereItIsWrittenTo) {
  PgServerFacts facts = healthy();
  facts.standby = true;
  EXPECT_THAT(of(facts), Contains(error("standby", "primary")));
  EXPECT_THAT(of(facts, {false, false, 10}), Each(Field(&Finding::level, FindingLevel::ok)));
}

TEST(ServerFindings, ASmallWalThenAWarningWhereRowsAreLoaded) {
  PgServerFacts facts = healthy();
  facts.max_wal_bytes = gibibyte;
  EXPECT_THAT(of(facts), Contains(warning("max_wal_size is 1.0 GiB", "max_wal_size = '4GB'")));
  EXPECT_THAT(of(facts, {true, false, 2}), Each(Field(&Finding::level, FindingLevel::ok)));
}

TEST(ServerFindings, DurabilityTurnedOffThenAWarningForEachSetting) {
  PgServerFacts facts = healthy();
  facts.fsync = facts.full_page_writes = facts.synchronous_commit = false;
  const auto findings = of(facts);
  EXPECT_THAT(findings, Contains(warning("fsync is off", "turn it on")));
  EXPECT_THAT(findings, Contains(warning("full_page_writes is off", "turn it on")));
  EXPECT_THAT(findings, Contains(warning("synchronous_commit is off", "synchronous_commit = on")));
}

TEST(ServerFindings, ADifferenceOfClocksBeyondTheToleranceThenAWarningThatSaysWhose) {
  PgServerFacts facts = healthy();
  facts.clock_ahead = -std::chrono::seconds(3);
  EXPECT_THAT(of(facts), Contains(warning("3.0 s behind this machine's", "NTP")));
  facts.clock_ahead = std::chrono::milliseconds(1'900);
  EXPECT_THAT(of(facts), Each(Field(&Finding::level, FindingLevel::ok)));
  // What the network took is no difference.
  facts.clock_ahead = std::chrono::milliseconds(2'400);
  facts.round_trip = std::chrono::seconds(1);
  EXPECT_THAT(of(facts), Each(Field(&Finding::level, FindingLevel::ok)));
}

TEST(ServerFindings, OtherThingsThatWillHurtThenAWarningEach) {
  PgServerFacts facts = healthy();
  facts.encoding = "LATIN1";
  facts.version = 130'009;
  facts.version_text = "13.9";
  facts.connections = 95;
  facts.local = false;
  facts.free_bytes = gibibyte / 2;
  const auto findings = of(facts);
  EXPECT_THAT(findings, Contains(warning("encoding LATIN1", "UTF8")));
  EXPECT_THAT(findings, Contains(warning("PostgreSQL 13.9", "upgrade")));
  EXPECT_THAT(findings, Contains(warning("95 of 100 connections", "max_connections")));
  EXPECT_THAT(findings, Contains(warning("not encrypted", "sslmode=verify-full")));
  EXPECT_THAT(findings, Contains(warning("only 512.0 MiB free", "free space")));
}

TEST(ServerFindings, ADiskOfAnotherMachineThenSaidNotToBeVisible) {
  PgServerFacts facts = healthy();
  facts.free_bytes.reset();
  EXPECT_THAT(of(facts), Contains(finding(FindingLevel::ok, "not visible from here")));
}

TEST(ServerFindings, ARoleThatMayNotAskForTheServersIdentityThenTheGrantThatHelps) {
  PgServerFacts facts = healthy();
  facts.identity.clear();
  EXPECT_THAT(of(facts), Contains(error("may not ask", "GRANT EXECUTE ON FUNCTION pg_control_system() TO \"etl\"")));
}

PgSchemaFacts schema_of(std::vector<PgMissing> missing, std::vector<std::string> grants) {
  PgSchemaFacts facts;
  facts.schema = "datasync";
  facts.exists = true;
  facts.missing = std::move(missing);
  facts.missing_grants = std::move(grants);
  return facts;
}

TEST(SchemaFindings, MissingTablesThenOkWhereTheyAreMadeAndAnErrorWhereThatIsForbidden) {
  const PgSchemaFacts facts = schema_of({{"created baton_fence", "CREATE TABLE …"}}, {});
  EXPECT_THAT(findings_of("repository", facts, true),
              ElementsAre(finding(FindingLevel::ok, "lacks baton_fence, which `baton run`")));
  EXPECT_THAT(findings_of("repository", facts, false), ElementsAre(error("lacks baton_fence", "baton migrate")));
}

TEST(SchemaFindings, MissingPrivilegesThenTheStatementsThatGiveThem) {
  const PgSchemaFacts facts =
      schema_of({{"created baton_fence", "CREATE TABLE …"}}, {"GRANT CREATE ON SCHEMA \"datasync\" TO etl"});
  EXPECT_THAT(findings_of("repository", facts, true),
              ElementsAre(error("privileges are missing", "run: GRANT CREATE ON SCHEMA \"datasync\" TO etl")));
}

TEST(SpringFindings, AdoptedTablesWithoutTheRecommendedIndexesThenAnAdvice) {
  PgSpringFacts facts;
  facts.tables = 6;
  facts.adopted = true;
  facts.recommended = {"CREATE INDEX ON \"s\".batch_job_execution (job_instance_id)"};
  EXPECT_THAT(findings_of("repository", facts),
              ElementsAre(finding(FindingLevel::ok, "Spring Batch 5's tables, adopted"),
                          warning("55 ms instead of 0.5 ms", "run: CREATE INDEX ON \"s\".batch_job_execution")));
  facts.recommended.clear();
  facts.generation = JobKeyFormat::spring_batch_6;
  EXPECT_THAT(findings_of("repository", facts), ElementsAre(finding(FindingLevel::ok, "Spring Batch 6's tables")));
  EXPECT_THAT(findings_of("repository", PgSpringFacts()), IsEmpty());
}

TEST(SearchedSchemaFindings, OneThatIsNotThereOrMayNotBeUsedThenAnError) {
  EXPECT_THAT(findings_of("connection \"w\"", "sales", {false, false}),
              ElementsAre(error("there is no schema \"sales\"", "create it")));
  EXPECT_THAT(findings_of("connection \"w\"", "sales", {true, false}), ElementsAre(error("may not use", "USAGE")));
  EXPECT_THAT(findings_of("connection \"w\"", "sales", {true, true}), IsEmpty());
}

SqliteFileFacts usable_file() {
  SqliteFileFacts facts;
  facts.exists = facts.folder_exists = facts.folder_writable = facts.writable = true;
  facts.journal = "wal";
  facts.free_bytes = 100ULL << 30;
  return facts;
}

TEST(FileFindings, AFileThatCanBeUsedThenNothingButOk) {
  EXPECT_THAT(findings_of("locks", usable_file(), true), Each(Field(&Finding::level, FindingLevel::ok)));
  SqliteFileFacts to_be_made = usable_file();
  to_be_made.exists = to_be_made.writable = false;
  EXPECT_THAT(findings_of("locks", to_be_made, true), Contains(finding(FindingLevel::ok, "Baton makes it")));
  EXPECT_THAT(findings_of("locks", to_be_made, false), Contains(error("no such file", "correct the path")));
}

TEST(FileFindings, OneThatCannotBeUsedThenAnErrorThatSaysWhy) {
  SqliteFileFacts facts = usable_file();
  facts.writable = false;
  EXPECT_THAT(findings_of("locks", facts, true), Contains(error("may not write to it", "writable")));
  EXPECT_THAT(findings_of("locks", facts, false), Each(Field(&Finding::level, FindingLevel::ok)));
  facts = usable_file();
  facts.folder_writable = false;
  EXPECT_THAT(findings_of("locks", facts, true), Contains(error("its folder", "writable")));
  facts.folder_exists = facts.exists = false;
  EXPECT_THAT(findings_of("locks", facts, true), Contains(error("does not exist", "make the folder")));
  facts = usable_file();
  facts.is_folder = true;
  EXPECT_THAT(findings_of("locks", facts, true), Contains(error("is a folder", "name a file")));
  facts = usable_file();
  facts.unreadable = "x.db: is no SQLite database";
  EXPECT_THAT(findings_of("locks", facts, true), Contains(error("is no SQLite database", "")));
}

TEST(FileFindings, ANetworkAFullDiskAndARollbackJournalThenWarnings) {
  SqliteFileFacts facts = usable_file();
  facts.network = "NFS";
  facts.free_bytes = 1000;
  facts.journal = "rollback";
  const auto findings = findings_of("locks", facts, true);
  EXPECT_THAT(findings, Contains(warning("network file system (NFS)", "local disk")));
  EXPECT_THAT(findings, Contains(warning("free", "free space")));
  EXPECT_THAT(findings, Contains(warning("not in WAL mode", "journal_mode = WAL")));
}

TEST(RepositoryFindings, AnOlderOneThenAnErrorOnlyWhereItMayNotBeUpgraded) {
  EXPECT_THAT(findings_of_repository("repository", false, false), ElementsAre(finding(FindingLevel::ok, "has all")));
  EXPECT_THAT(findings_of_repository("repository", true, true), ElementsAre(finding(FindingLevel::ok, "make them")));
  EXPECT_THAT(findings_of_repository("repository", true, false), ElementsAre(error("never", "baton migrate")));
}

TEST(StepFindings, ProblemsThenErrorsThatSayWhetherTheyMayPass) {
  PlannedStep step{"orders", "load", PlannedLoad(), {{ErrorKind::retry, "away"}, {ErrorKind::invalid, "wrong"}}, {}};
  const auto findings = findings_of(step);
  ASSERT_EQ(findings.size(), 2U);
  EXPECT_EQ(findings[0].where, "orders/load");
  EXPECT_TRUE(findings[0].for_now);
  EXPECT_FALSE(findings[1].for_now);
  EXPECT_THAT(findings, Each(Field(&Finding::level, FindingLevel::error)));
}

TEST(StepFindings, TextCopyThenAWarningWithItsReasonOnlyWhereTheColumnsAreKnown) {
  PlannedLoad load;
  load.input.columns = {"id", "place"};
  load.target.text_reason = "column place is of type point, which has no binary encoder";
  EXPECT_THAT(findings_of(PlannedStep{"a", "l", load, {}, {}}),
              ElementsAre(warning("column place is of type point", "")));
  load.input.columns.clear();
  EXPECT_THAT(findings_of(PlannedStep{"a", "l", load, {}, {}}),
              Each(Not(Field(&Finding::level, FindingLevel::warning))));
}

}  // namespace
}  // namespace baton
