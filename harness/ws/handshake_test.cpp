#include "ws/handshake.hpp"

#include <gtest/gtest.h>

namespace upspec::ws {
namespace {

TEST(Handshake, TheAcceptIsThatOfRfc6455) {  // 1.3
  EXPECT_EQ(accept_for("dGhlIHNhbXBsZSBub25jZQ=="), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

TEST(Handshake, AKeyIsSixteenOctetsInBase64) {  // WS-03
  EXPECT_TRUE(is_key("dGhlIHNhbXBsZSBub25jZQ=="));
  EXPECT_TRUE(is_key("AAAAAAAAAAAAAAAAAAAAAA=="));
  for (const auto* wrong : {"", "dGhlIHNhbXBsZSBub25jZQ", "dGhlIHNhbXBsZSBub25jZQ= ", "dGhlIHNhbXBsZSBub25jZR==",
                            "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==", "AAAAAAAAAAAAAAAAAAAA",
                            "AAAAAAAAAAAAAAAAAAAAAAA=", "not base64 at all !!!!!!"}) {
    EXPECT_FALSE(is_key(wrong)) << wrong;
  }
}

}  // namespace
}  // namespace upspec::ws
