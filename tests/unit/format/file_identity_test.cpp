#include "format/file_identity.h"

#include "format/csv_reader.h"
#include "tests/unit/format/file_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::HasSubstr;

TEST(FileIdentity, NothingIsAddedThenTheHashIsThatOfNoBytes) {
  // XXH3-128 of the empty input, from the test vectors of xxHash 0.8.
  EXPECT_EQ(PrefixHash().hex(), "99aa06d3014798d86001c324468d497f");
}

class CsvIdentity : public testing::Test {
 protected:
  std::unique_ptr<Reader> opened(const std::string& name) {
    CsvOptions options;
    options.path = folder_.path(name);
    auto reader = make_csv_reader(options);
    EXPECT_TRUE(reader->open({}));
    return reader;
  }

  test::Folder folder_;
};

TEST_F(CsvIdentity, BatchWasReadThenItsIdentityCoversSizeTimeAndEveryByteBeforeItsEnd) {
  folder_.write("in.csv", "a\n1\n2\n3\n");
  const auto reader = opened("in.csv");
  RowBatch batch;
  ASSERT_TRUE(*reader->read(batch, {2, 1000}));
  const auto identity = reader->identity(batch.end);
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->path, folder_.path("in.csv"));
  EXPECT_EQ(identity->size_bytes, 8U);
  EXPECT_GT(identity->modified_ns, 1'500'000'000'000'000'000);
  PrefixHash hash;
  hash.add("a\n1\n2\n");
  EXPECT_EQ(identity->prefix_hash, hash.hex());
}

TEST_F(CsvIdentity, PrefixDiffersThenTheIdentityDiffers) {
  folder_.write("a.csv", "a\n1\n2\n3\n");
  folder_.write("b.csv", "a\n1\n9\n3\n");
  folder_.write("c.csv", "b\n1\n2\n3\n");
  const Position end{6, 2, 4, ""};
  const auto a = opened("a.csv")->identity(end);
  EXPECT_NE(a->prefix_hash, opened("b.csv")->identity(end)->prefix_hash);
  EXPECT_NE(a->prefix_hash, opened("c.csv")->identity(end)->prefix_hash);
  EXPECT_EQ(opened("a.csv")->identity({4, 1, 3, ""})->prefix_hash,
            opened("b.csv")->identity({4, 1, 3, ""})->prefix_hash);
}

TEST_F(CsvIdentity, FileIsShorterThanThePrefixThenIdentityIsInvalid) {
  folder_.write("in.csv", "a\n1\n");
  const auto identity = opened("in.csv")->identity({100, 50, 51, ""});
  ASSERT_FALSE(identity);
  EXPECT_EQ(identity.error().kind, ErrorKind::invalid);
  EXPECT_THAT(identity.error().message, HasSubstr("has 4 bytes, and 100 of it were read before"));
}

TEST_F(CsvIdentity, EarlierIdentityIsAskedBetweenThenTheRunningOneGoesOn) {
  folder_.write("in.csv", "a\n1\n2\n3\n");
  const auto reader = opened("in.csv");
  RowBatch batch;
  ASSERT_TRUE(*reader->read(batch, {2, 1000}));
  ASSERT_TRUE(reader->identity({2, 0, 2, ""}));
  ASSERT_TRUE(*reader->read(batch, {2, 1000}));
  EXPECT_EQ(reader->identity(batch.end)->prefix_hash, opened("in.csv")->identity(batch.end)->prefix_hash);
}

TEST_F(CsvIdentity, PositionsAreAskedForInAnyOrderThenEachHasItsOwnHash) {
  const std::string text = "a\n1\n2\n3\n";
  folder_.write("in.csv", text);
  const auto reader = opened("in.csv");
  for (const std::uint64_t end : {4U, 6U, 8U, 2U, 8U, 0U}) {
    PrefixHash hash;
    hash.add(text.substr(0, end));
    EXPECT_EQ(reader->identity({end, 0, 0, ""})->prefix_hash, hash.hex()) << end;
  }
}

TEST_F(CsvIdentity, ReadingResumesAtTheVeryBeginningThenTheHeaderIsNoRecord) {
  folder_.write("in.csv", "a\n1\n");
  const auto reader = opened("in.csv");
  ASSERT_TRUE(reader->identity({}));
  ASSERT_TRUE(reader->resume({}));
  test::Content content;
  ASSERT_TRUE(test::read_rest(*reader, content));
  ASSERT_EQ(content.rows.size(), 1U);
  EXPECT_EQ(content.places[0].line, 2U);
  EXPECT_EQ(content.identities[0], *opened("in.csv")->identity(content.ends[0]));
}

}  // namespace
}  // namespace baton
