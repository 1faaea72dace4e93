#include "tests/simulation/fiber.h"

#include <boost/context/protected_fixedsize_stack.hpp>

#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace baton {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr std::size_t stack_bytes = 512 * 1024;
#else
constexpr std::size_t stack_bytes = 128 * 1024;
#endif

thread_local Fiber* running = nullptr;

// Stacks are used again: a mapping with a guard page costs system calls.
class StackPool {
 public:
  StackPool() = default;
  StackPool(const StackPool&) = delete;
  StackPool& operator=(const StackPool&) = delete;
  ~StackPool() {
    for (auto& stack : free_) maker_.deallocate(stack);
  }

  boost::context::stack_context take() {
    if (free_.empty()) return maker_.allocate();
    const auto stack = free_.back();
    free_.pop_back();
    return stack;
  }

  void give_back(const boost::context::stack_context& stack) {
#if defined(__SANITIZE_ADDRESS__)
    __asan_unpoison_memory_region(static_cast<char*>(stack.sp) - stack.size + 4096, stack.size - 4096);
#endif
    free_.push_back(stack);
  }

 private:
  boost::context::protected_fixedsize_stack maker_{stack_bytes};
  std::vector<boost::context::stack_context> free_;
};

thread_local StackPool pool;

struct PooledStack {
  boost::context::stack_context stack;

  boost::context::stack_context allocate() const { return stack; }
  void deallocate(boost::context::stack_context& used) const { pool.give_back(used); }
};

#if defined(__SANITIZE_ADDRESS__)
// The stack of the thread that resumes fibers.
thread_local const void* thread_stack = nullptr;
thread_local std::size_t thread_stack_bytes = 0;
#endif
#if defined(__SANITIZE_THREAD__)
thread_local void* tsan_thread = nullptr;
#endif

}  // namespace

Fiber::Fiber(std::function<void()> body)
    : body_(std::move(body)),
      stack_(pool.take()),
      context_(std::allocator_arg, PooledStack{stack_}, [this](boost::context::fiber&& caller) {
        enter(std::move(caller));
#if defined(__SANITIZE_ADDRESS__)
        __sanitizer_start_switch_fiber(nullptr, thread_stack, thread_stack_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
        __tsan_switch_to_fiber(tsan_thread, 0);
#endif
        return std::move(context_);
      }) {
#if defined(__SANITIZE_THREAD__)
  tsan_fiber_ = __tsan_create_fiber(0);
#endif
}

Fiber* Fiber::current() { return running; }

void Fiber::enter(boost::context::fiber&& caller) {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(nullptr, &thread_stack, &thread_stack_bytes);
#endif
  context_ = std::move(caller);
  try {
    if (!killed_) body_();
  } catch (const FiberKilled&) {
    ended_ = true;
  }
  ended_ = true;
}

void Fiber::switch_in() {
  running = this;
#if defined(__SANITIZE_ADDRESS__)
  void* fake = nullptr;
  __sanitizer_start_switch_fiber(&fake, static_cast<char*>(stack_.sp) - stack_.size, stack_.size);
#endif
#if defined(__SANITIZE_THREAD__)
  tsan_thread = __tsan_get_current_fiber();
  __tsan_switch_to_fiber(tsan_fiber_, 0);
#endif
  // Moved out first: a fiber that ends leaves nothing to come back to.
  boost::context::fiber inside = std::exchange(context_, {});
  inside = std::move(inside).resume();
  if (!ended_) context_ = std::move(inside);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
#endif
#if defined(__SANITIZE_THREAD__)
  if (ended_) __tsan_destroy_fiber(tsan_fiber_);
#endif
  running = nullptr;
}

void Fiber::resume() {
  if (!ended_) switch_in();
}

void Fiber::kill() {
  killed_ = true;
  if (!ended_) switch_in();
}

void Fiber::suspend() {
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_start_switch_fiber(&fake_stack_, thread_stack, thread_stack_bytes);
#endif
#if defined(__SANITIZE_THREAD__)
  __tsan_switch_to_fiber(tsan_thread, 0);
#endif
  boost::context::fiber outside = std::exchange(context_, {});
  outside = std::move(outside).resume();
  context_ = std::move(outside);
#if defined(__SANITIZE_ADDRESS__)
  __sanitizer_finish_switch_fiber(fake_stack_, &thread_stack, &thread_stack_bytes);
#endif
  if (killed_) throw FiberKilled();
}

}  // namespace baton
