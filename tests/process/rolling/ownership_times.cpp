#include "tests/process/rolling/ownership_times.h"

#include <date/date.h>
#include <algorithm>
#include <sstream>

namespace baton {
namespace {

constexpr std::size_t time_length = 24;  // 2026-11-23T07:31:13.123Z

struct Event {
  enum class Kind { took, released, lost } kind;
  std::string job;
};

std::optional<Event> event_of(const std::string& line) {
  for (const auto& [text, kind] :
       {std::pair(": took its lease", Event::Kind::took), std::pair(": released, ", Event::Kind::released),
        std::pair(": lost its lease: ", Event::Kind::lost)}) {
    const std::size_t at = line.find(text);
    if (at == std::string::npos) continue;
    const std::size_t begin = line.rfind(' ', at);
    return Event{kind, line.substr(begin + 1, at - begin - 1)};
  }
  return std::nullopt;
}

// A hold that was there when its process was silenced ended then, whatever the process says once it goes on.
void end_hold(const PodLog& log, LogTime time, bool released, Hold& hold) {
  const bool silenced = log.silenced && hold.from < *log.silenced && *log.silenced < time;
  hold.until = silenced ? *log.silenced : time;
  hold.released = released && !silenced;
}

void add_holds(const PodLog& log, std::vector<Hold>& holds) {
  std::map<std::string, std::size_t> open;
  std::istringstream lines(log.text);
  LogTime last{};
  for (std::string line; std::getline(lines, line);) {
    const auto time = parse_log_time(line);
    const auto event = time ? event_of(line) : std::nullopt;
    if (time) last = *time;
    if (!event) continue;
    if (event->kind == Event::Kind::took) {
      open[event->job] = holds.size();
      holds.push_back({event->job, log.pod, *time, std::nullopt, false});
    } else if (const auto hold = open.find(event->job); hold != open.end()) {
      end_hold(log, *time, event->kind == Event::Kind::released, holds[hold->second]);
      open.erase(hold);
    }
  }
  for (const auto& [job, hold] : open) {
    const bool silenced = log.silenced && holds[hold].from < *log.silenced;
    if (silenced || log.ended) end_hold(log, silenced ? *log.silenced : last, false, holds[hold]);
  }
}

}  // namespace

std::optional<LogTime> parse_log_time(const std::string& line) {
  if (line.size() < time_length) return std::nullopt;
  std::istringstream text(line.substr(0, time_length));
  LogTime time;
  text >> date::parse("%FT%TZ", time);
  return text.fail() ? std::nullopt : std::optional(time);
}

std::vector<Hold> ownership_times(const std::vector<PodLog>& logs) {
  std::vector<Hold> holds;
  for (const PodLog& log : logs) add_holds(log, holds);
  std::stable_sort(holds.begin(), holds.end(), [](const Hold& a, const Hold& b) { return a.from < b.from; });
  return holds;
}

std::size_t held_at_the_end(const std::vector<Hold>& holds) {
  std::map<std::string, bool> held;
  for (const Hold& hold : holds) held[hold.job] = held[hold.job] || !hold.until;
  return static_cast<std::size_t>(std::count_if(held.begin(), held.end(), [](const auto& job) { return job.second; }));
}

std::vector<Gap> ownership_gaps(const std::vector<Hold>& holds) {
  std::vector<Gap> gaps;
  std::map<std::string, const Hold*> before;
  for (const Hold& hold : holds) {
    const Hold* last = std::exchange(before[hold.job], &hold);
    if (last == nullptr) continue;
    gaps.push_back({hold.job, last->until ? hold.from - *last->until : two_to_the_end, last->released});
  }
  return gaps;
}

}  // namespace baton
