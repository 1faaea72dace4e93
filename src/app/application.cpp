#include "baton/application.h"

#include "app/exit_code.h"
#include "app/program.h"
#include "runtime/init_process.h"

#include <fmt/format.h>
#include <malloc.h>
#include <utility>
#include <vector>

namespace baton {

struct ApplicationState {
  ProgramParts parts;
  std::vector<std::string> twice;  // what was registered twice
};

namespace {

template <class Factory>
void add(std::map<std::string, Factory>& known, const std::string& kind, const std::string& name, Factory factory,
         std::vector<std::string>& twice) {
  if (!known.emplace(name, std::move(factory)).second) twice.push_back(fmt::format("native {} \"{}\"", kind, name));
}

// The buffers of loads are made and recycled by several threads: those that are freed go back to the system, instead
// of staying in pieces in each thread's arena. Once set, the threshold does not grow by itself.
void return_large_buffers() {
  constexpr int large_bytes = 256 * 1024;
  mallopt(M_MMAP_THRESHOLD, large_bytes);
}

}  // namespace

Application::Application() : state_(std::make_unique<ApplicationState>()) {}
Application::~Application() = default;

Application& Application::reader(const std::string& name, ReaderFactory factory) {
  add(state_->parts.natives.readers, "reader", name, std::move(factory), state_->twice);
  return *this;
}

Application& Application::processor(const std::string& name, ProcessorFactory factory) {
  add(state_->parts.natives.processors, "processor", name, std::move(factory), state_->twice);
  return *this;
}

Application& Application::writer(const std::string& name, WriterFactory factory) {
  add(state_->parts.natives.writers, "writer", name, std::move(factory), state_->twice);
  return *this;
}

Application& Application::step(const std::string& name, StepFactory factory) {
  add(state_->parts.natives.steps, "step", name, std::move(factory), state_->twice);
  return *this;
}

Application& Application::step(const std::string& name, NativeWork work) {
  return step(name, [work = std::move(work)](const Options& options) -> Result<NativeWork> {
    BATON_CHECK(options.only({}));
    return work;
  });
}

Application& Application::configuration(std::string yaml) {
  state_->parts.configuration = std::move(yaml);
  return *this;
}

int Application::run(int argc, const char* const* argv) {
  for (const std::string& part : state_->twice) {
    fmt::print(stderr, "baton: this program registers {} twice: give one of them another name\n", part);
  }
  if (!state_->twice.empty()) return static_cast<int>(ExitCode::wrong_config);
  return_large_buffers();
  return run_below_init([&] { return run_program(argc, argv, state_->parts); });
}

}  // namespace baton
