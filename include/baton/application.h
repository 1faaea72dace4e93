// A program with parts of its own, and Baton's command line, configuration, leases and monitoring around them.
#pragma once

#include "baton/native_factories.h"
#include "baton/native_work.h"
#include "baton/options.h"
#include "baton/row_writer.h"

#include <memory>
#include <string>

namespace baton {

struct ApplicationState;

// Used by one thread, until run() returns.
class Application {
 public:
  Application();
  Application(const Application&) = delete;
  Application& operator=(const Application&) = delete;
  ~Application();

  // Registers a part under the name that the configuration calls it by: `read: { native: { name: NAME, options: {…} }
  // }`, an entry `native` of `process`, `write: { native: … }`, a step's `native: …`. One name may be given to a part
  // of each kind; given twice to one kind, run() refuses to begin.
  Application& reader(const std::string& name, ReaderFactory factory);
  Application& processor(const std::string& name, ProcessorFactory factory);
  Application& writer(const std::string& name, WriterFactory factory);
  Application& step(const std::string& name, StepFactory factory);
  // A step without options.
  Application& step(const std::string& name, NativeWork work);

  // The configuration, as YAML, where the command line (--config) and the environment (BATON_CONFIG) name none: a whole
  // job lives in the program then, and ./baton.yaml is not looked for. Relative paths are below the current folder.
  Application& configuration(std::string yaml);

  // Runs the command line and returns the exit code of the process: 0 done, 1 a job failed, 2 wrong usage, 75 for the
  // time being, 78 wrong configuration. Call it once, from main, before any thread is started: it blocks SIGTERM and
  // SIGINT for those that it starts, and as pid 1 it forks. Never throws what a part throws.
  int run(int argc, const char* const* argv);

 private:
  std::unique_ptr<ApplicationState> state_;
};

}  // namespace baton
