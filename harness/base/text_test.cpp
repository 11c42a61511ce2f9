#include "base/text.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;

TEST(Text, Cat_JoinsTextCharactersAndNumbers) {
  EXPECT_EQ(cat("stream ", 5, ' ', std::string("is"), " ", -1, " ", std::uint8_t{200}), "stream 5 is -1 200");
  EXPECT_EQ(cat(~std::uint64_t{0}), "18446744073709551615");
  EXPECT_EQ(cat(), "");
}

TEST(Text, Folding_IsOfAsciiOnly) {
  EXPECT_EQ(lower("Sec-WebSocket-KEY [\xc3\x84]"), "sec-websocket-key [\xc3\x84]");
  EXPECT_TRUE(equal_folded("WebSocket", "websocket"));
  EXPECT_FALSE(equal_folded("websocket", "websockets"));
  EXPECT_FALSE(equal_folded("@", "`"));
}

TEST(Text, Trim_CutsBothEndsOnly) {
  EXPECT_EQ(trim(" \t a b\t"), "a b");
  EXPECT_EQ(trim(" \r\n"), "\r\n");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim_lines("\r\n a\n b \n"), "a\n b");
}

TEST(Text, Split_KeepsEmptyPieces) {
  EXPECT_EQ(split("a,b,,c", ','), (std::vector{"a"sv, "b"sv, ""sv, "c"sv}));
  EXPECT_EQ(split("", ','), std::vector{""sv});
  EXPECT_EQ(split(",", ','), (std::vector{""sv, ""sv}));
}

TEST(Text, Words_AreNeverEmpty) {
  EXPECT_EQ(words(" a\tbc \r\n d"), (std::vector{"a"sv, "bc"sv, "d"sv}));
  EXPECT_TRUE(words(" \n").empty());
  EXPECT_TRUE(words("").empty());
}

TEST(Text, Join_SeparatesEmptyPiecesToo) {
  EXPECT_EQ(join({"a", "b"}, ", "), "a, b");
  EXPECT_EQ(join({"", "", "x"}, "|"), "||x");
  EXPECT_EQ(join({}, "|"), "");
}

TEST(Text, Number_IsTheWholeTextInRange) {
  EXPECT_EQ(to_number("0"), 0u);
  EXPECT_EQ(to_number("18446744073709551615"), ~std::uint64_t{0});
  for (const auto* wrong : {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "18446744073709551616"}) {
    EXPECT_FALSE(to_number(wrong)) << wrong;
  }
}

TEST(Text, Hex_ShowsAtMostWhatIsAskedFor) {
  EXPECT_EQ(hex(Octets{0x05, 0x82, 0x80}), "05 82 80");
  EXPECT_EQ(hex(Octets{0x05, 0x82, 0x80}, 2), "05 82 ... (3 octets)");
  EXPECT_EQ(hex({}), "");
}

TEST(Text, Unhex_TakesPairsWithWhiteSpaceBetween) {
  EXPECT_EQ(unhex(" 0582\n8f FF "), (Octets{0x05, 0x82, 0x8f, 0xff}));
  EXPECT_EQ(unhex(""), Octets{});
  for (const auto* wrong : {"5", "5 82", "0x05", "gg", "058"}) EXPECT_FALSE(unhex(wrong)) << wrong;
}

TEST(Text, Quoted_LeavesNoOctetThatAReportCannotCarry) {
  EXPECT_EQ(upspec::quoted("a\"b\\c\r\n\t\0\x01\x7f\xff"s), R"("a\"b\\c\r\n\t\0\x01\x7f\xff")");
  EXPECT_EQ(quoted("abcdef", 3), "\"abc\"... (6 octets)");
}

TEST(Text, Glob_MatchesWholeTexts) {
  for (const auto* glob : {"server/ws-offer", "*", "server/*", "*offer", "s*r/?s-*", "**", "server/ws-offer*"}) {
    EXPECT_TRUE(matches_glob("server/ws-offer", glob)) << glob;
  }
  for (const auto* glob : {"", "server", "ws-offer", "server/?", "*offers", "server/ws-offer?"}) {
    EXPECT_FALSE(matches_glob("server/ws-offer", glob)) << glob;
  }
  EXPECT_TRUE(matches_glob("", "*"));
  EXPECT_TRUE(matches_glob("*x", "*x"));
}

}  // namespace
}  // namespace upspec
