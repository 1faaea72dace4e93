#include "postgres/connection.h"

#include "postgres/pg_error.h"

#include <fmt/format.h>
#include <libpq-fe.h>
#include <poll.h>
#include <sys/socket.h>
#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

namespace baton {
namespace {

// A handshake that breaks off says nothing about TLS: so ends one with a server that stops or restarts.
bool disagrees_about_tls(const std::string& line) {
  const auto says = [&](const char* words) { return line.find(words) != line.npos; };
  if (says("SYSCALL") || says("EOF") || says("unexpected eof") || says("closed")) return false;
  return says("SSL") || says("certificate");
}

using std::chrono::steady_clock;

// What every session has, whatever the defaults of role and database.
constexpr const char* session_settings =
    "SET client_encoding = 'UTF8'; SET timezone = 'UTC'; SET datestyle = 'ISO, YMD'; SET intervalstyle = 'iso_8601'; "
    "SET bytea_output = 'hex'; SET extra_float_digits = 1; SET standard_conforming_strings = on; "
    "SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off; "
    "SET default_transaction_deferrable = off; SET xmloption = 'content'";

std::string field(const pg_result* result, int code) {
  const char* text = PQresultErrorField(result, code);
  return text == nullptr ? std::string() : std::string(text);
}

// "…FATAL:  28P01: password…" → 28P01, as PQERRORS_VERBOSE writes it.
std::string state_in(std::string_view message) {
  for (std::size_t at = message.find(":  "); at != message.npos; at = message.find(":  ", at + 1)) {
    const std::string_view state = message.substr(at + 3, 5);
    const bool plain = std::all_of(state.begin(), state.end(), [](char c) {
      return std::isdigit(static_cast<unsigned char>(c)) != 0 || std::isupper(static_cast<unsigned char>(c)) != 0;
    });
    if (state.size() == 5 && plain && message.substr(at + 8, 2) == ": ") return std::string(state);
  }
  return {};
}

// The first line, without what only the server's developers need.
std::string first_line(std::string_view message) {
  while (message.ends_with('\n')) message.remove_suffix(1);
  return std::string(message.substr(0, message.find('\n')));
}

std::string with_next_step(std::string message, std::string_view state, const PgErrorOrigin& origin = {}) {
  const std::string_view next = pg_next_step(state, origin);
  if (!next.empty()) message += fmt::format("; {}", next);
  return message;
}

int poll_milliseconds(const PgConnection::Deadline& deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

}  // namespace

PgResult::PgResult(PgResult&& other) noexcept : result_(std::exchange(other.result_, nullptr)) {}
PgResult::~PgResult() { PQclear(result_); }

int PgResult::rows() const { return PQntuples(result_); }
int PgResult::columns() const { return PQnfields(result_); }
std::string PgResult::column_name(int column) const { return PQfname(result_, column); }
std::uint32_t PgResult::column_type(int column) const { return PQftype(result_, column); }
bool PgResult::is_null(int row, int column) const { return PQgetisnull(result_, row, column) != 0; }

std::string_view PgResult::view(int row, int column) const {
  return {PQgetvalue(result_, row, column), static_cast<std::size_t>(PQgetlength(result_, row, column))};
}

std::optional<std::string> PgResult::optional_text(int row, int column) const {
  return is_null(row, column) ? std::nullopt : std::optional(text(row, column));
}

std::int64_t PgResult::integer(int row, int column) const {
  const std::string_view digits = view(row, column);
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

std::int64_t PgResult::changed() const {
  const std::string_view tag = PQcmdStatus(result_);
  if (tag.starts_with("SELECT") || tag.starts_with("FETCH") || tag.starts_with("MOVE")) return 0;
  const std::string_view digits = PQcmdTuples(result_);
  std::int64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

PgParameters& PgParameters::add(std::string_view text) {
  values_.emplace_back(std::string(text));
  return *this;
}

PgParameters& PgParameters::add(std::int64_t value) {
  values_.emplace_back(fmt::format("{}", value));
  return *this;
}

PgParameters& PgParameters::add_null() {
  values_.emplace_back(std::nullopt);
  return *this;
}

PgConnection::PgConnection(pg_conn* connection, PgSettings settings)
    : connection_(connection), settings_(std::move(settings)) {}

PgConnection::~PgConnection() {
  if (copied_ != nullptr) PQfreemem(copied_);
  {
    const std::scoped_lock lock(cancel_mutex_);
    PQfreeCancel(std::exchange(cancel_, nullptr));
  }
  PQfinish(connection_);
}

Result<std::unique_ptr<PgConnection>> PgConnection::open(const PgSettings& settings, Duration timeout, int wake_fd) {
  pg_conn* handle = PQconnectStart(settings.conninfo.reveal().c_str());
  if (handle == nullptr) return fail(ErrorKind::retry, settings.shown + ": no memory for a connection");
  std::unique_ptr<PgConnection> connection(new PgConnection(handle, settings));
  connection->wake_fd_ = wake_fd;
  const auto until = steady_clock::now() + timeout;
  BATON_CHECK(connection->connect(until));
  const char* const encoding = PQparameterStatus(handle, "server_encoding");
  connection->encoding_.emplace(encoding == nullptr ? "" : encoding);
  connection->set_timeout(std::max(std::chrono::ceil<Duration>(until - steady_clock::now()), Duration(1)));
  BATON_CHECK(connection->set_up(""));
  connection->set_timeout(std::nullopt);
  return connection;
}

Status PgConnection::set_up(const std::string& before) {
  std::string setup = before + session_settings;
  // A statement whose client is gone is not run to its end.
  if (server_version() >= 140'000) setup += "; SET client_connection_check_interval = '2s'";
  if (settings_.schema) setup += "; SET search_path = " + quoted_name(*settings_.schema);
  BATON_TRY(const auto done, script(setup));
  return {};
}

Status PgConnection::restore_settings() { return set_up("RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; "); }

Status PgConnection::connect(const Deadline& deadline) {
  PQsetErrorVerbosity(connection_, PQERRORS_VERBOSE);  // the only way to a connection's SQLSTATE
  PostgresPollingStatusType wanted = PGRES_POLLING_WRITING;
  while (PQstatus(connection_) != CONNECTION_BAD && wanted != PGRES_POLLING_OK && wanted != PGRES_POLLING_FAILED) {
    if (!await_socket(wanted == PGRES_POLLING_WRITING, deadline)) {
      broken_ = true;
      return fail(ErrorKind::retry, fmt::format("{}: no connection within the time given; check host and port, and "
                                                "that the server runs",
                                                shown()));
    }
    wanted = PQconnectPoll(connection_);
  }
  if (PQstatus(connection_) != CONNECTION_OK) {
    broken_ = true;
    const std::string message = PQerrorMessage(connection_);
    failure_.sqlstate = state_in(message);
    std::string line = first_line(message);
    if (const std::size_t at = line.find(failure_.sqlstate + ": "); !failure_.sqlstate.empty() && at != line.npos) {
      line.erase(at, failure_.sqlstate.size() + 2);
    }
    // Without a state there was no server to speak to, or no agreement with it about TLS.
    const bool tls = failure_.sqlstate.empty() && disagrees_about_tls(line);
    const ErrorKind kind = tls                         ? ErrorKind::invalid
                           : failure_.sqlstate.empty() ? ErrorKind::retry
                                                       : pg_error_kind(failure_.sqlstate);
    std::string text = with_next_step(fmt::format("{}: {}", shown(), line), failure_.sqlstate);
    if (tls) text += "; check sslmode and sslrootcert in the URL, and the server's certificate";
    if (failure_.sqlstate.empty() && !tls) text += "; check host and port, and that the server runs";
    return fail(kind, std::move(text));
  }
  PQsetErrorVerbosity(connection_, PQERRORS_DEFAULT);
  PQsetnonblocking(connection_, 1);
  PQsetNoticeReceiver(
      connection_, [](void*, const pg_result*) {}, nullptr);
  const std::scoped_lock lock(cancel_mutex_);
  cancel_ = PQgetCancel(connection_);
  return {};
}

PgConnection::Deadline PgConnection::deadline() const {
  return timeout_ ? Deadline(steady_clock::now() + *timeout_) : std::nullopt;
}

bool PgConnection::await_socket(bool to_write, const Deadline& deadline) {
  std::array<pollfd, 2> files{
      pollfd{PQsocket(connection_), static_cast<short>(to_write ? POLLIN | POLLOUT : POLLIN), 0},
      pollfd{wake_fd_, POLLIN, 0}};
  while (true) {
    const int ready = poll(files.data(), wake_fd_ < 0 ? 1 : 2, poll_milliseconds(deadline));
    if (ready > 0) return wake_fd_ < 0 || (files[1].revents & POLLIN) == 0;
    if (ready == 0 && deadline && steady_clock::now() >= *deadline) return false;
    if (ready < 0 && errno != EINTR) return true;  // libpq will say what is wrong with it
  }
}

bool PgConnection::lost() const { return broken_ || PQstatus(connection_) != CONNECTION_OK; }

bool PgConnection::in_transaction() const {
  const PGTransactionStatusType status = PQtransactionStatus(connection_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

bool PgConnection::healthy() {
  if (lost()) return false;
  // A server that ends a session says so first: its end is behind what it said.
  for (pollfd socket{PQsocket(connection_), POLLIN, 0}; !lost() && poll(&socket, 1, 0) > 0;) {
    if (PQconsumeInput(connection_) == 0) broken_ = true;
    if (broken_ || PQisBusy(connection_) != 0) continue;
    while (pg_result* result = PQgetResult(connection_)) PQclear(result);
  }
  return !lost();
}

Error PgConnection::lost_error(const std::string& what, PgEffect effect) {
  broken_ = true;
  // The server notices, and ends what runs, before this object's end.
  if (const int socket = PQsocket(connection_); socket >= 0) shutdown(socket, SHUT_RDWR);
  const ErrorKind kind = effect == PgEffect::commits ? ErrorKind::unknown_outcome : ErrorKind::retry;
  return {kind, fmt::format("{}: {}", shown(), what)};
}

Error PgConnection::error_of(pg_result* result, PgEffect effect) {
  failure_ = {field(result, PG_DIAG_SQLSTATE),        field(result, PG_DIAG_MESSAGE_PRIMARY),
              field(result, PG_DIAG_MESSAGE_DETAIL),  field(result, PG_DIAG_MESSAGE_HINT),
              field(result, PG_DIAG_CONTEXT),         field(result, PG_DIAG_SCHEMA_NAME),
              field(result, PG_DIAG_TABLE_NAME),      field(result, PG_DIAG_COLUMN_NAME),
              field(result, PG_DIAG_CONSTRAINT_NAME), 0};
  const std::string position = field(result, PG_DIAG_STATEMENT_POSITION);
  std::from_chars(position.data(), position.data() + position.size(), failure_.position);
  const std::string line = failure_.message.empty() ? first_line(PQresultErrorMessage(result)) : failure_.message;
  const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  ended_by_server_ = severity == "FATAL";
  if (PQstatus(connection_) != CONNECTION_OK || failure_.sqlstate.empty() || ended_by_server_ || severity == "PANIC") {
    Error error = lost_error(line.empty() ? "the connection was lost" : line, effect);
    error.session_ended = failure_.sqlstate == "57P01";  // pg_terminate_backend, or the server shuts down
    return error;
  }
  std::string text = fmt::format("{}: {}", shown(), line);
  if (!failure_.detail.empty()) text += fmt::format(" ({})", failure_.detail);
  const std::string function = field(result, PG_DIAG_SOURCE_FUNCTION);
  const char* const standby = PQparameterStatus(connection_, "in_hot_standby");
  const PgErrorOrigin origin{function, standby != nullptr && std::string_view(standby) == "on"};
  return {pg_error_kind(failure_.sqlstate), with_next_step(std::move(text), failure_.sqlstate, origin)};
}

// Of a connection that broke while something was sent or awaited: what the server said before it closed it, where it
// did. Within a COPY libpq reads that only once the COPY is over.
Error PgConnection::closed_error(PgEffect effect) {
  Error error = lost_error(first_line(PQerrorMessage(connection_)), effect);
  if (PQstatus(connection_) != CONNECTION_BAD) return error;
  static_cast<void>(PQputCopyEnd(connection_, nullptr));
  while (pg_result* next = PQgetResult(connection_)) {
    const PgResult result(next);
    if (!field(next, PG_DIAG_SQLSTATE).empty()) error = error_of(next, effect);
  }
  return error;
}

Status PgConnection::flush(const Deadline& deadline) {
  while (true) {
    const int left = PQflush(connection_);
    if (left == 0) return {};
    if (left < 0) return fail(closed_error(PgEffect::none));
    if (!await_socket(true, deadline)) return fail(lost_error("no answer in time", PgEffect::none));
    if (PQconsumeInput(connection_) == 0) {
      return fail(closed_error(PgEffect::none));
    }
  }
}

Result<pg_result*> PgConnection::next_result(const Deadline& deadline, PgEffect effect) {
  // A server that has not begun with a statement ignores an interrupt: it is repeated until the answer is there.
  constexpr auto slice = std::chrono::milliseconds(200);
  while (PQisBusy(connection_) != 0) {
    const auto soon = steady_clock::now() + slice;
    const bool may_wait_on = wake_fd_ < 0 && (!deadline || soon < *deadline);
    if (!await_socket(false, may_wait_on ? soon : deadline)) {
      // No cancel request at the end of time: it would wait for the same network.
      if (!may_wait_on) return fail(lost_error("no answer in time", effect));
      if (interrupted_) cancel();
      continue;
    }
    if (PQconsumeInput(connection_) == 0) {
      return fail(closed_error(effect));
    }
  }
  return PQgetResult(connection_);
}

Result<std::vector<PgResult>> PgConnection::results(PgEffect effect, bool drop_rows) {
  const Deadline until = deadline();
  if (const Status sent = flush(until); !sent) {
    // The last bytes may have left before the connection broke.
    Error error = sent.error();
    if (effect == PgEffect::commits) error.kind = ErrorKind::unknown_outcome;
    return fail(std::move(error));
  }
  std::vector<PgResult> all;
  std::optional<Error> failed;
  while (true) {
    BATON_TRY(pg_result * next, next_result(until, effect));
    if (next == nullptr) break;
    PgResult result(next);
    const ExecStatusType status = PQresultStatus(next);
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
      all.push_back(std::move(result));
      return all;
    }
    if (status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE || status == PGRES_NONFATAL_ERROR) {
      if (!failed) failed = error_of(next, effect);
    } else if (drop_rows && status == PGRES_SINGLE_TUPLE) {
      continue;
    } else {
      all.push_back(std::move(result));
    }
    if (broken_) break;
  }
  interrupted_ = false;
  if (failed) return fail(*std::move(failed));
  return all;
}

Result<PgResult> PgConnection::query(const std::string& sql, const PgParameters& parameters, PgEffect effect,
                                     PgFormat format) {
  if (lost()) return fail(lost_error("the connection is lost", PgEffect::none));
  std::vector<const char*> values;
  values.reserve(parameters.values().size());
  for (const auto& value : parameters.values()) values.push_back(value ? value->c_str() : nullptr);
  if (PQsendQueryParams(connection_, sql.c_str(), static_cast<int>(values.size()), nullptr, values.data(), nullptr,
                        nullptr, format.binary ? 1 : 0) == 0) {
    return fail(closed_error(PgEffect::none));
  }
  BATON_TRY(auto all, results(effect));
  if (all.empty()) return fail(lost_error("the server gave no answer", effect));
  return std::move(all.front());
}

Result<PgResult> PgConnection::run(const std::string& sql, PgEffect effect) {
  if (lost()) return fail(lost_error("the connection is lost", PgEffect::none));
  if (PQsendQueryParams(connection_, sql.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0) {
    return fail(closed_error(PgEffect::none));
  }
  PQsetSingleRowMode(connection_);
  BATON_TRY(auto all, results(effect, true));
  if (all.empty()) return fail(lost_error("the server gave no answer", effect));
  return std::move(all.back());
}

Result<std::vector<PgResult>> PgConnection::script(const std::string& sql, PgEffect effect) {
  if (lost()) return fail(lost_error("the connection is lost", PgEffect::none));
  if (PQsendQuery(connection_, sql.c_str()) == 0) {
    return fail(closed_error(PgEffect::none));
  }
  return results(effect);
}

Status PgConnection::copy_in(const std::string& sql) {
  BATON_TRY(const auto begun, script(sql));
  if (begun.empty() || PQresultStatus(begun.back().handle()) != PGRES_COPY_IN) {
    return fail(ErrorKind::internal, "a statement that is no COPY FROM STDIN");
  }
  return {};
}

Status PgConnection::copy_data(std::span<const char> bytes) {
  // libpq doubles its buffer for what the socket does not take: it is emptied after each piece.
  constexpr std::size_t piece = 256 * 1024;
  const Deadline until = deadline();
  while (!bytes.empty()) {
    const std::size_t size = std::min(piece, bytes.size());
    const int taken = PQputCopyData(connection_, bytes.data(), static_cast<int>(size));
    if (taken < 0) return fail(closed_error(PgEffect::none));
    if (taken == 1) bytes = bytes.subspan(size);
    BATON_CHECK(flush(until));
  }
  return {};
}

Result<std::vector<PgResult>> PgConnection::copy_end() {
  const Deadline until = deadline();
  while (true) {
    const int ended = PQputCopyEnd(connection_, nullptr);
    if (ended == 1) break;
    if (ended < 0) return fail(closed_error(PgEffect::none));
    BATON_CHECK(flush(until));
  }
  return results(PgEffect::none);
}

void PgConnection::copy_abandon(const std::string& why) {
  if (lost()) return;
  const Deadline until = deadline();
  while (PQputCopyEnd(connection_, why.c_str()) == 0) {
    if (!flush(until)) return;
  }
  static_cast<void>(results(PgEffect::none));
}

Status PgConnection::copy_out(const std::string& sql) {
  BATON_TRY(const auto begun, script(sql));
  if (begun.empty() || PQresultStatus(begun.back().handle()) != PGRES_COPY_OUT) {
    return fail(ErrorKind::internal, "a statement that is no COPY TO STDOUT");
  }
  return {};
}

Result<std::optional<std::string_view>> PgConnection::copy_row() {
  if (copied_ != nullptr) PQfreemem(std::exchange(copied_, nullptr));
  std::optional<Deadline> until;  // most rows are there already
  while (true) {
    const int size = PQgetCopyData(connection_, &copied_, 1);
    if (size > 0) return std::optional(std::string_view(copied_, static_cast<std::size_t>(size)));
    if (size == -1) {
      BATON_TRY(const auto end, results(PgEffect::none));
      return std::optional<std::string_view>();
    }
    if (size == -2) return fail(closed_error(PgEffect::none));
    if (!until) until = deadline();
    if (!await_socket(false, *until)) return fail(lost_error("no answer in time", PgEffect::none));
    if (PQconsumeInput(connection_) == 0) {
      return fail(closed_error(PgEffect::none));
    }
  }
}

Result<std::vector<PgNotice>> PgConnection::notices(steady_clock::time_point until, int wake_fd) {
  std::vector<PgNotice> found;
  while (true) {
    if (lost() || PQconsumeInput(connection_) == 0) {
      return fail(closed_error(PgEffect::none));
    }
    while (pgNotify* notice = PQnotifies(connection_)) {
      found.push_back({notice->relname, notice->extra});
      PQfreemem(notice);
    }
    if (!found.empty() || steady_clock::now() >= until) return found;
    std::array<pollfd, 2> files{pollfd{PQsocket(connection_), POLLIN, 0}, pollfd{wake_fd, POLLIN, 0}};
    static_cast<void>(poll(files.data(), wake_fd < 0 ? 1 : 2, poll_milliseconds(until)));
    if (wake_fd >= 0 && (files[1].revents & POLLIN) != 0) return found;
  }
}

void PgConnection::interrupt() {
  interrupted_ = true;
  cancel();
}

void PgConnection::cancel() {
  const std::scoped_lock lock(cancel_mutex_);
  if (cancel_ == nullptr) return;
  std::array<char, 256> message{};
  static_cast<void>(PQcancel(cancel_, message.data(), static_cast<int>(message.size())));
}

int PgConnection::backend_pid() const { return PQbackendPID(connection_); }
int PgConnection::server_version() const { return PQserverVersion(connection_); }

std::string PgConnection::quoted_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

std::string PgConnection::quoted_text(std::string_view text) {
  std::string quoted = "'";
  for (const char c : text) {
    if (c == '\'') quoted += '\'';
    quoted += c;
  }
  return quoted + '\'';
}

}  // namespace baton
