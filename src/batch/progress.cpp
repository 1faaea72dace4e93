#include "batch/progress.h"

#include <algorithm>

namespace baton {

Result<Progress> with_range(Progress progress, const CommittedRange& range) {
  if (range.to < range.from || range.from < progress.low_water) {
    return fail(ErrorKind::internal, "a committed range would be repeated");
  }
  auto place = std::lower_bound(progress.above.begin(), progress.above.end(), range,
                                [](const CommittedRange& a, const CommittedRange& b) { return a.from < b.from; });
  const bool overlaps_next = place != progress.above.end() && place->from < range.to;
  const bool overlaps_last = place != progress.above.begin() && range.from < std::prev(place)->to;
  if (overlaps_next || overlaps_last) return fail(ErrorKind::internal, "two committed ranges would overlap");
  place = progress.above.insert(place, range);

  const auto next = std::next(place);
  if (next != progress.above.end() && next->from.offset == place->to.offset) {
    place->to = next->to;
    progress.above.erase(next);
  }
  if (place != progress.above.begin() && std::prev(place)->to.offset == place->from.offset) {
    std::prev(place)->to = place->to;
    progress.above.erase(place);
  }
  if (progress.above.front().from.offset == progress.low_water.offset) {
    progress.low_water = progress.above.front().to;
    progress.above.erase(progress.above.begin());
  }
  return progress;
}

}  // namespace baton
