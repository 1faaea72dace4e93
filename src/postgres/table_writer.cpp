#include "postgres/table_writer.h"

#include "data/write_reject.h"
#include "postgres/copy_rows.h"
#include "postgres/refused_row.h"
#include "postgres/staged_mirror.h"
#include "postgres/table_encode.h"
#include "postgres/table_plan.h"
#include "postgres/table_staging.h"

#include <fmt/format.h>
#include <xxhash.h>
#include <utility>

namespace baton {
namespace {

class PgTableWriter final : public TableWriter {
 public:
  PgTableWriter(PgSession& session, TableSpec spec, std::string step)
      : session_(session), spec_(std::move(spec)), step_(std::move(step)) {}

  Result<std::vector<std::string>> columns() override {
    return named([&]() -> Result<std::vector<std::string>> {
      BATON_TRY(PgConnection * connection, session_.connection());
      BATON_TRY(const PgTarget target, read_pg_target(*connection, spec_.name));
      return takeable_columns(spec_, target);
    });
  }

  Status bind(const std::vector<std::string>& inputs) override {
    return named([&]() -> Status {
      BATON_TRY(PgConnection * connection, session_.connection());
      BATON_TRY(PgTarget target, read_pg_target(*connection, spec_.name));
      BATON_TRY(plan_, plan_pg_write(spec_, target, inputs));
      shape_ = target.shape ? *std::move(target.shape) : PgTableShape();
      const bool by_insert = spec_.mode == WriteMode::upsert || plan_.by_insert;
      into_ = is_staged() ? Into::staging : by_insert ? Into::rows : Into::table;
      settle_statement();
      return {};
    });
  }

  std::vector<bool> takes_native(const std::vector<std::string>& forms) const override {
    return native_columns(plan_, forms);
  }

  std::unique_ptr<EncodedBatch> encode(const RowBatch& batch, std::vector<Reject>& rejects) override {
    auto content = pool_->take();
    encode_pg_rows(plan_, into_ != Into::table, batch, *content, rejects);
    return std::make_unique<PgEncodedBatch>(std::move(content), pool_);
  }

  Status begin(std::int64_t instance) override {
    return named([&]() -> Status {
      BATON_TRY(PgConnection * connection, in_transaction());
      if (!plan_.create_sql.empty()) {
        BATON_TRY(const auto created, connection->query(plan_.create_sql));
      }
      BATON_CHECK(check_shape(*connection));
      staging_ = staging_of(instance);
      // In any mode: the step may have had another one before.
      BATON_TRY(const auto dropped, connection->query("DROP TABLE IF EXISTS " + staging_table()));
      settle_statement();
      if (into_ != Into::staging) return {};
      const StagedKeys keys = spec_.mode == WriteMode::replace ? StagedKeys::enforced : StagedKeys::repeated;
      BATON_TRY(const auto made, connection->query(fmt::format("CREATE TABLE {} {}", staging_table(),
                                                               staging_columns(plan_, shape_, keys))));
      return {};
    });
  }

  Status resume(std::int64_t instance) override {
    return named([&]() -> Status {
      BATON_TRY(PgConnection * connection, session_.connection());
      staging_ = staging_of(instance);
      settle_statement();
      return check_shape(*connection);
    });
  }

  Result<bool> staging_is_whole(std::uint64_t rows) override {
    return named([&]() -> Result<bool> {
      if (into_ != Into::staging) return true;
      BATON_TRY(PgConnection * connection, session_.connection());
      BATON_TRY(const PgResult found, connection->query("SELECT relpersistence FROM pg_catalog.pg_class WHERE oid = "
                                                        "to_regclass($1)",
                                                        PgParameters::of(staging_table())));
      // One that is not logged loses its rows in a crash of the server.
      if (found.rows() != 1 || found.view(0, 0) != "p") return false;
      BATON_TRY(const PgResult count, connection->query("SELECT count(*) FROM " + staging_table()));
      return static_cast<std::uint64_t>(count.integer(0, 0)) == rows;
    });
  }

  Result<WriteTally> write(const EncodedBatch& batch) override {
    PgChunkRows rows;
    rows.add(static_cast<const PgEncodedBatch&>(batch).content());
    return write_rows(rows);
  }

  Result<WriteTally> write_all(const std::vector<std::unique_ptr<EncodedBatch>>& batches) override {
    PgChunkRows rows;
    for (const auto& batch : batches) rows.add(static_cast<const PgEncodedBatch&>(*batch).content());
    return write_rows(rows);
  }

