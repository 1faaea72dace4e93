#include "batch/native_step.h"

namespace baton {
namespace {

class NativeStep final : public Step {
 public:
  NativeStep(std::string name, NativeWork work) : name_(std::move(name)), work_(std::move(work)) {}

  const std::string& name() const override { return name_; }
  Database* database() const override { return nullptr; }

  Result<StepEnd> run(StepContext& context) override {
    NativeContext native{context.job,  context.instance,   name_, idempotency_key(context, 0),
                         context.stop, context.step.counts};
    return work_(native);
  }

 private:
  std::string name_;
  NativeWork work_;
};

}  // namespace

std::unique_ptr<Step> make_native_step(std::string name, NativeWork work) {
  return std::make_unique<NativeStep>(std::move(name), std::move(work));
}

}  // namespace baton
