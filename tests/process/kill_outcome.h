// What a run left behind in its folder, read with SQLite alone, and the rules that hold for it however often its
// processes were killed.
#pragma once

#include <map>
#include <string>
#include <vector>

namespace baton {

using TextRows = std::vector<std::vector<std::string>>;

// Runs one SQL statement on a file and returns its rows as text ("NULL" for NULL). Ends the test program if it fails.
TextRows query(const std::string& database, const std::string& sql);
void execute(const std::string& database, const std::string& sql);

// How the newest run of a job stands.
enum class RunState { never_ran, unfinished, finished };

// Looks at copies of the files, so that what a killed process left is found by the next one as it was.
RunState run_state(const std::string& folder, const std::string& job);

// All that must be equal after any number of kills, by what it is: tables, rejects, progress, counts. Rows are sorted.
using Outcome = std::map<std::string, std::vector<std::string>>;
Outcome read_outcome(const std::string& folder);

// A sentence for each difference.
std::vector<std::string> differences(const Outcome& expected, const Outcome& actual);

// A sentence for each broken rule: an execution or a step left open, an instance without exactly one COMPLETED
// execution, an execution that failed for another reason than its death, progress that is not complete, staging left, a
// lease not released, a damaged file.
std::vector<std::string> broken_rules(const std::string& folder);

}  // namespace baton
