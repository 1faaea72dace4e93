// Alerts that do what they are told, and whose answer a test may lose.
#pragma once

#include "batch/alerts.h"

#include <utility>

namespace baton {

// Used by one thread at a time.
class ForgetfulAlerts final : public Alerts {
 public:
  explicit ForgetfulAlerts(Alerts& inner) : inner_(inner) {}

  // The next write is done, and nobody hears so.
  void lose_next_answer() { lose_ = true; }

  Result<std::vector<Alert>> open() override { return inner_.open(); }
  Result<std::vector<Alert>> untold() override { return inner_.untold(); }
  Result<std::vector<Alert>> recent(std::int64_t limit) override { return inner_.recent(limit); }
  Result<std::vector<bool>> write(const std::vector<AlertChange>& changes) override {
    auto done = inner_.write(changes);
    if (!changes.empty() && std::exchange(lose_, false)) return fail(ErrorKind::unknown_outcome, "the answer was lost");
    return done;
  }
  Status note_pass(const MonitorPass& pass) override { return inner_.note_pass(pass); }
  Result<std::vector<MonitorPass>> passes() override { return inner_.passes(); }

 private:
  Alerts& inner_;
  bool lose_ = false;
};

}  // namespace baton
