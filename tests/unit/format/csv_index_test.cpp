#include "format/csv_index.h"

#include "tests/unit/format/random_csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::ElementsAre;

using Offsets = std::vector<std::uint32_t>;

struct Index {
  Offsets ends, inner_newlines, doubled, literal;
  CsvState state = CsvState::field_start;
  friend bool operator==(const Index&, const Index&) = default;
};

Index index_of(const std::string& text, CsvDialect dialect, CsvPath path, std::size_t step) {
  CsvIndexer indexer(dialect, path);
  CsvMarks marks;
  Index all;
  const auto add = [](Offsets& to, const Offsets& from, std::size_t count) {
    to.insert(to.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(count));
  };
  for (std::size_t at = 0; at < text.size(); at += step) {
    const auto end = static_cast<std::uint32_t>(std::min(text.size(), at + step));
    indexer.index(text.data(), static_cast<std::uint32_t>(at), end, marks);
    add(all.ends, marks.ends, marks.end_count);
    add(all.inner_newlines, marks.inner_newlines, marks.inner_newlines.size());
    add(all.doubled, marks.doubled, marks.doubled.size());
    add(all.literal, marks.literal, marks.literal.size());
  }
  all.state = indexer.state();
  return all;
}

TEST(CsvIndex, TextHasEveryKindOfMarkThenEachIsFound) {
  const std::string text = "a,\"b\"\"\n\"\nc\"d,\"e\"f\"\n";
  for (const CsvPath path : {CsvPath::portable, CsvPath::fastest}) {
    const Index index = index_of(text, {}, path, text.size());
    EXPECT_THAT(index.ends, ElementsAre(1, 8, 12, 18));
    EXPECT_THAT(index.doubled, ElementsAre(5));
    EXPECT_THAT(index.inner_newlines, ElementsAre(6));
    EXPECT_THAT(index.literal, ElementsAre(10, 17));
    EXPECT_EQ(index.state, CsvState::field_start);
  }
}

TEST(CsvIndex, RandomBytesAreIndexedThenBothPathsAgreeAtAnyStep) {
  if (!has_vector_path()) GTEST_SKIP() << "this processor has the portable path only";
  for (unsigned seed = 0; seed < 3000; ++seed) {
    SCOPED_TRACE(seed);
    test::RandomCsv random(seed);
    const std::string text = random.bytes(random.below(700));
    CsvDialect dialect;
    if (random.below(5) == 0) dialect.quote.reset();
    const Index expected = index_of(text, dialect, CsvPath::portable, 100'000);
    ASSERT_EQ(index_of(text, dialect, CsvPath::fastest, 100'000), expected);
    ASSERT_EQ(index_of(text, dialect, CsvPath::fastest, 1 + random.below(200)), expected);
    ASSERT_EQ(index_of(text, dialect, CsvPath::portable, 1 + random.below(200)), expected);
  }
}

TEST(CsvIndex, MarksStandAtEveryOffsetOfABlockThenTheyAreFound) {
  for (std::size_t at = 0; at < 200; ++at) {
    const std::string before(at, 'x');
    const std::string text = before + ",\"q\"\"q\"," + std::string(130, 'y') + "\n";
    const Index index = index_of(text, {}, CsvPath::fastest, text.size());
    const auto base = static_cast<std::uint32_t>(at);
    ASSERT_THAT(index.ends, ElementsAre(base, base + 7, base + 138));
    ASSERT_THAT(index.doubled, ElementsAre(base + 4));
  }
}

}  // namespace
}  // namespace baton
