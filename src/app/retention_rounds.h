// A replica forgets the past of its jobs, now and then, as `retention` says.
#pragma once

#include "app/commands.h"

#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace baton {

// How long between two rounds: an hour, less where what is kept is kept for less than a day.
Duration between_rounds(const RetentionConfig& retention);

// From a thread of its own, which nobody waits for; none where nothing is configured. What is given outlives it.
class RetentionRounds {
 public:
  RetentionRounds(const CommandContext& context, std::string replica);
  RetentionRounds(const RetentionRounds&) = delete;
  RetentionRounds& operator=(const RetentionRounds&) = delete;
  // Ends the round that is under way after its batch.
  ~RetentionRounds() = default;

 private:
  void work(const std::stop_token& stop);
  Status round(const std::stop_token& stop);
  // Of `jobs`, those that write to none of these connections.
  std::vector<std::string> jobs_without(const std::map<std::string, Error>& connections,
                                        const std::vector<std::string>& jobs) const;

  const CommandContext& context_;
  const std::string replica_;
  std::jthread thread_;
};

}  // namespace baton
