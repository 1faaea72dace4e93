#include "app/guarded_parts.h"

#include "app/answer_check.h"
#include "app/batch_check.h"
#include "base/utf8.h"
#include "data/write_reject.h"

#include <fmt/format.h>
#include <exception>
#include <utility>

namespace baton {
namespace {

// `lease_lost` and `conflict` are about Baton's own stores. What may have happened may be repeated here: at least once.
ErrorKind own_kind(ErrorKind kind) {
  return kind == ErrorKind::retry || kind == ErrorKind::unknown_outcome ? ErrorKind::retry : ErrorKind::invalid;
}

// A part knows what it expected, and says it in an error that it returns; of an exception only the program is known.
// Whatever it says stays on one line, so that it is not taken for a line of Baton's own.
std::string exception_text(const std::string& what, const std::string& said) {
  return fmt::format("{} threw an exception: {}; correct the program, or what it met", what, visible(said));
}

// One call of a part of the user's, named in the message.
template <class Call>
auto call(const std::string& what, const Call& made) -> decltype(made()) {
  try {
    auto result = made();
    if (result) return result;
    return fail(own_kind(result.error().kind), fmt::format("{}: {}", what, visible(result.error().message)));
  } catch (const std::exception& error) {
    return fail(ErrorKind::invalid, exception_text(what, error.what()));
  } catch (...) {
    return fail(ErrorKind::invalid, exception_text(what, "no std::exception"));
  }
}

// The same for what cannot return an error, and decides nothing.
template <class Value, class Call>
Value value_or(Value fallback, const Call& made) {
  try {
    return made();
  } catch (...) {
    return fallback;
  }
}

// The same for what cannot return an error, and on whose answer rows depend: `failed` is for the next call that can.
template <class Value, class Call>
Value value_or_failed(Value fallback, Status& failed, const std::string& what, const Call& made) {
  Result<Value> answer = call(what, [&] { return Result<Value>(made()); });
  if (answer) return *std::move(answer);
  failed = fail(answer.error());
  return fallback;
}

// The part is named by what the configuration calls it; the last word says what to correct.
Status checked(const std::string& what, std::string_view part, const Fault& fault) {
  if (!fault) return {};
  return fail(ErrorKind::invalid, fmt::format("{}: {}; correct the {}", what, *fault, part));
}

// What a part says of those that it refused, from `first` on, as Baton's own would: of its phase, on one line, cut.
void settle_rejects(std::vector<Reject>& rejects, std::size_t first, RejectPhase phase) {
  for (std::size_t i = first; i < rejects.size(); ++i) {
    Reject& reject = rejects[i];
    reject.phase = phase;
    reject.column = visible(reject.column);
    reject.reason = visible(reject.reason);
    reject.value.resize(cut_text(reject.value, max_reject_value_bytes).size());
    reject.raw.resize(cut_text(reject.raw, max_reject_raw_bytes).size());
  }
}

// Asked by any thread of Baton's, which no exception may reach.
class GuardedRecordText final : public RecordText {
 public:
  explicit GuardedRecordText(std::shared_ptr<const RecordText> part) : part_(std::move(part)) {}

  std::string of(std::string_view raw) const override {
    return value_or(std::string(raw), [&] { return part_->of(raw); });
  }

 private:
  std::shared_ptr<const RecordText> part_;
};

void guard_record_text(RowBatch& batch, const RecordText* trusted) {
  if (batch.record_text == nullptr || batch.record_text.get() == trusted) return;
  batch.record_text = std::make_shared<GuardedRecordText>(std::move(batch.record_text));
}

class GuardedReader final : public Reader {
 public:
  GuardedReader(std::unique_ptr<Reader> part, std::string what) : part_(std::move(part)), what_(std::move(what)) {}

  Status begin_run(const JobRun& run) override {
    return call(what_, [&] { return part_->begin_run(run); });
  }
  Result<std::vector<std::string>> open(const std::vector<std::string>& wanted) override {
    BATON_TRY(const std::vector<std::string> names, call(what_, [&] { return part_->open(wanted); }));
    BATON_CHECK(right(names_fault(names)));
    BATON_TRY(forms_, call(what_, [&] { return Result<std::vector<std::string>>(part_->native_forms()); }));
    BATON_CHECK(right(forms_fault(forms_, names.size())));
    columns_ = {"open()", names, {}};
    offset_ = 0;
    return names;
  }
  std::vector<std::string> native_forms() const override { return forms_; }
  // A reader that fails here fails at its next read.
  void deliver_native(const std::vector<bool>& columns) override {
    columns_.native = columns;
    delivering_ = call(what_, [&]() -> Status {
      part_->deliver_native(columns);
      return {};
    });
  }
  Result<InputIdentity> identity(const Position& end) override {
    BATON_TRY(InputIdentity identity, call(what_, [&] { return part_->identity(end); }));
    BATON_CHECK(right(identity_fault(identity)));
    return identity;
  }
  Status resume(const Position& from) override {
    offset_ = from.offset;
    return call(what_, [&] { return part_->resume(from); });
  }
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override {
    BATON_CHECK(delivering_);
    BATON_TRY(const bool more, call(what_, [&] { return part_->read(batch, limits); }));
    BATON_CHECK(right(shape_fault(batch, columns_)));
    BATON_CHECK(right(read_fault(batch, more, limits, offset_)));
    BATON_CHECK(right(utf8_fault(batch, columns_)));
    settle_rejects(batch.rejects, 0, RejectPhase::read);
    guard_record_text(batch, nullptr);
    offset_ = batch.end.offset;
    return more;
  }
  Status finish() override {
    return call(what_, [&] { return part_->finish(); });
  }
  void close() override {
    value_or(0, [&] { return part_->close(), 0; });
  }
  std::uint64_t size_bytes() const override {
    return value_or(std::uint64_t{0}, [&] { return part_->size_bytes(); });
  }

