#include "h2/hpack.hpp"

#include <gtest/gtest.h>

#include <array>

#include "base/random.hpp"
#include "base/text.hpp"

namespace upspec::h2 {
namespace {

constexpr std::array every_indexing{Indexing::automatic, Indexing::incremental, Indexing::without, Indexing::never};

std::vector<FieldForm> every_form() {
  std::vector<FieldForm> forms;
  for (const auto indexing : every_indexing) {
    for (const bool huffman : {false, true}) {
      for (const bool indexed_name : {false, true}) forms.push_back({indexing, huffman, indexed_name});
    }
  }
  return forms;
}

constexpr FieldForm plain{.huffman = false};

const FieldSection offer = {{":method", "GET"},       {":scheme", "https"},      {":path", "/echo"},
                            {":authority", "a.test"}, {":upgrade", "websocket"}, {"te", "trailers"},
                            {"x-empty", ""},          {"cookie", "a=1"},         {"cookie", "b=2"}};

// The octets without spaces, as the examples of RFC 7541 appendix C are easiest to compare.
std::string coded(FieldEncoder& encoder, const FieldSection& section, FieldForm form) {
  auto text = hex(encoder.encode(section, form));
  std::erase(text, ' ');
  return text;
}

TEST(FieldSection, FindGivesTheFirstAndCountAll) {
  ASSERT_NE(find(offer, "cookie"), nullptr);
  EXPECT_EQ(*find(offer, "cookie"), "a=1");
  EXPECT_EQ(find(offer, "Cookie"), nullptr);
  EXPECT_EQ(count(offer, "cookie"), 2u);
  EXPECT_EQ(count(offer, "x"), 0u);
}

// RFC 7541 C.2.
TEST(FieldEncoder, EachFormIsThatOfTheRfc) {
  FieldEncoder encoder;
  EXPECT_EQ(coded(encoder, {{"custom-key", "custom-header"}}, plain),
            "400a637573746f6d2d6b65790d637573746f6d2d686561646572");
  EXPECT_EQ(coded(encoder, {{":path", "/sample/path"}}, {Indexing::without, false, true}),
            "040c2f73616d706c652f70617468");
  EXPECT_EQ(coded(encoder, {{"password", "secret"}}, {Indexing::never, false, true}),
            "100870617373776f726406736563726574");
  EXPECT_EQ(coded(encoder, {{":method", "GET"}}, plain), "82");
  EXPECT_EQ(coded(encoder, {{":method", "GET"}}, {Indexing::incremental, false, false}), "40073a6d6574686f6403474554");
}

// RFC 7541 C.3 and C.4.
TEST(FieldEncoder, RequestsAreThoseOfTheRfc) {
  const FieldSection first = {
      {":method", "GET"}, {":scheme", "http"}, {":path", "/"}, {":authority", "www.example.com"}};
  FieldSection second = first;
  second.push_back({"cache-control", "no-cache"});
  const FieldSection third = {{":method", "GET"},
                              {":scheme", "https"},
                              {":path", "/index.html"},
                              {":authority", "www.example.com"},
                              {"custom-key", "custom-value"}};
  FieldEncoder text, huffman;
  EXPECT_EQ(coded(text, first, plain), "828684410f7777772e6578616d706c652e636f6d");
  EXPECT_EQ(coded(text, second, plain), "828684be58086e6f2d6361636865");
  EXPECT_EQ(coded(text, third, plain), "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565");
  EXPECT_EQ(coded(huffman, first, {}), "828684418cf1e3c2e5f23a6ba0ab90f4ff");
  EXPECT_EQ(coded(huffman, second, {}), "828684be5886a8eb10649cbf");
  EXPECT_EQ(coded(huffman, third, {}), "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf");
}

// RFC 7541 C.5: a table of 256 octets, so the second and the third response evict. (There the limit is agreed before;
// here it is announced, 3fe101.)
TEST(FieldEncoder, EvictionIsThatOfTheRfc) {
  FieldEncoder encoder;
  encoder.limit_table(256);
  FieldSection response = {{":status", "302"},
                           {"cache-control", "private"},
                           {"date", "Mon, 21 Oct 2013 20:13:21 GMT"},
                           {"location", "https://www.example.com"}};
  EXPECT_EQ(coded(encoder, response, plain),
            "3fe101"
            "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d54"
            "6e1768747470733a2f2f7777772e6578616d706c652e636f6d");
  response[0].value = "307";
  EXPECT_EQ(coded(encoder, response, plain), "4803333037c1c0bf");
  const FieldSection last = {{":status", "200"},
                             {"cache-control", "private"},
                             {"date", "Mon, 21 Oct 2013 20:13:22 GMT"},
                             {"location", "https://www.example.com"},
                             {"content-encoding", "gzip"},
                             {"set-cookie", "foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1"}};
  EXPECT_EQ(coded(encoder, last, plain),
            "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a6970"
            "7738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d3336"
            "30303b2076657273696f6e3d31");
}

TEST(FieldEncoder, TheSmallestLimitIsAnnouncedToo) {  // RFC 7541 4.2
  FieldEncoder encoder;
  encoder.limit_table(4096);
  EXPECT_EQ(coded(encoder, {}, {}), "");
  encoder.limit_table(0);
  encoder.limit_table(30);
  EXPECT_EQ(coded(encoder, {}, {}), "203e");
  encoder.limit_table(31);
  EXPECT_EQ(coded(encoder, {}, {}), "3f00");
  EXPECT_EQ(coded(encoder, {}, {}), "");
}

TEST(FieldEncoder, APeerDoesNotDecideHowMuchIsRemembered) {
  FieldEncoder encoder, at_most;
  encoder.limit_table(0xffffffff);
  at_most.limit_table(FieldEncoder::largest_table);
  EXPECT_EQ(encoder.encode({}), at_most.encode({}));
}

TEST(HuffmanCode, EverySymbolIsReadByNghttp2) {
  FieldEncoder encoder;
  FieldDecoder decoder;
  for (int symbol = 0; symbol < 256; ++symbol) {
    const char c = static_cast<char>(symbol);
    // One, and enough for the code to end at every bit of an octet.
    const FieldSection section = {{"x", std::string(1, c)}, {"y", std::string(8, c) + "0"}};
    EXPECT_EQ(decoder.decode(encoder.encode(section, {Indexing::without, true, true})), section) << symbol;
  }
}

TEST(HuffmanCode, AnyTextIsReadByNghttp2) {
  Random random(2);
  FieldEncoder encoder;
  FieldDecoder decoder;
  for (std::size_t size = 0; size < 600; ++size) {
    const FieldSection section = {{"x", to_text(random.octets(size))}};
    EXPECT_EQ(decoder.decode(encoder.encode(section, {Indexing::never, true, true})), section);
  }
}

TEST(FieldBlock, EveryFormSaysTheSame) {  // REQ-13
  for (const auto& form : every_form()) {
    FieldEncoder encoder;
    FieldDecoder decoder;
    for (int block = 0; block < 3; ++block) EXPECT_EQ(decoder.decode(encoder.encode(offer, form)), offer);
  }
}

TEST(FieldBlock, FormsMixOnOneConnection) {
  FieldEncoder encoder;
  FieldDecoder decoder;
  for (int round = 0; round < 3; ++round) {
    for (const auto& form : every_form()) EXPECT_EQ(decoder.decode(encoder.encode(offer, form)), offer);
  }
}

TEST(FieldBlock, ALaterBlockRefersToTheTable) {
  FieldEncoder encoder;
  FieldDecoder decoder;
  const FieldSection section = {{":upgrade", "websocket"}, {"x-long", std::string(100, 'a')}};
  const Octets first = encoder.encode(section);
  const Octets second = encoder.encode(section);
  EXPECT_EQ(second, (Octets{0xbf, 0xbe}));
  EXPECT_EQ(decoder.decode(first), section);
  EXPECT_EQ(decoder.decode(second), section);
  EXPECT_FALSE(FieldDecoder().decode(second));
}

TEST(FieldBlock, RandomSectionsSurviveEvictionAndNewLimits) {
  Random random(11);
  FieldEncoder encoder;
  FieldDecoder decoder;
  const auto forms = every_form();
  for (int block = 0; block < 3000; ++block) {
    while (random.below(10) == 0) encoder.limit_table(static_cast<std::uint32_t>(random.below(4097)));
    FieldSection section;
    for (auto left = random.below(8); left > 0; --left) {
      const auto length = random.below(20) == 0 ? 5000 : random.below(200);
      section.push_back(
          {cat("name-", random.below(20)), std::string(length, static_cast<char>('a' + random.below(3)))});
    }
    const auto& form = forms[random.below(forms.size())];
    ASSERT_EQ(decoder.decode(encoder.encode(section, form)), section) << block;
  }
}

TEST(FieldDecoder, ATruncatedBlockIsAnError) {
  for (const auto& form : every_form()) {
    const Octets block = FieldEncoder().encode({{"x-name", "some value"}}, form);
    for (std::size_t size = 1; size < block.size(); ++size) {
      EXPECT_FALSE(FieldDecoder().decode(OctetView(block).first(size))) << size;
    }
  }
  EXPECT_EQ(FieldDecoder().decode({}), FieldSection{});
}

TEST(FieldDecoder, WhatRfc7541ForbidsIsAnError) {
  const std::pair<const char*, const char*> rows[] = {
      {"80", "index 0 (6.1)"},
      {"be", "beyond both tables (2.3.3)"},
      {"ff ff ff ff ff ff ff ff ff ff 01", "an integer without end (5.1)"},
      {"82 20", "a size update after a field (4.2)"},
      {"3f e2 1f", "a size above the limit, 4097 (6.3)"},
      {"00 81 ff 00", "eight bits of padding (5.2)"},
      {"00 84 ff ff ff ff 00", "EOS within a string (5.2)"},
      {"00 81 00 00", "padding that is not of EOS (5.2)"},
  };
  for (const auto& [octets, why] : rows) EXPECT_FALSE(FieldDecoder().decode(*unhex(octets))) << why;
}

TEST(FieldDecoder, AfterAnErrorEveryBlockFails) {
  FieldDecoder decoder;
  EXPECT_EQ(decoder.decode(Octets{0x82}), (FieldSection{{":method", "GET"}}));
  EXPECT_FALSE(decoder.decode(Octets{0x80}));
  EXPECT_FALSE(decoder.decode(Octets{0x82}));
}

TEST(FieldDecoder, ASmallBlockDoesNotBecomeALargeSection) {
  FieldEncoder encoder;
  FieldDecoder decoder;
  const FieldSection seed = {{"x", std::string(4000, 'a')}};
  ASSERT_TRUE(decoder.decode(encoder.encode(seed)));
  EXPECT_TRUE(decoder.decode(Octets(FieldDecoder::largest_section / 4033, 0xbe)));
  EXPECT_FALSE(decoder.decode(Octets(FieldDecoder::largest_section / 4033 + 1, 0xbe)));
  EXPECT_FALSE(decoder.decode(Octets{0x82}));
}

TEST(FieldDecoder, ItsTableMovesWithIt) {
  FieldEncoder encoder;
  FieldDecoder decoder;
  ASSERT_TRUE(decoder.decode(encoder.encode(offer)));
  FieldDecoder moved = std::move(decoder);
  EXPECT_EQ(moved.decode(encoder.encode(offer)), offer);
}

TEST(FieldDecoder, AnyOctetsAreASectionOrAnError) {
  Random random(4);
  for (int i = 0; i < 5000; ++i) {
    FieldDecoder decoder;
    for (int block = 0; block < 3; ++block) (void)decoder.decode(random.octets(random.below(60)));
  }
}

}  // namespace
}  // namespace upspec::h2
