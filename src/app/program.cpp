#include "app/program.h"

#include "app/command_outline.h"
#include "app/commands.h"
#include "app/completion_script.h"
#include "app/demo.h"
#include "app/manual_page.h"
#include "base/duration.h"
#include "config/load_config.h"
#include "data/column_type.h"
#include "postgres/settings.h"
#include "runtime/system_clock.h"
#include "runtime/system_random.h"
#include "runtime/system_zone.h"

#include <fmt/format.h>
#include <cerrno>
#include <CLI/CLI.hpp>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <sstream>
#include <system_error>

namespace baton {
namespace {

using ConfigCommand = std::function<ExitCode(const CommandContext&)>;

struct Arguments {
  std::string config_file;
  std::string jobs_file;
  std::string locks;
  bool json = false;
  bool once = false;
  bool watch = false;
  bool markdown = false;
  RunArguments run;
  std::string wait;
  std::string job;
  std::int64_t limit = 20;
  std::optional<std::int64_t> replicas;
  PauseArguments pause;
  TriggerArguments trigger;
  RejectArguments rejects;
  HealthArguments health;
  std::string shell;
  std::string page = "baton";
  std::optional<Duration> health_timeout;
  DemoRequest demo;
  std::function<ExitCode(const Arguments&, const ProgramParts&)> action;
};

Result<std::string> read_file(const std::string& path) {
  std::error_code unknown;
  if (std::filesystem::is_directory(path, unknown)) {
    return fail(ErrorKind::invalid, fmt::format("{} is a folder, a file is expected", path));
  }
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ErrorKind::invalid, fmt::format("{}: {}", path, std::strerror(errno)));
  std::ostringstream text;
  text << file.rdbuf();
  if (file.bad() || text.fail()) {
    if (file.peek() != std::ifstream::traits_type::eof())
      return fail(ErrorKind::invalid, fmt::format("{}: cannot be read", path));
  }
  return text.str();
}

std::optional<std::string> environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

// Absolute, and without needless dots where they are.
std::string folder_of(const std::string& file) {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path folder = fs::absolute(file, error).parent_path();
  const fs::path plain = folder.lexically_normal();
  return fs::equivalent(folder, plain, error) ? plain.string() : folder.string();
}

Status check_column_type(const std::string& type) {
  const auto known = parse_column_type(type);
  return known ? Status() : fail(known.error());
}

bool is_properties(const std::string& file) { return file.ends_with(".properties"); }

// A Spring Boot application's own file brings its jobs along in another one.
tl::expected<Config, ConfigFailure> load(const std::string& file, const std::string& given_jobs,
                                         const ProgramParts& parts) {
  ConfigSources sources{read_file, environment, folder_of(file), check_column_type, check_pg_url, find_zone, {}};
  sources.check_native = [&natives = parts.natives](NativePart part, const NativeConfig& native) {
    return natives.check(part, native);
  };
  if (file == built_in_configuration) {
    sources.read_file = [&parts](const std::string& path) -> Result<std::string> {
      return path == built_in_configuration ? Result<std::string>(*parts.configuration) : read_file(path);
    };
  }
  if (!is_properties(file)) return load_config(file, sources);
  const std::string jobs =
      given_jobs.empty() ? (std::filesystem::path(file).parent_path() / "jobs.yaml").string() : given_jobs;
  sources.folder = folder_of(jobs);
  return load_application_properties(file, jobs, sources);
}

std::string config_file(const Arguments& arguments, const ProgramParts& parts) {
  if (!arguments.config_file.empty()) return arguments.config_file;
  const auto variable = environment("BATON_CONFIG");
  if (variable && !variable->empty()) return *variable;
  return parts.configuration ? built_in_configuration : "baton.yaml";
}

ExitCode with_config(const Arguments& arguments, const ProgramParts& parts, const ConfigCommand& command) {
  const std::string file = config_file(arguments, parts);
  auto config = load(file, arguments.jobs_file, parts);
  if (!config) {
    std::error_code error;
    if (file == built_in_configuration || std::filesystem::exists(file, error)) {
      fmt::print(stderr, "{}", config.error().text());
    } else {
      fmt::print(stderr,
                 "baton: {}: there is no such file; name the configuration with --config FILE or in $BATON_CONFIG "
                 "(without both it is ./baton.yaml)\n",
                 file);
    }
    return ExitCode::wrong_config;
  }
  if (arguments.locks == "repository") config->locks.dynamodb.reset();
  SystemClock clock;
  SystemRandom random;
  Log log(config->log_format, config->log_level);
  if (config->unknown_settings > 0) {
    log.info(fmt::format("{}: {} other key{} not used", file, config->unknown_settings,
                         config->unknown_settings == 1 ? " is" : "s are"));
  }
  const StoreNotices notices{[&log](const std::string& text) { log.info(text); },
                             [&log](const std::string& text) { log.warn(text); }};
  Stores stores(*config, clock, random, parts.hooks, notices);
  return command({*config, stores, clock, random, log, parts.natives, arguments.json});
}

void on(CLI::App& app, Arguments& arguments, ConfigCommand command) {
  app.callback([&arguments, command = std::move(command)] {
    arguments.action = [command](const Arguments& given, const ProgramParts& parts) {
      return with_config(given, parts, command);
    };
  });
}

void add_duration(CLI::App& app, const std::string& option, std::optional<Duration>& value, const std::string& text) {
  app.add_option_function<std::string>(
         option,
         [&value, option](const std::string& written) {
           const auto duration = parse_duration(written);
           if (!duration) throw CLI::ValidationError(option, duration.error().message);
           value = *duration;
         },
         text)
      ->type_name("DURATION");
}

CLI::Validator above_zero() {
  return CLI::Validator(
      [](std::string& written) {
        const bool number = !written.empty() && written.find_first_not_of("0123456789") == std::string::npos;
        return number && written.find_first_not_of('0') != std::string::npos
                   ? std::string()
                   : "a whole number above 0 is expected, not " + written;
      },
      "NUMBER");
}

void add_wait(CLI::App& app, Arguments& arguments) {
  add_duration(app, "--wait", arguments.run.wait,
               "how long to wait for a lease that another process holds (default: twice its duration + 5 s)");
}

void add_from_start(CLI::App& app, Arguments& arguments) {
  app.add_flag("--from-start", arguments.run.from_start,
               "append again, from the first record, what another program (Spring Batch) has begun in the unfinished "
               "run; take its rows out of the table first");
}

void add_run_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* run = app.add_subcommand("run", "be a replica: own jobs, and run them when they are due");
  run->add_flag("--once", arguments.once, "run the named jobs once instead, and exit");
  run->add_option("jobs", arguments.run.items, "jobs, and parameters as name=value[,type[,identifying]]");
  add_wait(*run, arguments);
  add_from_start(*run, arguments);
  on(*run, arguments, [&arguments](const CommandContext& context) {
    if (arguments.once) return run_once_command(context, arguments.run);
    return run_command(context, arguments.run);
  });
  CLI::App* restart = app.add_subcommand("restart", "carry on the unfinished run of a job");
  restart->add_option("job", arguments.run.items, "the job")->required()->expected(1);
  add_wait(*restart, arguments);
  add_from_start(*restart, arguments);
  on(*restart, arguments,
     [&arguments](const CommandContext& context) { return restart_command(context, arguments.run); });
  CLI::App* abandon = app.add_subcommand("abandon", "end the unfinished run of a job for good; committed rows stay");
  abandon->add_option("job", arguments.run.items, "the job")->required()->expected(1);
  add_wait(*abandon, arguments);
  on(*abandon, arguments,
     [&arguments](const CommandContext& context) { return abandon_command(context, arguments.run); });
}

