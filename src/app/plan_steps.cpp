#include "app/plan_steps.h"

#include "app/load_parts.h"
#include "app/overloaded.h"
#include "app/target_look.h"
#include "batch/native_columns.h"
#include "postgres/read_plan.h"
#include "postgres/session.h"
#include "postgres/sql_text.h"
#include "postgres/table_shape.h"
#include "postgres/user_sql.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>
#include <algorithm>
#include <cctype>
#include <filesystem>
#include <map>

namespace baton {
namespace {

std::string name_or_home(const std::optional<Placed<std::string>>& connection) {
  return connection ? connection->value : "";
}

std::string shown_name(const std::string& connection) { return connection.empty() ? "repository" : connection; }

std::vector<std::string> described(const std::vector<ProcessConfig>& process) {
  std::vector<std::string> texts;
  for (const ProcessConfig& one : process) {
    texts.push_back(std::visit(
        Overloaded{[](const RenameConfig& rename) {
                     std::string text = "rename ";
                     for (const auto& [from, to] : values(rename.columns)) {
                       text += fmt::format("{}{} → {}", text.size() > 7 ? ", " : "", from, to);
                     }
                     return text;
                   },
                   [](const KeepConfig& keep) { return fmt::format("keep {}", fmt::join(values(keep.columns), ", ")); },
                   [](const DropConfig& drop) { return fmt::format("drop {}", fmt::join(values(drop.columns), ", ")); },
                   [](const NativeConfig& native) { return "native " + *native.name; }},
        one));
  }
  return texts;
}

std::string described(const SkipConfig& skip) {
  if (!skip.allows_any()) return "none: the first reject fails the run";
  std::string text;
  if (skip.limit) text = fmt::format("{} record{}", *skip.limit, *skip.limit == 1 ? "" : "s");
  if (skip.percent) text += fmt::format("{}{} % of the records", text.empty() ? "" : " and ", *skip.percent);
  return text;
}

std::string keyed_restart(const std::vector<Placed<std::string>>& key) {
  if (key.empty()) return "one pass of one snapshot, a restart begins anew";
  return fmt::format("pages by ({}), a restart goes on behind the last committed key", fmt::join(values(key), ", "));
}

std::string restart_of(const LoadConfig& load) {
  return std::visit(
      Overloaded{[](const TableReadConfig& read) { return keyed_restart(read.key); },
                 [](const QueryReadConfig& read) { return keyed_restart(read.key); },
                 [](const auto&) { return std::string("a restart goes on behind the last committed record"); }},
      load.read);
}

// P13, as TableWriter::closing_chunks says it.
int closing_chunks(const TableSpec& spec, DatabaseKind database) {
  if (spec.mode == WriteMode::mirror && database == DatabaseKind::sqlite) return 2;
  if (spec.mode == WriteMode::mirror) return 1;
  return spec.mode == WriteMode::replace || (spec.mode == WriteMode::upsert && spec.writers > 1) ? 1 : 0;
}

std::vector<std::string> first_words(const std::string& sql) {
  std::vector<std::string> words;
  for (const SqlStatement& statement : split_statements(sql)) {
    std::string word = statement.words.empty() ? "?" : statement.words.front();
    for (char& c : word) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    words.push_back(std::move(word));
  }
  return words;
}

// A file that is still to be delivered is no mistake of the configuration.
Error of_input(const LoadConfig& load, Error error) {
  const std::string* path =
      std::visit(Overloaded{[](const TableReadConfig&) -> const std::string* { return nullptr; },
                            [](const QueryReadConfig&) -> const std::string* { return nullptr; },
                            [](const NativeConfig&) -> const std::string* { return nullptr; },
                            [](const auto& file) -> const std::string* { return &file.path.value; }},
                 load.read);
  if (path == nullptr) return error;
  std::error_code unknown;
  const std::filesystem::path file(*path);
  const bool may_come = !std::filesystem::exists(file, unknown) &&
                        std::filesystem::is_directory(std::filesystem::absolute(file, unknown).parent_path(), unknown);
  if (may_come) error.kind = ErrorKind::retry;
  return error;
}

bool is_program(const std::string& name) {
  if (name.find('/') != std::string::npos) return access(name.c_str(), X_OK) == 0;
  const char* path = std::getenv("PATH");
  std::string_view folders = path == nullptr ? "/bin:/usr/bin" : path;
  while (true) {
    const std::size_t end = folders.find(':');
    if (access(fmt::format("{}/{}", folders.substr(0, end), name).c_str(), X_OK) == 0) return true;
    if (end == folders.npos) return false;
    folders.remove_prefix(end + 1);
  }
}

using Names = std::vector<std::string>;
using Processors = std::vector<std::unique_ptr<Processor>>;

class Planner {
 public:
  Planner(const Config& config, const Stores& stores, const NativeParts& natives)
      : config_(config), stores_(stores), natives_(natives) {}

