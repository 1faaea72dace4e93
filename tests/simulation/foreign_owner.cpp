#include "tests/simulation/foreign_owner.h"

#include "lease/take_lease.h"
#include "tests/simulation/chance.h"

#include <memory>

namespace baton {
namespace {

struct Foreigner {
  Surroundings& world;
  std::string job;
  std::string name;
  TrueTime until{0};
  LeaseRecord record;
  std::optional<bool> dies;
};

Duration lease_of(const Foreigner& foreigner) { return foreigner.world.plan.timings.lease; }

void keep(const std::shared_ptr<Foreigner>& self) {
  Surroundings& world = self->world;
  if (world.healed || world.queue.now() >= self->until) {
    const bool dies = !world.healed && (self->dies ? *self->dies : chance(world.random, 0.4));
    if (!dies) static_cast<void>(world.leases.release(self->job, self->name, self->record.version));
    return;
  }
  const std::string next = uuid(world.random);
  const auto answers = world.leases.renew({{self->job, self->name, self->record.version, next, lease_of(*self)}});
  if (!answers.front()) return;
  self->record.version = next;
  world.queue.after(lease_of(*self) / 3, [self] { keep(self); });
}

void take(const std::shared_ptr<Foreigner>& self, const std::optional<LeaseRecord>& seen) {
  Surroundings& world = self->world;
  self->record = record_to_take(self->job, self->name, lease_of(*self), uuid(world.random), seen);
  if (world.leases.take(self->record, seen)) keep(self);
}

}  // namespace

void visit_as_foreigner(Surroundings& world, const std::string& job, TrueTime length, std::optional<bool> dies) {
  auto self = std::make_shared<Foreigner>(Foreigner{world, job, "java-" + hex(world.random, 6), TrueTime(0), {}, dies});
  self->until = world.queue.now() + length;
  const auto found = *world.leases.read(job);
  if (!found || found->released) return take(self, found);
  const TrueTime expiry = world.queue.now() + found->lease_duration + TrueTime(1);
  world.queue.at(expiry, [self, seen = found->version] {
    const auto now = *self->world.leases.read(self->job);
    if (now && !now->released && now->version != seen) return;
    take(self, now);
  });
}

}  // namespace baton
