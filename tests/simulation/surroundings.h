// Everything that the replicas of a simulation share.
#pragma once

#include "tests/simulation/plan.h"
#include "tests/simulation/repository_server.h"

#include <map>
#include <memory>
#include <set>

namespace baton {

class ReplicaProcess;
struct NoteStall;

struct Surroundings {
  const SimulationPlan& plan;
  PlantedBugs bugs;
  EventQueue& queue;
  Trace& trace;
  Random& random;
  Network& network;
  LeaseServer& leases;
  RepositoryServer& repository;
  std::map<std::string, DatabaseServer*> databases;  // by identity, the repository among them
  bool healed = false;                               // no fault comes any more
  // Called from a fiber of the process: it dies, or stands still or loses its stores for a while, before its next
  // event.
  std::function<void(ReplicaProcess&)> kill{};
  std::function<void(const std::string& replica, TrueTime at_least)> trouble{};
  // A replica says of a run that it makes no progress, or does again.
  std::function<void(const std::string& replica, const NoteStall& stall)> note_stall{};
  std::set<std::string> hung_jobs{};  // whose threads stand still before the next rows
};

}  // namespace baton
