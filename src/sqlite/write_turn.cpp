#include "sqlite/write_turn.h"

#include <sys/stat.h>
#include <algorithm>
#include <map>
#include <utility>

namespace baton {
namespace {

struct Registry {
  std::mutex mutex;
  std::map<std::pair<dev_t, ino_t>, std::weak_ptr<WriteTurn>> turns;
};

Registry& registry() {
  static Registry one;
  return one;
}

}  // namespace

std::shared_ptr<WriteTurn> WriteTurn::of(const std::string& path) {
  struct stat file {};
  if (stat(path.c_str(), &file) != 0) return std::make_shared<WriteTurn>();
  const std::scoped_lock lock(registry().mutex);
  auto& turns = registry().turns;
  std::erase_if(turns, [](const auto& one) { return one.second.expired(); });
  auto& known = turns[{file.st_dev, file.st_ino}];
  auto turn = known.lock();
  if (turn == nullptr) known = turn = std::make_shared<WriteTurn>();
  return turn;
}

bool WriteTurn::enter(Duration timeout) {
  std::unique_lock lock(mutex_);
  Ticket ticket;
  waiting_.push_back(&ticket);
  if (ticket.wait_for(lock, timeout, [&] { return waiting_.front() == &ticket; })) {
    waiting_.front() = nullptr;  // the ticket ends with this call, the turn does not
    return true;
  }
  std::erase(waiting_, &ticket);
  return false;
}

void WriteTurn::leave() {
  const std::scoped_lock lock(mutex_);
  waiting_.pop_front();
  if (!waiting_.empty()) waiting_.front()->notify_one();
}

}  // namespace baton
