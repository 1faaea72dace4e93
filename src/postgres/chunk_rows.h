// The rows of a chunk's encoded batches, numbered through.
#pragma once

#include "postgres/table_encode.h"

#include <cstddef>
#include <string_view>
#include <vector>

namespace baton {

class PgChunkRows {
 public:
  // `batch` outlives this.
  void add(const PgEncodedRows& batch) {
    if (batch.rows() == 0) return;
    batches_.push_back(&batch);
    ends_.push_back(rows() + batch.rows());
  }

  std::size_t rows() const { return ends_.empty() ? 0 : ends_.back(); }

  struct Row {
    const PgEncodedRows& batch;
    std::size_t row;  // in the batch
  };
  Row at(std::size_t row) const;
  std::uint64_t record(std::size_t row) const;

  // The bytes of the rows from `first` to before `end`: a piece for each batch that has some of them.
  std::vector<std::string_view> pieces(std::size_t first, std::size_t end) const;

 private:
  std::vector<const PgEncodedRows*> batches_;
  std::vector<std::size_t> ends_;  // the number behind the last row of each
};

}  // namespace baton
