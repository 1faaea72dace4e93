// Whole jobs in C++: a program without a file of its own, of a reader, a processor, a writer and a step. Its job
// `faults` does what a part should not, as its parameter says.
#include <baton/application.h>
#include <baton/rows.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <stdexcept>

namespace {

using namespace baton;

// The numbers up to the run's parameter `to`.
class Numbers final : public Reader {
 public:
  Status begin_run(const JobRun& run) override {
    const auto to = run.parameter("to");
    if (!to) return fail(ErrorKind::invalid, "the run has no parameter `to`: give to=10");
    to_ = std::stoull(*to);
    fault_ = run.parameter("fault").value_or("");
    return {};
  }
  Result<std::vector<std::string>> open(const std::vector<std::string>&) override {
    next_ = 0;
    return std::vector<std::string>{"n"};
  }
  Result<InputIdentity> identity(const Position&) override { return InputIdentity{"numbers", to_, 0, ""}; }
  Status resume(const Position& from) override {
    next_ = from.record;
    return {};
  }
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override {
    if (fault_ == "reader throws") throw std::runtime_error("the line is dead");
    batch.clear();
    batch.columns = 1;
    for (; next_ < to_ && batch.read < limits.rows; ++next_) {
      begin_row(batch, next_ + 1);
      add_field(batch, std::to_string(next_ + 1), FieldKind::number);
    }
    batch.end.record = next_;
    batch.end.offset = fault_ == "position stays" ? 0 : next_;
    if (fault_ == "rows uncounted" && batch.read > 0) {
      batch.rows.pop_back();
      batch.fields.pop_back();
    }
    if (fault_ == "end too early") return false;
    return batch.read > 0;
  }
  Status finish() override { return {}; }
  std::uint64_t size_bytes() const override { return 0; }

 private:
  std::uint64_t to_ = 0;
  std::uint64_t next_ = 0;
  std::string fault_;
};

class Squares final : public Processor {
 public:
  Status begin_run(const JobRun& run) override {
    fault_ = run.parameter("fault").value_or("");
    return {};
  }
  std::vector<std::string> inputs_for(const std::vector<std::string>& outputs) const override { return outputs; }
  Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override {
    std::vector<std::string> outputs = inputs;
    outputs.push_back("square");
    return outputs;
  }
  Status apply(RowBatch& batch) override {
    if (fault_ == "processor fails") {
      return fail(ErrorKind::invalid, "record 1: expected an even number, found 1; correct the source");
    }
    const std::size_t square = batch.columns;
    add_columns(batch, 1);
    for (std::size_t row = 0; row < batch.size(); ++row) {
      const auto n = std::stoull(std::string(batch.view(batch.at(row, 0))));
      set_field(batch, row, square, std::to_string(n * n), FieldKind::number);
    }
    if (fault_ == "rows dropped" && batch.size() > 0) {
      batch.rows.resize(1);
      batch.fields.resize(batch.columns);
    }
    if (fault_ == "no text") set_field(batch, 0, square, "\xFF");
    return {};
  }

 private:
  std::string fault_;
};

class Lines final : public RowWriter {
 public:
  explicit Lines(std::string path) : path_(std::move(path)) {}

  Status open(const std::vector<std::string>&) override { return {}; }
  Result<std::vector<RowRefusal>> write(const RowBatch& rows, const std::string&) override {
    std::ofstream file(path_, std::ios::app);
    for (std::size_t row = 0; row < rows.size(); ++row) {
      file << rows.view(rows.at(row, 0)) << ' ' << rows.view(rows.at(row, 1)) << '\n';
    }
    return std::vector<RowRefusal>();
  }

 private:
  std::string path_;
};

// Goes on behind what it saved; dies once, where a parameter says so.
Result<StepEnd> greet(const std::string& name, NativeContext& context) {
  if (!context.saved) {
    BATON_CHECK(context.save("hello, " + name));
    if (context.parameter("fault") == "step throws") throw std::runtime_error("lost for words");
    if (context.parameter("fault") == "step dies") std::_Exit(9);
  }
  if (context.parameter("fault") == "step stops") return StepEnd::stopped;
  std::cout << *context.saved << ", in run " << context.parameter("run.id").value_or("?") << '\n';
  return StepEnd::completed;
}

}  // namespace

int main(int argc, char** argv) {
  Application app;
  app.reader("numbers", [](const Options&) { return Result<std::unique_ptr<Reader>>(std::make_unique<Numbers>()); });
  app.processor("squares", [](const Options& options) -> Result<std::unique_ptr<Processor>> {
    BATON_CHECK(options.only({}));
    return std::make_unique<Squares>();
  });
  app.writer("lines", [](const Options& options) -> Result<std::unique_ptr<RowWriter>> {
    BATON_TRY(std::string path, options.text("path"));
    return std::make_unique<Lines>(std::move(path));
  });
  const auto greeter = [](const Options& options) -> Result<NativeWork> {
    BATON_TRY(const std::string name, options.text("name"));
    return [name](NativeContext& context) { return greet(name, context); };
  };
  app.step("greet", StepFactory(greeter));
  if (std::getenv("TWICE") != nullptr) app.step("greet", StepFactory(greeter));
  app.configuration(R"(
locks: { lease: 600ms, heartbeat: 200ms, refresh: 50ms }
jobs:
  greet:
    steps:
      - name: greet
        native: { name: greet, options: { name: world } }
  squares:
    parameters: { to: 5000 }
    steps:
      - name: write
        chunk: 1000
        read: { native: { name: numbers } }
        process: [ { native: { name: squares } } ]
        write: { native: { name: lines, options: { path: squares.txt } } }
  faults:
    steps:
      - name: write
        read: { native: { name: numbers } }
        process: [ { native: { name: squares } } ]
        write: { native: { name: lines, options: { path: faults.txt } } }
)");
  return app.run(argc, argv);
}
