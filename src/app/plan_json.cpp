#include "app/overloaded.h"
#include "app/plan_text.h"

#include <nlohmann/json.hpp>

namespace baton {
namespace {

using Json = nlohmann::ordered_json;

Json text_or_null(const std::string& text) { return text.empty() ? Json() : Json(text); }

void add(Json& object, const PlannedLoad& load) {
  const PlannedTarget& target = load.target;
  object["kind"] = "load";
  object["input"] = load.input.name;
  object["input_columns"] = load.input.columns;
  object["restart"] = load.input.restart;
  object["process"] = load.process;
  object["connection"] = target.connection;
  object["database"] = target.database;
  object["table"] = target.table;
  object["native_writer"] = target.native_writer;
  object["mode"] = mode_name(target.mode);
  object["key"] = target.key;
  object["writers"] = target.writers;
  object["creates"] = Json::array();
  for (const PlannedPart& part : target.creates) {
    object["creates"].push_back(Json{{"what", part.what}, {"sql", text_or_null(part.sql)}});
  }
  object["way"] = text_or_null(target.way);
  object["text_reason"] = text_or_null(target.text_reason);
  object["columns"] = Json::array();
  for (const auto& [column, encoder] : target.encoders) {
    object["columns"].push_back(Json{{"column", column}, {"encoder", encoder}});
  }
  object["native_columns"] = target.native ? Json(*target.native) : Json();
  object["slowed_by"] = target.slowed_by;
  object["chunk_rows"] = load.chunk_rows;
  object["closing_chunks"] = target.closing_chunks;
  object["skip"] = load.skip;
  object["retry_limit"] = load.retry_limit;
}

void add(Json& object, const PlannedSql& sql) {
  object["kind"] = "sql";
  object["connection"] = sql.connection;
  object["database"] = sql.database;
  object["statements"] = sql.statements;
  object["transaction"] = sql.transaction;
}

void add(Json& object, const PlannedCommand& command) {
  object["kind"] = "command";
  object["program"] = command.program;
  object["arguments"] = command.arguments;
  object["environment"] = command.environment;
}

void add(Json& object, const PlannedNative& native) {
  object["kind"] = "native";
  object["native"] = native.name;
  object["options"] = native.options;
}

Json of_locks(const PlannedLocks& locks) {
  return {{"job", nullptr},
          {"step", nullptr},
          {"kind", "locks"},
          {"table", locks.table},
          {"jobs", locks.load.jobs.size()},
          {"replicas", locks.load.replicas},
          {"renewals_per_minute", locks.cost.renewals},
          {"listings_per_minute", locks.cost.listings},
          {"write_units_per_minute", locks.cost.write_units},
          {"write_units_per_month", locks.cost.write_units * minutes_a_month},
          {"read_units_per_minute", locks.cost.read_units},
          {"read_units_per_month", locks.cost.read_units * minutes_a_month},
          {"read_units_per_minute_without_scan", locks.cost.read_units_by_keys},
          {"read_units_per_month_without_scan", locks.cost.read_units_by_keys * minutes_a_month},
          {"problems", Json::array()},
          {"notes", Json::array()}};
}

}  // namespace

std::string plan_json(const std::vector<PlannedStep>& steps, const std::optional<PlannedLocks>& locks) {
  Json array = Json::array();
  for (const PlannedStep& step : steps) {
    Json object{{"job", step.job}, {"step", step.step}};
    std::visit([&](const auto& work) { add(object, work); }, step.work);
    object["problems"] = Json::array();
    for (const Error& problem : step.problems) {
      object["problems"].push_back(Json{{"for_now", problem.kind != ErrorKind::invalid}, {"message", problem.message}});
    }
    object["notes"] = step.notes;
    array.push_back(std::move(object));
  }
  if (locks) array.push_back(of_locks(*locks));
  return array.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace baton
