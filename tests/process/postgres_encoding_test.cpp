// Databases whose encoding is not UTF8: characters that they lack are refused, and what is said about them can be kept.
#include "tests/doubles/postgres_server.h"
#include "tests/process/process_test.h"

#include <fmt/format.h>
#include <sstream>

namespace baton {
namespace {

using testing::ElementsAre;

class PgEncodings : public ProcessTest {
 protected:
  // A job that loads names.csv into a table of a database with this encoding, which is the repository too.
  void configure(const std::string& encoding, const std::string& skip, const std::string& mode = "mode: append") {
    database_ =
        std::make_unique<TemporaryDatabase>(fmt::format("ENCODING '{}' LOCALE 'C' TEMPLATE template0", encoding));
    database_->query("CREATE TABLE public.names (id int PRIMARY KEY, name text)");
    workspace_.write("baton.yaml", fmt::format(R"(repository: {{ url: "{}", schema: datasync }}
connections:
  warehouse: {{ url: "{}", schema: public }}
jobs:
  names:
    steps:
      - name: load
        read: {{ csv: {{ path: names.csv }} }}
        write: {{ table: {{ connection: warehouse, name: names, {} }} }}
        skip: {{ limit: {} }}
)",
                                               database_->url(), database_->url(), mode, skip));
  }
  ProgramEnd run_names() const { return run({"run", "--once", "names"}); }
  std::vector<std::string> raw_texts() const {
    std::istringstream lines(run({"rejects", "export", "--format", "raw"}).output);
    std::vector<std::string> texts;
    for (std::string line; std::getline(lines, line);) texts.push_back(line);
    return texts;
  }
  std::string loaded() const { return database_->query("SELECT count(*), max(name) FROM public.names"); }

  std::unique_ptr<TemporaryDatabase> database_;
};

TEST_F(PgEncodings, ACharacterThatTheDatabaseLacksIsARejectAndItsTextIsKeptWithEscapes) {
  for (const std::string mode :
       {"mode: append", "mode: replace", "mode: upsert, key: [id]", "mode: mirror, key: [id]"}) {
    configure("LATIN1", "3", mode);
    workspace_.write("names.csv", "id,name\n1,Müller\n2,5 €\n3,日本 😀\nviele,Jürg €\n");
    const ProgramEnd end = run_names();
    EXPECT_EQ(end.exit_code, 0) << mode << ": " << end.errors;
    EXPECT_EQ(loaded(), "1|Müller") << mode;
    EXPECT_THAT(raw_texts(),
                testing::UnorderedElementsAre("2,5 \\u20ac", "3,\\u65e5\\u672c \\U0001f600", "viele,Jürg \\u20ac"))
        << mode;
  }
}

TEST_F(PgEncodings, TextCopyRefusesTheSameRows) {
  configure("LATIN1", "1");
  database_->query("ALTER TABLE public.names ADD place point");
  workspace_.write("names.csv", "id,name,place\n1,a,\"(1,2)\"\n2,5 €,\"(1,2)\"\n3,b,\"(1,2)\"\n");
  const ProgramEnd end = run_names();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(loaded(), "2|b");
  EXPECT_THAT(raw_texts(), ElementsAre("2,5 \\u20ac,\"(1,2)\""));
}

TEST_F(PgEncodings, BytesThatAreNoCharactersAreKeptAsWell) {
  for (const std::string encoding : {"LATIN1", "SQL_ASCII", "EUC_JP", "UTF8"}) {
    configure(encoding, "2");
    workspace_.write("names.csv", std::string("id,name\n1,a\0b\n2,\xFF\n3,c\n", 22));
    const ProgramEnd end = run_names();
    EXPECT_EQ(end.exit_code, 0) << encoding << ": " << end.errors;
    EXPECT_EQ(loaded(), "1|c") << encoding;
    const std::string replacement = encoding == "SQL_ASCII" || encoding == "UTF8" ? "\xEF\xBF\xBD" : "\\ufffd";
    EXPECT_THAT(raw_texts(), ElementsAre("1,a" + replacement + "b", "2," + replacement)) << encoding;
  }
}

TEST_F(PgEncodings, SqlAsciiHoldsEveryCharacter) {
  configure("SQL_ASCII", "1");
  workspace_.write("names.csv", "id,name\n1,5 €\nviele,日本 😀\n");
  const ProgramEnd end = run_names();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(loaded(), "1|5 €");
  EXPECT_THAT(raw_texts(), ElementsAre("viele,日本 😀"));
}

// The failure itself has to be written down, with the value in it.
TEST_F(PgEncodings, ARunThatFailsOfSuchACharacterEndsAsFailedAndSaysWhy) {
  configure("LATIN1", "0");
  workspace_.write("names.csv", "id,name\n1,Müller\nfünf €,x\n");
  const ProgramEnd end = run_names();
  EXPECT_EQ(end.exit_code, 1) << end.errors;
  EXPECT_THAT(end.errors, HasSubstr("fünf €"));
  const auto executions = history();
  ASSERT_EQ(executions.size(), 1U);
  EXPECT_EQ(executions[0]["status"], "FAILED");
  EXPECT_THAT(database_->query("SELECT exit_message FROM datasync.batch_job_execution"), HasSubstr("fünf \\u20ac"));
}

TEST_F(PgEncodings, AFileWhoseNameTheDatabaseLacksIsLoaded) {
  configure("LATIN1", "0");
  workspace_.write("baton.yaml", std::string(workspace_.read("baton.yaml"))
                                     .replace(workspace_.read("baton.yaml").find("names.csv"), 9, "preise €.csv"));
  workspace_.write("preise €.csv", "id,name\n1,Müller\n");
  const ProgramEnd end = run_names();
  EXPECT_EQ(end.exit_code, 0) << end.errors;
  EXPECT_EQ(loaded(), "1|Müller");
}

}  // namespace
}  // namespace baton
