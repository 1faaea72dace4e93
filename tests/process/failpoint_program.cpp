// baton, with stores that count their calls.
//   BATON_KILL_AT=N       SIGKILL to itself before (N odd) or after (N even) call ⌈N/2⌉ of any store
//   BATON_KILL_BEFORE=C   SIGKILL to itself before the first call named C
//   BATON_COUNT_FILE=F    the names of the calls, in order, into F at the end
//   BATON_BREAK=progress  progress is committed apart from the rows; =orphans: nobody closes dead executions
#include "app/program.h"
#include "tests/doubles/counting_stores.h"

#include <cstdlib>
#include <fstream>
#include <string>

namespace {

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

baton::PlantedBug planted_bug() {
  const std::string name = setting("BATON_BREAK");
  if (name == "progress") return baton::PlantedBug::progress_apart;
  if (name == "orphans") return baton::PlantedBug::orphans_left_open;
  return baton::PlantedBug::none;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string kill_at = setting("BATON_KILL_AT");
  baton::StoreCalls calls(kill_at.empty() ? 0 : std::stoull(kill_at), setting("BATON_KILL_BEFORE"));
  const int code = baton::run_program(argc, argv, baton::counting_stores(calls, planted_bug()));
  if (const std::string path = setting("BATON_COUNT_FILE"); !path.empty()) {
    std::ofstream file(path);
    for (const std::string& name : calls.names()) file << name << '\n';
  }
  return code;
}
