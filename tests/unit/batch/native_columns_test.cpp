#include "batch/native_columns.h"

#include "data/projection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class FormReader final : public Reader {
 public:
  explicit FormReader(std::vector<std::string> forms) : forms_(std::move(forms)) {}

  Result<std::vector<std::string>> open(const std::vector<std::string>&) override { return std::vector<std::string>(); }
  std::vector<std::string> native_forms() const override { return forms_; }
  void deliver_native(const std::vector<bool>& columns) override { delivered = columns; }
  Result<InputIdentity> identity(const Position&) override { return InputIdentity(); }
  Status resume(const Position&) override { return {}; }
  Result<bool> read(RowBatch&, const ReadLimits&) override { return false; }
  Status finish() override { return {}; }
  std::uint64_t size_bytes() const override { return 0; }

  std::vector<bool> delivered;  // empty: never asked for

 private:
  std::vector<std::string> forms_;
};

// Takes the columns whose form is the one of the same place here.
class FormWriter final : public TableWriter {
 public:
  explicit FormWriter(std::vector<std::string> forms) : forms_(std::move(forms)) {}

  std::vector<bool> takes_native(const std::vector<std::string>& forms) const override {
    asked = forms;
    std::vector<bool> taken;
    for (std::size_t i = 0; i < forms.size(); ++i) taken.push_back(i < forms_.size() && forms[i] == forms_[i]);
    return taken;
  }
  Result<std::vector<std::string>> columns() override { return std::vector<std::string>(); }
  Status bind(const std::vector<std::string>&) override { return {}; }
  std::unique_ptr<EncodedBatch> encode(const RowBatch&, std::vector<Reject>&) override { return nullptr; }
  Status begin(std::int64_t) override { return {}; }
  Status resume(std::int64_t) override { return {}; }
  Result<bool> staging_is_whole(std::uint64_t) override { return true; }
  Result<WriteTally> write(const EncodedBatch&) override { return WriteTally(); }
  int closing_chunks() const override { return 0; }
  Result<ClosingTally> close(int, bool, std::uint64_t) override { return ClosingTally(); }
  Status discard(std::int64_t) override { return {}; }

  mutable std::vector<std::string> asked;

 private:
  std::vector<std::string> forms_;
};

class Opaque final : public Processor {
 public:
  std::vector<std::string> inputs_for(const std::vector<std::string>& outputs) const override { return outputs; }
  Result<std::vector<std::string>> bind(const std::vector<std::string>& inputs) override { return inputs; }
  Status apply(RowBatch&) override { return {}; }
};

using Processors = std::vector<std::unique_ptr<Processor>>;

TEST(NativeColumns, FormsAreTheSameThenDelivered) {
  FormReader reader({"int", "text", ""});
  settle_native_columns(reader, {}, FormWriter({"int", "json", ""}));
  EXPECT_THAT(reader.delivered, ElementsAre(true, false, false));
}

TEST(NativeColumns, ReaderHasNoFormsThenNobodyIsAsked) {
  FormReader reader({});
  const FormWriter writer({"int"});
  settle_native_columns(reader, {}, writer);
  EXPECT_THAT(writer.asked, IsEmpty());
  EXPECT_THAT(reader.delivered, IsEmpty());
}

TEST(NativeColumns, WriterTakesNoneThenTheReaderGivesText) {
  FormReader reader({"int", "text"});
  settle_native_columns(reader, {}, FormWriter({"text", "int"}));
  EXPECT_THAT(reader.delivered, IsEmpty());
}

TEST(NativeColumns, ColumnsAreDroppedAndRenamedThenTracedToTheirOrigin) {
  FormReader reader({"a", "b", "c", "d"});
  Processors processors;
  processors.push_back(make_rename({{"w", "z"}}));
  processors.push_back(make_drop({"x"}));
  processors.push_back(make_keep({"z", "y", "v"}));
  std::vector<std::string> columns{"v", "w", "x", "y"};
  for (const auto& processor : processors) columns = processor->bind(columns).value();
  const FormWriter writer({"a", "no", "d"});
  settle_native_columns(reader, processors, writer);
  EXPECT_THAT(writer.asked, ElementsAre("a", "b", "d"));
  EXPECT_THAT(reader.delivered, ElementsAre(true, false, false, true));
}

TEST(NativeColumns, ProcessorReadsItsFieldsThenTheyAreText) {
  FormReader reader({"a"});
  Processors processors;
  processors.push_back(std::make_unique<Opaque>());
  settle_native_columns(reader, processors, FormWriter({"a"}));
  EXPECT_THAT(reader.delivered, IsEmpty());
}

}  // namespace
}  // namespace baton
