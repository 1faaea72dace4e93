#include "tests/process/kill_trial.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <algorithm>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <sstream>

namespace baton {
namespace {

constexpr std::chrono::minutes longest_run(3);

std::string text_of(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::vector<std::string> lines_of(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> lines;
  for (std::string line; std::getline(file, line);) lines.push_back(line);
  return lines;
}

}  // namespace

KillTrial::KillTrial(const KillScenario& scenario, const std::string& inputs, std::string planted_bug, int lease)
    : scenario_(scenario), planted_bug_(std::move(planted_bug)) {
  std::ofstream(folder_.file("baton.yaml")) << kill_config(scenario, inputs, folder_.path(), lease);
  for (const auto& [database, sql] : scenario.setup) execute(folder_.file(database), sql);
}

std::vector<std::string> KillTrial::command(const std::vector<std::string>& arguments) const {
  std::vector<std::string> argv{BATON_FAILPOINT_PROGRAM, "--config", folder_.file("baton.yaml")};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

std::vector<std::string> KillTrial::run_all() const {
  std::vector<std::string> arguments{"run", "--once"};
  for (const std::string& job : scenario_.jobs) {
    if (run_state(folder_.path(), job) != RunState::finished) arguments.push_back(job);
  }
  return arguments;
}

ProcessEnd KillTrial::run(const std::vector<std::string>& arguments, Variables variables) {
  if (!planted_bug_.empty()) variables.emplace_back("BATON_BREAK", planted_bug_);
  return ProcessRun(command(arguments), variables, folder_.file("log.txt")).wait_or_kill(longest_run);
}

ProcessEnd KillTrial::run_with_kill_at(std::uint64_t point) {
  return run(run_all(), {{"BATON_KILL_AT", std::to_string(point)}});
}

ProcessEnd KillTrial::run_with_kill_at_write(std::uint64_t point) {
  return run(run_all(), {{"BATON_KILL_WRITE", std::to_string(point)}});
}

ProcessEnd KillTrial::run_with_heirs(std::uint64_t point) {
  const std::string log = folder_.file("log.txt");
  ProcessRun first(command(run_all()), {{"BATON_KILL_AT", std::to_string(point)}}, log);
  std::vector<std::unique_ptr<ProcessRun>> heirs;
  for (const std::string& job : scenario_.jobs) {
    heirs.push_back(std::make_unique<ProcessRun>(command({"restart", job}), Variables{}, log));
  }
  const ProcessEnd end = first.wait_or_kill(longest_run);
  for (const auto& heir : heirs) heir->wait_or_kill(longest_run);
  return end;
}

ProcessEnd KillTrial::run_with_kill_before(const std::string& call) {
  return run(run_all(), {{"BATON_AT", "before " + call + " 1 kill"}});
}

std::vector<ProcessEnd> KillTrial::run_killed_after(KillDelay delay, std::optional<KillDelay> heir) {
  const std::string log = folder_.file("log.txt");
  const std::string& job = scenario_.jobs.front();
  const std::vector<std::string> restart = command({"restart", job});
  // Where the heir may be faster, `run --once` after it would begin a new run.
  const bool either = heir && run_state(folder_.path(), job) == RunState::unfinished;
  ProcessRun first(either ? restart : command(run_all()), {}, log);
  if (!heir) return {first.wait_or_kill(delay)};
  ProcessRun second(restart, {}, log);
  const bool first_dies_first = delay < *heir;
  ProcessRun& sooner = first_dies_first ? first : second;
  ProcessRun& later = first_dies_first ? second : first;
  std::vector<ProcessEnd> ends;
  ends.push_back(sooner.wait_or_kill(std::min(delay, *heir)));
  ends.push_back(later.wait_or_kill(std::max(delay, *heir) - std::min(delay, *heir)));
  return ends;
}

Undisturbed KillTrial::run_undisturbed() {
  const auto began = std::chrono::steady_clock::now();
  const ProcessEnd end = run(run_all(), {{"BATON_COUNT_FILE", folder_.file("calls.txt")}});
  Undisturbed undisturbed;
  undisturbed.duration = std::chrono::duration_cast<KillDelay>(std::chrono::steady_clock::now() - began);
  const std::vector<std::string> broken = broken_rules(folder_.path());
  if (end.exit_code != 0 || !(broken.empty() || !planted_bug_.empty())) {
    fmt::print(stderr, "{} did not run: {}, {}\n{}", scenario_.name, end.text(), fmt::join(broken, "; "), log());
    std::abort();
  }
  undisturbed.outcome = read_outcome(folder_.path());
  undisturbed.calls = lines_of(folder_.file("calls.txt"));
  undisturbed.writes = std::stoull(lines_of(folder_.file("calls.txt.writes")).at(0));
  return undisturbed;
}

bool KillTrial::finished() const {
  for (const std::string& job : scenario_.jobs) {
    if (run_state(folder_.path(), job) != RunState::finished) return false;
  }
  return true;
}

// `run --once` carries an unfinished run on; `restart` does it in spite of the limit of dead executions, and where
// nothing is unfinished it only takes the lease, closes what is open, and releases.
bool KillTrial::finish(std::vector<std::string>& problems) {
  constexpr int most_runs = 8;
  for (const std::string& job : scenario_.jobs) {
    ProcessEnd end;
    bool done = false;
    for (int i = 0; i < most_runs && !done; ++i) {
      const bool over = run_state(folder_.path(), job) == RunState::finished;
      const std::size_t log_before = log().size();
      end = over ? run({"restart", job}, {}) : run({"run", "--once", job}, {});
      const std::string said = log().substr(log_before);
      done = over ? said.find("has no unfinished run to restart") != std::string::npos : end.exit_code == 0;
      if (said.find("died without committing anything") == std::string::npos) continue;
      end = run({"restart", job}, {});
      done = end.exit_code == 0;
    }
    if (!done) problems.push_back(fmt::format("{} does not finish: {} after {} runs", job, end.text(), most_runs));
  }
  return problems.empty();
}

std::vector<std::string> KillTrial::problems(const Outcome& expected) const {
  std::vector<std::string> found = broken_rules(folder_.path());
  const std::vector<std::string> different = differences(expected, read_outcome(folder_.path()));
  found.insert(found.end(), different.begin(), different.end());
  const auto runs_of = [&](const char* step) {
    return query(folder_.file("baton.db"),
                 fmt::format("SELECT 1 FROM BATCH_STEP_EXECUTION WHERE STEP_NAME = '{}'", step))
        .size();
  };
  const std::vector<std::string> tallied = lines_of(folder_.file("tally.txt"));
  const std::set<std::string> numbers(tallied.begin(), tallied.end());
  if (tallied.size() > numbers.size() + runs_of("tally") * tallied_between_saves) {
    found.push_back(fmt::format("{} lines were tallied for {} numbers in {} runs of the step", tallied.size(),
                                numbers.size(), runs_of("tally")));
  }
  if (scenario_.config.find("command:") == std::string::npos) return found;
  const std::vector<std::string> told = lines_of(folder_.file("told.txt"));
  const std::set<std::string> keys(told.begin(), told.end());
  if (told.empty() || told.size() > runs_of("tell") || keys.size() != 1) {
    found.push_back(fmt::format("the command told {} lines with {} keys in {} runs of its step", told.size(),
                                keys.size(), runs_of("tell")));
  }
  return found;
}

std::string KillTrial::log() const { return text_of(folder_.file("log.txt")); }

}  // namespace baton
