// baton doctor and baton plan on PostgreSQL: what of the bad input is found beforehand, and that nothing is changed.
#include "tests/doubles/postgres_server.h"
#include "tests/postgres/spring_batch_script.h"
#include "tests/process/process_test.h"

namespace baton {
namespace {

class PostgresDoctor : public ProcessTest {
 protected:
  PostgresDoctor() {
    database_.query("CREATE SCHEMA sales; CREATE TABLE sales.prices (id int PRIMARY KEY, price numeric(10,2))");
    workspace_.write("prices.csv", prices(3));
    write_config(url());
  }
  ~PostgresDoctor() override {
    if (!role_.empty()) database_.query("DROP OWNED BY " + role_ + "; DROP ROLE " + role_);
  }

  std::string url() const { return database_.url(); }
  std::string url_of(const std::string& user, const std::string& password) const {
    const std::string host = url().substr(url().find('@'));
    return "postgresql://" + user + ":" + password + host;
  }
  std::string make_role(const std::string& grants) {
    role_ = "r_" + database_.name();
    database_.query("CREATE ROLE " + role_ + " LOGIN PASSWORD 'p'; GRANT " + grants + " TO " + role_);
    return url_of(role_, "p");
  }

  void write_config(const std::string& warehouse, const std::string& table = "name: prices, mode: upsert, key: [id]",
                    const std::string& repository = "schema: datasync") const {
    workspace_.write("baton.yaml", "repository: { url: \"" + url() + "\", " + repository +
                                       " }\nconnections: { warehouse: { url: \"" + warehouse +
                                       "\", schema: sales } }\njobs:\n  prices:\n    steps:\n      - name: load\n"
                                       "        read: { csv: { path: prices.csv } }\n"
                                       "        write: { table: { connection: warehouse, " +
                                       table + " } }\n");
  }

  void expect_error(int exit_code, const std::vector<std::string>& words) const {
    const ProgramEnd end = run({"doctor"});
    EXPECT_EQ(end.exit_code, exit_code) << end.output;
    bool found = false;
    std::istringstream lines(end.output);
    for (std::string line; std::getline(lines, line);) {
      found = found || (line.starts_with("error") && std::all_of(words.begin(), words.end(), [&](const auto& word) {
                          return line.find(word) != std::string::npos;
                        }));
    }
    EXPECT_TRUE(found) << words.front() << " is not in an error of\n" << end.output << end.errors;
  }

  std::string everything() const {
    return database_.query("SELECT string_agg(oid::regclass::text, ',' ORDER BY oid) FROM pg_class WHERE oid > 16000");
  }

