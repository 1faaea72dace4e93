#include "app/http_verdict.h"

#include <fmt/format.h>

namespace baton {

Status http_verdict(const HttpAnswer& answer, const std::string& advice) {
  if (answer.outcome != HttpAnswer::Outcome::answered) return fail(ErrorKind::retry, answer.error);
  if (answer.status >= 200 && answer.status < 300) return {};
  if (answer.status == 408 || answer.status == 429 || answer.status >= 500) {
    return fail(ErrorKind::retry, fmt::format("HTTP status {}", answer.status));
  }
  return fail(ErrorKind::invalid, fmt::format("HTTP status {}: {}", answer.status, advice));
}

}  // namespace baton
