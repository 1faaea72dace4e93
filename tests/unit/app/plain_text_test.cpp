// The small parts of what people read: durations, widths, names, frames.
#include "app/duration_words.h"
#include "app/replica_names.h"
#include "app/screen.h"
#include "app/text_width.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::ElementsAre;

TEST(DurationWords, HaveAtMostTwoUnits) {
  EXPECT_EQ(in_words(Duration(-1)), "0.00 s");
  EXPECT_EQ(in_words(Duration(340)), "0.34 s");
  EXPECT_EQ(in_words(Duration(12'900)), "12 s");
  EXPECT_EQ(in_words(Duration(125'000)), "2 min 5 s");
  EXPECT_EQ(in_words(Duration(120'000)), "2 min");
  EXPECT_EQ(in_words(Duration(11'040'000)), "3 h 4 min");
  EXPECT_EQ(in_words(Duration(5LL * 86'400'000 + 7'200'000)), "5 d 2 h");
}

TEST(DurationWords, ThePastIsRoundedDownAndTheFutureUp) {
  const WallTime now(std::chrono::hours(1));
  EXPECT_EQ(ago(now - Duration(12'900), now), "12 s ago");
  EXPECT_EQ(ago(now - Duration(900), now), "just now");
  EXPECT_EQ(ago(now + Duration(5'000), now), "just now");
  EXPECT_EQ(from_now(now + Duration(2'100), now), "in 3 s");
  EXPECT_EQ(from_now(now + Duration(1), now), "in 1 s");
  EXPECT_EQ(from_now(now, now), "now");
  EXPECT_EQ(from_now(now - Duration(5'000), now), "now");
}

TEST(ReplicaNames, AreShortWhereOneHostHasAllAndKeepTheHostElse) {
  EXPECT_EQ(ReplicaNames({"my-host-1a2b3c4d", "my-host-5e6f7a8b"}).of("my-host-1a2b3c4d"), "r-1a2b");
  EXPECT_EQ(ReplicaNames({"one-1a2b3c4d", "two-5e6f7a8b"}).of("one-1a2b3c4d"), "one-1a2b");
}

TEST(ReplicaNames, AreLongerWhereTheyWouldBeTheSame) {
  const ReplicaNames names({"host-1a2b3c4d", "host-1a2b3d00", "host-1a2b3c4d"});
  EXPECT_EQ(names.of("host-1a2b3c4d"), "r-1a2b3c");
  EXPECT_EQ(names.of("host-1a2b3d00"), "r-1a2b3d");
}

TEST(ReplicaNames, OtherFormsAndUnknownOnesStayAsTheyAre) {
  const std::string java = "java-1-6f0d7a52-3c1e-4b8f-9a57-2d94c1e084fc";
  const ReplicaNames names({"java owner", java, "host-12", "host-nothex12", "host-1a2b3c4d"});
  for (const std::string id : {"java owner", java.c_str(), "host-12", "host-nothex12", "host-99999999"}) {
    EXPECT_EQ(names.of(id), id);
  }
}

TEST(TextWidth, CountsCharactersAndNotBytes) {
  EXPECT_EQ(text_width("Zürich"), 6U);
  EXPECT_EQ(padding(8, "Zürich"), "  ");
  EXPECT_EQ(padding(3, "Zürich"), "");
}

TEST(CutLine, CutsBetweenCharactersAndCountsNoColours) {
  EXPECT_EQ(cut_line("Zürich", 6), "Zürich");
  EXPECT_EQ(cut_line("Zürich", 3), "Zür");
  EXPECT_EQ(cut_line("\x1b[32mgreen\x1b[0m", 5), "\x1b[32mgreen\x1b[0m");
  EXPECT_EQ(cut_line("\x1b[32mgreen\x1b[0m", 2), "\x1b[32mgr\x1b[0m");
}

TEST(TextWithoutControls, HasASpaceForEachOfThem) {
  EXPECT_EQ(without_controls("a\x1b[2J\r\n\x7f"), "a [2J   ");
  EXPECT_EQ(without_controls("a\xC2\x9B"
                             "31mZürich"),
            "a 31mZürich")
      << "U+009B begins a sequence too";
}

TEST(Fit, WithRoomShowsAllWithEmptyLinesBetween) {
  EXPECT_THAT(fit({{"t1", "t2"}, {"l1"}, "keys"}, 23), ElementsAre("t1", "t2", "", "l1", "", "keys"));
  EXPECT_THAT(fit({{"t1"}, {}, "keys"}, 23), ElementsAre("t1", "", "keys"));
  EXPECT_THAT(fit({{"t1"}, {"l1"}, ""}, 23), ElementsAre("t1", "", "l1"));
}

TEST(Fit, WithTooLittleRoomDropsTheOldestLogLinesFirst) {
  EXPECT_THAT(fit({{"t1", "t2"}, {"l1", "l2", "l3", "l4", "l5"}, "keys"}, 9),
              ElementsAre("t1", "t2", "", "l2", "l3", "l4", "l5", "", "keys"));
}

TEST(Fit, ThenCutsTheTablesAndKeepsTheNewestLogLinesAndTheKeys) {
  const ScreenParts parts{{"t1", "t2", "t3", "t4"}, {"l1", "l2", "l3", "l4", "l5"}, "keys"};
  EXPECT_THAT(fit(parts, 8), ElementsAre("t1", "t2", "t3", "t4", "l3", "l4", "l5", "keys"));
  EXPECT_THAT(fit(parts, 6), ElementsAre("t1", "… 3 more lines", "l3", "l4", "l5", "keys"));
  EXPECT_THAT(fit(parts, 3), ElementsAre("l4", "l5", "keys"));
  EXPECT_THAT(fit(parts, 1), ElementsAre("keys"));
}

TEST(Frame, BeginsAtTheUpperLeftAndErasesWhatWasThere) {
  EXPECT_EQ(frame({"a", "bc"}, 24, 80), "\x1b[Ha\x1b[K\nbc\x1b[K\n\x1b[J");
}

TEST(Frame, IsCutToTheSizeOfTheTerminalAndSaysHowMuchIsMissing) {
  EXPECT_EQ(frame({"abc", "b", "c", "d"}, 4, 2), "\x1b[Hab\x1b[K\nb\x1b[K\n… \x1b[K\n\x1b[J");
  EXPECT_EQ(frame({"a", "b", "c", "d"}, 4, 80), "\x1b[Ha\x1b[K\nb\x1b[K\n… 2 more lines\x1b[K\n\x1b[J");
  EXPECT_EQ(frame({"a", "b", "c"}, 4, 80), "\x1b[Ha\x1b[K\nb\x1b[K\nc\x1b[K\n\x1b[J");
}

}  // namespace
}  // namespace baton
