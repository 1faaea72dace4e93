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

template <class AnyConfig, class Visit>
void for_each_load(AnyConfig& config, const Visit& visit) {
  for (auto& job : config.jobs) {
    for (auto& step : job.steps) {
      if (auto* load = std::get_if<LoadConfig>(&step.work)) visit(*load);
    }
  }
}

// The types are the data room's; what they are is asked through a function.
void check_column_types(const Config& config, const ConfigSources& sources, Problems& problems) {
  if (!sources.check_column_type) return;
  for_each_load(config, [&](const LoadConfig& load) {
    for (const auto& [name, type] : load.write.columns) {
      const Status known = sources.check_column_type(*type);
      if (!known) problems.add({type.place.line, type.place.column}, known.error().message);
    }
  });
}

// What the program has is asked through a function too.
void check_natives(const Config& config, const ConfigSources& sources, Problems& problems) {
  if (!sources.check_native) return;
  const auto check = [&](NativePart part, const NativeConfig& native) {
    if (native.name->empty()) return;  // that is a problem already
    const Status usable = sources.check_native(part, native);
    const Place& place = native.name.place;
    if (!usable) problems.add({place.line, place.column}, usable.error().message);
  };
  for (const JobConfig& job : config.jobs) {
    for (const StepConfig& step : job.steps) {
      if (const auto* work = std::get_if<NativeConfig>(&step.work)) check(NativePart::step, *work);
    }
  }
  for_each_load(config, [&](const LoadConfig& load) {
    if (const auto* reader = std::get_if<NativeConfig>(&load.read)) check(NativePart::reader, *reader);
    for (const ProcessConfig& process : load.process) {
      if (const auto* processor = std::get_if<NativeConfig>(&process)) check(NativePart::processor, *processor);
    }
    if (load.native_write) check(NativePart::writer, *load.native_write);
  });
}

// Only the whole configuration says what the repository's database is, from which a step reads that names none.
void name_databases(Config& config) {
  for_each_load(config, [&](LoadConfig& load) {
    if (auto* table = std::get_if<TableReadConfig>(&load.read)) {
      table->database = config.database_of(table->connection);
    } else if (auto* query = std::get_if<QueryReadConfig>(&load.read)) {
      query->database = config.database_of(query->connection);
    }
  });
}

void check_writers(const Config& config, Problems& problems) {
  for_each_load(config, [&](const LoadConfig& load) {
    if (*load.write.writers == 1 || config.database_of(load.write.connection).kind != DatabaseKind::sqlite) return;
    const Place& place = load.write.writers.place;
    problems.add({place.line, place.column},
                 "a SQLite file has one writer at a time: expected 1, or a `connection` of PostgreSQL");
  });
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
  check_natives(config, sources, problems);
  if (problems.empty()) check_pools(config, problems);
  if (!problems.empty()) return tl::unexpected(problems.failure(*source));
  config.hash = config_hash(config, folder);
  return config;
}

tl::expected<Config, ConfigFailure> load_config(const std::string& file, const ConfigSources& sources) {
  return load_config_with(file, sources, {});
}

}  // namespace baton
