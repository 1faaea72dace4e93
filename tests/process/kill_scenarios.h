// What the kill tests run: small jobs that cover each kind of step and target, with inputs made for the test.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace baton {

struct KillScenario {
  std::string name;
  std::vector<std::string> jobs;
  std::string config;  // YAML below `jobs:`; INPUT and OUT stand for the folders of the inputs and of the run
  std::map<std::string, std::string> setup;  // database file → SQL that is run there before the first run
};

const std::vector<KillScenario>& kill_scenarios();
// What the native step of kill_natives.h does again at most.
inline constexpr int tallied_between_saves = 50;
// One of real size: the demo's vendors, in more chunks; it reads vendors_input.
extern const char* const vendors_input;
const KillScenario& vendors_scenario();
// By name, the vendors too. Ends the test program where there is none.
const KillScenario& kill_scenario(const std::string& name);

// Writes people.csv, faulty.csv and orders.json; the same bytes each time.
void write_kill_inputs(const std::string& folder);

// The whole configuration, with a lease of so many milliseconds.
std::string kill_config(const KillScenario& scenario, const std::string& inputs, const std::string& out, int lease_ms);

}  // namespace baton
