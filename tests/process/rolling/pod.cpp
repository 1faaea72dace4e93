#include "tests/process/rolling/pod.h"

#include "server/health_probe.h"
#include "tests/doubles/workspace.h"
#include "tests/process/served_port.h"

#include <gtest/gtest.h>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace baton {
namespace {

constexpr Duration probe_patience(1'000);
constexpr int status_ok = 200;

// "R" runs, "T" is stopped, "Z" has ended; 0: there is none.
char state_of(const std::filesystem::path& process) {
  std::ifstream file(process / "stat");
  std::stringstream text;
  text << file.rdbuf();
  const std::string stat = text.str();
  const std::size_t name_ends = stat.rfind(')');
  return name_ends == std::string::npos ? '\0' : stat[name_ends + 2];
}

// A thread that waits for a disk stops only after that.
bool stands_still(const std::filesystem::path& process) {
  std::error_code gone;
  for (const auto& thread : std::filesystem::directory_iterator(process / "task", gone)) {
    const char state = state_of(thread);
    if (state != 'T' && state != 'Z' && state != '\0') return false;
  }
  return true;
}

LogTime now() { return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now()); }

}  // namespace

Pod::Pod(std::string name, int generation, const ProgramRequest& request)
    : name_(std::move(name)), generation_(generation), program_(std::make_unique<Program>(request)) {}

bool Pod::ready() {
  if (ready_ || ending_) return ready_ && !ending_;
  if (!port_) port_ = served_port(program_->errors_so_far());
  if (!port_) return false;
  const auto answer = probe_health({"127.0.0.1", *port_}, "/readyz", probe_patience);
  return ready_ = answer && answer->status == status_ok;
}

std::string Pod::replica() {
  const std::string said = log(), before = " replica ";
  const std::size_t at = said.find(before);
  if (at == std::string::npos) return "";
  const std::size_t begin = at + before.size();
  return said.substr(begin, said.find(':', begin) - begin);
}

bool Pod::ended() const {
  if (end_) return true;
  const char state = state_of("/proc/" + std::to_string(process()));
  return state == '\0' || state == 'Z';
}

void Pod::hold() {
  program_->signal(SIGSTOP);
  EXPECT_TRUE(await([&] { return stands_still("/proc/" + std::to_string(process())); }));
}

void Pod::terminate() {
  ending_ = true;
  program_->signal(SIGTERM);
  go_on();
}

void Pod::lose() {
  ending_ = true;
  if (!silenced_) silenced_ = now();
  program_->signal(SIGKILL);
}

void Pod::stop() {
  silenced_ = now();
  hold();
}

void Pod::go_on() { program_->signal(SIGCONT); }

int Pod::wait() {
  if (!end_) end_ = program_->wait();
  return end_->exit_code;
}

std::string Pod::log() { return end_ ? end_->errors : program_->errors_so_far(); }

}  // namespace baton
