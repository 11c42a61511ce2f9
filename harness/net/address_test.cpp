#include "net/address.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

TEST(Address, IsReadAndWritten) {
  for (const std::string text : {"127.0.0.1:8443", "localhost:0", "[::1]:443", "a.example:65535"}) {
    const auto address = parse_address(text);
    ASSERT_TRUE(address) << text;
    EXPECT_EQ(to_text(*address), text);
  }
  EXPECT_EQ(parse_address("[::1]:443"), (Address{"::1", 443}));
}

TEST(Address, WhatIsNoneIsSaidWithWhatWouldBe) {
  for (const auto* text :
       {"", "localhost", ":80", "[]:80", "::1:80", "a:65536", "a:-1", "a:", "a:8x", "a b:80", "[::1]", "http://a:80"}) {
    const auto address = parse_address(text);
    ASSERT_FALSE(address) << text;
    EXPECT_NE(address.error().text.find("HOST:PORT is meant"), std::string::npos) << address.error().text;
    EXPECT_EQ(address.error().text.find('\n'), std::string::npos);
  }
}

}  // namespace
}  // namespace upspec
