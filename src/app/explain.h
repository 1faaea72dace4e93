// Why a job runs, waits or has no owner: one sentence, and what it rests on.
#pragma once

#include "monitor/overview.h"

#include <string>
#include <utility>
#include <vector>

namespace baton {

struct Explanation {
  std::string sentence;                                       // "vendors is idle: …", with what to do about it
  std::vector<std::pair<std::string, std::string>> evidence;  // what, and what it says
};

// `job` is one of the overview's.
Explanation explain(const Overview& overview, const JobOverview& job);

}  // namespace baton