  TemporaryDatabase database_;
  std::string role_;
};

TEST_F(PostgresDoctor, AllIsWellThenCodeZeroAndNothingIsMade) {
  const std::string before = everything();
  const ProgramEnd end = run({"doctor", "--json"});
  EXPECT_EQ(end.exit_code, 0) << end.output;
  const auto findings = nlohmann::json::parse(end.output);
  for (const auto& one : findings) EXPECT_NE(one["level"], "error") << one;
  EXPECT_THAT(end.output,
              AllOf(HasSubstr("repository, locks, connection \\\"warehouse\\\""), HasSubstr("encoding UTF8"),
                    HasSubstr("takes writes"), HasSubstr("which `baton run` and `baton migrate` make")));
  const ProgramEnd plan = run({"plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  EXPECT_EQ(everything(), before);
  ASSERT_EQ(run_prices().exit_code, 0);
  EXPECT_THAT(run({"doctor"}).output, HasSubstr("has all of Baton's tables"));
}

TEST_F(PostgresDoctor, APasswordThatIsWrongThenSaidOnceWithoutIt) {
  write_config(url_of("postgres", "wrong-secret"));
  expect_error(78, {"connection \"warehouse\"", "password authentication failed", "check username and password",
                    "baton.yaml:2:"});
  const ProgramEnd end = run({"doctor"});
  EXPECT_THAT(end.output + end.errors, Not(HasSubstr("wrong-secret")));
  EXPECT_EQ(end.output.find("password authentication"), end.output.rfind("password authentication"));
  const ProgramEnd plan = run({"plan"});
  EXPECT_EQ(plan.exit_code, 78);
  EXPECT_THAT(plan.output, AllOf(HasSubstr("WRONG      connection \"warehouse\""), Not(HasSubstr("wrong-secret"))));
}

TEST_F(PostgresDoctor, AnUnknownDatabaseThenSaidWithWhatToDo) {
  write_config(url() + "_gone");
  expect_error(78, {"connection \"warehouse\"", "_gone", "create the database, or correct its name in the URL"});
}

TEST_F(PostgresDoctor, AServerThatIsAwayThenCode75InDoctorAndPlan) {
  write_config("postgresql://postgres:secret@127.0.0.1:1/shop");
  expect_error(75, {"connection \"warehouse\"", "127.0.0.1:1/shop", "check host and port"});
  const ProgramEnd plan = run({"plan"});
  EXPECT_EQ(plan.exit_code, 75);
  EXPECT_THAT(plan.output, HasSubstr("check host and port"));
}

TEST_F(PostgresDoctor, MissingPrivilegesThenTheGrantsWhichMakeItWell) {
  const std::string warehouse = make_role("USAGE ON SCHEMA sales");
  write_config(warehouse);
  expect_error(78,
               {"prices/load", "privileges are missing", "GRANT SELECT, INSERT, UPDATE ON \"sales\".\"prices\" TO"});
  expect_error(78, {"connection \"warehouse\"", "GRANT CREATE ON SCHEMA \"sales\" TO"});
  database_.query("GRANT SELECT, INSERT, UPDATE ON sales.prices TO " + role_ + "; GRANT CREATE ON SCHEMA sales TO " +
                  role_);
  const ProgramEnd end = run({"doctor"});
  EXPECT_EQ(end.exit_code, 0) << end.output;
  const ProgramEnd done = run_prices();
  EXPECT_EQ(done.exit_code, 0) << done.errors;
}

TEST_F(PostgresDoctor, APrivilegeOnOneColumnThenTheOthersAreAskedFor) {
  const std::string warehouse = make_role("USAGE, CREATE ON SCHEMA sales");
  database_.query("GRANT INSERT (id) ON sales.prices TO " + role_);
  write_config(warehouse, "name: prices");
  expect_error(78, {"prices/load", "run: GRANT INSERT (\"price\") ON \"sales\".\"prices\" TO"});
  EXPECT_EQ(run_prices().exit_code, 1);
  database_.query("GRANT INSERT (price) ON sales.prices TO " + role_);
  EXPECT_EQ(run({"doctor"}).exit_code, 0);
  EXPECT_EQ(run_prices().exit_code, 0);
}

TEST_F(PostgresDoctor, AReplaceThatForeignKeysForbidThenSaidBeforehandAndByTheRunBeforeItReads) {
  database_.query(
      "ALTER TABLE sales.prices DROP CONSTRAINT prices_pkey; ALTER TABLE sales.prices ALTER id DROP NOT NULL, ADD "
      "UNIQUE (id); CREATE TABLE sales.orders (price_id int "
      "REFERENCES sales.prices (id)); INSERT INTO sales.prices VALUES (7, 1)");
  write_config(url(), "name: prices, mode: replace");
  expect_error(78, {"prices/load", "connection warehouse, table prices: foreign keys of other tables lead to",
                    "use mode upsert or mirror"});
  const ProgramEnd end = run_prices();
  EXPECT_EQ(end.exit_code, 1);
  EXPECT_THAT(end.errors, HasSubstr("foreign keys of other tables lead to"));
  EXPECT_EQ(database_.query("SELECT count(*) FROM sales.prices"), "1");
  database_.query("ALTER TABLE sales.prices ALTER id SET NOT NULL");
  EXPECT_EQ(run({"doctor"}).exit_code, 0);
  EXPECT_EQ(run_prices().exit_code, 0);
}

TEST_F(PostgresDoctor, RowSecurityThenWhatHelpsAgainstIt) {
  const std::string warehouse = make_role("USAGE, CREATE ON SCHEMA sales");
  database_.query("GRANT ALL ON sales.prices TO " + role_ + "; ALTER TABLE sales.prices ENABLE ROW LEVEL SECURITY");
  write_config(warehouse, "name: prices");
  expect_error(78, {"prices/load", "row-level security", "no policy lets it insert", "WITH CHECK", "BYPASSRLS"});
  EXPECT_THAT(run_prices().errors,
              AllOf(HasSubstr("row-level security policy"), HasSubstr("BYPASSRLS"), Not(HasSubstr("grant the role"))));
  database_.query("CREATE POLICY all_rows ON sales.prices USING (true)");
  const ProgramEnd end = run({"doctor"});
  EXPECT_EQ(end.exit_code, 0);
  EXPECT_THAT(end.output, ContainsRegex("warning  prices/load: row-level security applies to the role"));
  EXPECT_EQ(run_prices().exit_code, 0);
  EXPECT_EQ(database_.query("SELECT count(*) FROM sales.prices"), "3");
}

TEST_F(PostgresDoctor, ATableThatMayNotBeReadThenSaidWithThePrivilege) {
  const std::string source = make_role("USAGE ON SCHEMA sales");
  workspace_.write("baton.yaml", "repository: { url: \"" + url() +
                                     "\", schema: datasync }\nconnections: { shop: { url: \"" + source +
                                     "\", schema: sales } }\njobs:\n  a:\n    steps:\n      - name: copy\n"
                                     "        read: { table: { connection: shop, name: prices, key: [id] } }\n"
                                     "        write: { table: { name: copied, create: true } }\n");
  expect_error(78, {"a/copy", "connection \"shop\"", "permission denied for table prices", "grant the role"});
  for (const char* command : {"doctor", "plan"}) {
    EXPECT_THAT(run({command}).output, Not(HasSubstr("a/copy: a/copy"))) << command;
    EXPECT_THAT(run({command}).output, Not(HasSubstr("WRONG      a/copy"))) << command;
  }
  database_.query("GRANT SELECT ON sales.prices TO " + role_);
  EXPECT_EQ(run({"doctor"}).exit_code, 0);
  EXPECT_THAT(run({"plan"}).output, HasSubstr("pages by (id), a restart goes on behind the last committed key"));
}

TEST_F(PostgresDoctor, ARoleOfItsOwnInTheRepositorysSchemaThenItsPrivilegesAreLookedAtToo) {
  ASSERT_EQ(run({"migrate"}).exit_code, 0);
  database_.query("CREATE TABLE datasync.prices (id int PRIMARY KEY, price numeric(10,2))");
  std::string warehouse = make_role("USAGE ON SCHEMA datasync");
  warehouse += "?options=-csearch_path%3Ddatasync";
  workspace_.write("baton.yaml", "repository: { url: \"" + url() +
                                     "\", schema: datasync }\nconnections: { warehouse: { url: \"" + warehouse +
                                     "\" } }\njobs:\n  a:\n    steps:\n      - name: load\n"
                                     "        read: { csv: { path: prices.csv } }\n"
                                     "        write: { table: { connection: warehouse, name: prices } }\n");
  expect_error(78, {"connection \"warehouse\"", "GRANT SELECT, INSERT, UPDATE ON \"datasync\".\"baton_fence\" TO"});
}

TEST_F(PostgresDoctor, RetentionThatMayNotDeleteThenTheGrantsOnlyWhereItIsConfigured) {
  ASSERT_EQ(run({"migrate"}).exit_code, 0);
  const std::string repository = make_role("USAGE ON SCHEMA datasync, sales");
  const std::string tables = " ON ALL TABLES IN SCHEMA ";
  database_.query("GRANT SELECT, INSERT, UPDATE, DELETE" + tables + "datasync, sales TO " + role_ +
                  "; GRANT USAGE ON ALL SEQUENCES IN SCHEMA datasync TO " + role_ + "; GRANT TEMPORARY ON DATABASE " +
                  database_.name() + " TO " + role_ +
                  "; REVOKE DELETE ON datasync.baton_alert, datasync.batch_job_execution FROM " + role_);
  write_config(repository);
  std::string config = workspace_.read("baton.yaml");
  config.replace(config.find(url()), url().size(), repository);
  workspace_.write("baton.yaml", config);
  const ProgramEnd end = run({"doctor"});
  EXPECT_EQ(end.exit_code, 0) << end.output;
  workspace_.write("baton.yaml", config + "retention: { executions: 30d }\n");
  expect_error(78, {"repository", "privileges are missing", "GRANT DELETE ON \"datasync\".\"baton_alert\" TO",
                    "GRANT DELETE ON \"datasync\".\"batch_job_execution\" TO"});
}

TEST_F(PostgresDoctor, AMissingTableOrColumnThenSaidAsTheRunWouldSayIt) {
  write_config(url(), "name: nothing");
  expect_error(78, {"prices/load", "table nothing", "there is no such table: create it, or set create: true"});
  database_.query("ALTER TABLE sales.prices RENAME price TO cost");
  write_config(url());
  expect_error(78, {"prices/load", "there is no column price", "Rename or drop it in process"});
  write_config(url(), "name: prices, mode: upsert, key: [price]");
  database_.query("ALTER TABLE sales.prices RENAME cost TO price");
  expect_error(78, {"no unique key over (price)", "CREATE UNIQUE INDEX"});
}

TEST_F(PostgresDoctor, AMissingSchemaThatNobodyMakesThenAnError) {
  database_.query("DROP SCHEMA sales CASCADE");
  expect_error(78, {"connection \"warehouse\"", "there is no schema \"sales\""});
}

TEST_F(PostgresDoctor, MigrationIsForbiddenThenTheMissingTablesAreAnError) {
  write_config(url(), "name: prices", "schema: datasync, migrate: never");
  expect_error(78, {"repository", "lacks", "baton_repository", "run `baton migrate`"});
  EXPECT_EQ(run({"plan"}).exit_code, 78);
  ASSERT_EQ(run({"migrate"}).exit_code, 0);
  EXPECT_EQ(run({"doctor"}).exit_code, 0);
  EXPECT_EQ(run({"plan"}).exit_code, 0);
}

TEST_F(PostgresDoctor, AdoptedTablesWithoutIndexesThenTheAdviceAndItsStatements) {
  database_.query(std::string("SET search_path = datasync;") + spring_batch_5_script);
  const ProgramEnd end = run({"doctor"});
  EXPECT_EQ(end.exit_code, 0) << end.output;
  EXPECT_THAT(end.output,
              AllOf(HasSubstr("Spring Batch 5's tables, adopted"), ContainsRegex("warning  repository: indexes"),
                    HasSubstr("CREATE INDEX ON \"datasync\".batch_job_execution (job_instance_id)")));
  write_config(url(), "name: prices", "schema: datasync, spring_batch: 6");
  expect_error(78, {"repository", "Spring Batch 5's"});
}

TEST_F(PostgresDoctor, ATypeWithoutABinaryEncoderThenTextCopyAndWhy) {
  database_.query("ALTER TABLE sales.prices ALTER price TYPE money USING price::money");
  const ProgramEnd plan = run({"plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  EXPECT_THAT(plan.output, AllOf(HasSubstr("text COPY into a temporary table"),
                                 HasSubstr("text, not binary: column price is of type money")));
  EXPECT_THAT(run({"doctor"}).output, ContainsRegex("warning  prices/load: loaded by text COPY"));
}

TEST_F(PostgresDoctor, FromPostgresqlToPostgresqlThenTheColumnsThatGoOverAsTheirBytes) {
  database_.query(
      "CREATE TYPE sales.mood AS ENUM ('glad'); CREATE TABLE sales.source (id int PRIMARY KEY, cost numeric(10,2), "
      "note "
      "text, mood sales.mood); CREATE TABLE sales.copy (id bigint PRIMARY KEY, price numeric(10,2), note text, mood "
      "sales.mood)");
  write_config(url(), "name: copy");
  std::string config = workspace_.read("baton.yaml");
  const std::string csv = "csv: { path: prices.csv }";
  config.replace(
      config.find(csv), csv.size() + 2,
      "table: { connection: warehouse, name: source, key: [id] } }\n        process: [ rename: { cost: price } ]");
  workspace_.write("baton.yaml", config);
  ProgramEnd plan = run({"plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  EXPECT_THAT(plan.output, HasSubstr("as the bytes that the source sends: price, note; through text: id, mood\n"));
  plan = run({"plan", "--json"});
  EXPECT_EQ(nlohmann::json::parse(plan.output)[0]["native_columns"], nlohmann::json({"price", "note"}));
  write_config(url());
  EXPECT_THAT(run({"plan"}).output, Not(HasSubstr("the source sends")));
  EXPECT_TRUE(nlohmann::json::parse(run({"plan", "--json"}).output)[0]["native_columns"].is_null());
}

TEST_F(PostgresDoctor, ATableToBeMadeThenItsStatementTheEncodersAndTheClosingChunk) {
  write_config(url(),
               "name: fresh, mode: replace, key: [id], create: true, columns: { id: bigint, price: \"numeric(8,2)\" }");
  const ProgramEnd plan = run({"plan", "--json"});
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  const auto step = nlohmann::json::parse(plan.output)[0];
  EXPECT_EQ(step["table"], "sales.fresh");
  EXPECT_EQ(
      step["creates"].back()["sql"],
      "CREATE TABLE IF NOT EXISTS \"sales\".\"fresh\" (\"id\" bigint NOT NULL, \"price\" numeric(8,2), PRIMARY KEY "
      "(\"id\"))");
  EXPECT_EQ(step["columns"][1], nlohmann::json({{"column", "price"}, {"encoder", "numeric(8,2)"}}));
  EXPECT_EQ(step["closing_chunks"], 1);
  EXPECT_THAT(step["way"].get<std::string>(), HasSubstr("logged staging table"));
}

TEST_F(PostgresDoctor, WhatSlowsALoadDownThenNamed) {
  database_.query(
      "CREATE INDEX slow ON sales.prices (price); CREATE TABLE sales.days (id int PRIMARY KEY); "
      "ALTER TABLE sales.prices ADD CONSTRAINT day FOREIGN KEY (id) REFERENCES sales.days");
  EXPECT_THAT(run({"plan"}).output, AllOf(HasSubstr("prices_pkey (the primary key"), HasSubstr("slow (kept up to date"),
                                          HasSubstr("day (a foreign key")));
}

TEST_F(PostgresDoctor, WhatAnEarlierStepMayMakeThenANoteAndNoError) {
  workspace_.write(
      "baton.yaml",
      "repository: { url: \"" + url() +
          "\", schema: datasync }\njobs:\n  a:\n    steps:\n"
          "      - { name: make, sql: { statement: \"CREATE TABLE made (id int); SELECT 'secret-1'\" } }\n"
          "      - { name: copy, read: { table: { name: made, key: [id] } }, write: { table: { name: copied } } }\n");
  const ProgramEnd plan = run({"plan"});
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  EXPECT_THAT(plan.output, AllOf(HasSubstr("2 statements (CREATE, SELECT)"), HasSubstr("an earlier step may change"),
                                 Not(HasSubstr("secret-1"))));
  workspace_.write("baton.yaml",
                   "repository: { url: \"" + url() +
                       "\", schema: datasync }\njobs:\n  a:\n    steps:\n"
                       "      - { name: copy, read: { table: { name: made, key: [id] } }, write: { table: { name: "
                       "copied } } }\n      - { name: bad, sql: { statement: \"COMMIT\" } }\n");
  const ProgramEnd wrong = run({"plan"});
  EXPECT_EQ(wrong.exit_code, 78);
  EXPECT_THAT(wrong.output, AllOf(HasSubstr("there is no table made"), HasSubstr("transaction control is refused")));
}

}  // namespace
}  // namespace baton
