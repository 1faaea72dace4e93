#include "app/build_steps.h"

#include "app/load_parts.h"
#include "app/overloaded.h"
#include "batch/load_step.h"
#include "batch/md5.h"
#include "batch/native_step.h"
#include "batch/sql_step.h"
#include "runtime/chunk_threads.h"
#include "runtime/command_step.h"
#include "runtime/load_pipeline.h"
#include "runtime/shutdown_times.h"

#include <fmt/format.h>

namespace baton {
namespace {

std::string fingerprint(const NativeConfig& native) {
  return fmt::format("native|{}|{}", *native.name, options_text(native));
}

// P11: what makes a step's progress another step's: reader, process, target, mode, key; not chunk size or writers. The
// input's path belongs to the input's identity.
std::string fingerprint(const LoadConfig& load) {
  std::string text = std::visit(
      Overloaded{
          [](const CsvConfig& csv) {
            return fmt::format("csv|{}|{}|{}|{}|{}", csv.delimiter, csv.quote.value_or('\0'), csv.header,
                               fmt::join(csv.columns, "\x1f"), csv.null_text.value_or("\x1e"));
          },
          [](const JsonConfig& json) { return fmt::format("json|{}", json.items.value); },
          [](const TableReadConfig& table) { return fmt::format("table|{}", fmt::join(values(table.key), "\x1f")); },
          [](const QueryReadConfig& query) { return fmt::format("query|{}", fmt::join(values(query.key), "\x1f")); },
          [](const NativeConfig& native) { return fingerprint(native); }},
      load.read);
  const auto pairs = [](const auto& columns) {
    std::string joined;
    for (const auto& [first, second] : values(columns)) joined += first + "\x1f" + second + "\x1d";
    return joined;
  };
  for (const ProcessConfig& process : load.process) {
    text += std::visit(
        Overloaded{
            [&](const RenameConfig& rename) { return "|rename|" + pairs(rename.columns); },
            [](const KeepConfig& keep) { return fmt::format("|keep|{}", fmt::join(values(keep.columns), "\x1f")); },
            [](const DropConfig& drop) { return fmt::format("|drop|{}", fmt::join(values(drop.columns), "\x1f")); },
            [](const NativeConfig& native) { return "|" + fingerprint(native); }},
        process);
  }
  if (load.native_write) return md5_hex(text + "|" + fingerprint(*load.native_write));
  const TableConfig& table = load.write;
  text += fmt::format("|table|{}|{}|{}|{}|{}", table.connection ? table.connection->value : "", table.name.value,
                      static_cast<int>(table.mode), fmt::join(values(table.key), "\x1f"), pairs(table.columns));
  return md5_hex(text);
}

Result<std::unique_ptr<Step>> make_load(const std::string& job, const StepConfig& step, const LoadConfig& load,
                                        RunStores& stores, const NativeParts& natives) {
  LoadPlan plan;
  plan.name = step.name.value;
  plan.input = input_of(load);
  plan.fingerprint = fingerprint(load);
  plan.table = table_spec(load.write);
  plan.skip = {step.skip.limit, step.skip.percent};
  plan.retry_limit = step.retry_limit;
  plan.chunk.rows = step.chunk;
  LoadParts parts;
  BATON_TRY(parts.targets, stores.writers(load.write.connection, *load.write.writers));
  const std::string where = job + "/" + step.name.value;
  BATON_TRY(parts.reader, make_reader(load, where, natives));
  BATON_TRY(parts.processors, make_processors(load, where, natives));
  if (load.native_write) {
    BATON_TRY(parts.rows, natives.writer(*load.native_write, where));
  }
  parts.chunks = make_load_pipeline;
  parts.lanes = make_chunk_threads;
  return make_load_step(std::move(plan), std::move(parts));
}

}  // namespace

JobPlan make_plan(const JobConfig& job, JobKeyFormat key_format) {
  JobPlan plan;
  plan.name = job.name.value;
  plan.key_format = key_format;
  plan.restarts = job.on_failure.restarts;
  plan.backoff = job.on_failure.backoff;
  for (const ParameterConfig& parameter : job.parameters) {
    // The types and values were checked when the configuration was read.
    const std::string type = java_class(parameter.type).value_or("java.lang.String");
    plan.parameters.push_back({parameter.name, type,
                               stored_value(type, parameter.value.value).value_or(parameter.value.value),
                               parameter.identifying});
  }
  return plan;
}

Result<std::vector<std::unique_ptr<Step>>> make_steps(const JobConfig& job, RunStores& stores, Duration shutdown_grace,
                                                      const NativeParts& natives) {
  std::vector<std::unique_ptr<Step>> steps;
  for (const StepConfig& step : job.steps) {
    using Made = Result<std::unique_ptr<Step>>;
    auto made = std::visit(
        Overloaded{[&](const LoadConfig& load) { return make_load(job.name.value, step, load, stores, natives); },
                   [&](const SqlConfig& sql) -> Made {
                     return make_sql_step({step.name.value, sql.statement.value, sql.transaction, step.retry_limit},
                                          &stores.target(sql.connection));
                   },
                   [&](const CommandConfig& command) -> Made {
                     return make_command_step(
                         {step.name.value, values(command.argv), command.env, shutdown_times(shutdown_grace).kill});
                   },
                   [&](const NativeConfig& native) -> Made {
                     BATON_TRY(NativeWork work, natives.step(native, job.name.value + "/" + step.name.value));
                     NativePlan plan{step.name.value, fingerprint(native), step.retry_limit};
                     return make_native_step(std::move(plan), std::move(work), &stores.repository());
                   }},
        step.work);
    if (!made) return fail(made.error());
    steps.push_back(*std::move(made));
  }
  return steps;
}

}  // namespace baton
