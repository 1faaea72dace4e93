// Virtual time: what happens next is what is due first, and of things due at once what was asked for first.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <utility>
#include <vector>

namespace baton {

// Since the simulation began; no process of it can see this clock.
using TrueTime = std::chrono::microseconds;

// Used on one thread.
class EventQueue {
 public:
  using What = std::function<void()>;

  TrueTime now() const { return now_; }
  std::uint64_t done() const { return done_; }
  bool empty() const { return heap_.empty(); }
  TrueTime next_at() const { return heap_.front().when; }

  // Not before now.
  void at(TrueTime when, What what) {
    std::uint32_t slot = 0;
    if (free_.empty()) {
      slot = static_cast<std::uint32_t>(slots_.size());
      slots_.push_back(std::move(what));
    } else {
      slot = free_.back();
      free_.pop_back();
      slots_[slot] = std::move(what);
    }
    heap_.push_back({std::max(when, now_), asked_++, slot});
    std::push_heap(heap_.begin(), heap_.end());
  }
  void after(TrueTime delay, What what) { at(now_ + delay, std::move(what)); }

  // REQUIRES: not empty.
  void run_next() {
    std::pop_heap(heap_.begin(), heap_.end());
    const Entry entry = heap_.back();
    heap_.pop_back();
    now_ = entry.when;
    ++done_;
    const What what = std::exchange(slots_[entry.slot], nullptr);
    free_.push_back(entry.slot);
    what();
  }

 private:
  struct Entry {
    TrueTime when;
    std::uint64_t asked;
    std::uint32_t slot;

    bool operator<(const Entry& other) const {
      return when != other.when ? when > other.when : asked > other.asked;  // the heap's top is the first
    }
  };

  TrueTime now_{0};
  std::uint64_t asked_ = 0;
  std::uint64_t done_ = 0;
  std::vector<Entry> heap_;
  std::vector<What> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace baton
