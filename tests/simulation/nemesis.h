// Makes the faults of a plan happen, each kind at random moments, until the plan's chaos is over.
#pragma once

#include "tests/simulation/fleet.h"

namespace baton {

class Nemesis {
 public:
  Nemesis(Surroundings& world, Fleet& fleet) : world_(world), fleet_(fleet) {}

  void start();

 private:
  void arm(FaultKind kind, TrueTime mean);
  void strike(FaultKind kind);
  void outage();
  void person();
  std::size_t some_machine();
  const std::string& some_job();

  Surroundings& world_;
  Fleet& fleet_;
};

}  // namespace baton
