// The parts that a program registers: found by name, made of options, and guarded.
#include "app/native_parts.h"

#include "baton/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

NativeConfig native(const std::string& name, std::vector<std::pair<std::string, std::string>> options = {}) {
  NativeConfig config;
  config.name = {name, {}};
  for (auto& [key, value] : options) config.options.push_back({{key, {}}, {value, {}}});
  return config;
}

// What it does is the test's.
class ScriptedReader final : public Reader {
 public:
  explicit ScriptedReader(std::function<Result<bool>(RowBatch&)> read) : read_(std::move(read)) {}
  Result<std::vector<std::string>> open(const std::vector<std::string>&) override {
    return std::vector<std::string>{"a", "b"};
  }
  Result<InputIdentity> identity(const Position&) override { throw std::runtime_error("no identity"); }
  Status resume(const Position&) override { return {}; }
  Result<bool> read(RowBatch& batch, const ReadLimits&) override {
    batch.clear();
    batch.columns = 2;
    return read_(batch);
  }
  Status finish() override { throw 7; }
  void close() override { throw std::runtime_error("close"); }
  std::uint64_t size_bytes() const override { throw std::runtime_error("size"); }

 private:
  std::function<Result<bool>(RowBatch&)> read_;
};

NativeParts reading(std::function<Result<bool>(RowBatch&)> read) {
  NativeParts parts;
  parts.readers["r"] = [read](const Options&) -> Result<std::unique_ptr<Reader>> {
    return std::make_unique<ScriptedReader>(read);
  };
  return parts;
}

// The error of a read that does this to the batch.
Error read_error(std::function<Result<bool>(RowBatch&)> read) {
  const auto reader = reading(std::move(read)).reader(native("r"));
  EXPECT_TRUE(reader);
  EXPECT_TRUE((*reader)->open({}));
  RowBatch batch;
  const auto more = (*reader)->read(batch, {});
  EXPECT_FALSE(more);
  return more ? Error() : more.error();
}

TEST(NativeParts, UnknownNameThenTheKnownOnesAreNamed) {
  NativeParts parts = reading({});
  parts.readers["numbers"] = parts.readers["r"];
  EXPECT_EQ(parts.reader(native("number")).error().message,
            "this program has no native reader \"number\", did you mean `numbers`? It has: numbers, r");
  EXPECT_EQ(parts.reader(native("other")).error().message,
            "this program has no native reader \"other\"; it has: numbers, r");
  EXPECT_THAT(
      parts.writer(native("w")).error().message,
      StartsWith("there is no native writer \"w\": this program has no native writers, and the program `baton`"));
  EXPECT_EQ(parts.check(NativePart::step, native("s")).error().kind, ErrorKind::invalid);
  EXPECT_TRUE(parts.check(NativePart::reader, native("r")));
}

TEST(NativeParts, FactoryRefusesItsOptionsThenTheMessageNamesThePart) {
  NativeParts parts;
  parts.steps["s"] = [](const Options& options) -> Result<NativeWork> {
    BATON_CHECK(options.only({"from"}));
    return NativeWork();
  };
  EXPECT_EQ(parts.check(NativePart::step, native("s", {{"form", "1"}})).error().message,
            "native step \"s\": unknown option `form`, did you mean `from`? Expected one of from");
  EXPECT_EQ(parts.check(NativePart::step, native("s")).error().message, "native step \"s\": its factory made nothing");
}

TEST(NativeParts, FactoryThrowsThenInvalid) {
  NativeParts parts;
  parts.writers["w"] = [](const Options&) -> Result<std::unique_ptr<RowWriter>> { throw std::runtime_error("oh"); };
  EXPECT_EQ(parts.check(NativePart::writer, native("w")).error().message,
            "native writer \"w\" threw an exception: oh; correct the program, or what it met");
}

TEST(NativeParts, PartThrowsThenItsErrorAndNoException) {
  const auto reader =
      *reading([](RowBatch&) -> Result<bool> { throw std::runtime_error("broken"); }).reader(native("r"));
  RowBatch batch;
  EXPECT_EQ(reader->read(batch, {}).error().message,
            "native reader \"r\" threw an exception: broken; correct the program, or what it met");
  EXPECT_THAT(reader->identity({}).error().message, HasSubstr("threw an exception: no identity"));
  EXPECT_THAT(reader->finish().error().message, HasSubstr("threw an exception: no std::exception"));
  EXPECT_EQ(reader->size_bytes(), 0U);
  reader->close();
}

