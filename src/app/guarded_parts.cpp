#include "app/guarded_parts.h"

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
std::string exception_text(const std::string& what, const std::string& said) {
  return fmt::format("{} threw an exception: {}; correct the program, or what it met", what, said);
}

// One call of a part of the user's, named in the message.
template <class Call>
auto call(const std::string& what, const Call& made) -> decltype(made()) {
  try {
    auto result = made();
    if (result) return result;
    return fail(own_kind(result.error().kind), fmt::format("{}: {}", what, result.error().message));
  } catch (const std::exception& error) {
    return fail(ErrorKind::invalid, exception_text(what, error.what()));
  } catch (...) {
    return fail(ErrorKind::invalid, exception_text(what, "no std::exception"));
  }
}

// The same for what cannot return an error.
template <class Value, class Call>
Value value_or(Value fallback, const Call& made) {
  try {
    return made();
  } catch (...) {
    return fallback;
  }
}

class GuardedReader final : public Reader {
 public:
  GuardedReader(std::unique_ptr<Reader> part, std::string what) : part_(std::move(part)), what_(std::move(what)) {}

  Status begin_run(const JobRun& run) override {
    return call(what_, [&] { return part_->begin_run(run); });
  }
  Result<std::vector<std::string>> open(const std::vector<std::string>& wanted) override {
    auto opened = call(what_, [&] { return part_->open(wanted); });
    columns_ = opened ? opened->size() : 0;
    offset_ = 0;
    return opened;
  }
  std::vector<std::string> native_forms() const override {
    return value_or(std::vector<std::string>(), [&] { return part_->native_forms(); });
  }
  // A reader that fails here fails at its next read.
  void deliver_native(const std::vector<bool>& columns) override {
    delivering_ = call(what_, [&]() -> Status {
      part_->deliver_native(columns);
      return {};
    });
  }
  Result<InputIdentity> identity(const Position& end) override {
    return call(what_, [&] { return part_->identity(end); });
  }
  Status resume(const Position& from) override {
    offset_ = from.offset;
    return call(what_, [&] { return part_->resume(from); });
  }
  Result<bool> read(RowBatch& batch, const ReadLimits& limits) override {
    BATON_CHECK(delivering_);
    BATON_TRY(const bool more, call(what_, [&] { return part_->read(batch, limits); }));
    BATON_CHECK(checked(batch, more));
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
  // What the rest of a load takes for granted.
  Status checked(const RowBatch& batch, bool more) const {
    const auto wrong = [&](const std::string& why) {
      return fail(ErrorKind::invalid, fmt::format("{}: {}; correct the reader", what_, why));
    };
    if (more && batch.columns != columns_) {
      return wrong(fmt::format("a batch of {} columns; expected the {} that open() returned", batch.columns, columns_));
    }
    if (batch.fields.size() != batch.rows.size() * batch.columns) {
      return wrong(fmt::format("{} fields for {} rows of {} columns; expected one for each column of each row",
                               batch.fields.size(), batch.rows.size(), batch.columns));
    }
    if (batch.read != batch.rows.size() + batch.filtered + batch.rejects.size()) {
      return wrong(fmt::format("{} records read, but {} rows, {} filtered and {} refused; expected their sum",
                               batch.read, batch.rows.size(), batch.filtered, batch.rejects.size()));
    }
    if (more && batch.read == 0)
      return wrong("a batch without records; expected `false` at the end, and records before it");
    // A chunk that does not move the position is not recorded: its rows would be written again.
    if (batch.read > 0 && batch.end.offset <= offset_) {
      return wrong(
          fmt::format("{} records read, and the offset of the position behind them, {}, is not above the one before; "
                      "expected it to grow with each record",
                      batch.read, batch.end.offset));
    }
    return {};
  }

  std::unique_ptr<Reader> part_;
  std::string what_;
  std::size_t columns_ = 0;
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
    return value_or(outputs, [&] { return part_->inputs_for(outputs); });
  }
  Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override {
    auto bound = call(what_, [&] { return part_->bind(inputs); });
    columns_ = bound ? bound->size() : 0;
    return bound;
  }
  std::vector<std::size_t> passed_columns() const override {
    return value_or(std::vector<std::size_t>(), [&] { return part_->passed_columns(); });
  }
  Status apply(RowBatch& batch) override {
    BATON_CHECK(call(what_, [&] { return part_->apply(batch); }));
    if (batch.fields.size() == batch.rows.size() * batch.columns && (batch.rows.empty() || batch.columns == columns_))
      return {};
    return fail(ErrorKind::invalid,
                fmt::format("{}: {} fields for {} rows of {} columns; expected the {} columns that bind() returned; "
                            "correct the processor",
                            what_, batch.fields.size(), batch.rows.size(), batch.columns, columns_));
  }

 private:
  std::unique_ptr<Processor> part_;
  std::string what_;
  std::size_t columns_ = 0;
};

class GuardedWriter final : public RowWriter {
 public:
  GuardedWriter(std::unique_ptr<RowWriter> part, std::string what) : part_(std::move(part)), what_(std::move(what)) {}

  Status begin_run(const JobRun& run) override {
    return call(what_, [&] { return part_->begin_run(run); });
  }
  std::vector<std::string> columns() const override {
    return value_or(std::vector<std::string>(), [&] { return part_->columns(); });
  }
  Status open(const std::vector<std::string>& columns) override {
    return call(what_, [&] { return part_->open(columns); });
  }
  Result<std::vector<RowRefusal>> write(const RowBatch& rows, const std::string& idempotency_key) override {
    return call(what_, [&] { return part_->write(rows, idempotency_key); });
  }
  Status finish() override {
    return call(what_, [&] { return part_->finish(); });
  }

 private:
  std::unique_ptr<RowWriter> part_;
  std::string what_;
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
  return NativeWork([work = std::move(work), what](NativeContext& context) {
    return call(what, [&]() -> Result<StepEnd> { return work(context); });
  });
}

}  // namespace baton
