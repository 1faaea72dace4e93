// The options of parts written in C++.
#include "baton/options.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace baton {
namespace {

using testing::HasSubstr;
using testing::Not;

const Options options(std::map<std::string, std::string>{
    {"text", "a b"}, {"count", "-7"}, {"share", "1.5"}, {"flag", "true"}, {"password", "hunter2"}});

template <class T>
std::string message(const Result<T>& result) {
  EXPECT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::invalid);
  return result.error().message;
}

TEST(Options, GivenThenTheirValues) {
  EXPECT_EQ(options.text("text"), "a b");
  EXPECT_EQ(options.integer("count"), -7);
  EXPECT_EQ(options.number("share"), 1.5);
  EXPECT_EQ(options.number("count"), -7.0);
  EXPECT_EQ(options.flag_or("flag", false), true);
  EXPECT_EQ(options.find("nothing"), std::nullopt);
}

TEST(Options, AbsentThenTheFallbackOrAnError) {
  EXPECT_EQ(options.text_or("x", "y"), "y");
  EXPECT_EQ(options.integer_or("x", 3), 3);
  EXPECT_EQ(options.number_or("x", 2.5), 2.5);
  EXPECT_EQ(options.flag_or("x", true), true);
  EXPECT_EQ(message(options.text("x")), "the option `x` is missing");
  EXPECT_EQ(message(options.integer("x")), "the option `x` is missing");
}

TEST(Options, WrongThenTheNameIsSaidAndNeverTheValue) {
  EXPECT_EQ(message(options.integer("text")), "the option `text` is wrong: expected a whole number");
  EXPECT_EQ(message(options.integer_or("share", 1)), "the option `share` is wrong: expected a whole number");
  EXPECT_THAT(message(options.number("password")), Not(HasSubstr("hunter2")));
  EXPECT_THAT(message(options.flag_or("password", true)), Not(HasSubstr("hunter2")));
}

TEST(Options, MisspelledThenTheKnownOnesAreNamed) {
  const Options one(std::map<std::string, std::string>{{"form", "1"}});
  const Status refused = one.only({"from", "to"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "unknown option `form`, did you mean `from`? Expected one of from, to");
  EXPECT_EQ(one.only({}).error().message, "unknown option `form`: it takes none");
  EXPECT_TRUE(one.only({"form"}));
}

}  // namespace
}  // namespace baton
