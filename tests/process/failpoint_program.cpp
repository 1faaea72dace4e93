// baton, with stores that count their calls, and with the parts of kill_natives.h.
//   BATON_KILL_AT=N       SIGKILL to itself before (N odd) or after (N even) call ⌈N/2⌉ of any store
//   BATON_STOP_AT=N       SIGSTOP there
//   BATON_AT=P            at a call that has a name, as CallPoint says it: "after Transaction::commit 5 stop"
//   BATON_KILL_WRITE=N    SIGKILL to itself before, in the middle of, or after write ⌈N/3⌉ of SQLite's
//   BATON_COUNT_FILE=F    the names of the calls, in order, into F at the end, the number of writes into F.writes
//   BATON_BREAK=progress  progress is committed apart from the rows; =orphans: nobody closes dead executions
#include "app/program.h"
#include "tests/doubles/counting_stores.h"
#include "tests/process/failing_writes.h"
#include "tests/process/kill_natives.h"

#include <cstdlib>
#include <fstream>
#include <string>

namespace {

std::string setting(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

std::uint64_t number(const char* name) {
  const std::string text = setting(name);
  return text.empty() ? 0 : std::stoull(text);
}

baton::PlantedBug planted_bug() {
  const std::string name = setting("BATON_BREAK");
  if (name == "progress") return baton::PlantedBug::progress_apart;
  if (name == "orphans") return baton::PlantedBug::orphans_left_open;
  return baton::PlantedBug::none;
}

}  // namespace

int main(int argc, char** argv) {
  baton::StoreCalls calls({number("BATON_KILL_AT"), number("BATON_STOP_AT")}, baton::call_point(setting("BATON_AT")));
  baton::kill_at_write(number("BATON_KILL_WRITE"));
  const int code =
      baton::run_program(argc, argv, {baton::counting_stores(calls, planted_bug()), baton::kill_natives()});
  if (const std::string path = setting("BATON_COUNT_FILE"); !path.empty()) {
    std::ofstream file(path);
    for (const std::string& name : calls.names()) file << name << '\n';
    std::ofstream(path + ".writes") << baton::writes_counted() << '\n';
  }
  return code;
}
