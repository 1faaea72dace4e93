#include "tests/interop/java_peer.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cstdlib>
#include <memory>
#include <string>

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

pid_t start(const std::string& classes, int commands, int answers) {
  const std::string path = classes + "/classes:" + classes + "/lib/*";
  // A short life: little is gained by compiling well, much by starting at once.
  const char* const argv[] = {
      "java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp", path.c_str(), "baton.interop.BatchPeer",
      nullptr};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, commands, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, answers, STDOUT_FILENO);
  pid_t process = -1;
  const int failed = posix_spawnp(&process, "java", &actions, nullptr, const_cast<char* const*>(argv), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) give_up("no java; scripts/install-packages scripts/packages-test.txt installs it");
  return process;
}

}  // namespace

JavaPeer::JavaPeer(int generation) {
  const std::string classes = fmt::format("{}/batch{}", BATON_INTEROP_PEER, generation);
  if (access((classes + "/stamp").c_str(), R_OK) != 0) {
    give_up(fmt::format("{} is not built: run these tests by ctest, or tests/interop/build-peer {} first", classes,
                        BATON_INTEROP_PEER));
  }
  const Pipe commands, answers;
  process_ = start(classes, commands.ends[0], answers.ends[1]);
  close(commands.ends[0]);
  close(answers.ends[1]);
  commands_ = fdopen(commands.ends[1], "w");
  answers_ = fdopen(answers.ends[0], "r");
  const nlohmann::json hello = ask({{"command", "hello"}});
  if (hello.value("generation", 0) != generation) give_up("another generation answers: " + hello.dump());
  fmt::print("Spring Batch {}\n", hello.value("version", ""));
}

JavaPeer::~JavaPeer() {
  std::fclose(commands_);  // it ends with its input
  std::fclose(answers_);
  waitpid(process_, nullptr, 0);
}

nlohmann::json JavaPeer::ask(const nlohmann::json& command) {
  fmt::print(commands_, "{}\n", command.dump());
  std::fflush(commands_);
  char* line = nullptr;
  std::size_t size = 0;
  const ssize_t length = getline(&line, &size, answers_);
  const std::unique_ptr<char, decltype(&std::free)> owned(line, &std::free);
  if (length <= 0) give_up("the Java program has ended; what it said stands above");
  return nlohmann::json::parse(line, line + length);
}

JavaPeer& JavaPeer::of_generation(int generation) {
  static std::unique_ptr<JavaPeer> peers[2];
  auto& peer = peers[generation - 5];
  if (!peer) peer = std::make_unique<JavaPeer>(generation);
  return *peer;
}

}  // namespace baton
