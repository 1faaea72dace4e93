// The files of Debian's packages ieee-data, unicode-data and iso-codes, as the demo loads them.
#include "format/csv_reader.h"
#include "format/json_reader.h"

#include "tests/unit/format/file_fixture.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

using test::Content;

#define BATON_SKIP_WITHOUT(path) \
  if (!std::filesystem::exists(path)) GTEST_SKIP() << (path) << " is not installed"

TEST(RealData, VendorsAreReadThenRecordsAndLineBreaksInQuotesAreAllThere) {
  const std::string path = "/usr/share/ieee-data/oui.csv";
  BATON_SKIP_WITHOUT(path);
  for (const CsvPath way : {CsvPath::portable, CsvPath::fastest}) {
    CsvOptions options;
    options.path = path;
    CsvTuning tuning;
    tuning.path = way;
    const auto reader = make_csv_reader(options, tuning);
    const auto content = test::read_all(*reader);
    ASSERT_TRUE(content) << content.error().message;
    EXPECT_EQ(content->columns,
              (std::vector<std::string>{"Registry", "Assignment", "Organization Name", "Organization Address"}));
    EXPECT_EQ(content->rows.size(), 32530U);
    EXPECT_TRUE(content->rejects.empty());
    const auto broken = std::count_if(content->raws.begin(), content->raws.end(),
                                      [](const std::string& raw) { return raw.find('\n') != std::string::npos; });
    EXPECT_EQ(broken, 8);
  }
}

TEST(RealData, CodePointsAreReadWithoutQuotesThenAllAreThere) {
  const std::string path = "/usr/share/unicode/UnicodeData.txt";
  BATON_SKIP_WITHOUT(path);
  CsvOptions options;
  options.path = path;
  options.delimiter = ';';
  options.quote.reset();
  options.header = false;
  options.columns = {"code",    "name",     "category", "combining", "bidi",  "decomposition", "dec",  "digit",
                     "numeric", "mirrored", "old_name", "comment",   "upper", "lower",         "title"};
  const auto reader = make_csv_reader(options);
  const auto content = test::read_all(*reader);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->rows.size(), 34924U);
  EXPECT_TRUE(content->rejects.empty());
  EXPECT_EQ(content->rows[0x41][1], "LATIN CAPITAL LETTER A");
  EXPECT_EQ(content->places.back().line, 34924U);
}

void expect_items(const std::string& path, const std::string& items, const std::vector<std::string>& wanted,
                  std::size_t count) {
  BATON_SKIP_WITHOUT(path);
  const auto reader = make_json_reader({path, items});
  const auto content = test::read_all(*reader, wanted);
  ASSERT_TRUE(content) << content.error().message;
  EXPECT_EQ(content->rows.size(), count);
  EXPECT_TRUE(content->rejects.empty());
}

TEST(RealData, LanguagesAreReadThenAllAreThere) {
  expect_items("/usr/share/iso-codes/json/iso_639-3.json", "/639-3", {"alpha_3", "name", "scope", "inverted_name"},
               7910);
}

TEST(RealData, SubdivisionsAreReadThenAllAreThere) {
  expect_items("/usr/share/iso-codes/json/iso_3166-2.json", "/3166-2", {"code", "name", "type", "parent"}, 5127);
}

}  // namespace
}  // namespace baton