void add_control_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* trigger = app.add_subcommand("trigger", "ask the replica that owns a job to run it once");
  trigger->add_option("job", arguments.trigger.items, "the job, and parameters as name=value[,type[,identifying]]")
      ->required();
  trigger->add_flag("--wait", arguments.trigger.wait, "follow the run to its end and its exit code");
  trigger->add_flag("--even-paused", arguments.trigger.even_paused, "also where the job is paused");
  on(*trigger, arguments,
     [&arguments](const CommandContext& context) { return trigger_command(context, arguments.trigger); });
  CLI::App* pause = app.add_subcommand("pause", "begin no more runs of a job; one that is under way goes on");
  pause->add_option("job", arguments.pause.job, "the job")->required();
  pause->add_option("--reason", arguments.pause.reason, "why, for whoever asks")->type_name("TEXT");
  add_duration(*pause, "--for", arguments.pause.length, "how long (default: until it is resumed)");
  on(*pause, arguments,
     [&arguments](const CommandContext& context) { return pause_command(context, arguments.pause); });
  CLI::App* resume = app.add_subcommand("resume", "end the pause of a job");
  resume->add_option("job", arguments.job, "the job")->required();
  on(*resume, arguments,
     [&arguments](const CommandContext& context) { return resume_command(context, arguments.job); });
  CLI::App* stop = app.add_subcommand("stop", "stop the unfinished run of a job at its next chunk");
  stop->add_option("job", arguments.job, "the job")->required();
  on(*stop, arguments, [&arguments](const CommandContext& context) { return stop_command(context, arguments.job); });
}

