// A row that the server refused, as a reject.
#pragma once

#include "baton/row_batch.h"
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
  // `relation` is what the statement wrote to; `with_record`: as in encode_pg_rows.
  RefusedRow(const PgTablePlan& plan, const PgTableShape& shape, const std::string& relation, bool with_record)
      : plan_(plan), shape_(shape), relation_(relation), with_record_(with_record) {}

  Reject of(const PgEncodedRows& rows, std::size_t row, const PgFailure& failure) const;
  // Of a row of `staging`: of its place only the record is known.
  Result<Reject> of_staged(PgConnection& connection, const std::string& staging, std::int64_t record,
                           const PgFailure& failure) const;

 private:
  std::string column_of(const PgFailure& failure) const;
  const PgTargetColumn* arriving(const std::string& column) const;
  std::string reason_of(const PgFailure& failure) const;

  const PgTablePlan& plan_;
  const PgTableShape& shape_;
  const std::string& relation_;
  bool with_record_;
};

}  // namespace baton
