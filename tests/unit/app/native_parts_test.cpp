// The parts that a program registers: found by name, made of options, and guarded.
#include "app/native_parts.h"

#include "baton/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <stdexcept>

namespace baton {
namespace {

using testing::HasSubstr;
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
