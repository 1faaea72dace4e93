// Between a replica and a store: requests and answers that take their time, get lost, or come late. A request may take
// effect long after its caller has given it up.
#pragma once

#include "base/random.h"
#include "tests/simulation/event_queue.h"
#include "tests/simulation/trace.h"

#include <functional>
#include <string>

namespace baton {

// Chances per call.
struct NetworkFaults {
  TrueTime latency{2'000};  // of a message, at most, where nothing is wrong
  double request_lost = 0;
  double answer_lost = 0;
  double refused = 0;  // the caller knows at once that nothing was done
  double slow = 0;     // the request or its answer takes up to `slowest`
  TrueTime slowest{0};
};

// A store, as the network sees it.
struct SimulatedServer {
  std::string name;
  bool up = true;
  NetworkFaults faults;
};

// From one replica to one store.
struct Link {
  SimulatedServer* server = nullptr;
  bool requests_pass = true;
  bool answers_pass = true;
};

enum class CallFate {
  answered,
  unanswered,  // within the time: it may have been done, or may yet be
  refused,     // surely not done
};

class Network {
 public:
  // Tells the network that the server has its answer; at any later moment, or never.
  using Answer = std::function<void()>;

  Network(EventQueue& queue, Random& random) : queue_(queue), random_(random) {}

  // `at_server` runs when the request arrives, if it does; `done` once, after `timeout` at the latest. A link lives as
  // long as the simulation.
  void call(Link& link, TrueTime timeout, std::function<void(const Answer&)> at_server,
            std::function<void(CallFate)> done);

 private:
  struct Call;

  TrueTime travel(const NetworkFaults& faults);
  void arrive(const std::shared_ptr<Call>& call);
  void answer(const std::shared_ptr<Call>& call);
  void finish_at(TrueTime when, const std::shared_ptr<Call>& call, CallFate fate);

  EventQueue& queue_;
  Random& random_;
};

}  // namespace baton
