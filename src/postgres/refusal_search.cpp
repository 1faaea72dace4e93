#include "postgres/refusal_search.h"

#include <algorithm>

namespace baton {
namespace {

constexpr std::uint64_t first_range = 8;  // rows tried at once after a refusal

}  // namespace

Status search_refusals(std::uint64_t first, std::uint64_t end, const PgAttempt& attempt,
                       const PgOnRefused& on_refused) {
  std::optional<PgRefusal> known;  // with its row
  std::uint64_t at = first;
  std::uint64_t range = end - first;
  while (at < end) {
    if (known && *known->row == at) {
      BATON_TRY(const bool goes_on, on_refused(at, known->failure));
      if (!goes_on) return {};
      ++at;
      known.reset();
      range = first_range;
      continue;
    }
    const std::uint64_t stop = std::min({at + range, end, known ? *known->row : end});
    BATON_TRY(std::optional<PgRefusal> refused, attempt(at, stop));
    if (!refused) {
      at = stop;
      range *= 2;
    } else if (refused->row || stop - at == 1) {
      known = std::move(refused);
      known->row = known->row.value_or(at);
    } else {
      range = (stop - at) / 2;
    }
  }
  return {};
}

}  // namespace baton
