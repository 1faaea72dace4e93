#include "tests/interop/peer_process.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdlib>
#include <memory>

namespace baton {
namespace {

[[noreturn]] void give_up(const std::string& why) {
  fmt::print(stderr, "{}\n", why);
  std::abort();
}

struct Pipe {
  Pipe() {
    if (pipe2(ends, O_CLOEXEC) != 0) give_up("no pipe");
  }
  int ends[2] = {-1, -1};
};

// It dies with the thread that starts it, so that none is left behind, stopped, where a test is ended.
pid_t start(const std::vector<std::string>& argv, int commands, int answers) {
  static const std::vector<std::string> with_parent = {"setpriv", "--pdeathsig", "KILL", "--"};
  std::vector<char*> arguments;
  for (const std::string& argument : with_parent) arguments.push_back(const_cast<char*>(argument.c_str()));
  for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, commands, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, answers, STDOUT_FILENO);
  pid_t process = -1;
  const int failed = posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) give_up("no setpriv, of util-linux");
  return process;
}

}  // namespace

PeerProcess::PeerProcess(const std::vector<std::string>& argv) {
  const Pipe commands, answers;
  process_ = start(argv, commands.ends[0], answers.ends[1]);
  close(commands.ends[0]);
  close(answers.ends[1]);
  commands_ = fdopen(commands.ends[1], "w");
  answers_ = fdopen(answers.ends[0], "r");
}

PeerProcess::~PeerProcess() {
  if (process_ > 0) resume();
  std::fclose(commands_);
  std::fclose(answers_);
  if (process_ > 0) waitpid(process_, nullptr, 0);
}

void PeerProcess::send(const nlohmann::json& command) {
  fmt::print(commands_, "{}\n", command.dump());
  std::fflush(commands_);
}

nlohmann::json PeerProcess::receive() {
  char* line = nullptr;
  std::size_t size = 0;
  const ssize_t length = getline(&line, &size, answers_);
  const std::unique_ptr<char, decltype(&std::free)> owned(line, &std::free);
  if (length <= 0)
    give_up("a peer has ended; what it said stands above. Is everything of scripts/packages-test.txt installed?");
  return nlohmann::json::parse(line, line + length);
}

nlohmann::json PeerProcess::ask(const nlohmann::json& command) {
  send(command);
  return receive();
}

void PeerProcess::stop() const { ::kill(process_, SIGSTOP); }

void PeerProcess::resume() const { ::kill(process_, SIGCONT); }

void PeerProcess::kill() {
  ::kill(process_, SIGKILL);
  waitpid(process_, nullptr, 0);
  process_ = -1;
}

std::vector<std::string> java_program(const std::string& folder, const std::string& main_class) {
  if (access((folder + "/stamp").c_str(), R_OK) != 0) {
    give_up(fmt::format("{} is not built: run these tests by ctest, or tests/interop/build-peer first", folder));
  }
  // A short life: little is gained by compiling well, much by starting at once.
  return {"java",
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "-Xmx256m",
          "-cp",
          fmt::format("{}/classes:{}/lib/*", folder, folder),
          main_class};
}

}  // namespace baton
