// What monitoring found, kept in the job repository (baton_alert), and when each monitor has looked (baton_monitor).
#pragma once

#include "base/clock.h"
#include "baton/result.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace baton {

// Of one kind and subject at most one is open. Times are by the repository's clock.
struct Alert {
  std::int64_t id = 0;
  std::string kind;     // "overdue", "unowned", …: see monitor/trouble.h
  std::string subject;  // the job, replica or monitor
  std::string text;
  WallTime first_seen{};
  WallTime last_seen{};
  std::int64_t count = 1;            // how often it was seen
  WallTime notified{};               // the last notice of it, delivered or not
  std::optional<WallTime> resolved;  // absent: open
  std::string teller;                // the replica that is to deliver that notice
  std::optional<WallTime> told;      // `notified` of the last notice that was delivered; absent: none was
};

struct AlertChange {
  enum class Kind {
    begin,   // opens `alert`, unless one of its kind and subject is open
    seen,    // text and last_seen of the open alert of that id; count + 1
    remind,  // the same, `notified` and `teller`, unless another one has reminded since `before`
    end,     // text; resolved, notified then by `teller`, unless it is already, or was seen after `alert.resolved`
    claim,   // of an alert with a notice that was not delivered: `teller`, unless it is no longer `teller_before`'s
    told     // its notice of `alert.notified` is delivered; the alert is named by kind, subject and first_seen
  };
  Kind kind = Kind::seen;
  Alert alert;
  WallTime before{};               // remind: when the last notice was
  std::string teller_before = {};  // claim
};

// A look of a global monitor at everything.
struct MonitorPass {
  std::string monitor;
  std::string replica;
  Duration every{0};
  WallTime at{};
};

// Used by one thread at a time.
class Alerts {
 public:
  Alerts() = default;
  Alerts(const Alerts&) = delete;
  Alerts& operator=(const Alerts&) = delete;
  virtual ~Alerts() = default;

  // By kind and subject.
  virtual Result<std::vector<Alert>> open() = 0;

  // Those with a notice that is not known to be delivered, open or over, by kind and subject.
  virtual Result<std::vector<Alert>> untold() = 0;

  // Open ones first, then the others, each newest first.
  virtual Result<std::vector<Alert>> recent(std::int64_t limit) = 0;

  // All in one transaction; which of them took effect, in order. What another one has done meanwhile is no error.
  virtual Result<std::vector<bool>> write(const std::vector<AlertChange>& changes) = 0;

  // Replaces the monitor's earlier one.
  virtual Status note_pass(const MonitorPass& pass) = 0;

  // The last one of each monitor, by name.
  virtual Result<std::vector<MonitorPass>> passes() = 0;
};

}  // namespace baton
