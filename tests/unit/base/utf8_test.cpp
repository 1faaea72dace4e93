#include "base/utf8.h"

#include <gtest/gtest.h>

namespace baton {
namespace {

TEST(Visible, WhatIsNoPlainCharacterIsWrittenOut) {
  EXPECT_EQ(visible("plain ü €"), "plain ü €");
  EXPECT_EQ(visible("a\nb\r\tc"), "a\\nb\\r\\tc");
  EXPECT_EQ(visible("\x1b[31m"), "\\x1b[31m");
  EXPECT_EQ(visible("\xff\xc3"), "\\xff\\xc3");
  EXPECT_EQ(visible(std::string_view("\0", 1)), "\\x00");
  EXPECT_EQ(visible(""), "");
}

}  // namespace
}  // namespace baton
