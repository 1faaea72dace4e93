#include "base/ascii_text.h"
#include "config/build_config.h"
#include "config/config_overlay.h"
#include "config/database_url.h"
#include "config/property_values.h"
#include "config/secret_text.h"

#include <fmt/format.h>
#include <array>
#include <charconv>
#include <limits>
#include <utility>

namespace baton {
namespace {

constexpr int most_connections = 1'000;
constexpr int most_tokens = 1'000'000;

// What the properties say, in the terms of the configuration.
struct Application {
  DatabaseConfig database;
  std::optional<Placed<std::string>> lock_table;  // leases are in DynamoDB
  std::optional<std::string> partition_key;
  std::optional<std::string> region;
  std::optional<Redacted<std::string>> access_key;
  std::optional<Redacted<std::string>> secret_key;
  std::optional<Placed<std::int64_t>> tokens;
  int unknown_settings = 0;
};

class Reader {
 public:
  Reader(PropertyValues& values, const ConfigSources& sources, Problems& problems)
      : values_(values), sources_(sources), problems_(problems) {}

  Application read() {
    Application application;
    read_database(application.database);
    read_dynamodb(application);
    if (const auto tokens = integer("token", most_tokens)) application.tokens = *tokens;
    application.unknown_settings = values_.unused();
    return application;
  }

 private:
  void refuse(const PropertyValues::Value& value, const std::string& message) {
    problems_.add(value.at, value.at.line == 0 ? value.place.text() + ": " + message : message);
  }

  std::optional<std::string> text(const std::string& key) {
    const auto value = values_.find(key);
    return value ? std::optional(value->text) : std::nullopt;
  }

  std::optional<Redacted<std::string>> secret(const std::string& key) {
    auto value = text(key);
    return value ? std::optional(Redacted<std::string>(std::move(*value))) : std::nullopt;
  }

  std::optional<Placed<std::int64_t>> integer(const std::string& key, std::int64_t most) {
    const auto value = values_.find(key);
    if (!value) return std::nullopt;
    std::int64_t number = 0;
    const char* end = value->text.data() + value->text.size();
    const auto [rest, error] = std::from_chars(value->text.data(), end, number);
    if (error != std::errc{} || rest != end || number < 1 || number > most) {
      refuse(*value, fmt::format("`{}` is wrong: expected a whole number from 1 to {}", key, most));
      return std::nullopt;
    }
    return Placed<std::int64_t>{number, value->place};
  }

  void read_database(DatabaseConfig& database) {
    const auto url = values_.find("spring.datasource.url");
    if (!url) {
      problems_.add({},
                    "the key `spring.datasource.url` is missing: expected jdbc:postgresql://host:port/database, in "
                    "the file or in $SPRING_DATASOURCE_URL");
    } else if (!is_database_url(url->text) || url->text.starts_with("sqlite:")) {
      refuse(*url, "`spring.datasource.url` is wrong: expected jdbc:postgresql://host:port/database");
    } else {
      database = parse_database_url(url->text, url->place, {});
      const Status readable = sources_.check_postgres_url ? sources_.check_postgres_url(url->text) : Status();
      if (!readable) refuse(*url, readable.error().message);
    }
    // As in Spring: what is said of the pool itself comes last.
    for (const char* prefix : {"spring.datasource.", "spring.datasource.hikari."}) {
      if (auto username = text(std::string(prefix) + "username")) database.username = std::move(username);
      if (auto password = secret(std::string(prefix) + "password")) database.password = std::move(password);
    }
    read_schema(database);
    const std::string pool_key = "spring.datasource.hikari.maximum-pool-size";
    if (const auto pool = integer(pool_key, most_connections)) {
      database.pool = static_cast<int>(**pool);
      database.pool_key = values_.find(pool_key)->name;
    }
  }

  // Where Spring's tables are. Under another name they would not be found, and new ones be made.
  void read_schema(DatabaseConfig& database) {
    if (auto schema = text("spring.datasource.hikari.schema")) database.schema = std::move(schema);
    const auto prefix = values_.find("spring.batch.jdbc.table-prefix");
    if (!prefix) return;
    const std::string folded = ascii_lower(prefix->text);
    const std::size_t dot = folded.rfind('.');
    if (folded.substr(dot == std::string::npos ? 0 : dot + 1) != "batch_" || dot == 0) {
      refuse(*prefix, fmt::format("`{}` is wrong: expected BATCH_ or SCHEMA.BATCH_, the only names by which "
                                  "Baton knows the tables",
                                  prefix->name));
    } else if (dot != std::string::npos) {
      database.schema = folded.substr(0, dot);
    }
  }