// Rows depend on what these say, and none of them can return an error.
class ThrowingProcessor final : public Processor {
 public:
  std::vector<std::string> inputs_for(const std::vector<std::string>&) const override {
    throw std::runtime_error("no inputs");
  }
  Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override { return inputs; }
  Status apply(RowBatch&) override { return {}; }
};

class ThrowingWriter final : public RowWriter {
 public:
  std::vector<std::string> columns() const override { throw std::runtime_error("no columns"); }
  Status open(const std::vector<std::string>&) override { return {}; }
  Result<std::vector<RowRefusal>> write(const RowBatch&, const std::string&) override {
    return std::vector<RowRefusal>();
  }
  Status finish() override { return {}; }
};

TEST(NativeParts, PartThrowsWhereItCanReturnNoErrorThenTheNextCallReturnsIt) {
  NativeParts parts;
  parts.processors["p"] = [](const Options&) -> Result<std::unique_ptr<Processor>> {
    return std::make_unique<ThrowingProcessor>();
  };
  parts.writers["w"] = [](const Options&) -> Result<std::unique_ptr<RowWriter>> {
    return std::make_unique<ThrowingWriter>();
  };
  const auto processor = *parts.processor(native("p"));
  EXPECT_THAT(processor->inputs_for({"a"}), ElementsAre("a"));
  EXPECT_THAT(processor->bind({"a"}).error().message,
              HasSubstr("native processor \"p\" threw an exception: no inputs"));
  const auto writer = *parts.writer(native("w"));
  EXPECT_THAT(writer->columns(), IsEmpty());
  EXPECT_THAT(writer->open({}).error().message, HasSubstr("native writer \"w\" threw an exception: no columns"));
}

TEST(NativeParts, KindsOfErrorsAboutLeasesAndCommitsLoseTheirMeaning) {
  const auto kind = [](ErrorKind given) {
    return read_error([given](RowBatch&) -> Result<bool> { return fail(given, "x"); }).kind;
  };
  EXPECT_EQ(kind(ErrorKind::retry), ErrorKind::retry);
  EXPECT_EQ(kind(ErrorKind::unknown_outcome), ErrorKind::retry);
  EXPECT_EQ(kind(ErrorKind::lease_lost), ErrorKind::invalid);
  EXPECT_EQ(kind(ErrorKind::conflict), ErrorKind::invalid);
  EXPECT_EQ(kind(ErrorKind::internal), ErrorKind::invalid);
}

TEST(NativeParts, BatchThatContradictsItselfIsRefused) {
  EXPECT_THAT(read_error([](RowBatch& batch) -> Result<bool> {
                begin_row(batch, 1);
                add_field(batch, "x");
                return true;
              }).message,
              HasSubstr("1 fields for 1 rows of 2 columns"));
  EXPECT_THAT(read_error([](RowBatch& batch) -> Result<bool> {
                batch.read = 3;
                return true;
              }).message,
              HasSubstr("3 records read, but 0 rows, 0 filtered and 0 refused"));
  EXPECT_THAT(read_error([](RowBatch&) -> Result<bool> { return true; }).message, HasSubstr("without records"));
  EXPECT_THAT(read_error([](RowBatch& batch) -> Result<bool> {
                batch.columns = 1;
                begin_row(batch, 1);
                add_field(batch, "x");
                return true;
              }).message,
              HasSubstr("a batch of 1 columns; expected the 2 that open() returned; correct the reader"));
}

TEST(NativeParts, P11PositionThatDoesNotMoveIsRefused) {
  const auto one = [](RowBatch& batch, std::uint64_t offset) {
    begin_row(batch, 1);
    add_field(batch, "x");
    add_field(batch, "y");
    batch.end.offset = offset;
  };
  EXPECT_THAT(read_error([&](RowBatch& batch) -> Result<bool> {
                one(batch, 0);
                return true;
              }).message,
              HasSubstr("the offset of the position behind them, 0, is not above the one before"));
  const auto reader = *reading([&](RowBatch& batch) -> Result<bool> {
                         one(batch, 5);
                         return true;
                       }).reader(native("r"));
  RowBatch batch;
  ASSERT_TRUE(reader->open({}));
  EXPECT_TRUE(reader->read(batch, {}));
  EXPECT_FALSE(reader->read(batch, {}));
  ASSERT_TRUE(reader->resume({3, 3, 1, ""}));
  EXPECT_TRUE(reader->read(batch, {}));
}

// One row of what the reader's columns hold.
void one_row(RowBatch& batch, std::string_view a, std::string_view b) {
  begin_row(batch, 1);
  add_field(batch, a);
  add_field(batch, b);
  batch.end.offset = batch.end.record = 1;
}

