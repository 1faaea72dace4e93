#include "postgres/chunk_rows.h"

#include <algorithm>

namespace baton {

PgChunkRows::Row PgChunkRows::at(std::size_t row) const {
  const auto found = std::upper_bound(ends_.begin(), ends_.end(), row);
  const std::size_t begin = found == ends_.begin() ? 0 : *(found - 1);
  return {*batches_[static_cast<std::size_t>(found - ends_.begin())], row - begin};
}

std::uint64_t PgChunkRows::record(std::size_t row) const {
  const Row found = at(row);
  return found.batch.places[found.row].record;
}

std::vector<std::string_view> PgChunkRows::pieces(std::size_t first, std::size_t end) const {
  std::vector<std::string_view> found;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < batches_.size(); begin = ends_[i++]) {
    const std::size_t from = std::max(first, begin);
    const std::size_t to = std::min(end, ends_[i]);
    if (from < to) found.push_back(batches_[i]->view(from - begin, to - begin));
  }
  return found;
}

}  // namespace baton
