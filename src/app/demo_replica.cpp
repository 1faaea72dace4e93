#include "app/demo_replica.h"

#include "app/program.h"

#include <filesystem>
#include <string_view>

namespace baton {
namespace {

// "2026-01-01T00:00:00.000Z info    text" → "text".
std::string_view without_time_and_level(std::string_view line) {
  for (int word = 0; word < 2; ++word) {
    const std::size_t space = line.find(' ');
    if (space == std::string_view::npos) return line;
    line.remove_prefix(space);
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  }
  return line;
}

}  // namespace

Result<DemoReplica> DemoReplica::start(int number, const Config& config) {
  std::error_code error;
  const std::string program = std::filesystem::read_symlink("/proc/self/exe", error).string();
  if (error) return fail(ErrorKind::internal, "/proc/self/exe: " + error.message());
  std::vector<std::string> arguments{program, "run"};
  // The program that this process is holds its own configuration too.
  if (config.file != built_in_configuration) arguments.insert(arguments.end(), {"--config", config.file});
  if (!config.jobs_file.empty()) arguments.insert(arguments.end(), {"--jobs", config.jobs_file});
  // Perhaps the demo was told so.
  if (!config.locks.dynamodb) arguments.insert(arguments.end(), {"--locks", "repository"});
  BATON_TRY(ChildProcess process, ChildProcess::start(arguments, {}));
  return DemoReplica(number, std::move(process));
}

bool DemoReplica::collect(int timeout_ms, const std::function<void(const std::string& line)>& line) {
  return process_.wait(timeout_ms, [&](const std::string& output) {
    partial_ += output;
    for (std::size_t end = partial_.find('\n'); end != std::string::npos; end = partial_.find('\n')) {
      line(std::string(without_time_and_level(std::string_view(partial_).substr(0, end))));
      partial_.erase(0, end + 1);
    }
  });
}

}  // namespace baton
