#include "postgres/session.h"

#include "postgres/fenced_transaction.h"

#include <fmt/format.h>
#include <utility>

namespace baton {

PgSession::PgSession(PgSettings settings, std::string tables, Duration patience)
    : settings_(std::move(settings)), tables_(std::move(tables)), patience_(patience) {}

Result<PgConnection*> PgSession::connection() {
  if (in_transaction_) {
    if (!connection_->lost()) return connection_.get();
    return fail(ErrorKind::retry,
                fmt::format("{}: the connection was lost within a transaction, which is undone", settings_.shown));
  }
  if (connection_ != nullptr && !connection_->healthy()) drop();
  if (connection_ == nullptr) BATON_CHECK(connect());
  if (open_under_) BATON_CHECK(end_what_was_left_open());
  return connection_.get();
}

Status PgSession::connect() {
  BATON_TRY(auto opened, PgConnection::open(settings_, patience_));
  if (tables_.empty()) {
    // A schema that is still to be made is in no search_path.
    BATON_TRY(const PgResult found, opened->query("SELECT pg_catalog.current_schema()"));
    tables_ = found.optional_text(0, 0).value_or(settings_.schema.value_or("public"));
  }
  const std::scoped_lock lock(interrupt_mutex_);
  connection_ = std::move(opened);
  return {};
}

Status PgSession::end_what_was_left_open() {
  const Status over = end_older_transactions(*connection_, table("baton_fence"), *open_under_);
  if (!over && over.error().kind != ErrorKind::lease_lost) return over;
  open_under_.reset();
  return {};
}

std::string PgSession::table(std::string_view name) const {
  return PgConnection::quoted_name(tables_) + "." + PgConnection::quoted_name(name);
}

Result<bool> PgSession::has_table(std::string_view name) {
  BATON_TRY(PgConnection* const made, connection());
  BATON_TRY(const PgResult there,
            made->query("SELECT pg_catalog.to_regclass($1) IS NOT NULL", PgParameters::of(table(name))));
  return there.boolean(0, 0);
}

void PgSession::runs_under(const Fence& fence) {
  open_under_ = fence;
  in_transaction_ = true;
}

void PgSession::ended() {
  open_under_.reset();
  in_transaction_ = false;
  interrupted_ = false;
}

void PgSession::drop() {
  in_transaction_ = false;
  interrupted_ = false;
  const std::scoped_lock lock(interrupt_mutex_);
  connection_.reset();
}

void PgSession::interrupt() {
  interrupted_ = true;
  const std::scoped_lock lock(interrupt_mutex_);
  if (connection_ != nullptr) connection_->interrupt();
}

}  // namespace baton
