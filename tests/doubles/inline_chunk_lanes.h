// Lanes without threads: what was started is done when it is waited for, in an order that a test chooses.
#pragma once

#include "batch/chunk_lanes.h"

#include <map>
#include <utility>

namespace baton {

class InlineChunkLanes final : public ChunkLanes {
 public:
  // Of so many that wait, the one that ends next, from 0.
  using Choice = std::function<std::size_t(std::size_t waiting)>;

  explicit InlineChunkLanes(Choice choice) : choice_(std::move(choice)) {}

  static ChunkLanesFactory factory(Choice choice) {
    return [choice](std::size_t /*lanes*/) -> Result<std::unique_ptr<ChunkLanes>> {
      return std::make_unique<InlineChunkLanes>(choice);
    };
  }

  void start(std::size_t lane, std::function<void()> work) override { waiting_[lane] = std::move(work); }
  std::size_t wait_any() override {
    const auto chosen = std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(choice_(waiting_.size())));
    const auto [lane, work] = *chosen;
    waiting_.erase(chosen);
    work();
    return lane;
  }

 private:
  Choice choice_;
  std::map<std::size_t, std::function<void()>> waiting_;
};

}  // namespace baton
