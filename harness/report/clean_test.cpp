#include "report/clean.hpp"

#include <gtest/gtest.h>

#include "report/numbers.hpp"
#include "report/samples_test.hpp"

namespace upspec::report {
namespace {

using namespace std::string_literals;

TEST(Clean, WhatXmlCannotHoldShowsAsOctets) {
  EXPECT_EQ(clean("a\0b\x1b[31m\r\x7f"s), "a\\x00b\\x1b[31m\\x0d\\x7f");
  EXPECT_EQ(clean("\xff \xc3( \xe2\x82"), "\\xff \\xc3( \\xe2\\x82");
  EXPECT_EQ(clean("\xef\xbf\xbe\xef\xbf\xbf"), "\\xef\\xbf\\xbe\\xef\\xbf\\xbf");  // U+FFFE, U+FFFF
  EXPECT_EQ(clean("\xed\xa0\x80"), "\\xed\\xa0\\x80");                             // a lone surrogate
  EXPECT_EQ(clean("\xc0\x80 \xe0\x80\x80"), "\\xc0\\x80 \\xe0\\x80\\x80");         // overlong
  EXPECT_EQ(clean("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");                    // above U+10FFFF
  EXPECT_EQ(clean("\xc2\x9b"), "\\xc2\\x9b");                                      // CSI
}

TEST(Clean, TextStaysAsItIs) {
  const std::string text = "\xc3\xa4 \xe2\x86\x92 \xef\xbf\xbd \xf0\x9f\x98\x80\n\tb";
  EXPECT_EQ(clean(text), text);
  EXPECT_EQ(clean_line("a\n\tb"), "a\\x0a\\x09b");
  EXPECT_EQ(ascii("\xc3\xa4\n\t"), "\\xc3\\xa4\n\\x09");
  EXPECT_EQ(ascii_line("a\nb"), "a\\x0ab");
}

TEST(Clean, LongTextIsCutAndSaysSo) {
  EXPECT_EQ(clean("abcdef", 3), "abc... (6 octets)");
  EXPECT_EQ(clean("\xc3\xa4", 1), "\\xc3... (2 octets)");
  EXPECT_LT(clean(std::string(1u << 20, '\0')).size(), 4 * longest_text + 40);
}

TEST(Clean, MarkupHasNoMarkup) { EXPECT_EQ(markup("<a b=\"'\">&"), "&lt;a b=&quot;&#39;&quot;&gt;&amp;"); }

TEST(Clean, HostileTextIsPrintable) {
  for (const char c : ascii_line(samples::hostile())) EXPECT_TRUE(c >= ' ' && c <= '~');
}

TEST(Numbers, Times) {
  EXPECT_EQ(fixed(1.4242), "1.424");
  EXPECT_EQ(fixed(-1), "0.000");
  EXPECT_EQ(fixed(0.0 / 0.0, 1), "0.0");
  EXPECT_EQ(iso8601(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(iso8601(1740830400), "2025-03-01T12:00:00Z");
}

}  // namespace
}  // namespace upspec::report
