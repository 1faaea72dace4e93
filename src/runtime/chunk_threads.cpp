#include "runtime/chunk_threads.h"

#include "runtime/bounded_queue.h"

#include <fmt/format.h>
#include <list>
#include <system_error>
#include <thread>

namespace baton {
namespace {

class ChunkThreads final : public ChunkLanes {
 public:
  explicit ChunkThreads(std::size_t lanes) : done_(lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) threads_.emplace_back(*this, lane);
  }
  ~ChunkThreads() override {
    for (Lane& lane : threads_) lane.work.close();
  }

  void start(std::size_t lane, std::function<void()> work) override {
    std::next(threads_.begin(), static_cast<std::ptrdiff_t>(lane))->work.push(std::move(work));
  }
  std::size_t wait_any() override { return done_.pop().value(); }

 private:
  struct Lane {
    Lane(ChunkThreads& all, std::size_t number)
        : thread([this, &all, number] {
            while (const auto given = work.pop()) {
              (*given)();
              all.done_.push(number);
            }
          }) {}
    ~Lane() { work.close(); }

    BoundedQueue<std::function<void()>> work{1};
    std::jthread thread;  // the last member: it ends first
  };

  BoundedQueue<std::size_t> done_;
  std::list<Lane> threads_;
};

}  // namespace

Result<std::unique_ptr<ChunkLanes>> make_chunk_threads(std::size_t lanes) {
  try {
    return std::make_unique<ChunkThreads>(lanes);
  } catch (const std::system_error& error) {
    return fail(ErrorKind::retry, fmt::format("no thread could be made: {}", error.what()));
  }
}

}  // namespace baton