  void add_job(const JobConfig& job) {
    changed_before_ = false;
    for (const StepConfig& step : job.steps) {
      steps.push_back({job.name.value, step.name.value, {}, {}, {}});
      PlannedStep& planned = steps.back();
      std::visit(Overloaded{[&](const LoadConfig& load) { plan_load(step, load, planned); },
                            [&](const SqlConfig& sql) { plan_sql(sql, planned); },
                            [&](const CommandConfig& command) { plan_command(command, planned); },
                            [&](const NativeConfig& native) { plan_native(native, planned); }},
                 step.work);
    }
  }

  std::vector<PlannedStep> steps;

 private:
  // One for all steps that ask for the same.
  Result<PgSession*> session(const std::string& connection) {
    const auto known = sessions_.find(connection);
    if (known != sessions_.end()) {
      if (!known->second) return fail(known->second.error());
      return known->second->get();
    }
    auto opened = stores_.pg_look(connection);
    const auto kept = sessions_.emplace(connection, std::move(opened)).first;
    if (!kept->second) return fail(kept->second.error());
    return kept->second->get();
  }

  Result<std::unique_ptr<TargetLook>> look(const std::string& connection, TableSpec spec) {
    const DatabaseConfig& database = stores_.database_of(connection);
    if (database.kind == DatabaseKind::sqlite) return look_at_sqlite_target(database.path.value, std::move(spec));
    BATON_TRY(PgSession* const session, this->session(connection));
    return look_at_pg_target(*session, std::move(spec), config_.repository.migrate == Migrate::automatic);
  }

  void plan_load(const StepConfig& step, const LoadConfig& load, PlannedStep& planned) {
    PlannedLoad plan;
    plan.input.name = input_of(load);
    plan.input.restart = restart_of(load);
    plan.process = described(load.process);
    plan.chunk_rows = step.chunk;
    plan.skip = described(step.skip);
    plan.retry_limit = step.retry_limit;
    if (load.native_write) return plan_native_load(load, std::move(plan), planned);
    const std::string connection = name_or_home(load.write.connection);
    const TableSpec spec = table_spec(load.write);
    plan.target.connection = spec.connection;
    const DatabaseConfig& database = stores_.database_of(connection);
    plan.target.database = database.shown;
    plan.target.table = spec.name;
    plan.target.mode = spec.mode;
    plan.target.key = spec.key;
    plan.target.writers = spec.writers;
    plan.target.closing_chunks = closing_chunks(spec, database.kind);
    const auto target = look(connection, spec);
    if (!target) planned.problems.push_back(target.error());
    join(load, spec, target ? target->get() : nullptr, plan, planned);
    planned.work = std::move(plan);
    changed_before_ = changed_before_ || load.write.create;
  }

  void plan_native_load(const LoadConfig& load, PlannedLoad plan, PlannedStep& planned) {
    const std::string connection = name_or_home(load.write.connection);
    plan.target.connection = shown_name(connection);
    plan.target.database = stores_.database_of(connection).shown;
    plan.target.table = fmt::format("native writer \"{}\"", *load.native_write->name);
    plan.target.native_writer = true;
    plan.target.closing_chunks = 1;
    const auto writer = natives_.writer(*load.native_write);
    const auto processors = make_processors(load, "", natives_);
    Names forms;
    const auto arriving =
        processors ? open_input(load, *processors, planned, writer ? (*writer)->columns() : Names(), plan, forms)
                   : fail(processors.error());
    if (!arriving) note_input_problem(load, arriving.error(), planned);
    if (!writer) planned.problems.push_back(writer.error());
    planned.work = std::move(plan);
    changed_before_ = true;
  }

  void join(const LoadConfig& load, const TableSpec& spec, TargetLook* target, PlannedLoad& plan,
            PlannedStep& planned) {
    Result<Names> wanted = Names();
    if (target != nullptr) wanted = target->columns();
    const auto processors = make_processors(load, "", natives_);
    if (!processors) planned.problems.push_back(processors.error());
    if (!processors) return;
    Names forms;
    const auto arriving = open_input(load, *processors, planned, wanted.value_or(Names()), plan, forms);
    if (!arriving) note_input_problem(load, arriving.error(), planned);
    if (target == nullptr) return;
    if (!wanted) return note_target_problem(*target, wanted.error(), planned);
    const Status fits = target->plan({arriving.value_or(Names()), forms}, plan.target, planned.problems);
    // Without the columns that arrive nothing is known but whether the table is there.
    if (!fits && (arriving || (target->table_is_missing() && !spec.create))) {
      note_target_problem(*target, fits.error(), planned);
    }
  }

