#include "tests/simulation/network.h"

#include "tests/simulation/chance.h"

#include <memory>
#include <utility>

namespace baton {

struct Network::Call {
  Link* link;
  TrueTime deadline;
  std::function<void(const Answer&)> at_server;
  std::function<void(CallFate)> done;
  bool settled = false;  // what the caller will hear is on its way
};

TrueTime Network::travel(const NetworkFaults& faults) {
  const bool slow = chance(random_, faults.slow);
  return between(random_, faults.latency / 10, slow ? faults.slowest : faults.latency);
}

void Network::finish_at(TrueTime when, const std::shared_ptr<Call>& call, CallFate fate) {
  if (std::exchange(call->settled, true)) return;
  queue_.at(when, [call, fate] { std::exchange(call->done, nullptr)(fate); });
}

void Network::answer(const std::shared_ptr<Call>& call) {
  const SimulatedServer& server = *call->link->server;
  const TrueTime back = queue_.now() + travel(server.faults);
  const bool lost = !server.up || !call->link->answers_pass || chance(random_, server.faults.answer_lost);
  if (lost || back > call->deadline) return finish_at(call->deadline, call, CallFate::unanswered);
  finish_at(back, call, CallFate::answered);
}

void Network::arrive(const std::shared_ptr<Call>& call) {
  if (!call->link->server->up) return finish_at(call->deadline, call, CallFate::unanswered);
  call->at_server([this, call] { answer(call); });
  if (call->settled) return;
  queue_.at(call->deadline, [this, call] { finish_at(queue_.now(), call, CallFate::unanswered); });
}

void Network::call(Link& link, TrueTime timeout, std::function<void(const Answer&)> at_server,
                   std::function<void(CallFate)> done) {
  const NetworkFaults& faults = link.server->faults;
  auto call = std::make_shared<Call>(Call{&link, queue_.now() + timeout, std::move(at_server), std::move(done), false});
  TrueTime arrival = queue_.now() + travel(faults);
  if (!link.server->up || !link.requests_pass) {
    if (chance(random_, 0.5)) {
      const TrueTime soon = std::min(queue_.now() + faults.latency, call->deadline);
      return finish_at(soon, call, CallFate::refused);
    }
    finish_at(call->deadline, call, CallFate::unanswered);
    // Somewhere on the way it is kept and sent again, or it is not.
    if (chance(random_, 0.5)) return;
    arrival = call->deadline + between(random_, TrueTime(0), 3 * timeout);
  } else if (chance(random_, faults.refused)) {
    return finish_at(std::min(arrival, call->deadline), call, CallFate::refused);
  } else if (chance(random_, faults.request_lost)) {
    return finish_at(call->deadline, call, CallFate::unanswered);
  }
  if (arrival >= call->deadline) finish_at(call->deadline, call, CallFate::unanswered);
  queue_.at(arrival, [this, call] { arrive(call); });
}

}  // namespace baton
