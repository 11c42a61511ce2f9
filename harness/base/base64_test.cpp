#include "base/base64.hpp"

#include <gtest/gtest.h>

#include <utility>

#include "base/random.hpp"

namespace upspec {
namespace {

TEST(Base64, Encoding_IsThatOfRfc4648Section10) {
  const std::pair<const char*, const char*> rows[] = {{"", ""},
                                                      {"f", "Zg=="},
                                                      {"fo", "Zm8="},
                                                      {"foo", "Zm9v"},
                                                      {"foob", "Zm9vYg=="},
                                                      {"fooba", "Zm9vYmE="},
                                                      {"foobar", "Zm9vYmFy"}};
  for (const auto& [text, coded] : rows) {
    EXPECT_EQ(base64(as_octets(text)), coded);
    EXPECT_EQ(unbase64(coded), to_octets(text));
  }
}

TEST(Base64, Url_HasItsOwnAlphabetAndNoPadding) {
  EXPECT_EQ(base64(Octets{0xfb, 0xff}), "+/8=");
  EXPECT_EQ(base64url(Octets{0xfb, 0xff}), "-_8");
  EXPECT_EQ(unbase64url("-_8"), (Octets{0xfb, 0xff}));
  EXPECT_FALSE(unbase64url("+/8"));
  EXPECT_FALSE(unbase64("-_8="));
}

TEST(Base64, Decoding_IsStrict) {
  for (const auto* wrong :
       {"Z", "Zg", "Zg=", "Zg===", "Z===", "====", "=", "Zh==", "Zm9=", "Zm9v\n", " Zm9", "Zg==Zg=="}) {
    EXPECT_FALSE(unbase64(wrong)) << wrong;
  }
  for (const auto* wrong : {"Z", "Zg==", "Zh", "Zm9", "Zm9vY", "Zm 9"}) EXPECT_FALSE(unbase64url(wrong)) << wrong;
}

TEST(Base64, AnyOctetsComeBack) {
  Random random(1);
  for (std::size_t size = 0; size < 100; ++size) {
    const Octets octets = random.octets(size);
    EXPECT_EQ(unbase64(base64(octets)), octets);
    EXPECT_EQ(unbase64url(base64url(octets)), octets);
  }
}

}  // namespace
}  // namespace upspec