 private:
  Status right(const Fault& fault) const { return checked(what_, "reader", fault); }

  std::unique_ptr<Reader> part_;
  std::string what_;
  BatchColumns columns_;
  std::vector<std::string> forms_;
  std::uint64_t offset_ = 0;  // where reading stands
  Status delivering_;
};

class GuardedProcessor final : public Processor {
 public:
  GuardedProcessor(std::unique_ptr<Processor> part, std::string what)
      : part_(std::move(part)), what_(std::move(what)) {}

  Status begin_run(const JobRun& run) override {
    return call(what_, [&] { return part_->begin_run(run); });
  }
  std::vector<std::string> inputs_for(const std::vector<std::string>& outputs) const override {
    return value_or_failed(outputs, planning_, what_, [&] { return part_->inputs_for(outputs); });
  }
  Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override {
    BATON_CHECK(planning_);
    BATON_TRY(const std::vector<std::string> names, call(what_, [&] { return part_->bind(inputs); }));
    BATON_CHECK(right(names_fault(names)));
    BATON_TRY(passed_, call(what_, [&] { return Result<std::vector<std::size_t>>(part_->passed_columns()); }));
    BATON_CHECK(right(passed_fault(passed_, inputs.size(), names.size())));
    columns_ = {"bind()", names, std::vector<bool>(passed_.size())};
    for (std::size_t i = 0; i < passed_.size(); ++i) columns_.native[i] = passed_[i] != made_here;
    return names;
  }
  std::vector<std::size_t> passed_columns() const override { return passed_; }
  Status apply(RowBatch& batch) override {
    const BatchBefore before(batch);
    const std::shared_ptr<const RecordText> record_text = batch.record_text;
    BATON_CHECK(call(what_, [&] { return part_->apply(batch); }));
    BATON_CHECK(right(shape_fault(batch, columns_)));
    BATON_CHECK(right(processed_fault(before, batch)));
    BATON_CHECK(right(utf8_fault(batch, columns_, before.own_text)));
    settle_rejects(batch.rejects, before.rejects, RejectPhase::process);
    guard_record_text(batch, record_text.get());
    return {};
  }

 private:
  Status right(const Fault& fault) const { return checked(what_, "processor", fault); }

  std::unique_ptr<Processor> part_;
  std::string what_;
  BatchColumns columns_;
  std::vector<std::size_t> passed_;
  mutable Status planning_;  // how inputs_for went
};

class GuardedWriter final : public RowWriter {
 public:
  GuardedWriter(std::unique_ptr<RowWriter> part, std::string what) : part_(std::move(part)), what_(std::move(what)) {}

  Status begin_run(const JobRun& run) override {
    return call(what_, [&] { return part_->begin_run(run); });
  }
  std::vector<std::string> columns() const override {
    return value_or_failed(std::vector<std::string>(), planning_, what_, [&] { return part_->columns(); });
  }
  Status open(const std::vector<std::string>& columns) override {
    BATON_CHECK(planning_);
    return call(what_, [&] { return part_->open(columns); });
  }
  Result<std::vector<RowRefusal>> write(const RowBatch& rows, const std::string& idempotency_key) override {
    BATON_TRY(std::vector<RowRefusal> refused, call(what_, [&] { return part_->write(rows, idempotency_key); }));
    BATON_CHECK(checked(what_, "writer", refusals_fault(refused, rows.size())));
    for (RowRefusal& one : refused) {
      one.column = visible(one.column);
      one.reason = visible(one.reason);
    }
    return refused;
  }
  Status finish() override {
    return call(what_, [&] { return part_->finish(); });
  }

 private:
  std::unique_ptr<RowWriter> part_;
  std::string what_;
  mutable Status planning_;  // how columns() went
};

template <class Guard, class Part>
Result<std::unique_ptr<Part>> made(const std::function<Result<std::unique_ptr<Part>>(const Options&)>& factory,
                                   const Options& options, const std::string& what) {
  BATON_TRY(std::unique_ptr<Part> part, call(what, [&] { return factory(options); }));
  if (part == nullptr) return fail(ErrorKind::invalid, what + ": its factory made nothing");
  return std::make_unique<Guard>(std::move(part), what);
}

}  // namespace

Result<std::unique_ptr<Reader>> guarded(const ReaderFactory& factory, const Options& options, const std::string& what) {
  return made<GuardedReader>(factory, options, what);
}

Result<std::unique_ptr<Processor>> guarded(const ProcessorFactory& factory, const Options& options,
                                           const std::string& what) {
  return made<GuardedProcessor>(factory, options, what);
}

Result<std::unique_ptr<RowWriter>> guarded(const WriterFactory& factory, const Options& options,
                                           const std::string& what) {
  return made<GuardedWriter>(factory, options, what);
}

Result<NativeWork> guarded(const StepFactory& factory, const Options& options, const std::string& what) {
  BATON_TRY(NativeWork work, call(what, [&] { return factory(options); }));
  if (!work) return fail(ErrorKind::invalid, what + ": its factory made nothing");
  return NativeWork([work = std::move(work), what](NativeContext& context) -> Result<StepEnd> {
    const std::stop_token stop = context.stop;  // the work may change its own
    BATON_TRY(const StepEnd end, call(what, [&]() -> Result<StepEnd> { return work(context); }));
    const bool is_lost = context.still_owned && !context.still_owned();
    BATON_CHECK(checked(what, "step", step_end_fault(end, stop.stop_requested() || is_lost)));
    return end;
  });
}

}  // namespace baton
