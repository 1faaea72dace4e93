// The small parts: URLs, types of parameters, the excerpts of messages.
#include "config/database_url.h"
#include "config/parameter_type.h"
#include "loading.h"

#include <gmock/gmock.h>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing_config::job;
using testing_config::World;

TEST(DatabaseUrl, ShownThenWithoutUserPasswordAndQuery) {
  EXPECT_EQ(shown_without_secrets("postgresql://u:geheim@h:5432/d?password=geheim"), "postgresql://h:5432/d");
  EXPECT_EQ(shown_without_secrets("postgres://h1:1,[::1]:2/d"), "postgres://h1:1,[::1]:2/d");
  EXPECT_EQ(shown_without_secrets("postgresql://?host=/tmp&password=geheim"), "postgresql://");
  EXPECT_EQ(shown_without_secrets("jdbc:postgresql://h/d?user=u&password=geheim"), "jdbc:postgresql://h/d");
  EXPECT_EQ(shown_without_secrets("jdbc:postgresql:d?password=geheim&x=http://y"), "jdbc:postgresql:d");
  EXPECT_EQ(shown_without_secrets("host=h password='ge heim' dbname = d port=1"), "host=h dbname=d port=1");
  EXPECT_EQ(shown_without_secrets("password=geheim"), "postgresql");
}

TEST(DatabaseUrl, UnclearWhatIsThePasswordThenNothingOfItIsShown) {
  for (const std::string url :
       {"postgresql://u:ge/heim@h/d", "postgresql://u:ge@heim@h/d", "postgresql://u:1/heim@h/d", "postgresql://u:heim",
        "postgresql://u:ge?heim@h", "host=h password='heim", "host=h password=ge\\ heim", "jdbc:postgresql:u:heim@h",
        "postgresql://u:ge#heim@h/d", "postgresql://u:ge@h/d?sslpassword=x@heim", "password = heim"}) {
    EXPECT_THAT(shown_without_secrets(url), Not(HasSubstr("heim"))) << url;
  }
}

TEST(ParameterType, ValuesThenOnlyThoseOfTheType) {
  const auto accepts = [](const std::string& type, const std::vector<std::string>& values) {
    for (const std::string& value : values) EXPECT_TRUE(is_parameter_value(type, value)) << type << " " << value;
  };
  const auto refuses = [](const std::string& type, const std::vector<std::string>& values) {
    for (const std::string& value : values) EXPECT_FALSE(is_parameter_value(type, value)) << type << " " << value;
  };
  accepts("String", {"", "x"});
  accepts("Long", {"0", "-9223372036854775808", "9223372036854775807"});
  refuses("Long", {"", "9223372036854775808", "1.0", " 1", "1L", "0x1"});
  accepts("Integer", {"2147483647"});
  refuses("Integer", {"2147483648"});
  accepts("Double", {"1", "-1.5e10"});
  refuses("Double", {"", "nan", "1,5", "inf"});
  accepts("Boolean", {"true", "false"});
  refuses("Boolean", {"True", "yes", ""});
  accepts("BigDecimal", {"1", "+1.50", ".5", "5.", "1e-10", "1E+5"});
  refuses("BigDecimal", {"", ".", "-", "1.2.3", "1e", "e5", "1e99999999999"});
  accepts("LocalDate", {"2024-02-29"});
  refuses("LocalDate", {"2023-02-29", "2024-1-1", "24-01-01", "2024-01-01T00:00", "2024-13-01", ""});
  accepts("LocalTime", {"10:15", "10:15:30", "23:59:59.123456789"});
  refuses("LocalTime", {"24:00", "10:60", "10:15:60", "10:15:30.", "10:15:30.1234567890", "1015"});
  accepts("LocalDateTime", {"2024-01-15T10:15", "2024-01-15T10:15:30.5"});
  refuses("LocalDateTime", {"2024-01-15 10:15", "2024-01-15T10:15Z", "2024-01-15"});
  accepts("Date", {"2024-01-15T00:00:00Z", "2024-01-15T00:00:00.123Z"});
  refuses("Date", {"2024-01-15T00:00:00", "2024-01-15"});
  refuses("Other", {"x"});
  EXPECT_EQ(short_type_name("java.math.BigDecimal"), "BigDecimal");
  EXPECT_EQ(short_type_name("Long"), "Long");
}

std::string failure_text(const std::string& text, const World& world = {}) {
  const auto config = world.load(text);
  return config ? "" : config.error().text();
}

TEST(FailureText, ProblemThenPlaceMessageLineAndCaret) {
  EXPECT_EQ(failure_text("log: { level: loud }\n" + job),
            "conf/baton.yaml:1:15: `log.level` is 'loud': expected one of trace, debug, info, warn, error\n"
            "  log: { level: loud }\n"
            "                ^\n");
}