TEST(NativeParts, ReaderGivesTextThatIsNoneThenRowAndColumnAreNamed) {
  EXPECT_EQ(read_error([](RowBatch& batch) -> Result<bool> {
              one_row(batch, "x", "\xFC");
              return true;
            }).message,
            "native reader \"r\": row 1 of the batch (record 1), column `b`: its value is not valid UTF-8; expected "
            "text, of bytes a text form such as \\x00ff; correct the reader");
}

TEST(NativeParts, ReaderGivesAFieldOutsideOfItsBufferThenRefused) {
  EXPECT_THAT(read_error([](RowBatch& batch) -> Result<bool> {
                one_row(batch, "x", "y");
                batch.fields[1].offset = 1000;
                return true;
              }).message,
              HasSubstr("column `b`: its value is 1 bytes from byte 1000 on, of a text of 2"));
}

TEST(NativeParts, PartSaysMoreThanOneLineThenItIsShownAsOne) {
  EXPECT_EQ(read_error([](RowBatch&) -> Result<bool> {
              return fail(ErrorKind::invalid, "a\n[info] all is well\x1b[2J");
            }).message,
            "native reader \"r\": a\\n[info] all is well\\x1b[2J");
  EXPECT_THAT(read_error([](RowBatch&) -> Result<bool> { throw std::runtime_error("a\r\nb"); }).message,
              HasSubstr("threw an exception: a\\r\\nb; correct"));
}

