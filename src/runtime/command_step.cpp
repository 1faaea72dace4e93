#include "runtime/command_step.h"

#include "runtime/child_process.h"

#include <fmt/format.h>
#include <unistd.h>

namespace baton {
namespace {

constexpr std::size_t kept_output_bytes = 2'000;
constexpr int poll_ms = 100;

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
    const auto output = [&](const std::string& text) {
      [[maybe_unused]] const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
      kept += text;
      if (kept.size() > kept_output_bytes) kept.erase(0, kept.size() - kept_output_bytes);
    };
    std::optional<Instant> kill_at;
    while (!child.wait(poll_ms, output)) {
      const Instant now = context.clock.now();
      const bool lost = !context.ownership.guard.passed();
      if (!kill_at && (context.stop.stop_requested() || lost)) {
        child.terminate();
        kill_at = now + plan_.grace;
      }
      if (kill_at && now >= *kill_at) child.kill();
    }
    return !kill_at;
  }

  CommandPlan plan_;
};

}  // namespace

std::unique_ptr<Step> make_command_step(CommandPlan plan) { return std::make_unique<CommandStep>(std::move(plan)); }

}  // namespace baton