void add_listing_commands(CLI::App& app, Arguments& arguments) {
  on(*app.add_subcommand("validate", "check the configuration"), arguments, validate_command);
  on(*app.add_subcommand("migrate",
                         "make or upgrade the tables that the job repository, the leases and the databases "
                         "that jobs write to lack"),
     arguments, migrate_command);
  on(*app.add_subcommand("doctor",
                         "check connections, privileges, tables, files and disks before a job meets them; changes "
                         "nothing (0: no error, 75: something is away for now, 78: something must be changed)"),
     arguments, doctor_command);
  CLI::App* plan = app.add_subcommand("plan",
                                      "what each step would do: columns, what it creates, how rows are encoded and "
                                      "written, what slows it down; changes nothing");
  plan->add_option("jobs", arguments.run.items, "only these jobs");
  plan->add_option("--replicas", arguments.replicas,
                   "how many replicas locks in DynamoDB are to be reckoned for (default: as many as own all jobs)")
      ->check(CLI::Range(1, 10'000));
  on(*plan, arguments, [&arguments](const CommandContext& context) {
    return plan_command(context, arguments.run.items, arguments.replicas);
  });
  CLI::App* status = app.add_subcommand("status", "replicas, jobs, their owners, what runs and what is next");
  status->add_flag("--watch", arguments.watch, "look again and again, until Ctrl-C");
  on(*status, arguments,
     [&arguments](const CommandContext& context) { return status_command(context, arguments.watch); });
  CLI::App* explained =
      app.add_subcommand("explain", "why a job runs, waits or has no owner: a sentence, and evidence");
  explained->add_option("job", arguments.job, "the job")->required();
  on(*explained, arguments,
     [&arguments](const CommandContext& context) { return explain_command(context, arguments.job); });
  CLI::App* alerts = app.add_subcommand("alerts", "what monitoring found: open alerts first, then those that are over");
  alerts->add_option("--limit", arguments.limit, "at most so many")->check(above_zero())->capture_default_str();
  on(*alerts, arguments,
     [&arguments](const CommandContext& context) { return alerts_command(context, arguments.limit); });
  CLI::App* history = app.add_subcommand("history", "past runs, newest first");
  history->add_option("job", arguments.job, "only this job's");
  history->add_option("--limit", arguments.limit, "at most so many")->check(above_zero())->capture_default_str();
  on(*history, arguments, [&arguments](const CommandContext& context) {
    return history_command(context, arguments.job.empty() ? std::nullopt : std::optional(arguments.job),
                           arguments.limit);
  });
}

void add_health_command(CLI::App& app, Arguments& arguments) {
  CLI::App* health = app.add_subcommand("health",
                                        "ask the replica at server.listen whether it can take and run jobs (0: yes, 1: "
                                        "no, 75: nothing answers)");
  health->add_flag("--live", arguments.health.live, "whether its loops tick, whatever the stores do");
  add_duration(*health, "--timeout", arguments.health_timeout, "how long to wait for the answer (default: 5s)");
  on(*health, arguments, [&arguments](const CommandContext& context) {
    arguments.health.timeout = arguments.health_timeout.value_or(arguments.health.timeout);
    return health_command(context, arguments.health);
  });
}

void add_reject_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* rejects = app.add_subcommand("rejects", "records that were refused");
  rejects->require_subcommand(1);
  RejectArguments& given = arguments.rejects;
  CLI::App* list = rejects->add_subcommand("list", "refused records, oldest first");
  list->add_option("--limit", given.limit, "at most so many")->check(above_zero())->capture_default_str();
  CLI::App* exported = rejects->add_subcommand("export", "refused records with their raw text, to be corrected");
  exported->add_option("--format", given.format, "jsonl: one object a record; raw: the records as they were written")
      ->check(CLI::IsMember({"jsonl", "raw"}))
      ->capture_default_str();
  exported->add_option("--output", given.output, "a file instead of standard output")->type_name("FILE");
  for (CLI::App* command : {list, exported}) {
    command->add_option("job", given.job, "only this job's");
    command->add_option("--execution", given.execution, "only those of this job execution");
    command->fallthrough();
  }
  on(*list, arguments, [&given](const CommandContext& context) { return rejects_list_command(context, given); });
  on(*exported, arguments, [&given](const CommandContext& context) { return rejects_export_command(context, given); });
}

void add_demo_command(CLI::App& app, Arguments& arguments) {
  CLI::App* demo = app.add_subcommand("demo", "start replicas of the configuration and watch them; one may be killed");
  demo->add_option("--replicas", arguments.demo.replicas, "how many")->check(CLI::Range(1, 9))->capture_default_str();
  add_duration(*demo, "--for", arguments.demo.length,
               "kill one replica once each job has completed, at the latest at two fifths of this time, and end after "
               "it with a summary");
  on(*demo, arguments, [&arguments](const CommandContext& context) { return demo_command(context, arguments.demo); });
}

void add_plain_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* schema = app.add_subcommand("schema", "the JSON Schema of the configuration");
  schema->add_flag("--markdown", arguments.markdown,
                   "the same as a reference for people: docs/configuration-reference.md");
  schema->callback([&arguments] {
    arguments.action = [](const Arguments& given, const ProgramParts&) {
      fmt::print("{}", given.markdown ? config_reference() : config_schema());
      return ExitCode::done;
    };
  });
  app.add_subcommand("version", "the version of this program")->callback([&arguments] {
    arguments.action = [](const Arguments& given, const ProgramParts&) {
      fmt::print("{}",
                 given.json ? "[\n  {\n    \"version\": \"" BATON_VERSION "\"\n  }\n]\n" : "baton " BATON_VERSION "\n");
      return ExitCode::done;
    };
  });
}

