#include "tests/process/kill_natives.h"

#include "baton/rows.h"
#include "tests/process/kill_scenarios.h"

#include <fmt/format.h>
#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace baton {
namespace {

namespace fs = std::filesystem;

Result<std::string> out_folder(const JobRun& run) {
  const auto out = run.parameter("out");
  if (!out) return fail(ErrorKind::invalid, "the run has no parameter `out`: expected the folder to write to");
  return *out;
}

class NumbersReader final : public Reader {
 public:
  explicit NumbersReader(std::int64_t to) : to_(static_cast<std::uint64_t>(to)) {}

  Status begin_run(const JobRun& run) override {
    const auto id = run.parameter("run.id");
    if (!id) return fail(ErrorKind::invalid, "the run has no parameter run.id");
    run_ = *id;
    return {};
  }
  Result<std::vector<std::string>> open(const std::vector<std::string>& /*wanted*/) override {
    next_ = 0;
    return std::vector<std::string>{"id", "run"};
  }
  Result<InputIdentity> identity(const Position& /*end*/) override { return InputIdentity{"numbers", to_, 0, ""}; }
  Status resume(const Position& from) override {
    next_ = from.record;
    if (from.key == key()) return {};
    return fail(ErrorKind::invalid, fmt::format("position {} has the key '{}'", from.record, from.key));
  }
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override {
    batch.clear();
    batch.columns = 2;
    for (; next_ < to_ && batch.read < limits.rows; ++next_) {
      const std::string id = std::to_string(next_ + 1);
      begin_row(batch, next_ + 1, id);
      add_field(batch, id, FieldKind::number);
      add_field(batch, run_, FieldKind::number);
    }
    batch.end.offset = batch.end.record = next_;
    batch.end.key = key();
    return batch.read > 0;
  }
  Status finish() override { return {}; }
  std::uint64_t size_bytes() const override { return 0; }

 private:
  // The first position has none.
  std::string key() const { return next_ == 0 ? "" : fmt::format("behind \"{}\"", next_); }

  std::uint64_t to_;
  std::uint64_t next_ = 0;
  std::string run_;
};

class DoubleProcessor final : public Processor {
 public:
  std::vector<std::string> inputs_for(const std::vector<std::string>& outputs) const override { return outputs; }
  Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override {
    id_ = static_cast<std::size_t>(std::find(inputs.begin(), inputs.end(), "id") - inputs.begin());
    if (id_ == inputs.size()) return fail(ErrorKind::invalid, "there is no column `id`");
    std::vector<std::string> outputs = inputs;
    outputs.emplace_back("twice");
    return outputs;
  }
  Status apply(RowBatch& batch) override {
    const std::size_t twice = batch.columns;
    add_columns(batch, 1);
    sift_rows(batch, [&](std::size_t row) {
      const std::string text(batch.view(batch.at(row, id_)));
      const int id = std::stoi(text);
      if (id % 97 == 0) return refuse_row("id", text, "expected no multiple of 97");
      set_field(batch, row, twice, std::to_string(2 * id), FieldKind::number);
      return keep_row();
    });
    return {};
  }

 private:
  std::size_t id_ = 0;
};

std::string rows_text(const RowBatch& rows) {
  std::string text;
  for (std::size_t row = 0; row < rows.size(); ++row) {
    for (std::size_t column = 0; column < rows.columns; ++column) {
      text += (column == 0 ? "" : ",") + std::string(rows.view(rows.at(row, column)));
    }
    text += '\n';
  }
  return text;
}

class OutboxWriter final : public RowWriter {
 public:
  Status begin_run(const JobRun& run) override {
    BATON_TRY(const std::string out, out_folder(run));
    folder_ = out + "/outbox";
    return {};
  }
  Status open(const std::vector<std::string>& /*columns*/) override {
    fs::create_directories(folder_);
    return {};
  }
  Result<std::vector<RowRefusal>> write(const RowBatch& rows, const std::string& idempotency_key) override {
    std::string name = idempotency_key;
    std::replace(name.begin(), name.end(), '/', '_');
    const fs::path file = folder_ / name;
    const std::string text = rows_text(rows);
    if (fs::exists(file)) {
      std::ostringstream known;
      known << std::ifstream(file).rdbuf();
      if (known.str() == text) return std::vector<RowRefusal>();
      return fail(ErrorKind::invalid, "other rows came before with the key " + idempotency_key);
    }
    const fs::path unfinished = folder_.string() + ".part";
    std::ofstream(unfinished) << text;
    fs::rename(unfinished, file);
    return std::vector<RowRefusal>();
  }

 private:
  fs::path folder_;
};

Result<StepEnd> tally(int to, NativeContext& context) {
  BATON_TRY(const std::string out, out_folder(context));
  for (int number = std::stoi(context.saved.value_or("0")) + 1; number <= to; ++number) {
    if (context.stop.stop_requested()) return StepEnd::stopped;
    std::ofstream(out + "/tally.txt", std::ios::app) << fmt::format("{} {}\n", number, context.idempotency_key);
    ++context.counts.write;
    if (number % tallied_between_saves == 0) BATON_CHECK(context.save(std::to_string(number)));
  }
  return StepEnd::completed;
}

}  // namespace

NativeParts kill_natives() {
  NativeParts parts;
  parts.readers["numbers"] = [](const Options& options) -> Result<std::unique_ptr<Reader>> {
    BATON_TRY(const std::int64_t to, options.integer("to"));
    return std::make_unique<NumbersReader>(to);
  };
  parts.processors["double"] = [](const Options&) -> Result<std::unique_ptr<Processor>> {
    return std::make_unique<DoubleProcessor>();
  };
  parts.writers["outbox"] = [](const Options&) -> Result<std::unique_ptr<RowWriter>> {
    return std::make_unique<OutboxWriter>();
  };
  parts.steps["tally"] = [](const Options& options) -> Result<NativeWork> {
    BATON_TRY(const std::int64_t to, options.integer("to"));
    return [to](NativeContext& context) { return tally(static_cast<int>(to), context); };
  };
  return parts;
}

}  // namespace baton
