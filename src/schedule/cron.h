// Cron expressions of six fields, as Spring's CronExpression reads them: second, minute, hour, day of month, month, day
// of week; `*`, `?`, lists, ranges, steps, names, L, W, LW, `5#2`, `FRIL`, and the macros @yearly … @hourly. Day of
// month and day of week must both match.
#pragma once

#include "baton/result.h"
#include "schedule/cron_fields.h"
#include "schedule/zone.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace baton {

class Cron {
 public:
  // `invalid` names the field, what was found and what is expected there; so does an expression that never fires
  // (30 February).
  static Result<Cron> parse(std::string_view text);

  // As written, with single spaces.
  const std::string& text() const { return text_; }

  // The first instant after `after` at which it fires on the clocks of `zone`; empty if there is none within 40 years.
  // A fixed hour that clocks skip fires at the first instant after the gap, one that comes twice at its first
  // occurrence; with `*` or a step in the hour field every real hour counts.
  std::optional<WallTime> next(WallTime after, const Zone& zone) const;

  friend bool operator==(const Cron& a, const Cron& b) { return a.text_ == b.text_; }

 private:
  Cron(std::string text, const CronFields& fields) : text_(std::move(text)), fields_(fields) {}

  std::string text_;
  CronFields fields_;
};

}  // namespace baton
