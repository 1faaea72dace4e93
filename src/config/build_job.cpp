#include "config/build_config.h"
#include "config/parameter_type.h"

#include <fmt/format.h>

#include <charconv>
#include <map>

namespace baton {
namespace {

void check_parameter(const YamlNode& value, const YamlNode* type, const ParameterConfig& parameter,
                     const BuildContext& context) {
  if (!is_parameter_value(parameter.type, *parameter.value)) {
    const std::string found = value.substituted ? "what replaces the reference" : fmt::format("'{}'", value.text);
    context.problems.add(value.at, fmt::format("{} is no {} of Java's: expected a value such as {}", found,
                                               parameter.type, example_value(parameter.type)));
  }
  // Java's own key of such a run depends on the zone of the machine that computes it.
  if (type != nullptr && parameter.type == "Date" && parameter.identifying) {
    context.problems.add(type->at,
                         "a Date cannot identify a run: expected `identifying: false` beside it, or another "
                         "type such as LocalDateTime");
  }
}

std::vector<ParameterConfig> build_parameters(const YamlNode* map, const BuildContext& context) {
  std::vector<ParameterConfig> parameters;
  if (map == nullptr) return parameters;
  for (const YamlMember& entry : map->members) {
    const bool is_typed = entry.value.kind == YamlNode::Kind::map;
    const YamlNode* value = is_typed ? get(&entry.value, "value") : &entry.value;
    if (value == nullptr || value->kind != YamlNode::Kind::scalar) continue;
    ParameterConfig parameter;
    parameter.name = entry.key.text;
    parameter.value = context.placed(*value);
    if (is_typed) {
      parameter.type = short_type_name(text_or(&entry.value, "type", parameter.type));
      parameter.identifying = flag_or(&entry.value, "identifying", true);
      check_parameter(*value, get(&entry.value, "type"), parameter, context);
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

SqlConfig build_sql(const YamlNode& node, const Config& config, const BuildContext& context) {
  SqlConfig sql;
  sql.connection = build_connection(&node, config, context);
  if (const YamlNode* statement = get(&node, "statement")) sql.statement = context.placed(*statement);
  sql.transaction = get(&node, "transaction") == nullptr;
  return sql;
}

CommandConfig build_command(const YamlNode& node, const BuildContext& context) {
  CommandConfig command;
  command.argv = build_argv(node, context);
  if (const YamlNode* env = get(&node, "env")) {
    for (const YamlMember& variable : env->members) {
      command.env.emplace_back(variable.key.text, variable.value.text);
    }
  }
  return command;
}

StepConfig build_step(const YamlNode& node, const Config& config, const BuildContext& context) {
  StepConfig step;
  if (const YamlNode* name = get(&node, "name")) step.name = context.placed(*name);
  if (const YamlNode* sql = get(&node, "sql")) {
    step.work = build_sql(*sql, config, context);
  } else if (const YamlNode* command = get(&node, "command")) {
    step.work = build_command(*command, context);
  } else if (const YamlNode* native = get(&node, "native")) {
    step.work = build_native(*native, context);
  } else {
    step.work = build_load(node, config, context);
  }
  step.chunk = static_cast<std::uint64_t>(integer_or(&node, "chunk", static_cast<std::int64_t>(step.chunk)));
  const YamlNode* skip = get(&node, "skip");
  if (get(skip, "limit") != nullptr) step.skip.limit = static_cast<std::uint64_t>(integer_or(skip, "limit", 0));
  if (const YamlNode* percent = get(skip, "percent")) {
    double value = 0;
    std::from_chars(percent->text.data(), percent->text.data() + percent->text.size(), value);
    step.skip.percent = value;
  }
  step.retry_limit = static_cast<int>(integer_or(get(&node, "retry"), "limit", step.retry_limit));
  return step;
}

WatchConfig build_watch(const YamlNode& job) {
  WatchConfig watch;
  watch.timeout = duration_or_none(&job, "timeout");
  watch.stall = duration_or_none(&job, "stall");
  watch.grace = duration_or_none(&job, "grace");
  watch.on_stall =
      choice_or(&job, "on_stall", {{"restart", OnStall::restart}, {"release", OnStall::release}}, OnStall::report);
  watch.ping = build_ping(&job);
  return watch;
}

void check_step_names(const std::vector<StepConfig>& steps, const BuildContext& context) {
  std::map<std::string, int> lines;
  for (const StepConfig& step : steps) {
    const auto [known, is_new] = lines.emplace(*step.name, step.name.place.line);
    if (is_new || step.name->empty()) continue;
    context.problems.add(
        {step.name.place.line, step.name.place.column},
        fmt::format("another step of this job, in line {}, has this name: expected a different one", known->second));
  }
}

}  // namespace

std::vector<Placed<std::string>> build_argv(const YamlNode& map, const BuildContext& context) {
  std::vector<Placed<std::string>> argv;
  const YamlNode* list = get(&map, "argv");
  if (list == nullptr || list->items.empty()) return argv;
  for (const YamlNode& argument : list->items) argv.push_back(context.placed(argument));
  Placed<std::string>& program = argv.front();
  const bool is_given = list->items.front().kind == YamlNode::Kind::scalar;
  if (is_given && program->empty()) {
    context.problems.add(list->items.front().at, "the first entry of `argv` is empty: expected a program");
  }
  // Without a slash it is looked up in PATH.
  if (program->find('/') != std::string::npos) program.value = context.resolve(*program);
  return argv;
}

JobConfig build_job(const YamlMember& entry, const Config& config, const BuildContext& context) {
  JobConfig job;
  job.name = context.placed(entry.key);
  job.description = text_or(&entry.value, "description", "");
  job.schedule = build_schedule(get(&entry.value, "schedule"), *job.name, context);
  job.parameters = build_parameters(get(&entry.value, "parameters"), context);
  const YamlNode* on_failure = get(&entry.value, "on_failure");
  job.on_failure.restarts = static_cast<int>(integer_or(on_failure, "restarts", job.on_failure.restarts));
  job.on_failure.backoff = duration_or(on_failure, "backoff", job.on_failure.backoff);
  job.watch = build_watch(entry.value);
  if (const YamlNode* steps = get(&entry.value, "steps")) {
    for (const YamlNode& step : steps->items) job.steps.push_back(build_step(step, config, context));
  }
  check_step_names(job.steps, context);
  return job;
}

}  // namespace baton
