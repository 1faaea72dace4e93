#include "postgres/change_listener.h"

#include "postgres/connection.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
#include <optional>
#include <utility>

namespace baton {
namespace {

using std::chrono::steady_clock;

constexpr Duration patience(10'000);
constexpr Duration first_pause(1'000);
constexpr Duration longest_pause(30'000);

// Waits, or until `wake_fd` can be read.
void wait(int wake_fd, Duration time) {
  pollfd file{wake_fd, POLLIN, 0};
  static_cast<void>(poll(&file, 1, static_cast<int>(time.count())));
}

}  // namespace

PgChangeListener::PgChangeListener(Listening listening)
    : listening_(std::move(listening)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { listen(stop); }) {}

PgChangeListener::~PgChangeListener() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_fd_, &one, sizeof(one)) < 0);
  thread_.join();
  close(wake_fd_);
}

Result<std::unique_ptr<PgConnection>> PgChangeListener::connect() const {
  BATON_TRY(auto connection, PgConnection::open(listening_.settings, patience, wake_fd_));
  connection->set_timeout(patience);
  std::optional<std::string> schema = listening_.settings.schema;
  if (!schema) {
    BATON_TRY(const PgResult first, connection->query("SELECT pg_catalog.current_schema()"));
    schema = first.optional_text(0, 0);
  }
  if (!schema) return fail(ErrorKind::retry, listening_.settings.shown + ": no schema of the search path exists");
  BATON_TRY(const auto listens, connection->query("LISTEN " + PgConnection::quoted_name(change_channel(*schema))));
  return connection;
}

void PgChangeListener::listen(const std::stop_token& stop) {
  Duration pause = first_pause;
  bool missed = false;  // something may have changed while nobody listened
  bool told = false;    // that it cannot
  while (!stop.stop_requested()) {
    const auto connection = connect();
    if (connection) {
      if (missed) tell(true, true);
      pause = first_pause;
      told = false;
      follow(**connection, stop);
    }
    missed = true;
    if (stop.stop_requested()) return;
    if (!connection && !std::exchange(told, true) && listening_.cannot) listening_.cannot(connection.error().message);
    wait(wake_fd_, pause);
    pause = std::min(2 * pause, longest_pause);
  }
}

// Until the connection is lost.
void PgChangeListener::follow(PgConnection& connection, const std::stop_token& stop) const {
  while (!stop.stop_requested()) {
    const auto notices = connection.notices(steady_clock::now() + std::chrono::hours(1), wake_fd_);
    if (!notices || stop.stop_requested()) return;
    const auto any = [&](const char* payload) {
      return std::any_of(notices->begin(), notices->end(), [&](const PgNotice& one) { return one.payload == payload; });
    };
    tell(any("leases"), any("repository"));
  }
}

void PgChangeListener::tell(bool leases, bool repository) const {
  if (leases) listening_.changed(PgChange::leases);
  if (repository) listening_.changed(PgChange::repository);
}

}  // namespace baton
