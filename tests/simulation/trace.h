// What happened in a simulation: a hash of all of it, the last events as text where somebody will read them, and the
// first invariant that was violated.
#pragma once

#include "tests/simulation/event_queue.h"

#include <fmt/format.h>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

namespace baton {

class Trace {
 public:
  // Formatting costs more than simulating: a seed that failed is run again with text. 0: none is kept.
  Trace(const EventQueue& queue, std::size_t kept_events) : queue_(queue), kept_events_(kept_events) {}

  // `kind` is a literal that names the event; the values go into the hash.
  template <class... Values>
  void event(std::string_view kind, const Values&... values) {
    mix(static_cast<std::uint64_t>(queue_.now().count()));
    mix(kind);
    (mix(values), ...);
    if (kept_events_ == 0) return;
    std::string line = fmt::format("{:>14.6f}s  {}", static_cast<double>(queue_.now().count()) / 1e6, kind);
    (line.append(fmt::format(" {}", values)), ...);
    note(std::move(line));
  }

  void violated(std::string invariant) {
    if (violation_) return;
    event("VIOLATED", invariant);
    violation_ = std::move(invariant);
  }

  const std::optional<std::string>& violation() const { return violation_; }
  std::uint64_t hash() const { return hash_; }
  const std::deque<std::string>& last_events() const { return last_; }

 private:
  void mix(std::uint64_t value) { hash_ = (hash_ ^ value) * 0x100000001B3ULL + (hash_ >> 29); }
  void mix(std::int64_t value) { mix(static_cast<std::uint64_t>(value)); }
  void mix(int value) { mix(static_cast<std::uint64_t>(value)); }
  void mix(std::string_view text) {
    for (const char c : text) hash_ = (hash_ ^ static_cast<unsigned char>(c)) * 0x100000001B3ULL;
  }
  void note(std::string line) {
    last_.push_back(std::move(line));
    if (last_.size() > kept_events_) last_.pop_front();
  }

  const EventQueue& queue_;
  const std::size_t kept_events_;
  std::uint64_t hash_ = 0xCBF29CE484222325ULL;
  std::deque<std::string> last_;
  std::optional<std::string> violation_;
};

}  // namespace baton
