#include "config/description.h"

#include "config/database_url.h"
#include "config/parameter_type.h"
#include "config/text_forms.h"

namespace baton {
namespace {

constexpr const char* name_pattern = "^[A-Za-z0-9._ -]{1,100}$";

Shape name(const std::string& of) {
  return checked_text(of + " (1 to 100 characters of A-Z a-z 0-9 . _ - and space)", is_name, name_pattern);
}

Shape duration() {
  return checked_text("a duration such as 500ms, 20s, 5m, 1h or 90d, up to 36600d", is_duration,
                      "^[0-9]+(ms|s|m|h|d)$");
}

Shape period() {
  return checked_text("a duration of at least 1ms, such as 500ms, 20s, 5m, 1h or 90d, up to 36600d", is_period,
                      "^0*[1-9][0-9]*(ms|s|m|h|d)$");
}

Shape zone() { return checked_text("a time zone such as UTC or Europe/Berlin", is_zone, "^[A-Za-z0-9/_+-]+$"); }

// What the fields hold is read where the configuration is built, which knows the place and the reason of a mistake.
Shape cron() {
  return checked_text("six fields: second, minute, hour, day of month, month, day of week; or a macro such as @daily",
                      nullptr, "^\\s*(@[A-Za-z]+|\\S+(\\s+\\S+){5})\\s*$");
}

Shape database_url() {
  Shape shape = checked_text(
      database_url_expected, is_database_url,
      "^(sqlite:(?!(//([^/]|$)|:memory:$|file:)).+|postgres(ql)?://.*|jdbc:postgresql:.+|[A-Za-z0-9_ ]+=[\\s\\S]*)$");
  shape.secret = true;
  return shape;
}

Shape secret(std::string expected) {
  Shape shape = text(std::move(expected));
  shape.secret = true;
  return shape;
}

Shape possibly_empty(Shape shape) {
  shape.may_be_empty = true;
  return shape;
}

Shape column_list() {
  Shape shape = list_of(text("the name of a column"));
  shape.at_least_one = true;
  shape.unique = true;
  return shape;
}

// The keys of each place that names a database, besides the URL.
std::vector<Member> database_members(Member url) {
  return {
      std::move(url), Member("username", text("a user's name"), "User for PostgreSQL, where the URL names none."),
      Member("password", secret("a password"), "Password for PostgreSQL, where the URL holds none."),
      Member("schema", text("the name of a schema"), "Schema of PostgreSQL. Without it, the connection's search path."),
      Member("pool", integer(1, 1000), "Connections at most.").defaults("10")};
}

Member url_member(const std::string& description) {
  return Member("url", database_url(), description + " sqlite:PATH, postgresql://… or jdbc:postgresql:…");
}

Shape replica() {
  return object(
      "`replica`",
      {Member("tokens", integer(1, 1'000'000),
              "Jobs that this replica may own at a time. Without it, the number of jobs."),
       Member("shutdown_grace", duration(), "How long running jobs may go on after a request to stop.").defaults("25s"),
       Member("balance", choice({"fair", "greedy"}),
              "fair: a share of the jobs that the live replicas agree on; greedy: free tokens take free jobs.")
           .defaults("fair")});
}

Shape repository() {
  std::vector<Member> members =
      database_members(url_member("Database of the batch metadata.").defaults("sqlite:baton.db"));
  members.push_back(Member("spring_batch", choice({"auto", "5", "6"}),
                           "Spring Batch's version of the metadata tables; auto takes what is there, else 5.")
                        .defaults("auto"));
  members.push_back(
      Member("contexts", choice({"base64-java", "jackson2", "jackson3", "none"}), "How execution contexts are written.")
          .defaults("base64-java"));
  members.push_back(Member("zone", zone(), "Zone in which times written by others are read.").defaults("UTC"));
  members.push_back(
      Member("migrate", choice({"auto", "never"}), "Whether missing tables are created.").defaults("auto"));
  return object("`repository`", std::move(members));
}

Shape locks() {
  Shape sort_key = object("`sort_key`", {Member("name", text("the name of an attribute"), "The attribute.").required(),
                                         Member("value", text("a text"), "Its value in every lease.").required()});
  Shape dynamodb =
      object("`locks.dynamodb`",
             {Member("table", text("the name of a table"), "The table.").required(),
              Member("partition_key", text("the name of an attribute"), "The attribute with the lease's name.")
                  .defaults("key"),
              Member("sort_key", std::move(sort_key), "For a table that has one."),
              Member("region", text("a region such as eu-central-1"), "Without it, the usual AWS chain."),
              Member("endpoint", text("a URL"), "Another endpoint than the region's own."),
              Member("accesskey", secret("an access key"), "Without it, the usual AWS chain."),
              Member("secretkey", secret("a secret key"), "Without it, the usual AWS chain.")});
  return object("`locks`",
                {Member("store", choice({"repository", "sqlite", "postgresql", "dynamodb"}),
                        "Where leases live: beside the repository, or in a database of your choice.")
                     .defaults("repository"),
                 url_member("The database for `store: sqlite` and `store: postgresql`."),
                 Member("username", text("a user's name"), "User for PostgreSQL, where the URL names none."),
                 Member("password", secret("a password"), "Password for PostgreSQL, where the URL holds none."),
                 Member("schema", text("the name of a schema"),
                        "Schema of PostgreSQL. Without it, the connection's search path."),
                 Member("lease", period(), "How long a lease lasts that is not renewed.").defaults("20s"),
                 Member("heartbeat", period(), "How often a lease is renewed.").defaults("5s"),
                 Member("refresh", period(), "How often a replica looks for work and requests.").defaults("1s"),
                 Member("dynamodb", std::move(dynamodb), "The table for `store: dynamodb`.")});
}

Shape connections() {
  return map_of(name("a connection's name"),
                object("a connection", database_members(url_member("The database.").required())));
}

Shape log() {
  return object(
      "`log`",
      {Member("format", choice({"text", "json"}), "Form of the log lines.").defaults("text"),
       Member("level", choice({"trace", "debug", "info", "warn", "error"}), "Least level shown.").defaults("info")});
}

Shape schedule() {
  Shape timed = object(
      "`schedule`",
      {
          Member("fixed_delay", period(), "From the end of a run to the start of the next."),
          Member("fixed_rate", period(), "Due at the first start + k times this."),
          Member("cron", cron(), "Second, minute, hour, day of month, month, day of week; or a macro such as @daily."),
          Member("zone", zone(), "The zone of cron's clocks.").needs("cron").defaults("UTC"),
          Member("initial_delay", duration(), "Before the first run of a job that is new.").defaults("0s"),
          Member("jitter", duration(), "Each start is put off by a part of this, which job and due time determine.")
              .defaults("0s"),
      });
  timed.exactly_one_of = {{"fixed_delay", "fixed_rate", "cron"}};
  return either(choice({"manual"}), std::move(timed));
}

Shape parameters() {
  Shape names = checked_text("a parameter's name (1 to 100 bytes, neither run.id nor baton.due)", is_parameter_name,
                             "^(?!(run\\.id|baton\\.due)$)[\\s\\S]{1,100}$");
  Shape type = choice(parameter_type_names());
  type.expected =
      "one of String, Long, Integer, Double, Boolean, BigDecimal, LocalDate, LocalTime, LocalDateTime, Date";
  Shape typed = object(
      "a parameter",
      {Member("value", possibly_empty(text("the value as text")), "The value, in Java's ISO form.").required(),
       Member("type", std::move(type), "Java's class, by its short or its full name.").defaults("String"),
       Member("identifying", boolean(), "Whether the parameter is part of the run's identity.").defaults("true")});
  return map_of(std::move(names), either(possibly_empty(text("a text")), std::move(typed)));
}

Shape csv() {
  return object(
      "`read.csv`",
      {Member("path", text("the path of a file"), "The file.").required(),
       Member("delimiter",
              checked_text("one ASCII character, or `tab`", is_delimiter, "^([\\x01-\\x09\\x0b\\x0c\\x0e-\\x7f]|tab)$"),
              "Between fields.")
           .defaults(","),
       Member("quote",
              checked_text("one ASCII character, or `none`", is_quote, "^([\\x01-\\x09\\x0b\\x0c\\x0e-\\x7f]|none)$"),
              "Around fields.")
           .defaults("\""),
       Member("header", boolean(), "Whether the first record names the columns.").defaults("true"),
       Member("columns", column_list(), "Names of the columns. Without it, the header's."),
       Member("null_text", possibly_empty(text("a text; in quotes if it is empty, null or ~")),
              "A field with this text is NULL.")});
}

Shape json() {
  return object("`read.json`", {Member("path", text("the path of a file"), "The file.").required(),
                                Member("items",
                                       possibly_empty(checked_text("a JSON pointer: '' for the whole document, or /…",
                                                                   is_json_pointer, "^(/([^~]|~0|~1)*)?$")),
                                       "JSON pointer to the array of records. Without it, the whole document.")});
}

Member connection() {
  return Member("connection", text("the name of a connection"),
                "One of `connections`. Without it, the repository's database.");
}

Member read_key() {
  return Member("key", column_list(),
                "Columns that no two rows share and that are never NULL: rows are read in their order, and reading can "
                "go on after a restart. Needed by mode append.");
}

Shape read_table() {
  return object("`read.table`",
                {connection(), Member("name", text("the name of a table"), "The table.").required(), read_key()});
}

Shape read_query() {
  return object("`read.query`",
                {connection(), Member("sql", text("a SELECT"), "The query: one SELECT.").required(), read_key()});
}

// A part of the program's own; a program without it says so where it stands.
Shape native(const std::string& owner, const std::string& what, std::vector<Member> members = {}) {
  members.insert(
      members.begin(),
      {Member("name", text("the name of " + what), "The name that the program registered it under.").required(),
       Member("options", map_of(checked_text("an option", is_not_empty, ""), possibly_empty(secret("its value"))),
              "Texts for it; which, it says itself.")});
  return object(owner, std::move(members));
}

Shape read() {
  Shape shape =
      object("`read`", {Member("csv", csv(), "A file of separated values."),
                        Member("json", json(), "A file with a JSON array of objects."),
                        Member("table", read_table(), "The rows of a database's table."),
                        Member("query", read_query(), "The rows of a query."),
                        Member("native", native("`read.native`", "a reader"), "A reader of the program's own, in C++."),
                        later("fixed"), later("jsonl")});
  shape.exactly_one_of = {{"csv", "json", "table", "query", "native"}};
  return shape;
}

Shape process() {
  Shape rename = map_of(checked_text("a column", is_not_empty, ""), text("its new name"));
  rename.at_least_one = true;
  Shape operation =
      object("an entry of `process`",
             {Member("rename", std::move(rename), "Columns with their new names."),
              Member("keep", column_list(), "The columns that stay, in this order."),
              Member("drop", column_list(), "The columns that go."),
              Member("native", native("`process.native`", "a processor"), "A processor of the program's own, in C++."),
              later("filter"), later("cast"), later("set"), later("lua")});
  operation.exactly_one_of = {{"rename", "keep", "drop", "native"}};
  return list_of(std::move(operation));
}

Shape write() {
  Shape table = object(
      "`write.table`",
      {connection(), Member("name", text("the name of a table"), "The table.").required(),
       Member("mode", choice({"append", "upsert", "replace", "mirror"}), "What becomes of the rows that are there.")
           .defaults("append"),
       Member("key", column_list(), "Columns that identify a row; needed by upsert and mirror."),
       Member("create", boolean(), "Whether a missing table is created.").defaults("false"),
       Member("columns", map_of(checked_text("a column", is_not_empty, ""), text("its type")),
              "Types of columns, for `create` and for the checks of values."),
       Member("writers", integer(1, 8), "Sessions that write at the same time; 1 on SQLite.").defaults("1")});
  Shape writer = native("`write.native`", "a writer",
                        {Member("connection", text("the name of a connection"),
                                "The one of `connections` that keeps the step's progress and rejects. Without it, the "
                                "repository's database.")});
  Shape shape = object("`write`", {Member("table", std::move(table), "A table of a database."),
                                   Member("native", std::move(writer), "A writer of the program's own, in C++."),
                                   later("csv"), later("json"), later("jsonl"), later("fixed")});
  shape.exactly_one_of = {{"table", "native"}};
  return shape;
}

Shape sql() {
  return object("`sql`", {connection(), Member("statement", text("an SQL statement"), "The statement.").required(),
                          Member("transaction", choice({"none"}), "none: outside of a transaction.")});
}

Shape argv() {
  Shape list = list_of(possibly_empty(text("an argument")));
  list.at_least_one = true;
  return list;
}

Shape command() {
  return object(
      "`command`",
      {Member("argv", argv(), "Program and arguments; there is no shell.").required(),
       Member("env",
              map_of(checked_text("a variable's name", is_variable, "^[^=]+$"), possibly_empty(secret("its value"))),
              "Environment variables besides those of Baton itself.")});
}

Shape step() {
  Shape skip = object("`skip`", {Member("limit", integer(0, 1'000'000'000'000), "Rejects allowed.").defaults("0"),
                                 Member("percent", number(0, 100), "Rejects allowed, of the records read.")});
  Shape retry = object(
      "`retry`", {Member("limit", integer(0, 1000), "Repeats of a chunk after an error that may pass.").defaults("3")});
  Shape shape = object(
      "a step", {Member("name", name("a step's name"), "Name, different from the job's other steps.").required(),
                 Member("read", read(), "A load step: where records come from.").needs("write"),
                 Member("process", process(), "A load step: changes to the records, in this order.").needs("read"),
                 Member("write", write(), "A load step: where rows go.").needs("read"),
                 Member("sql", sql(), "An SQL step."), Member("command", command(), "A command step."),
                 Member("native", native("`native`", "a step's work"), "A step of the program's own, in C++."),
                 Member("chunk", integer(1, 100'000'000), "A load step: rows of one transaction.")
                     .needs("read")
                     .defaults("50000"),
                 Member("skip", std::move(skip), "A load step: rejects that are allowed.").needs("read"),
                 Member("retry", std::move(retry), "Repeats after errors that may pass.")});
  shape.exactly_one_of = {{"read", "sql", "command", "native"}};
  return shape;
}

Shape http_url(const std::string& of) {
  Shape shape = checked_text(of + ": http://… or https://…", is_http_url, "^https?://[^/:\\s][^\\s]*$");
  shape.secret = true;
  return shape;
}

Shape server() {
  return object("`server`", {Member("listen",
                                    checked_text("off, or HOST:PORT such as 127.0.0.1:8080 or [::1]:8080", is_listen,
                                                 "^(off|([A-Za-z0-9._-]+|\\[.+\\]):[0-9]{1,5})$"),
                                    "Where health and metrics are served.")
                                 .defaults("off")});
}

Shape monitoring() {
  Shape monitor = object(
      "a monitor", {Member("every", period(), "How often it looks at everything.").defaults("1m"),
                    Member("probe", choice({"observe", "acquire"}),
                           "observe: looks whether each lock's version moves; acquire: tries each lock with a client "
                           "of its own, and gives it back at once.")
                        .defaults("observe"),
                    Member("lease", period(), "With `probe: acquire`: of what it takes; shorter than locks.lease.")
                        .needs("probe")
                        .defaults("5s")});
  return object(
      "`monitoring`",
      {Member("grace", duration(), "Lateness of a job that is no news.").defaults("30s"),
       Member("paused", duration(), "A job that is paused for longer is news.").defaults("1d"),
       Member("differ", duration(), "Replicas whose configurations differ for so long are news.").defaults("15m"),
       Member("global", map_of(name("a monitor's name"), std::move(monitor)),
              "Monitors that watch all jobs, each run by one of the replicas at a time."),
       Member("ping", http_url("a URL"), "Called after each round of a monitor, by a dead man's switch.")});
}

Shape alerts() {
  Shape webhook = object(
      "`webhook`", {Member("url", http_url("a URL"), "Gets a POST for each notice.").required(),
                    Member("format", choice({"json", "slack", "alertmanager"}), "Form of the body.").defaults("json")});
  Shape command =
      object("`command`", {Member("argv", argv(),
                                  "Program and arguments; there is no shell. It gets one line of JSON on its standard "
                                  "input for each notice.")
                               .required()});
  Shape log_sink = object("`log`", {});
  log_sink.expected = "{}";
  Shape sink = object("an entry of `alerts.sinks`", {Member("log", std::move(log_sink), "A line in the log."),
                                                     Member("webhook", std::move(webhook), "An HTTP request."),
                                                     Member("command", std::move(command), "A program.")});
  sink.exactly_one_of = {{"log", "webhook", "command"}};
  return object("`alerts`",
                {Member("remind", duration(), "How often an alert that lasts is told again; 0s: never.").defaults("1h"),
                 Member("sinks", list_of(std::move(sink)), "Who is told of alerts.")});
}

Shape retention() {
  return object("`retention`",
                {Member("executions", period(),
                        "How long the metadata of runs are kept; the last run of a job always is. Without it, for "
                        "ever."),
                 Member("rejects", period(), "How long rejects are kept. Without it, as long as their run.")});
}

Shape job() {
  Shape steps = list_of(step());
  steps.at_least_one = true;
  steps.expected = "a list of steps";
  Shape on_failure =
      object("`on_failure`",
             {Member("restarts", integer(0, 1'000'000), "Restarts of a failed run.").defaults("0"),
              Member("backoff", duration(), "Before the first restart; doubles each time, up to 5m.").defaults("5s")});
  return object("a job", {Member("description", text("a text"), "For people."),
                          Member("schedule", schedule(), "When the job runs.").defaults("manual"),
                          Member("parameters", parameters(), "Parameters of each run."),
                          Member("on_failure", std::move(on_failure), "What happens after a failed run."),
                          Member("timeout", period(), "A run that takes longer is cancelled, and has failed."),
                          Member("stall", period(),
                                 "A run is stalled that has read or written no row, and ended no statement and no "
                                 "child process, for so long. Without it and timeout: 1h, and it is reported."),
                          Member("on_stall", choice({"report", "restart", "release"}),
                                 "report: the run goes on; restart: it is cancelled and runs again; release: it is "
                                 "cancelled, and another replica may have the job.")
                              .needs("stall")
                              .defaults("report"),
                          Member("grace", duration(), "Lateness that is no news. Without it, monitoring.grace."),
                          Member("ping", http_url("a URL"), "Called by a dead man's switch: /start, itself, /fail."),
                          Member("steps", std::move(steps), "What the job does, in this order.").required()});
}

Shape configuration() {
  Shape jobs = map_of(name("a job's name"), job());
  jobs.at_least_one = true;
  jobs.expected = "a map from job names to jobs";
  return object(
      "the top level",
      {Member("replica", replica(), "This replica."), Member("repository", repository(), "The batch metadata."),
       Member("locks", locks(), "The leases that keep each job on one replica."),
       Member("connections", connections(), "Databases that steps use, by name."),
       Member("log", log(), "The log on standard error."), Member("jobs", std::move(jobs), "The jobs.").required(),
       Member("server", server(), "Health and metrics over HTTP."),
       Member("monitoring", monitoring(), "Who watches the jobs."), Member("alerts", alerts(), "Who is told."),
       Member("retention", retention(), "How long the past is kept.")});
}

}  // namespace

const Shape& configuration_shape() {
  static const Shape shape = configuration();
  return shape;
}

}  // namespace baton
