#include "config/load_config.h"

#include "config/build_config.h"
#include "config/check.h"
#include "config/config_hash.h"
#include "config/config_overlay.h"
#include "config/description.h"
#include "config/secret_text.h"
#include "config/session_needs.h"
#include "config/substitution.h"

namespace baton {

namespace {

// The types are the data room's; what they are is asked through a function.
void check_column_types(const Config& config, const ConfigSources& sources, Problems& problems) {
  if (!sources.check_column_type) return;
  for (const JobConfig& job : config.jobs) {
    for (const StepConfig& step : job.steps) {
      const auto* load = std::get_if<LoadConfig>(&step.work);
      if (load == nullptr) continue;
      for (const auto& [name, type] : load->write.columns) {
        const Status known = sources.check_column_type(*type);
        if (!known) problems.add({type.place.line, type.place.column}, known.error().message);
      }
    }
  }
}

// Only the whole configuration says what the repository's database is, from which a step reads that names none.
void name_databases(Config& config) {
  for (JobConfig& job : config.jobs) {
    for (StepConfig& step : job.steps) {
      auto* load = std::get_if<LoadConfig>(&step.work);
      if (load == nullptr) continue;
      if (auto* table = std::get_if<TableReadConfig>(&load->read)) {
        table->database = config.database_of(table->connection);
      } else if (auto* query = std::get_if<QueryReadConfig>(&load->read)) {
        query->database = config.database_of(query->connection);
      }
    }
  }
}

void check_writers(const Config& config, Problems& problems) {
  for (const JobConfig& job : config.jobs) {
    for (const StepConfig& step : job.steps) {
      const auto* load = std::get_if<LoadConfig>(&step.work);
      if (load == nullptr || *load->write.writers == 1) continue;
      if (config.database_of(load->write.connection).kind != DatabaseKind::sqlite) continue;
      const Place& place = load->write.writers.place;
      problems.add({place.line, place.column},
                   "a SQLite file has one writer at a time: expected 1, or a `connection` of PostgreSQL");
    }
  }
}

}  // namespace

tl::expected<Config, ConfigFailure> load_config_with(const std::string& file, const ConfigSources& sources,
                                                     const ConfigOverlay& overlay) {
  const auto alone = [](ConfigProblem problem) { return tl::unexpected(ConfigFailure{{std::move(problem)}}); };
  auto content = sources.read_file(file);
  if (!content) return alone({Place{file, 0, 0}, std::move(content).error().message, ""});
  auto source = SourceText::read(file, std::move(*content));
  if (!source) return alone(std::move(source).error());
  auto root = parse_yaml(*source);
  if (!root) return alone(std::move(root).error());
  if (root->kind == YamlNode::Kind::null) {
    return alone({source->place({1, 1}), "the file is empty: expected a map with at least the key `jobs`", ""});
  }

  Problems problems;
  const std::filesystem::path folder =
      sources.folder.empty() ? std::filesystem::path(file).parent_path() : std::filesystem::path(sources.folder);
  mask_secrets(*root, *source);
  drop_duplicate_keys(*root, problems);
  substitute(*root, folder, sources, problems);
  check_shape(*root, configuration_shape(), problems);
  Config config = build_config(*root, BuildContext{*source, folder, problems, sources});
  if (overlay) overlay(config, *root, problems);
  name_databases(config);
  check_column_types(config, sources, problems);
  check_writers(config, problems);
  if (problems.empty()) check_pools(config, problems);
  if (!problems.empty()) return tl::unexpected(problems.failure(*source));
  config.hash = config_hash(config, folder);
  return config;
}

tl::expected<Config, ConfigFailure> load_config(const std::string& file, const ConfigSources& sources) {
  return load_config_with(file, sources, {});
}

}  // namespace baton
