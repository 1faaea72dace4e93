// Who owned which job when, as a picture: a row for each job, a bar for each hold, a colour for each pod.
#pragma once

#include "tests/process/rolling/ownership_times.h"

#include <string>
#include <vector>

namespace baton {

// SVG. Gaps between bars are time in which nobody owned the job; a red line ends the hold of one that was silenced.
std::string ownership_svg(const std::string& title, const std::vector<Hold>& holds);

}  // namespace baton