  int closing_chunks() const override { return is_staged() ? 1 : 0; }

  Result<ClosingTally> close(int index, bool clean, std::uint64_t most_rejects) override {
    return named([&]() -> Result<ClosingTally> {
      if (index < 0 || index >= closing_chunks()) {
        return fail(ErrorKind::internal, fmt::format("there is no closing chunk {}", index));
      }
      BATON_TRY(PgConnection * connection, in_transaction());
      BATON_CHECK(check_shape(*connection));
      BATON_TRY(ClosingTally tally, merge(*connection, clean, most_rejects));
      BATON_CHECK(connection->script("DROP TABLE " + staging_table()));
      return tally;
    });
  }

  Status discard(std::int64_t instance) override {
    return named([&]() -> Status {
      BATON_TRY(PgConnection * connection, in_transaction());
      if (plan_.table.empty()) {
        BATON_TRY(const PgTarget target, read_pg_target(*connection, spec_.name));
        plan_.schema = target.schema;
        plan_.table = target.name;
      }
      const std::string staging = session_.table(staging_of(instance));
      BATON_TRY(const auto dropped, connection->query("DROP TABLE IF EXISTS " + staging));
      return {};
    });
  }

 private:
  enum class Into {
    table,    // COPY into the target itself
    rows,     // a temporary table of the session, from which each chunk goes on into the target
    staging,  // a logged table of the instance
  };

  // Messages begin with the step.
  template <class Call>
  auto named(Call call) -> decltype(call()) {
    auto result = call();
    if (!result) result.error().message = step_ + ": " + result.error().message;
    return result;
  }

  Result<WriteTally> write_rows(const PgChunkRows& rows) {
    return named([&]() -> Result<WriteTally> {
      if (rows.rows() == 0) return WriteTally();
      BATON_TRY(PgConnection * connection, in_transaction());
      const RefusedRow reject(plan_, shape_, statement_.relation, into_ != Into::table);
      return copy_rows(*connection, statement_, rows, [&](std::size_t row, const PgFailure& failure) {
        const PgChunkRows::Row refused = rows.at(row);
        return reject.of(refused.batch, refused.row, failure);
      });
    });
  }

  bool is_staged() const { return stages(spec_); }

  std::string staging_of(std::int64_t instance) const {
    return pg_staging_name(spec_.repository_id, instance, plan_.schema, plan_.table);
  }
  // Beside Baton's own tables: there this role can make one.
  std::string staging_table() const { return session_.table(staging_); }

  // A session that was lost is made again by connection(), without the transaction: nothing may be written there.
  Result<PgConnection*> in_transaction() {
    BATON_TRY(PgConnection * connection, session_.connection());
    if (connection->in_transaction()) return connection;
    return fail(ErrorKind::retry, fmt::format("{}: the connection was lost", connection->shown()));
  }

  // Bytes are sent as the types that were found in bind: another type of the same width would take them silently.
  Status check_shape(PgConnection& connection) {
    BATON_TRY(PgTarget now, read_pg_target(connection, PgTableName{plan_.schema, plan_.table}));
    if (!now.shape) return fail(ErrorKind::invalid, fmt::format("table {}.{} was dropped", plan_.schema, plan_.table));
    for (const PgTargetColumn& column : plan_.columns) {
      const auto found = std::find_if(now.shape->columns.begin(), now.shape->columns.end(),
                                      [&](const PgShapeColumn& one) { return one.name == column.name; });
      if (found != now.shape->columns.end() && found->encoder.codec == column.encoder.codec) continue;
      return fail(ErrorKind::invalid,
                  fmt::format("table {}.{} was altered while it was being loaded (column {}): start "
                              "the job again",
                              plan_.schema, plan_.table, column.name));
    }
    shape_ = *std::move(now.shape);
    return {};
  }