TEST(FailureText, UmlautsWideCharactersAndTabsThenTheCaretStandsBelowTheValue) {
  EXPECT_THAT(failure_text("repository: { schema: größe, pool: x }\n" + job),
              HasSubstr("  repository: { schema: größe, pool: x }\n"
                        "                                     ^\n"));
  EXPECT_THAT(failure_text("repository: { schema: 日本, pool: x }\n" + job),
              HasSubstr("  repository: { schema: 日本, pool: x }\n"
                        "                                    ^\n"));
  EXPECT_THAT(failure_text("repository: {\tschema:\ts, pool: x }\n" + job),
              HasSubstr("  repository: {\tschema:\ts, pool: x }\n"
                        "               \t       \t         ^\n"));
}

TEST(FailureText, VeryLongLineThenCutAroundTheCaret) {
  const std::string text = failure_text("log: { level: loud" + std::string(500, 'x') + ", format: f } # " +
                                        std::string(500, 'y') + "\n" + job);
  std::size_t longest = 0;
  std::size_t start = 0;
  for (std::size_t end = text.find('\n'); end != text.npos; start = end + 1, end = text.find('\n', start)) {
    longest = std::max(longest, end - start);
  }
  EXPECT_LT(longest, 200U);
  EXPECT_THAT(text, HasSubstr("is 'f': expected one of text, json"));
}

TEST(FailureText, FileThatCannotBeReadThenOneLine) {
  World world;
  const ConfigSources sources{
      [](const std::string&) -> Result<std::string> { return fail(ErrorKind::invalid, "is away"); },
      [](const std::string&) { return std::nullopt; }};
  const auto config = load_config("x.yaml", sources);
  ASSERT_FALSE(config);
  EXPECT_EQ(config.error().text(), "x.yaml: is away\n");
}

// The excerpt of a line that also holds a secret.
TEST(FailureText, SecretsInTheLineThenMaskedInEveryForm) {
  for (const std::string secret :
       {"password: geheim, pool: x", "password: \"geheim\", pool: x", "password: 'ge''heim', pool: x",
        "url: \"postgresql://u:geheim@h/d\", pool: x", "url: 'mysql://u:geheim@h', pool: x",
        "pool: x, password: geheim", "pasword: geheim, pool: x", "password: \"a\n   geheim\", pool: x",
        "password: &a geheim, pool: x", "url: \"${NOBODY:-postgresql://u:geheim@h/d}\", pool: x",
        "password: [geheim], pool: x", "password: { x: geheim }, pool: x"}) {
    const std::string text = failure_text("repository: { " + secret + " }\n" + job);
    EXPECT_THAT(text, HasSubstr("expected a whole number")) << secret;
    EXPECT_THAT(text, Not(HasSubstr("heim"))) << secret << text;
  }
  EXPECT_THAT(
      failure_text("jobs: { j: { steps: [ { name: s, command: { argv: [], env: { API_TOKEN: geheim } } } ] } }"),
      Not(HasSubstr("heim")));
}

TEST(FailureText, SecretInABlockThenMaskedInItsOwnLines) {
  const std::string text =
      failure_text("repository:\n  pool: x\n  password: |\n    geheim\n    geheim: {\n  pol: 5\n" + job);
  EXPECT_THAT(text, HasSubstr("pol"));
  EXPECT_THAT(text, Not(HasSubstr("heim")));
}

TEST(FailureText, SyntaxErrorInALineWithASecretThenMasked) {
  for (const std::string line : {"password: \"geheim", "password: geheim: x", "{ password: geheim, url: ] }",
                                 "url: postgresql://u:geheim@h : x", "x: [ 'postgresql://u:geheim@h', ] ]"}) {
    const std::string text = failure_text(line + "\n");
    EXPECT_THAT(text, HasSubstr("conf/baton.yaml:")) << line;
    EXPECT_THAT(text, Not(HasSubstr("heim"))) << line << text;
  }
}

TEST(FailureText, UserInformationUnderAnyKeyThenMaskedInLineAndMessage) {
  const std::string text = failure_text("log: { level: \"http://u:geheim@h/x\", format: \"a://ü:ge@heim@h\" }\n" + job);
  EXPECT_THAT(text, HasSubstr("`log.level` is 'http://*:******@h/x': expected"));
  EXPECT_THAT(text, HasSubstr("format: \"a://*:*******@h\" }"));
  EXPECT_THAT(text, Not(HasSubstr("heim")));
}

TEST(FailureText, ReferencesAndSqlitePathsThenStayReadable) {
  World world;
  world.environment = {{"URL", "sqlite:x"}};
  EXPECT_THAT(failure_text("repository: { url: \"${URL}\", pool: x }\n" + job, world),
              HasSubstr("\"${URL}\", pool: x }"));
  EXPECT_THAT(failure_text("repository: { url: sqlite:a.db, pool: x }\n" + job, world), HasSubstr("sqlite:a.db, pool"));
}

}  // namespace
}  // namespace baton
