#include "postgres/change_listener.h"

#include "postgres/connection.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>
#include <algorithm>
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

Result<std::unique_ptr<PgConnection>> listening(const PgSettings& settings, const std::string& schema, int wake_fd) {
  BATON_TRY(auto connection, PgConnection::open(settings, patience, wake_fd));
  connection->set_timeout(patience);
  BATON_TRY(const auto listens, connection->query("LISTEN " + PgConnection::quoted_name(change_channel(schema))));
  return connection;
}

}  // namespace

PgChangeListener::PgChangeListener(PgSettings settings, std::string schema, std::function<void(PgChange)> changed)
    : settings_(std::move(settings)),
      schema_(std::move(schema)),
      changed_(std::move(changed)),
      wake_fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
      thread_([this](const std::stop_token& stop) { listen(stop); }) {}

PgChangeListener::~PgChangeListener() {
  thread_.request_stop();
  const std::uint64_t one = 1;
  static_cast<void>(write(wake_fd_, &one, sizeof(one)) < 0);
  thread_.join();
  close(wake_fd_);
}

void PgChangeListener::listen(const std::stop_token& stop) {
  Duration pause = first_pause;
  bool missed = false;  // something may have changed while nobody listened
  while (!stop.stop_requested()) {
    const auto connection = listening(settings_, schema_, wake_fd_);
    if (connection) {
      if (missed) tell(true, true);
      pause = first_pause;
      follow(**connection, stop);
    }
    missed = true;
    if (stop.stop_requested()) return;
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
  if (leases) changed_(PgChange::leases);
  if (repository) changed_(PgChange::repository);
}

}  // namespace baton
