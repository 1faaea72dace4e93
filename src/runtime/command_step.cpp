#include "runtime/command_step.h"

#include "runtime/child_process.h"
#include "runtime/output_lines.h"

#include <fmt/format.h>
#include <algorithm>

namespace baton {
namespace {

constexpr std::size_t kept_output_bytes = 2'000;
constexpr int poll_ms = 100;
constexpr Duration cancelled_grace(2'000);  // of a run that took too long or hangs: its lease is soon given up

bool was_cut_short(const StepContext& context) {
  return context.signals != nullptr && context.signals->why_cut().has_value();
}

// Adds a line; of all of them the end stays, cut between two characters of UTF-8.
void keep_end(std::string& kept, const std::string& line) {
  if (!kept.empty()) kept += '\n';
  kept += line;
  if (kept.size() <= kept_output_bytes) return;
  std::size_t cut = kept.size() - kept_output_bytes;
  while (cut < kept.size() && (static_cast<unsigned char>(kept[cut]) & 0xC0U) == 0x80U) ++cut;
  kept.erase(0, cut);
}

class CommandStep final : public Step {
 public:
  explicit CommandStep(CommandPlan plan) : plan_(std::move(plan)) {}

  const std::string& name() const override { return plan_.name; }
  Database* database() const override { return nullptr; }

  Result<StepEnd> run(StepContext& context) override {
    if (context.stop.stop_requested()) return StepEnd::stopped;
    const Authority authority = context.ownership.in(context.repository_database);
    auto environment = plan_.environment;
    environment.emplace_back("BATON_JOB", context.job);
    environment.emplace_back("BATON_INSTANCE", std::to_string(context.instance));
    environment.emplace_back("BATON_STEP", plan_.name);
    environment.emplace_back("BATON_FENCE", std::to_string(authority.fence.value));
    environment.emplace_back("BATON_IDEMPOTENCY_KEY", idempotency_key(context, 0));
    BATON_TRY(ChildProcess child, ChildProcess::start(plan_.argv, environment));
    std::string kept;
    if (!wait(context, child, kept)) return StepEnd::stopped;
    const std::string failure = child.failure();
    if (failure.empty()) return StepEnd::completed;
    return fail(ErrorKind::invalid, fmt::format("step \"{}\": {} ended with {}{}", plan_.name, plan_.argv[0], failure,
                                                kept.empty() ? ", and printed nothing" : "; it printed:\n" + kept));
  }

 private:
  // Waits for the child's end; false if it was told to end, because a stop is wanted or the lease is lost. Its exit
  // code says nothing then: many a program that is told to end exits with 0 and leaves its work undone.
  bool wait(StepContext& context, ChildProcess& child, std::string& kept) const {
    OutputLines lines([&](const std::string& line) {
      context.listener.printed(plan_.name, line);
      keep_end(kept, line);
    });
    const auto output = [&lines](const std::string& text) { lines.add(text); };
    std::optional<Instant> kill_at;
    while (!child.wait(poll_ms, output)) {
      const Instant now = context.clock.now();
      const bool lost = !context.ownership.guard.passed();
      if (!kill_at && (context.stop.stop_requested() || lost)) {
        child.terminate();
        kill_at = now + (was_cut_short(context) ? std::min(plan_.grace, cancelled_grace) : plan_.grace);
      }
      if (kill_at && now >= *kill_at) child.kill();
    }
    lines.end();
    return !kill_at;
  }

  CommandPlan plan_;
};

}  // namespace

std::unique_ptr<Step> make_command_step(CommandPlan plan) { return std::make_unique<CommandStep>(std::move(plan)); }

}  // namespace baton