  void read_dynamodb(Application& application) {
    if (const auto table = values_.find("dynamodb.tablename")) application.lock_table = {table->text, table->place};
    application.partition_key = text("dynamodb.partitionKey");
    application.region = text("dynamodb.region");
    application.access_key = secret("dynamodb.accesskey");
    application.secret_key = secret("dynamodb.secretkey");
  }

  PropertyValues& values_;
  const ConfigSources& sources_;
  Problems& problems_;
};

// A value may go on over several lines: it ends where the next key begins.
void mask_secret_properties(const std::vector<Property>& properties, SourceText& source) {
  for (std::size_t index = 0; index < properties.size(); ++index) {
    if (!may_hold_secret(properties[index].key)) continue;
    const TextPosition end =
        index + 1 < properties.size() ? properties[index + 1].key_at : TextPosition{std::numeric_limits<int>::max(), 1};
    source.mask(properties[index].value_at, end);
  }
}

// What the properties say comes first; the rest (a sort key, an endpoint) may stand in the other file.
void lay_over_dynamodb(const Application& application, std::optional<DynamoDbConfig>& dynamodb) {
  if (!dynamodb && !application.lock_table) return;
  if (!dynamodb) dynamodb.emplace();
  if (application.lock_table) dynamodb->table = *application.lock_table;
  if (application.partition_key) dynamodb->partition_key = *application.partition_key;
  if (application.region) dynamodb->region = application.region;
  if (application.access_key) dynamodb->access_key = application.access_key;
  if (application.secret_key) dynamodb->secret_key = application.secret_key;
}

void lay_over(const Application& application, const std::string& file, const YamlNode& root, Config& config,
              Problems& problems) {
  const DatabaseConfig& ours = application.database;
  const std::array<std::pair<const char*, bool>, 4> says{{{"url", true},
                                                          {"username", ours.username.has_value()},
                                                          {"password", ours.password.has_value()},
                                                          {"pool", !ours.pool_key.empty()}}};
  for (const auto& [key, is_said] : says) {
    const YamlNode* repository = root.find("repository");
    const YamlNode* said = repository == nullptr ? nullptr : repository->find(key);
    if (!is_said || said == nullptr || said->kind != YamlNode::Kind::scalar) continue;
    problems.add(said->at, fmt::format("`repository.{}` is said by {} already: leave it out here", key, file));
  }
  const DatabaseConfig theirs = std::exchange(config.repository.database, ours);
  DatabaseConfig& database = config.repository.database;
  if (theirs.schema) database.schema = theirs.schema;
  if (!ours.username) database.username = theirs.username;
  if (!ours.password) database.password = theirs.password;
  if (ours.pool_key.empty()) database.pool = theirs.pool;
  if (config.locks.beside_repository) config.locks.database = lease_database_beside(config.repository.database);
  lay_over_dynamodb(application, config.locks.dynamodb);
  if (application.tokens) config.tokens = application.tokens;
  config.unknown_settings = application.unknown_settings;
  config.jobs_file = config.file;
  config.file = file;
}

}  // namespace

tl::expected<Config, ConfigFailure> load_application_properties(const std::string& file, const std::string& jobs_file,
                                                                const ConfigSources& sources) {
  const auto alone = [](ConfigProblem problem) { return tl::unexpected(ConfigFailure{{std::move(problem)}}); };
  auto content = sources.read_file(file);
  if (!content) return alone({Place{file, 0, 0}, std::move(content).error().message, ""});
  auto source = SourceText::read(file, std::move(*content));
  if (!source) return alone(std::move(source).error());
  const auto properties = parse_properties(*source);
  if (!properties) return alone(properties.error());
  mask_secret_properties(*properties, *source);
  Problems problems;
  PropertyValues values(*properties, *source, sources, problems);
  const Application application = Reader(values, sources, problems).read();
  auto config = load_config_with(jobs_file, sources, [&](Config& jobs, const YamlNode& root, Problems& found) {
    lay_over(application, file, root, jobs, found);
  });
  if (problems.empty()) return config;
  ConfigFailure failure = problems.failure(*source);
  if (!config) {
    for (ConfigProblem& problem : config.error().problems) failure.problems.push_back(std::move(problem));
  }
  return tl::unexpected(std::move(failure));
}

}  // namespace baton
