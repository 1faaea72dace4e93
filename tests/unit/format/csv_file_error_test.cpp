#include "format/csv_reader.h"

#include "tests/unit/format/file_fixture.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

namespace baton {
namespace {

using testing::AllOf;
using testing::HasSubstr;

class CsvFileError : public testing::Test {
 protected:
  std::string error(const std::string& path, CsvTuning tuning = {}) {
    CsvOptions options;
    options.path = path;
    const auto reader = make_csv_reader(options, tuning);
    const auto result = test::read_all(*reader);
    if (result) return "no error";
    EXPECT_EQ(result.error().kind, ErrorKind::invalid);
    return result.error().message;
  }

  test::Folder folder_;
};

TEST_F(CsvFileError, FileIsMissingThenOpeningFails) {
  EXPECT_THAT(error(folder_.path("none.csv")), AllOf(HasSubstr("none.csv"), HasSubstr("no such file")));
}

TEST_F(CsvFileError, PathIsAFolderThenOpeningFails) {
  EXPECT_THAT(error(folder_.path(".")), HasSubstr("is a folder, a file is expected"));
}

TEST_F(CsvFileError, PathIsAPipeThenOpeningFailsAndDoesNotWait) {
  ASSERT_EQ(::mkfifo(folder_.path("pipe").c_str(), 0600), 0);
  EXPECT_THAT(error(folder_.path("pipe")), HasSubstr("no regular file"));
}

TEST_F(CsvFileError, FileIsNotReadableThenOpeningFails) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
  const std::string path = folder_.write("in.csv", "a\n");
  ::chmod(path.c_str(), 0);
  EXPECT_THAT(error(path), HasSubstr("not readable for this user"));
}

TEST_F(CsvFileError, QuoteIsNeverClosedThenTheErrorSaysWhereItOpens) {
  const std::string path = folder_.write("in.csv", "a,b,c\n1,\"x\ny\",2\n3,\"\xC3\xA9\nz\",\"open,1\n4,5,6\n");
  EXPECT_THAT(error(path), HasSubstr(path + ":5:4: the quote that opens here is never closed"));
}

TEST_F(CsvFileError, QuoteIsNeverClosedInTheHeaderThenTheErrorSaysWhereItOpens) {
  const std::string path = folder_.write("in.csv", "a,\"b\n1,2\n");
  EXPECT_THAT(error(path), HasSubstr(path + ":1:3: the quote that opens here is never closed"));
}

TEST_F(CsvFileError, RecordIsTooLongThenReadingFails) {
  CsvTuning tuning;
  tuning.block_bytes = 64;
  tuning.limits = {32, 100};
  const std::string path = folder_.write("in.csv", "a,b\n1,2\n" + std::string(101, 'x') + ",1\n");
  EXPECT_THAT(error(path, tuning), AllOf(HasSubstr(path + ":3:1: the record that begins here is longer than 100 bytes"),
                                         HasSubstr("delimiter")));
  EXPECT_EQ(error(folder_.write("fits.csv", "a,b\n" + std::string(98, 'x') + ",1\n"), tuning), "no error");
}

TEST_F(CsvFileError, QuoteIsOpenWhenTheRecordGetsTooLongThenTheErrorSaysWhereItOpens) {
  CsvTuning tuning;
  tuning.block_bytes = 64;
  tuning.limits = {32, 100};
  const std::string path = folder_.write("in.csv", "a,b\n1,2\n3,\"" + std::string(500, '\n') + "\"\n");
  EXPECT_THAT(error(path, tuning),
              AllOf(HasSubstr(path + ":3:1: the record"), HasSubstr(path + ":3:3 and is not closed")));
}

TEST_F(CsvFileError, RecordIsAsLongAsAllowedThenItIsRead) {
  CsvOptions options;
  options.path = folder_.write("in.csv", "a,b\n1,\"" + std::string((16 << 20) - 4, 'x') + "\"\n2,3\n");
  const auto reader = make_csv_reader(options);
  const auto content = test::read_all(*reader);
  ASSERT_TRUE(content) << content.error().message;
  ASSERT_EQ(content->rows.size(), 2U);
  EXPECT_EQ(content->rows[0][1]->size(), (16U << 20U) - 4);
}

class CsvFileChange : public testing::Test {
 protected:
  void SetUp() override {
    options_.path = folder_.write("in.csv", "a\n1\n2\n");
    reader_ = make_csv_reader(options_);
    ASSERT_TRUE(reader_->open({}));
  }

  test::Folder folder_;
  CsvOptions options_;
  std::unique_ptr<Reader> reader_;
  RowBatch batch_;
};

TEST_F(CsvFileChange, FileGrowsWhileItIsReadThenFinishFails) {
  ASSERT_TRUE(*reader_->read(batch_, {}));
  std::ofstream(options_.path, std::ios::app) << "3\n";
  ASSERT_FALSE(*reader_->read(batch_, {}));
  const Status status = reader_->finish();
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().kind, ErrorKind::invalid);
  EXPECT_THAT(status.error().message, AllOf(HasSubstr(options_.path), HasSubstr("it had 6 bytes and has 8 now")));
}

TEST_F(CsvFileChange, FileIsWrittenInPlaceThenFinishFails) {
  ASSERT_TRUE(*reader_->read(batch_, {}));
  std::filesystem::last_write_time(options_.path,
                                   std::filesystem::file_time_type::clock::now() - std::chrono::hours(1));
  const Status status = reader_->finish();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("modification time"));
}

TEST_F(CsvFileChange, FileIsCutBeforeItIsReadThenReadingFails) {
  std::string long_text = "a\n";
  for (int i = 0; i < 1000; ++i) long_text += "1\n";
  options_.path = folder_.write("long.csv", long_text);
  CsvTuning tuning;
  tuning.block_bytes = 16;
  reader_ = make_csv_reader(options_, tuning);
  ASSERT_TRUE(reader_->open({}));
  std::filesystem::resize_file(options_.path, 100);
  const auto more = reader_->read(batch_, {});
  ASSERT_FALSE(more);
  EXPECT_EQ(more.error().kind, ErrorKind::invalid);
  EXPECT_THAT(more.error().message, AllOf(HasSubstr("changed while it was read"), HasSubstr("ends at byte 100")));
}

TEST_F(CsvFileChange, FileIsReplacedByAnotherThenTheOpenOneIsReadToItsEnd) {
  folder_.write("new.csv", "a\n7\n8\n9\n");
  std::filesystem::rename(folder_.path("new.csv"), options_.path);
  ASSERT_TRUE(*reader_->read(batch_, {}));
  EXPECT_EQ(batch_.size(), 2U);
  EXPECT_TRUE(reader_->finish());
}

}  // namespace
}  // namespace baton
