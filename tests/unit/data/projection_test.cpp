#include "data/projection.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Names = std::vector<std::string>;

// Row r has the fields r0, r1, …
RowBatch batch_of(std::size_t rows, std::size_t columns) {
  RowBatch batch;
  batch.columns = columns;
  for (std::size_t row = 0; row < rows; ++row) {
    batch.rows.push_back({row + 1, row + 1, 0, 0, 0});
    for (std::size_t column = 0; column < columns; ++column) {
      const std::string value = std::to_string(row) + std::to_string(column);
      batch.fields.push_back(
          {static_cast<std::uint32_t>(batch.text.size()), static_cast<std::uint32_t>(value.size()), FieldKind::text});
      batch.text.insert(batch.text.end(), value.begin(), value.end());
    }
  }
  return batch;
}

Names values(const RowBatch& batch) {
  Names all;
  for (const Field& field : batch.fields) all.emplace_back(batch.view(field));
  return all;
}

std::string error(Processor& processor, const Names& inputs) {
  const auto outputs = processor.bind(inputs);
  if (outputs) return "no error";
  EXPECT_EQ(outputs.error().kind, ErrorKind::invalid);
  return outputs.error().message;
}

TEST(Rename, ColumnsArriveThenTheyLeaveInTheSameOrderWithNewNames) {
  const auto rename = make_rename({{"b", "x"}, {"c", "b"}});
  EXPECT_THAT(*rename->bind({"a", "b", "c"}), ElementsAre("a", "x", "b"));
  RowBatch batch = batch_of(2, 3);
  ASSERT_TRUE(rename->apply(batch));
  EXPECT_THAT(values(batch), ElementsAre("00", "01", "02", "10", "11", "12"));
}

TEST(Rename, OutputsAreAskedForThenTheInverseMappingIsGiven) {
  const auto rename = make_rename({{"a", "b"}, {"b", "a"}, {"c", "x"}});
  EXPECT_THAT(rename->inputs_for({"a", "b", "x", "other"}), UnorderedElementsAre("b", "a", "c", "other"));
  EXPECT_THAT(make_rename({{"a", "b"}})->inputs_for({"a", "b"}), ElementsAre("a"));
}

// A reader whose records have no columns of their own gives exactly what it is asked for (JSON).
TEST(Processors, WhatTheyAskForIsWhatTheyNeed) {
  const std::vector<std::string> outputs{"id", "name"};
  std::vector<std::unique_ptr<Processor>> processors;
  processors.push_back(make_rename({{"no", "id"}, {"unused", "other"}}));
  processors.push_back(make_keep({"id", "extra"}));
  processors.push_back(make_drop({"secret"}));
  for (const auto& processor : processors) EXPECT_TRUE(processor->bind(processor->inputs_for(outputs)));
}

TEST(Rename, ColumnDoesNotArriveThenBindNamesThoseThatDo) {
  EXPECT_THAT(error(*make_rename({{"z", "x"}}), {"a", "b"}),
              AllOf(HasSubstr("rename: there is no column `z`"), HasSubstr("that arrive are: a, b")));
}

TEST(Rename, TwoColumnsWouldHaveOneNameThenBindFails) {
  EXPECT_THAT(error(*make_rename({{"a", "b"}}), {"a", "b"}), HasSubstr("`a` cannot become `b`"));
  EXPECT_THAT(error(*make_rename({{"a", "x"}, {"b", "x"}}), {"a", "b"}), HasSubstr("two columns would have that name"));
  EXPECT_THAT(error(*make_rename({{"a", "x"}, {"a", "y"}}), {"a", "b"}), HasSubstr("`a` is renamed twice"));
}

TEST(Keep, ColumnsAreKeptThenTheyLeaveInTheOrderInWhichTheyArrive) {
  const auto keep = make_keep({"d", "b"});
  EXPECT_THAT(*keep->bind({"a", "b", "c", "d"}), ElementsAre("b", "d"));
  RowBatch batch = batch_of(3, 4);
  ASSERT_TRUE(keep->apply(batch));
  EXPECT_EQ(batch.columns, 2U);
  EXPECT_EQ(batch.size(), 3U);
  EXPECT_THAT(values(batch), ElementsAre("01", "03", "11", "13", "21", "23"));
}

TEST(Keep, OutputsAreAskedForThenThoseThatAreKeptAreNeeded) {
  EXPECT_THAT(make_keep({"a", "b"})->inputs_for({"c", "b"}), ElementsAre("a", "b"));
}

TEST(Keep, ColumnDoesNotArriveThenBindNamesThoseThatDo) {
  EXPECT_THAT(error(*make_keep({"a", "z"}), {"a", "b"}),
              AllOf(HasSubstr("keep: there is no column `z`"), HasSubstr("a, b")));
}

TEST(Drop, ColumnsAreDroppedThenTheOthersLeave) {
  const auto drop = make_drop({"c", "a"});
  EXPECT_THAT(*drop->bind({"a", "b", "c"}), ElementsAre("b"));
  RowBatch batch = batch_of(2, 3);
  ASSERT_TRUE(drop->apply(batch));
  EXPECT_THAT(values(batch), ElementsAre("01", "11"));
  batch.clear();
  batch.columns = 3;
  ASSERT_TRUE(drop->apply(batch));
  EXPECT_THAT(values(batch), IsEmpty());
}

TEST(Drop, OutputsAreAskedForThenTheDroppedMustArriveToo) {
  EXPECT_THAT(make_drop({"a"})->inputs_for({"a", "b"}), UnorderedElementsAre("a", "b"));
}

TEST(Drop, NothingWouldBeLeftThenBindFails) {
  EXPECT_THAT(error(*make_drop({"a", "b"}), {"a", "b"}), HasSubstr("no column would be left"));
  EXPECT_THAT(error(*make_drop({"z"}), {"a"}), HasSubstr("there is no column `z`"));
}

}  // namespace
}  // namespace baton
