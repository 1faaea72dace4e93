// A row that the server refused, as a reject.
#pragma once

#include "data/row_batch.h"
#include "postgres/connection.h"
#include "postgres/table_encode.h"
#include "postgres/table_plan.h"
#include "postgres/table_shape.h"

#include <cstdint>
#include <string>
#include <vector>

namespace baton {

class RefusedRow {
 public:
  // `relation` is what COPY wrote to; `with_record`: as in encode_pg_rows.
  RefusedRow(const PgTablePlan& plan, const PgTableShape& shape, const std::string& relation, bool with_record)
      : plan_(plan), shape_(shape), relation_(relation), with_record_(with_record) {}

  Reject of(const PgEncodedRows& rows, std::size_t row, const PgFailure& failure) const;

 private:
  std::string column_of(const PgFailure& failure) const;
  std::string reason_of(const PgFailure& failure) const;

  const PgTablePlan& plan_;
  const PgTableShape& shape_;
  const std::string& relation_;
  bool with_record_;
};

// The first records of a staging table that hold the key which a violation's DETAIL names: "Key (a)=(7) …". Empty where
// it names none. REQUIRES: the transaction is usable.
std::vector<std::int64_t> staged_records(PgConnection& connection, const std::string& staging,
                                         const PgFailure& failure);

}  // namespace baton