TEST(NativeParts, ReaderRefusesARecordThenItsWordsAreCutAndOnOneLine) {
  const auto reader = *reading([](RowBatch& batch) -> Result<bool> {
                         batch.rejects.push_back({RejectPhase::write, 1, 0, "a\n", std::string(500, 'v'), "no\nway",
                                                  std::string(20'000, 'r')});
                         batch.read = batch.end.offset = 1;
                         return true;
                       }).reader(native("r"));
  RowBatch batch;
  ASSERT_TRUE(reader->open({}));
  ASSERT_TRUE(reader->read(batch, {}));
  const Reject& reject = batch.rejects.at(0);
  EXPECT_EQ(reject.phase, RejectPhase::read);
  EXPECT_EQ(reject.column, "a\\n");
  EXPECT_EQ(reject.reason, "no\\nway");
  EXPECT_EQ(reject.value.size(), max_reject_value_bytes);
  EXPECT_EQ(reject.raw.size(), max_reject_raw_bytes);
}

class ThrowingText final : public RecordText {
 public:
  std::string of(std::string_view) const override { throw std::runtime_error("no text"); }
};

TEST(NativeParts, TextOfARecordThrowsThenItsBytes) {
  const auto reader = *reading([](RowBatch& batch) -> Result<bool> {
                         one_row(batch, "x", "y");
                         batch.rows[0].raw_size = 2;
                         batch.record_text = std::make_shared<ThrowingText>();
                         return true;
                       }).reader(native("r"));
  RowBatch batch;
  ASSERT_TRUE(reader->open({}));
  ASSERT_TRUE(reader->read(batch, {}));
  EXPECT_EQ(batch.raw_text(batch.rows[0]), "xy");
}

// What it does is the test's. It passes its columns on as they are.
class ScriptedProcessor final : public Processor {
 public:
  explicit ScriptedProcessor(std::function<void(RowBatch&)> apply) : apply_(std::move(apply)) {}
  std::vector<std::string> inputs_for(const std::vector<std::string>& outputs) const override { return outputs; }
  Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override { return inputs; }
  Status apply(RowBatch& batch) override {
    apply_(batch);
    return {};
  }

 private:
  std::function<void(RowBatch&)> apply_;
};

// What the processor that does this says of one row of the columns a and b.
Status apply_error(const std::function<void(RowBatch&)>& apply) {
  NativeParts parts;
  parts.processors["p"] = [apply](const Options&) -> Result<std::unique_ptr<Processor>> {
    return std::make_unique<ScriptedProcessor>(apply);
  };
  const auto processor = parts.processor(native("p"), "job/step");
  EXPECT_TRUE(processor);
  EXPECT_TRUE((*processor)->bind({"a", "b"}));
  RowBatch batch;
  batch.columns = 2;
  one_row(batch, "x", "Zürich");
  return (*processor)->apply(batch);
}

TEST(NativeParts, ProcessorDropsARowUncountedThenRefused) {
  EXPECT_TRUE(apply_error([](RowBatch& batch) { sift_rows(batch, [](std::size_t) { return filter_row(); }); }));
  const Status done = apply_error([](RowBatch& batch) {
    batch.rows.clear();
    batch.fields.clear();
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().kind, ErrorKind::invalid);
  EXPECT_EQ(done.error().message,
            "job/step: native processor \"p\": 1 rows came, but 0 left, 0 were filtered and 0 refused; expected their "
            "sum: take rows out with sift_rows, which counts them, and add none; correct the processor");
}

TEST(NativeParts, ProcessorCutsACharacterThenRefused) {
  const Status done = apply_error([](RowBatch& batch) { batch.fields[1].size = 2; });
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("(record 1), column `b`: its value is not valid UTF-8"));
}

TEST(NativeParts, ProcessorMakesANativeFieldThenRefused) {
  const Status done = apply_error([](RowBatch& batch) { batch.fields[1].kind = FieldKind::native; });
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message, HasSubstr("its kind is FieldKind::native; expected"));
}

// Refuses the row of this number.
class RefusingWriter final : public RowWriter {
 public:
  explicit RefusingWriter(std::size_t row) : row_(row) {}
  Status open(const std::vector<std::string>&) override { return {}; }
  Result<std::vector<RowRefusal>> write(const RowBatch&, const std::string&) override {
    return std::vector<RowRefusal>{{row_, "a\n", "no\nway"}};
  }

 private:
  std::size_t row_;
};

Result<std::vector<RowRefusal>> refuse(std::size_t row) {
  NativeParts parts;
  parts.writers["w"] = [row](const Options&) -> Result<std::unique_ptr<RowWriter>> {
    return std::make_unique<RefusingWriter>(row);
  };
  RowBatch batch;
  batch.columns = 2;
  one_row(batch, "x", "y");
  return (*parts.writer(native("w"), "job/step"))->write(batch, "key");
}

TEST(NativeParts, WriterRefusesARowThatIsNotThereThenRefused) {
  const auto refused = refuse(0);
  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->at(0).column, "a\\n");
  EXPECT_EQ(refused->at(0).reason, "no\\nway");
  EXPECT_EQ(refuse(1).error().message,
            "job/step: native writer \"w\": it refused row 1 of a batch of 1; expected numbers from 0 to 0; correct "
            "the writer");
}

// How a step ends that says so, with this stop and this lease.
Result<StepEnd> end_of(StepEnd said, const std::stop_token& stop, std::function<bool()> still_owned) {
  NativeParts parts;
  parts.steps["s"] = [said](const Options&) -> Result<NativeWork> {
    return NativeWork([said](NativeContext& context) -> Result<StepEnd> {
      context.stop = {};
      return said;
    });
  };
  StepCounts counts;
  NativeContext context{{}, "key", counts};
  context.stop = stop;
  context.still_owned = std::move(still_owned);
  return (*parts.step(native("s"), "job/s"))(context);
}

TEST(NativeParts, StepStopsUnaskedThenItFails) {
  std::stop_source stop;
  const auto owned = [] { return true; };
  EXPECT_EQ(end_of(StepEnd::completed, stop.get_token(), owned), StepEnd::completed);
  EXPECT_EQ(end_of(StepEnd::stopped, stop.get_token(), owned).error().message,
            "job/s: native step \"s\": it returned `stopped`, and nobody had asked it to stop, so that it would begin "
            "again at once; expected `completed`, an error, or `stopped` after a request of `stop`; correct the step");
  EXPECT_EQ(end_of(StepEnd::stopped, stop.get_token(), [] { return false; }), StepEnd::stopped);
  stop.request_stop();
  EXPECT_EQ(end_of(StepEnd::stopped, stop.get_token(), owned), StepEnd::stopped);
}

TEST(NativeParts, StepThrowsThenItFails) {
  NativeParts parts;
  parts.steps["s"] = [](const Options&) -> Result<NativeWork> {
    return NativeWork([](NativeContext&) -> Result<StepEnd> { throw std::runtime_error("boom"); });
  };
  StepCounts counts;
  NativeContext context{{}, "key", counts};
  const auto work = parts.step(native("s"), "job/s");
  ASSERT_TRUE(work);
  EXPECT_EQ((*work)(context).error().message,
            "job/s: native step \"s\" threw an exception: boom; correct the program, or what it met");
}

TEST(NativeParts, OptionsThenTheSameTextInAnyOrderAndNoOther) {
  EXPECT_EQ(options_text(native("n", {{"a", "1"}, {"b", "2"}})), options_text(native("n", {{"b", "2"}, {"a", "1"}})));
  EXPECT_NE(options_text(native("n", {{"a", "1=2"}})), options_text(native("n", {{"a=1", "2"}})));
}

}  // namespace
}  // namespace baton