  void settle_statement() {
    statement_ = {};
    statement_.binary = plan_.binary();
    const std::string columns = quoted_list(column_names(plan_));
    std::string into = plan_.quoted();
    statement_.relation = plan_.table;
    if (into_ == Into::staging) {
      into = staging_table();
      statement_.relation = staging_;
    } else if (into_ == Into::rows) {
      // Its name says what it is like, so that one of another plan in this session is not taken for it.
      const std::string body = staging_columns(plan_, shape_, StagedKeys::repeated);
      statement_.relation = fmt::format("baton_rows_{:016x}", XXH3_64bits(body.data(), body.size()));
      into = "pg_temp." + statement_.relation;
      statement_.before = fmt::format("CREATE TEMPORARY TABLE IF NOT EXISTS {} {} ON COMMIT DELETE ROWS; ", into, body);
    }
    statement_.copy = fmt::format("COPY {} ({}{}) FROM STDIN (FORMAT {})", into,
                                  into_ == Into::table ? "" : fmt::format("{}, ", staged_record), columns,
                                  plan_.binary() ? "binary" : "text");
    statement_.after = [this, into](std::uint64_t first, std::uint64_t last) {
      std::string sql;
      if (into_ == Into::rows) {
        const std::string range = fmt::format("{} BETWEEN {} AND {}", staged_record, first, last);
        sql = into_table(spec_.mode == WriteMode::upsert ? plan_.key : std::vector<std::string>(), into, range) + "; ";
      }
      if (into_ != Into::staging && plan_.checks_at_commit) sql += "SET CONSTRAINTS ALL IMMEDIATE; ";
      return sql;
    };
  }

  // By key, where there is one.
  std::string into_table(const std::vector<std::string>& key, const std::string& staging,
                         const std::string& range) const {
    if (key.empty() && shape_.may_filter) return insert_and_count_sql(plan_, staging, range);
    if (key.empty()) return insert_staged_sql(plan_, staging, range);
    if (shape_.may_filter) return merge_and_count_sql(plan_, key, staging, range);
    return merge_staged_sql(plan_, key, staging, range);
  }

  Result<ClosingTally> merge(PgConnection& connection, bool clean, std::uint64_t most_rejects) {
    const std::string staging = staging_table();
    PgStagedMerge merge;
    merge.staging = staging;
    merge.refers_to_itself = shape_.refers_to_itself;
    PgReplaceWay way{"ANALYZE " + staging, plan_.key};
    if (spec_.mode == WriteMode::replace) {
      BATON_TRY(way, way_to_replace(plan_, shape_, staging));
    }
    merge.key = way.key;
    merge.statement = [this, key = way.key, staging](const std::string& range) {
      return into_table(key, staging, range);
    };
    // Behind what removes rows: that no staged row is to blame for.
    if (plan_.checks_at_commit) way.before += "; SET CONSTRAINTS ALL IMMEDIATE";
    BATON_CHECK(connection.script(way.before));
    const RefusedRow refused(plan_, shape_, plan_.table, true);
    const auto reject = [&](std::int64_t record, const PgFailure& failure) {
      return refused.of_staged(connection, staging, record, failure);
    };
    if (spec_.mode == WriteMode::mirror) return mirror(connection, std::move(merge), clean, most_rejects, reject);
    BATON_TRY(ClosingTally tally, merge_staged(connection, merge, most_rejects, reject));
    if (spec_.mode == WriteMode::replace && !way.key.empty() && !tally.rejects.empty()) {
      BATON_CHECK(connection.script(delete_unstaged_sql(plan_, shape_, way.key, staging)));
    }
    return tally;
  }

  Result<ClosingTally> mirror(PgConnection& connection, PgStagedMerge merge, bool clean, std::uint64_t most_rejects,
                              const PgStagedReject& reject) {
    const bool may_move = !shape_.rows_are_bound && !shape_.row_security;
    if (may_move) {
      merge.move = [this, staging = merge.staging](const std::string& range) {
        return move_staged_sql(plan_, shape_, plan_.key, staging, range);
      };
    }
    const auto with_advice = [&](std::int64_t record, const PgFailure& failure) -> Result<Reject> {
      BATON_TRY(Reject made, reject(record, failure));
      if (!may_move) made.reason += advice_on_moving(shape_, plan_.key, failure);
      return made;
    };
    if (!clean) return merge_staged(connection, merge, most_rejects, with_advice);
    const std::string remove = delete_unstaged_sql(plan_, shape_, plan_.key, merge.staging);
    return mirror_staged(connection, {std::move(merge), remove, !shape_.deletes_reach_itself}, most_rejects,
                         with_advice);
  }

  PgSession& session_;
  TableSpec spec_;
  std::string step_;
  PgTablePlan plan_;
  PgTableShape shape_;
  Into into_ = Into::table;  // plan_ and into_ are settled by bind: encode() runs on another thread
  std::string staging_;      // without its schema
  PgCopyStatement statement_;
  std::shared_ptr<PgEncodedRowsPool> pool_ = std::make_shared<PgEncodedRowsPool>();
};

}  // namespace

std::unique_ptr<TableWriter> make_pg_table_writer(PgSession& session, TableSpec spec, std::string step) {
  return std::make_unique<PgTableWriter>(session, std::move(spec), std::move(step));
}

}  // namespace baton
