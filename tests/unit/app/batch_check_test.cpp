// Batches of native parts: what Baton refuses, one fault at a time.
#include "app/batch_check.h"

#include "baton/rows.h"

#include <gmock/gmock.h>
#include <limits>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::Optional;

const BatchColumns two_columns{"open()", {"id", "city"}, {}};

// Two rows, of the records 7 and 8, each with its raw text.
RowBatch two_rows() {
  RowBatch batch;
  batch.columns = 2;
  for (std::uint64_t record = 7; record <= 8; ++record) {
    begin_row(batch, record, "raw");
    add_field(batch, std::to_string(record), FieldKind::number);
    add_field(batch, "Zürich");
  }
  batch.end.offset = batch.end.record = 8;
  return batch;
}

auto faulty(const std::string& text) { return Optional(HasSubstr(text)); }

TEST(BatchCheck, AsItShouldBeThenNothingIsWrong) {
  const RowBatch batch = two_rows();
  EXPECT_EQ(shape_fault(batch, two_columns), std::nullopt);
  EXPECT_EQ(utf8_fault(batch, two_columns), std::nullopt);
  EXPECT_EQ(read_fault(batch, true, {}, 6), std::nullopt);
  EXPECT_EQ(processed_fault(BatchBefore(batch), batch), std::nullopt);
  RowBatch none;
  none.end.offset = 8;
  EXPECT_EQ(shape_fault(none, two_columns), std::nullopt);
  EXPECT_EQ(utf8_fault(none, two_columns), std::nullopt);
  EXPECT_EQ(read_fault(none, false, {}, 8), std::nullopt);
}

TEST(BatchCheck, OtherCountsOfColumnsAndFieldsThenRefused) {
  RowBatch batch = two_rows();
  batch.columns = 1;
  EXPECT_THAT(shape_fault(batch, two_columns), faulty("a batch of 1 columns; expected the 2 that open() returned"));
  batch = two_rows();
  batch.fields.pop_back();
  EXPECT_THAT(shape_fault(batch, two_columns), faulty("3 fields for 2 rows of 2 columns; expected one for each"));
}

TEST(BatchCheck, FieldOutsideOfItsBufferThenRefusedWithRowAndColumn) {
  RowBatch batch = two_rows();
  const auto bytes = static_cast<std::uint32_t>(batch.text.size());
  batch.fields[3] = {bytes - 2, 3, FieldKind::text};
  EXPECT_THAT(shape_fault(batch, two_columns), faulty("row 2 of the batch (record 8), column `city`: its value is 3 "
                                                      "bytes from byte"));
  batch.fields[3] = {bytes - 2, 2, FieldKind::text};
  EXPECT_EQ(shape_fault(batch, two_columns), std::nullopt);
  // Their sum is no number of 32 bits.
  batch.fields[3] = {std::numeric_limits<std::uint32_t>::max(), 2, FieldKind::text};
  EXPECT_THAT(shape_fault(batch, two_columns), faulty("expected them inside of it"));
  // A null is looked at as well: a reject shows its bytes.
  batch.fields[3] = {bytes, 1, FieldKind::null};
  EXPECT_THAT(shape_fault(batch, two_columns), faulty("column `city`"));
}

TEST(BatchCheck, RawRecordOutsideOfItsBufferThenRefused) {
  RowBatch batch = two_rows();
  batch.rows[0].raw_offset = static_cast<std::uint32_t>(batch.text.size());
  EXPECT_THAT(shape_fault(batch, two_columns), faulty("row 1 of the batch (record 7): its raw record is 3 bytes"));
}

TEST(BatchCheck, MoreTextThanOffsetsTellThenRefused) {
  constexpr std::uint64_t most = 4'294'967'295;
  EXPECT_EQ(text_size_fault(most), std::nullopt);
  EXPECT_THAT(text_size_fault(most + 1), faulty("a batch of 4294967296 bytes of text; expected 4294967295 at most"));
}

TEST(BatchCheck, KindsThatAreNoneThenRefused) {
  RowBatch batch = two_rows();
  batch.fields[1].kind = static_cast<FieldKind>(99);
  EXPECT_THAT(shape_fault(batch, two_columns), faulty("column `city`: its kind is 99; expected one of FieldKind"));
  batch.fields[1].kind = FieldKind::empty;
  EXPECT_THAT(shape_fault(batch, two_columns), faulty("7 bytes of FieldKind::empty"));
}

