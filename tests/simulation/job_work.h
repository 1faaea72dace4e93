// The stores and steps of one job as the shipped code sees them from a simulated process. Each call waits on the fiber
// that makes it.
#pragma once

#include "batch/owned_job.h"
#include "tests/simulation/replica_process.h"

#include <memory>
#include <string>
#include <vector>

namespace baton {

// A connection to one database, used by one fiber. After an answer that did not come, the next message ends the older
// session first (P9): what of it is still on its way is dropped.
class ClientConnection {
 public:
  ClientConnection(ReplicaProcess& process, DatabaseServer& server, LeaseHold& lease, std::string job,
                   std::int64_t acquisition)
      : process_(process), server_(server), lease_(lease), job_(std::move(job)), acquisition_(acquisition) {}

  DatabaseServer& server() { return server_; }
  ReplicaProcess& process() { return process_; }
  const std::string& job() const { return job_; }

  TransactionSender sender(std::int64_t fence) const;
  // Before a transaction is sent: `lease_lost` once the lease is not trusted; else when the server's guard is to
  // refuse.
  Result<TransactionSender> guarded(const Authority& authority);

  // `at_server` runs when the request arrives.
  template <class T>
  Result<T> ask(bool writes, std::function<Result<T>()> at_server) {
    return ask_later<T>(
        writes, [at_server = std::move(at_server)](std::function<void(Result<T>)> answer) { answer(at_server()); });
  }

  // The same for what the server answers at a moment of its own. The second function says if the session was ended.
  template <class T>
  Result<T> ask_later(bool writes, std::function<void(std::function<void(Result<T>)>)> at_server);

  // Whether a message that was sent in the session of now is still to be listened to.
  std::function<bool()> session_open() const {
    return [session = session_, epoch = epoch_] { return session->epoch == epoch; };
  }

  // Before a call: a chance that the process is stopped, or loses its way to the stores, once the request is sent. Its
  // answer comes when the process runs again.
  void maybe_stop(double times);

  void keep_session() { ended_ = false; }  // after a lost answer, as if nothing had happened

  // P9, before the work on the job is over: what was sent and not answered can have no effect after this. Tries until
  // the lease is not trusted; then the guard refuses it.
  void settle();

 private:
  Status ping();

  ReplicaProcess& process_;
  DatabaseServer& server_;
  LeaseHold& lease_;
  const std::string job_;
  const std::int64_t acquisition_;
  std::shared_ptr<ServerSession> session_ = std::make_shared<ServerSession>();
  int epoch_ = 0;
  bool ended_ = false;  // an answer was lost, and the server may still do what was sent
  TrueTime server_time_{0};
  std::optional<Instant> read_at_;
};

template <class T>
Result<T> ClientConnection::ask_later(bool writes, std::function<void(std::function<void(Result<T>)>)> at_server) {
  struct Slot {
    std::optional<Result<T>> answer;
    TrueTime at{0};
  };
  if (ended_) ++epoch_;
  auto slot = std::make_shared<Slot>();
  const CallFate fate =
      process_.call(process_.host().databases.at(server_.identity()), process_.world().plan.database_timeout,
                    [slot, at_server = std::move(at_server), session = session_, epoch = epoch_,
                     &queue = process_.world().queue](const Network::Answer& answer) {
                      if (epoch < session->epoch) return;
                      session->epoch = epoch;
                      slot->at = queue.now();
                      at_server([slot, answer](Result<T> result) {
                        slot->answer = std::move(result);
                        answer();
                      });
                    });
  if (fate == CallFate::answered) {
    ended_ = false;
    server_time_ = slot->at;
    read_at_ = process_.boot_now();
    return std::move(*slot->answer);
  }
  if (fate == CallFate::refused) return fail(ErrorKind::retry, server_.identity() + " cannot be reached");
  ended_ = true;
  return fail(writes ? ErrorKind::unknown_outcome : ErrorKind::retry, server_.identity() + " did not answer");
}

// All that own_job, run_owned and close_nobodys want.
class SimulatedJobWork {
 public:
  // All references outlive it.
  SimulatedJobWork(ReplicaProcess& process, const SimulatedJob& job, LeaseHold& lease, std::int64_t acquisition);
  SimulatedJobWork(const SimulatedJobWork&) = delete;
  SimulatedJobWork& operator=(const SimulatedJobWork&) = delete;
  ~SimulatedJobWork();

  const OwnedJobParts& parts() const;
  // To be called when the work is done.
  void settle();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::unique_ptr<Database> make_client_database(ClientConnection& connection);
std::unique_ptr<Executions> make_client_executions(ClientConnection& connection);
std::unique_ptr<Replicas> make_client_replicas(ClientConnection& connection);
std::unique_ptr<RepositoryRecord> make_client_record(ClientConnection& connection);
std::unique_ptr<Step> make_simulated_step(ReplicaProcess& process, const SimulatedJob& job, const SimulatedStep& step,
                                          Database* database);

}  // namespace baton
