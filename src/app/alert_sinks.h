// Who is told of alerts, as the configuration says: a line in the log, an HTTP request, a program.
#pragma once

#include "app/log.h"
#include "config/config.h"
#include "runtime/notice_queue.h"

#include <vector>

namespace baton {

// Log and clock outlive what is returned.
std::vector<NoticeSink> make_sinks(const AlertsConfig& alerts, Log& log, Clock& clock);

}  // namespace baton