TEST(BatchCheck, NativeFieldThatNobodyAskedForThenRefused) {
  RowBatch batch = two_rows();
  batch.fields[1].kind = FieldKind::native;
  EXPECT_THAT(shape_fault(batch, two_columns), faulty("its kind is FieldKind::native; expected that only where"));
  EXPECT_THAT(shape_fault(batch, {"open()", two_columns.names, {true, false}}), faulty("column `city`"));
  EXPECT_EQ(shape_fault(batch, {"open()", two_columns.names, {false, true}}), std::nullopt);
}

TEST(BatchCheck, TextThatIsNotUtf8ThenRefusedWithRowAndColumn) {
  RowBatch batch = two_rows();
  set_field(batch, 1, 1, "Z\xFCrich");
  EXPECT_THAT(utf8_fault(batch, two_columns),
              faulty("row 2 of the batch (record 8), column `city`: its value is not valid UTF-8; expected text"));
  EXPECT_FALSE(is_utf8(batch));
  batch.fields[3].kind = FieldKind::native;  // bytes
  EXPECT_EQ(utf8_fault(batch, two_columns), std::nullopt);
  EXPECT_TRUE(is_utf8(batch));
}

TEST(BatchCheck, CharacterCutInTwoThenRefusedThoughTheBufferIsUtf8) {
  RowBatch batch = two_rows();
  batch.fields[1].size = 2;  // "Z" and half of "ü"
  EXPECT_THAT(utf8_fault(batch, two_columns), faulty("row 1 of the batch (record 7), column `city`"));
  batch.fields[1].size = 3;
  EXPECT_EQ(utf8_fault(batch, two_columns), std::nullopt);
  batch.fields[1].offset += 2;  // the other half
  batch.fields[1].size = 2;
  EXPECT_THAT(utf8_fault(batch, two_columns), faulty("not valid UTF-8"));
}

TEST(BatchCheck, RawBytesThatAreNoTextThenTheFieldsAreStillLookedAt) {
  RowBatch batch = two_rows();
  begin_row(batch, 9, "\xFF\xFE");
  add_field(batch, "9");
  add_null(batch);
  EXPECT_EQ(utf8_fault(batch, two_columns), std::nullopt);
  batch.fields[1].size = 2;
  EXPECT_THAT(utf8_fault(batch, two_columns), faulty("(record 7), column `city`"));
}

TEST(BatchCheck, TextThatWasWrongBeforeAProcessorThenOnlyItsOwnIsLookedAt) {
  RowBatch batch = two_rows();
  set_field(batch, 0, 1, "Z\xFCrich");
  const BatchBefore before(batch);
  EXPECT_EQ(before.own_text, batch.text.size());
  EXPECT_EQ(utf8_fault(batch, two_columns, before.own_text), std::nullopt);
  set_field(batch, 1, 0, "\x80");
  EXPECT_THAT(utf8_fault(batch, two_columns, before.own_text), faulty("(record 8), column `id`"));
  EXPECT_EQ(BatchBefore(two_rows()).own_text, 0U);
}

TEST(BatchCheck, RecordsThatAreNotCountedThenRefused) {
  RowBatch batch = two_rows();
  batch.read = 3;
  EXPECT_THAT(read_fault(batch, true, {}, 0), faulty("3 records read, but 2 rows, 0 filtered and 0 refused"));
  batch.filtered = 1;
  EXPECT_EQ(read_fault(batch, true, {}, 0), std::nullopt);
  refuse_record(batch, 10, "expected a city");
  EXPECT_EQ(read_fault(batch, true, {}, 0), std::nullopt);
  batch.read = 3;
  EXPECT_THAT(read_fault(batch, true, {}, 0), faulty("3 records read, but 2 rows, 1 filtered and 1 refused"));
}

TEST(BatchCheck, TheEndWithRecordsThenRefusedSinceTheyWouldBeLost) {
  EXPECT_THAT(read_fault(two_rows(), false, {}, 0), faulty("2 records and `false`; expected `true` with the last"));
}