  // As a run opens them: `wanted` is what the target can take; the reader says what comes, the processors what of it
  // arrives, and in which forms.
  Result<Names> open_input(const LoadConfig& load, const Processors& processors, const PlannedStep& planned,
                           Names wanted, PlannedLoad& plan, Names& forms) const {
    for (auto processor = processors.rbegin(); processor != processors.rend(); ++processor) {
      wanted = (*processor)->inputs_for(wanted);
    }
    BATON_TRY(const auto reader, make_reader(load, planned.job + "/" + planned.step, natives_, InputUse::look));
    BATON_TRY(plan.input.columns, reader->open(wanted));
    forms = reader->native_forms();
    Names arriving = plan.input.columns;
    for (const auto& processor : processors) {
      BATON_TRY(arriving, processor->bind(arriving));
    }
    if (!forms.empty()) forms = arriving_forms(forms, processors);
    return arriving;
  }

  // What is not there now may be made by a step before this one.
  void note_input_problem(const LoadConfig& load, const Error& error, PlannedStep& planned) {
    const bool is_table =
        std::holds_alternative<TableReadConfig>(load.read) || std::holds_alternative<QueryReadConfig>(load.read);
    note(of_input(load, error), is_table, planned);
  }

  void note_target_problem(TargetLook& target, const Error& error, PlannedStep& planned) {
    note(error, target.table_is_missing(), planned);
  }

  void note(Error error, bool may_come, PlannedStep& planned) const {
    // A run's messages begin with the step, below whose name this one stands.
    const std::string step = planned.job + "/" + planned.step + ": ";
    if (error.message.starts_with(step)) error.message.erase(0, step.size());
    if (changed_before_ && may_come && error.kind == ErrorKind::invalid) {
      planned.notes.push_back("as things are now, which an earlier step may change: " + error.message);
    } else {
      planned.problems.push_back(std::move(error));
    }
  }

  void plan_sql(const SqlConfig& sql, PlannedStep& planned) {
    const std::string connection = name_or_home(sql.connection);
    const DatabaseConfig& database = stores_.database_of(connection);
    planned.work =
        PlannedSql{shown_name(connection), database.shown, first_words(sql.statement.value), sql.transaction};
    changed_before_ = true;
    if (database.kind != DatabaseKind::postgresql) return;
    const Status allowed =
        check_pg_user_sql(database.shown, sql.statement.value,
                          sql.transaction ? PgTransactionControl::refused : PgTransactionControl::allowed);
    if (!allowed) planned.problems.push_back(allowed.error());
    const auto reached = session(connection);
    if (!reached) planned.problems.push_back(reached.error());
  }

  void plan_command(const CommandConfig& command, PlannedStep& planned) {
    PlannedCommand plan{command.argv.front().value, command.argv.size() - 1, {}};
    bool own_path = false;
    for (const auto& [name, value] : command.env) {
      plan.environment.push_back(name);
      own_path = own_path || name == "PATH";
    }
    if (!own_path && !is_program(plan.program)) {
      note({ErrorKind::invalid, fmt::format("{}: there is no such program that may be run: correct `argv`, or install "
                                            "it here",
                                            plan.program)},
           true, planned);
    }
    planned.work = std::move(plan);
    changed_before_ = true;
  }

  void plan_native(const NativeConfig& native, PlannedStep& planned) {
    PlannedNative plan{*native.name, {}};
    for (const auto& [name, value] : native.options) plan.options.push_back(*name);
    if (const auto made = natives_.step(native); !made) planned.problems.push_back(made.error());
    planned.work = std::move(plan);
    changed_before_ = true;
  }

  const Config& config_;
  const Stores& stores_;
  const NativeParts& natives_;
  std::map<std::string, Result<std::unique_ptr<PgSession>>> sessions_;  // by connection
  bool changed_before_ = false;                                         // an earlier step of the job may make tables
};

}  // namespace

std::vector<PlannedStep> plan_steps(const Config& config, const Stores& stores, const NativeParts& natives,
                                    const std::vector<const JobConfig*>& jobs) {
  Planner planner(config, stores, natives);
  for (const JobConfig* job : jobs) planner.add_job(*job);
  return std::move(planner.steps);
}

}  // namespace baton
