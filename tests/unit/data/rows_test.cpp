// Making and changing the rows of a batch.
#include "baton/rows.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::ElementsAre;
using testing::SizeIs;

// Rows 1|a, 2|NULL, 3|c.
RowBatch three_rows() {
  RowBatch batch;
  batch.columns = 2;
  begin_row(batch, 1, "1,a", 0, 2);
  add_field(batch, "1", FieldKind::number);
  add_field(batch, "a");
  begin_row(batch, 2, "2,", 4, 3);
  add_field(batch, "2", FieldKind::number);
  add_null(batch);
  begin_row(batch, 3);
  add_field(batch, "3", FieldKind::number);
  add_field(batch, "c");
  return batch;
}

std::vector<std::string> shown(const RowBatch& batch) {
  std::vector<std::string> rows;
  for (std::size_t row = 0; row < batch.size(); ++row) {
    std::string text;
    for (std::size_t column = 0; column < batch.columns; ++column) {
      const Field& field = batch.at(row, column);
      text += (column == 0 ? "" : "|") + (field.kind == FieldKind::null ? "NULL" : std::string(batch.view(field)));
    }
    rows.push_back(text);
  }
  return rows;
}

TEST(Rows, RowsAreMadeThenTheyAreReadAndKeepTheirText) {
  const RowBatch batch = three_rows();
  EXPECT_THAT(shown(batch), ElementsAre("1|a", "2|NULL", "3|c"));
  EXPECT_EQ(batch.read, 3U);
  EXPECT_EQ(batch.raw(batch.rows[0]), "1,a");
  EXPECT_EQ(batch.rows[1].line, 3U);
  EXPECT_EQ(batch.rows[1].offset, 4U);
  EXPECT_EQ(batch.at(0, 0).kind, FieldKind::number);
}

TEST(Rows, RecordIsRefusedThenItIsReadAndNoRow) {
  RowBatch batch = three_rows();
  refuse_record(batch, 4, "expected two values", "4", 5);
  EXPECT_EQ(batch.read, 4U);
  EXPECT_EQ(batch.size(), 3U);
  ASSERT_THAT(batch.rejects, SizeIs(1));
  EXPECT_EQ(batch.rejects[0].phase, RejectPhase::read);
  EXPECT_EQ(batch.rejects[0].raw, "4");
  EXPECT_EQ(batch.rejects[0].line, 5U);
}

TEST(Rows, ColumnsAreAddedThenTheyAreNullUntilSet) {
  RowBatch batch = three_rows();
  add_columns(batch, 1);
  EXPECT_THAT(shown(batch), ElementsAre("1|a|NULL", "2|NULL|NULL", "3|c|NULL"));
  set_field(batch, 1, 2, "new");
  set_field(batch, 0, 1, {}, FieldKind::null);
  EXPECT_THAT(shown(batch), ElementsAre("1|NULL|NULL", "2|NULL|new", "3|c|NULL"));
}

TEST(Rows, RowsAreSiftedThenFilteredOnesAreCountedAndRefusedOnesAreRejects) {
  RowBatch batch = three_rows();
  sift_rows(batch, [](std::size_t row) {
    if (row == 0) return filter_row();
    if (row == 1) return refuse_row("value", "?", "expected a value");
    return keep_row();
  });
  EXPECT_THAT(shown(batch), ElementsAre("3|c"));
  EXPECT_EQ(batch.filtered, 1U);
  ASSERT_THAT(batch.rejects, SizeIs(1));
  EXPECT_EQ(batch.rejects[0].phase, RejectPhase::process);
  EXPECT_EQ(batch.rejects[0].record, 2U);
  EXPECT_EQ(batch.rejects[0].line, 3U);
  EXPECT_EQ(batch.rejects[0].column, "value");
  EXPECT_EQ(batch.rejects[0].value, "?");
  EXPECT_EQ(batch.rejects[0].raw, "2,");
  EXPECT_EQ(batch.read, batch.size() + batch.filtered + batch.rejects.size());
}

}  // namespace
}  // namespace baton
