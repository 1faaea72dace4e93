#include "postgres/table_reader.h"

#include "postgres/binary_rows.h"
#include "postgres/copy_text.h"
#include "postgres/native_form.h"
#include "postgres/read_plan.h"

#include <fmt/format.h>
#include <algorithm>
#include <optional>

namespace baton {
namespace {

constexpr Duration connect_timeout(10'000);
constexpr std::size_t page_rows = 65'536;

Error changed_columns() { return {ErrorKind::invalid, "the columns of the input changed while it was read"}; }

// A page is one COPY of the rows from the last key on: the row with the last key comes again, and tells by coming twice
// that the key is not unique.
class PgReader final : public Reader {
 public:
  PgReader(PgSettings settings, PgReadSpec spec, std::string step)
      : settings_(std::move(settings)), spec_(std::move(spec)), step_(std::move(step)) {}

  Result<std::vector<std::string>> open(const std::vector<std::string>& wanted) override;
  std::vector<std::string> native_forms() const override;
  void deliver_native(const std::vector<bool>& columns) override;
  Result<InputIdentity> identity(const Position& end) override;
  Status resume(const Position& from) override;
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override;
  Status finish() override { return {}; }
  void close() override { connection_.reset(); }
  std::uint64_t size_bytes() const override { return 0; }

 private:
  Status connect();
  Result<bool> fill(RowBatch& batch, const ReadLimits& limits);
  Status begin_page(const Position* until);
  Result<bool> next_row(RowBatch& batch);
  Status add_row(RowBatch& batch, std::string_view line);
  Status add_binary_row(RowBatch& batch, std::string_view message, bool& is_again);
  Status add_text_row(RowBatch& batch, std::string_view line, bool& is_again) const;
  Status check_until(const RowBatch& batch, const Position& until) const;
  std::string last_key(const RowBatch& batch) const;
  Error named(Error error) const {
    error.message = fmt::format("{}: connection \"{}\": {}", step_, spec_.connection, error.message);
    return error;
  }

  PgSettings settings_;
  PgReadSpec spec_;
  std::string step_;
  std::unique_ptr<PgConnection> connection_;
  PgReadPlan plan_;
  std::optional<BinaryRows> binary_;  // where the writer takes some columns in their own form
  std::string opened_;                // tells this reading of an input without order from every other one
  Position position_;                 // behind the last row that was given out
  bool in_page_ = false;              // a COPY is under way
  bool asks_again_ = false;           // its rows tell whether they are the one at the last key
  std::size_t page_left_ = 0;
  std::size_t again_ = 0;  // rows of the page at the last key
  bool at_end_ = false;    // of the input, or of the hole that is read
};

Status PgReader::connect() {
  in_page_ = false;
  connection_.reset();  // never two at a time
  BATON_TRY(connection_, PgConnection::open(settings_, connect_timeout));
  // A query may call a function: nothing is changed through this session.
  BATON_TRY([[maybe_unused]] const auto done, connection_->script("SET default_transaction_read_only = on"));
  return {};
}

Result<std::vector<std::string>> PgReader::open(const std::vector<std::string>& /*wanted*/) {
  const Status planned = [&]() -> Status {
    BATON_CHECK(connect());
    BATON_TRY(plan_, plan_pg_read(*connection_, spec_));
    BATON_TRY(const PgResult now, connection_->query("SELECT clock_timestamp()::text"));
    opened_ = now.text(0, 0);
    return {};
  }();
  if (!planned) return fail(named(planned.error()));
  position_ = {};
  at_end_ = false;
  return plan_.columns;
}

std::vector<std::string> PgReader::native_forms() const {
  std::vector<std::string> forms;
  for (const PgReadColumn& column : plan_.forms) forms.push_back(pg_native_form(column.encoder));
  return forms;
}

void PgReader::deliver_native(const std::vector<bool>& columns) {
  std::vector<PgReadColumn> read = plan_.forms;
  for (std::size_t i = 0; i < read.size(); ++i) {
    const bool is_key = std::find(plan_.key.begin(), plan_.key.end(), i) != plan_.key.end();
    read[i].as = pg_read_as(read[i].encoder, columns[i], is_key);
  }
  binary_.emplace(std::move(read));
}

Result<InputIdentity> PgReader::identity(const Position& end) {
  const std::string up_to = plan_.key.empty() ? "read at " + opened_ : plan_.key_types + " | " + end.key;
  return InputIdentity{plan_.source, 0, 0, up_to};
}

Status PgReader::resume(const Position& from) {
  if (plan_.key.empty() && from.record > 0) {
    return fail(named({ErrorKind::invalid, "without `key` reading cannot go on where it was left"}));
  }
  position_ = from;
  at_end_ = false;
  if (!in_page_) return {};
  const Status connected = connect();  // the rest of the page goes with its session
  return connected ? Status() : fail(named(connected.error()));
}

Result<bool> PgReader::read(RowBatch& batch, const ReadLimits& limits) {
  auto more = fill(batch, limits);
  if (!more && more.error().kind == ErrorKind::retry && !plan_.key.empty()) {
    // The session was lost: another one goes on behind the last batch.
    const Status connected = connect();
    if (!connected) return fail(named(connected.error()));
    more = fill(batch, limits);
  }
  if (!more) return fail(named(more.error()));
  return more;
}

Result<bool> PgReader::fill(RowBatch& batch, const ReadLimits& limits) {
  batch.clear();
  batch.columns = plan_.columns.size();
  while (batch.rows.size() < std::max<std::size_t>(limits.rows, 1) && batch.bytes < limits.bytes) {
    if (!in_page_ && at_end_) break;
    if (!in_page_) {
      if (batch.size() > 0 && !plan_.key.empty()) break;  // the next page begins behind what was given out
      BATON_CHECK(begin_page(limits.until));
    }
    BATON_TRY([[maybe_unused]] const bool more, next_row(batch));
  }
  batch.read = batch.rows.size();
  Position end = position_;
  end.record = end.offset = position_.record + batch.read;
  if (batch.size() > 0 && !plan_.key.empty()) end.key = last_key(batch);
  batch.end = end;
  if (limits.until != nullptr) {
    BATON_CHECK(check_until(batch, *limits.until));
    if (at_end_ && !in_page_) batch.end = *limits.until;
  }
  position_ = batch.end;
  return batch.size() > 0;
}

// Rows came in between two executions: what is committed cannot be told from what is not any more.
Status PgReader::check_until(const RowBatch& batch, const Position& until) const {
  if (batch.end.record < until.record || batch.end.key == until.key) return {};
  return fail(ErrorKind::invalid,
              fmt::format("rows with keys up to {} were added to the input while the step was interrupted, in a part "
                          "that several writers had begun; run the step from its beginning",
                          until.key));
}

Status PgReader::begin_page(const Position* until) {
  PgKey last, end;
  const bool goes_on = !position_.key.empty();
  if (goes_on) {
    BATON_TRY(last, pg_key_from(position_.key));
  }
  if (until != nullptr) {
    BATON_TRY(end, pg_key_from(until->key));
  }
  page_left_ = page_rows + (goes_on ? 1 : 0);
  again_ = 0;
  const PgKey* from = goes_on ? &last : nullptr;
  const PgKey* to = until != nullptr ? &end : nullptr;
  BATON_CHECK(connection_->copy_out(binary_ ? pg_binary_page_sql(plan_, binary_->columns(), from, to, page_left_)
                                            : pg_page_sql(plan_, from, to, page_left_)));
  if (binary_) binary_->begin();
  in_page_ = true;
  asks_again_ = goes_on;
  return {};
}

// False at the end of the page.
Result<bool> PgReader::next_row(RowBatch& batch) {
  BATON_TRY(const auto line, connection_->copy_row());
  if (!line) {
    in_page_ = false;
    at_end_ = plan_.key.empty() || page_left_ > 0;
    return false;
  }
  BATON_CHECK(add_row(batch, *line));
  return true;
}

Status PgReader::add_row(RowBatch& batch, std::string_view line) {
  const std::size_t text_before = batch.text.size();
  const std::size_t rows_before = batch.rows.size();
  bool is_again = false;
  BATON_CHECK(binary_ ? add_binary_row(batch, line, is_again) : add_text_row(batch, line, is_again));
  if (batch.rows.size() == rows_before) return {};  // the end of the page
  if (!plan_.key.empty()) --page_left_;
  if (is_again) {
    batch.rows.pop_back();
    batch.fields.resize(batch.fields.size() - plan_.types.size());
    batch.text.resize(text_before);
    if (++again_ == 1) return {};
    return fail(ErrorKind::invalid, fmt::format("the key is not unique: more than one row has {}; name further columns "
                                                "in `key`",
                                                position_.key));
  }
  RowPlace& place = batch.rows.back();
  place.record = position_.record + batch.rows.size();
  place.offset = place.record - 1;
  batch.bytes += line.size();
  return {};
}

Status PgReader::add_text_row(RowBatch& batch, std::string_view line, bool& is_again) const {
  std::string_view again;
  if (!add_copy_row(line, plan_.types, batch, asks_again_ ? &again : nullptr)) return fail(changed_columns());
  is_again = again == "t";
  return {};
}

Status PgReader::add_binary_row(RowBatch& batch, std::string_view message, bool& is_again) {
  const auto added = binary_->add(message, batch, asks_again_ ? &is_again : nullptr);
  return added == BinaryRows::Added::malformed ? fail(changed_columns()) : Status();
}

std::string PgReader::last_key(const RowBatch& batch) const {
  PgKey key;
  for (const std::size_t column : plan_.key) {
    const Field& field = batch.at(batch.size() - 1, column);
    key.push_back(binary_ ? binary_->text(batch, field, column) : std::string(batch.view(field)));
  }
  return to_text(key);
}

}  // namespace

std::unique_ptr<Reader> make_pg_reader(PgSettings settings, PgReadSpec spec, std::string step) {
  return std::make_unique<PgReader>(std::move(settings), std::move(spec), std::move(step));
}

}  // namespace baton
