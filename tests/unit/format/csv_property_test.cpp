#include "format/csv_reader.h"

#include "tests/unit/format/random_csv.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using test::Content;
using test::RandomCsv;
using test::Row;

constexpr unsigned cases = 300;

CsvOptions named(const std::string& path, std::size_t columns) {
  CsvOptions options;
  options.path = path;
  options.header = false;
  for (std::size_t i = 0; i < columns; ++i) options.columns.push_back(fmt::format("c{}", i));
  return options;
}

CsvTuning random_tuning(RandomCsv& random) {
  CsvTuning tuning;
  tuning.block_bytes = 1 + random.below(random.below(2) == 0 ? 8 : 3000);
  tuning.limits.index_bytes = 1 + random.below(random.below(2) == 0 ? 80 : 5000);
  tuning.path = random.below(2) == 0 ? CsvPath::portable : CsvPath::fastest;
  return tuning;
}

ReadLimits random_limits(RandomCsv& random) { return {1 + random.below(20), 1 + random.below(2000)}; }

TEST(CsvProperty, AnyTableIsWrittenThenItIsReadBackAtAnySizeOfBlocksAndBatches) {
  const test::Folder folder;
  for (unsigned seed = 0; seed < cases; ++seed) {
    SCOPED_TRACE(seed);
    RandomCsv random(seed);
    const std::size_t columns = 1 + random.below(6);
    const std::vector<Row> table = random.rows(random.below(60), columns);
    const auto reader =
        make_csv_reader(named(folder.write("in.csv", random.text_of(table)), columns), random_tuning(random));
    const auto content = test::read_all(*reader, {}, random_limits(random));
    ASSERT_TRUE(content) << content.error().message;
    ASSERT_EQ(content->rows, table);
    ASSERT_TRUE(content->rejects.empty());
  }
}

TEST(CsvProperty, ReadingResumesAtTheEndOfAnyBatchThenTheSameRowsFollow) {
  const test::Folder folder;
  for (unsigned seed = 0; seed < cases / 4; ++seed) {
    SCOPED_TRACE(seed);
    RandomCsv random(seed + 1000);
    const std::size_t columns = 2 + random.below(4);
    std::string text = seed % 2 == 0 ? "\xEF\xBB\xBF" : "";
    text += random.text_of(random.rows(40, columns));
    const CsvOptions options = named(folder.write("in.csv", text), columns);
    const auto whole = make_csv_reader(options, random_tuning(random));
    const auto content = test::read_all(*whole, {}, random_limits(random));
    ASSERT_TRUE(content) << content.error().message;
    for (std::size_t i = 0; i < content->ends.size(); ++i) {
      const auto reader = make_csv_reader(options, random_tuning(random));
      ASSERT_TRUE(reader->open({}));
      ASSERT_EQ(*reader->identity(content->ends[i]), content->identities[i]);
      ASSERT_TRUE(reader->resume(content->ends[i]));
      Content rest;
      ASSERT_TRUE(test::read_rest(*reader, rest, random_limits(random)));
      const auto skipped = static_cast<std::ptrdiff_t>(content->rows_before_end[i]);
      ASSERT_EQ(rest.rows, std::vector<Row>(content->rows.begin() + skipped, content->rows.end()));
      if (rest.rows.empty()) continue;
      ASSERT_EQ(rest.places.back().record, content->places.back().record);
      ASSERT_EQ(rest.places.back().line, content->places.back().line);
      ASSERT_EQ(rest.places.back().offset, content->places.back().offset);
      ASSERT_EQ(rest.ends.back(), content->ends.back());
      ASSERT_EQ(rest.identities.back(), content->identities.back());
    }
  }
}

// What the two paths and any cutting must agree on.
std::string summary(const Result<Content>& content) {
  if (!content) return content.error().message;
  std::string text;
  for (std::size_t i = 0; i < content->rows.size(); ++i) {
    const RowPlace& place = content->places[i];
    text += fmt::format("{}/{}/{}[", place.record, place.line, place.offset);
    for (const auto& value : content->rows[i]) text += value.value_or("NULL") + "|";
    text += fmt::format("]{}\n", content->raws[i]);
  }
  for (const Reject& reject : content->rejects) {
    text += fmt::format("{}/{} {} {} {} {}\n", reject.record, reject.line, reject.column, reject.value, reject.reason,
                        reject.raw);
  }
  return text;
}

TEST(CsvProperty, AnyBytesAreReadThenBothPathsAndAnyCuttingAgree) {
  const test::Folder folder;
  for (unsigned seed = 0; seed < cases * 2; ++seed) {
    SCOPED_TRACE(seed);
    RandomCsv random(seed + 5000);
    CsvOptions options = named(folder.write("in.csv", random.bytes(random.below(1500))), 1 + random.below(4));
    if (random.below(3) == 0) options.null_text = "aa";
    if (random.below(6) == 0) options.quote.reset();
    CsvTuning plain;
    plain.path = CsvPath::portable;
    const auto expected = make_csv_reader(options, plain);
    const auto reader = make_csv_reader(options, random_tuning(random));
    const auto vectorized = make_csv_reader(options);
    const std::string wanted = summary(test::read_all(*expected));
    ASSERT_EQ(summary(test::read_all(*reader, {}, random_limits(random))), wanted);
    ASSERT_EQ(summary(test::read_all(*vectorized)), wanted);
  }
}

}  // namespace
}  // namespace baton
