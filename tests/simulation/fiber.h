// Stackful coroutines: the work of a job is blocking code, and in the simulation hundreds of such threads take turns on
// one. Boost.Context switches in about 5 ns; swapcontext makes a system call each time (170 ns). The sanitizers are
// told of every switch.
#pragma once

#include <boost/context/fiber.hpp>
#include <boost/context/stack_context.hpp>

#include <functional>

namespace baton {

// What suspend() throws in a fiber that was killed: its stack is unwound, as no process's would be, so that nothing
// leaks.
struct FiberKilled {};

// Used on one thread. Resumed from outside of any fiber only.
class Fiber {
 public:
  explicit Fiber(std::function<void()> body);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber() { kill(); }

  // Runs it until it suspends or ends.
  void resume();
  bool ended() const { return ended_; }
  // Ends it where it stands.
  void kill();

  // The one that runs now; null outside.
  static Fiber* current();
  // From inside: back to who resumed it. Throws FiberKilled if it is not to go on.
  void suspend();

 private:
  void switch_in();
  void enter(boost::context::fiber&& caller);

  std::function<void()> body_;
  boost::context::stack_context stack_;
  boost::context::fiber context_;  // of this fiber while it is suspended, of the caller while it runs
  bool ended_ = false;
  bool killed_ = false;
  void* fake_stack_ = nullptr;  // AddressSanitizer's, while suspended
  void* tsan_fiber_ = nullptr;
};

}  // namespace baton
