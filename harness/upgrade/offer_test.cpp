#include "upgrade/offer.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace upspec {
namespace {

using Offers = std::vector<Offer>;

TEST(Offer, TheProposalsExamplesAreRead) {
  EXPECT_EQ(parse_offers("websocket"), (Offers{{"websocket", {}}}));
  EXPECT_EQ(parse_offers("h2c; http2-settings"), (Offers{{"h2c", {"http2-settings"}}}));
}

TEST(Offer, SeveralOffersKeepTheirOrderAndTheirAttributes) {
  EXPECT_EQ(parse_offers("unheard-of/7;a;B , websocket\t;\tc"),
            (Offers{{"unheard-of/7", {"a", "B"}}, {"websocket", {"c"}}}));
}

TEST(Offer, WhiteSpaceAroundSeparatorsMeansNothing) {
  const auto plain = parse_offers("a;x;y,b");
  for (const auto* text : {"a ;x; y ,b", "a\t; x ;\ty\t,\tb", "a  ;  x  ;  y  ,  b"})
    EXPECT_EQ(parse_offers(text), plain) << text;
}

TEST(Offer, OutsideTheGrammarIsAnError) {
  using namespace std::string_literals;
  for (const auto& text :
       {""s,        " "s,        ","s,           "a,"s,   ",a"s,    "a,,b"s,  "a, ,b"s, "a;"s,  ";a"s,    "a;;b"s,
        "a; ;b"s,   "a;,b"s,     "a/"s,          "/a"s,   "a/b/c"s, "a / b"s, "a;b/c"s, "a=b"s, "a;b=c"s, "\"a\""s,
        "a;\"b\""s, "a b"s,      " a"s,          "a "s,   "a\t"s,   "a;b "s,  "a\r"s,   "a\n"s, "a\0"s,   "a\x7f"s,
        "a\x80"s,   "a;\x0b b"s, "a\xc2\xa0,b"s, "a(b)"s, "a@b"s,   "a:b"s,   "a\\b"s,  "{a}"s, "a?b"s}) {
    EXPECT_FALSE(parse_offers(text)) << quoted(text);
  }
}

TEST(Offer, PrintingAndReadingAgainGivesTheSame) {
  for (const auto* text : {"a", "a; b", "a/1; b; c, d, e; f"}) {
    const auto offers = parse_offers(text);
    ASSERT_TRUE(offers) << text;
    EXPECT_EQ(print(*offers), text);
    EXPECT_EQ(parse_offers(print(*offers)), offers);
  }
}

TEST(Offer, TheAcceptNamesExactlyOne) {
  EXPECT_EQ(parse_accepted("h2c; x"), (Offer{"h2c", {"x"}}));
  EXPECT_FALSE(parse_accepted("a, b"));
  EXPECT_FALSE(parse_accepted(""));
}

TEST(Offer, ProtocolNamesCompareWithoutCase) {
  EXPECT_TRUE(same_protocol("WebSocket", "websocket"));
  EXPECT_FALSE(same_protocol("websocket", "websocket/13"));
}

}  // namespace
}  // namespace upspec