TEST(BatchCheck, NoRecordsAndNoEndThenRefusedSinceItWouldBeReadForEver) {
  EXPECT_THAT(read_fault(RowBatch(), true, {}, 0), faulty("a batch without records; expected `false` at the end"));
}

TEST(BatchCheck, MoreRecordsThanAskedForThenRefused) {
  ReadLimits limits;
  limits.rows = 2;
  EXPECT_EQ(read_fault(two_rows(), true, limits, 0), std::nullopt);
  limits.rows = 1;
  EXPECT_THAT(read_fault(two_rows(), true, limits, 0), faulty("2 records in one batch; expected 1 at most"));
}

TEST(BatchCheck, P11PositionsThatDoNotGrowOrGoTooFarThenRefused) {
  EXPECT_THAT(read_fault(two_rows(), true, {}, 8), faulty("behind them, 8, is not above the one before"));
  EXPECT_THAT(read_fault(RowBatch(), false, {}, 8), faulty("the position at the end is 0, below the one before, 8"));
  const Position until{7, 7, 1, ""};
  ReadLimits limits;
  limits.until = &until;
  EXPECT_THAT(read_fault(two_rows(), true, limits, 0), faulty("read up to offset 8; expected 7 at most"));
}

TEST(BatchCheck, KeyOfAPositionThatIsNoTextThenRefused) {
  RowBatch batch = two_rows();
  batch.end.key = "\xFF";
  EXPECT_THAT(read_fault(batch, true, {}, 0), faulty("the `key` of its position is not valid UTF-8"));
}

TEST(BatchCheck, ProcessorTakesRowsOutAndCountsThemThenRight) {
  RowBatch batch = two_rows();
  batch.filtered = 4;
  batch.read = 6;
  const BatchBefore before(batch);
  sift_rows(batch, [](std::size_t row) { return row == 0 ? filter_row() : refuse_row("id", "8", "expected 9"); });
  EXPECT_EQ(processed_fault(before, batch), std::nullopt);
}

TEST(BatchCheck, ProcessorTakesRowsOutUncountedThenRefused) {
  RowBatch batch = two_rows();
  const BatchBefore before(batch);
  batch.rows.pop_back();
  batch.fields.resize(2);
  EXPECT_THAT(processed_fault(before, batch), faulty("2 rows came, but 1 left, 0 were filtered and 0 refused"));
  batch.filtered = 1;
  EXPECT_EQ(processed_fault(before, batch), std::nullopt);
}

TEST(BatchCheck, ProcessorAddsARowThenRefused) {
  RowBatch batch = two_rows();
  const BatchBefore before(batch);
  batch.rows.push_back(batch.rows.back());
  EXPECT_THAT(processed_fault(before, batch), faulty("2 rows came, but 3 left"));
}

TEST(BatchCheck, ProcessorForgetsWhatWasRefusedBeforeThenRefused) {
  RowBatch batch = two_rows();
  refuse_record(batch, 9, "expected a city");
  batch.filtered = 1;
  const BatchBefore before(batch);
  batch.rejects.clear();
  EXPECT_THAT(processed_fault(before, batch), faulty("1 filtered and 0 refused, where 1 and 1 were before it"));
  batch = two_rows();
  EXPECT_THAT(processed_fault(before, batch), faulty("it changed the count of records read (2, was 3)"));
}

TEST(BatchCheck, ProcessorMovesThePositionThenRefused) {
  RowBatch batch = two_rows();
  const BatchBefore before(batch);
  batch.end.offset = 9;
  EXPECT_THAT(processed_fault(before, batch), faulty("or the position behind them; expected both as they came"));
}

TEST(BatchCheck, WriterRefusesARowThatIsNotThereOrTwiceThenRefused) {
  EXPECT_EQ(refusals_fault({{1, "", "x"}, {0, "", "y"}}, 2), std::nullopt);
  EXPECT_THAT(refusals_fault({{2, "", "x"}}, 2),
              faulty("it refused row 2 of a batch of 2; expected numbers from 0 to 1"));
  EXPECT_THAT(refusals_fault({{1, "", "x"}, {1, "", "y"}}, 2), faulty("it refused row 1 twice"));
}

}  // namespace
}  // namespace baton