// What packages bring along beside the program is made by the program, from its own command line.
void add_package_commands(CLI::App& app, Arguments& arguments) {
  CLI::App* completion = app.add_subcommand("completion", "a script by which a shell completes commands and jobs");
  completion->add_option("shell", arguments.shell, "the shell that reads it")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh", "fish"}));
  completion->callback([&app, &arguments] {
    arguments.action = [&app](const Arguments& given, const auto&) {
      const CommandOutline outline = command_outline(app);
      fmt::print("{}", given.shell == "bash"  ? bash_completion(outline)
                       : given.shell == "zsh" ? zsh_completion(outline)
                                              : fish_completion(outline));
      return ExitCode::done;
    };
  });
  CLI::App* manual = app.add_subcommand("manual", "a manual page, in roff: baton manual | man -l -");
  manual->add_option("page", arguments.page, "the program's, or the configuration's")
      ->check(CLI::IsMember({"baton", "baton.yaml"}));
  manual->callback([&app, &arguments] {
    arguments.action = [&app](const Arguments& given, const auto&) {
      fmt::print("{}", given.page == "baton" ? manual_page(command_outline(app), BATON_VERSION)
                                             : configuration_page(config_reference(), BATON_VERSION));
      return ExitCode::done;
    };
  });
  CLI::App* names = app.add_subcommand("job-names", "the jobs of the configuration, for completion");
  names->group("");  // hidden
  on(*names, arguments, [](const CommandContext& context) {
    for (const JobConfig& job : context.config.jobs) fmt::print("{}\n", job.name.value);
    return ExitCode::done;
  });
}

// What was printed may still wait in a buffer.
ExitCode with_output(const std::function<ExitCode()>& command) {
  std::string why;
  try {
    const ExitCode code = command();
    errno = 0;
    std::cout.flush();
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0 && std::cout) return code;
    why = errno == 0 ? "the output cannot be written" : std::strerror(errno);
  } catch (const std::system_error& error) {
    why = error.code().message();
  }
  std::fputs(("baton: standard output: " + why + "; what the command did stays done\n").c_str(), stderr);
  return ExitCode::for_now;
}

}  // namespace

int run_program(int argc, const char* const* argv, const ProgramParts& parts) {
  Arguments arguments;
  CLI::App app("Baton runs ETL jobs, each on exactly one of any number of replicas.", "baton");
  app.fallthrough();
  app.require_subcommand(0, 1);  // a job after a command may be called like another one
  app.add_option("--config", arguments.config_file, "the configuration (default: $BATON_CONFIG, else ./baton.yaml)")
      ->type_name("FILE");
  app.add_option("--jobs", arguments.jobs_file,
                 "the jobs beside an application.properties (default: jobs.yaml in the same folder)")
      ->type_name("FILE");
  app.add_option("--locks", arguments.locks, "keep the leases in the repository, whatever the configuration says")
      ->check(CLI::IsMember({"repository"}));
  app.add_flag("--json", arguments.json, "answer in JSON");
  add_run_commands(app, arguments);
  add_control_commands(app, arguments);
  add_listing_commands(app, arguments);
  add_reject_commands(app, arguments);
  add_health_command(app, arguments);
  add_demo_command(app, arguments);
  add_plain_commands(app, arguments);
  add_package_commands(app, arguments);
  for (CLI::App* command : app.get_subcommands({})) command->fallthrough();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return static_cast<int>(with_output([&] { return app.exit(error) == 0 ? ExitCode::done : ExitCode::wrong_usage; }));
  }
  if (!arguments.action) {
    fmt::print(stderr, "baton: a command is needed; baton --help lists them\n");
    return static_cast<int>(ExitCode::wrong_usage);
  }
  return static_cast<int>(with_output([&] { return arguments.action(arguments, parts); }));
}

}  // namespace baton
