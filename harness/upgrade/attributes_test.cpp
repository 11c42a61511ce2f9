#include "upgrade/attributes.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

TEST(Attributes, FramingNamesAreKnownInAnyCase) {
  for (const auto* name : {"connection", "close", "keep-alive", "proxy-connection", "transfer-encoding", "te",
                           "trailer", "upgrade", "host", "content-length", "expect", "TE", "Content-Length"}) {
    EXPECT_TRUE(is_framing_name(name)) << name;
  }
  for (const auto* name : {"http2-settings", "trailers", "x-te", "cookie"}) EXPECT_FALSE(is_framing_name(name)) << name;
}

TEST(Attributes, FieldsForEveryRecipientAreKnown) {
  for (const auto* name :
       {"authorization", "cookie", "set-cookie", "cache-control", "forwarded", "via", "x-forwarded-for"}) {
    EXPECT_TRUE(is_for_every_recipient(name)) << name;
  }
  EXPECT_FALSE(is_for_every_recipient("x-forward"));
}

TEST(Attributes, TheEffectiveOnesAreLowerCaseOnceAndConnectionSpecific) {
  EXPECT_EQ(effective_attributes({"p", {"B", "a", "b", "cookie", "a"}}), (std::vector<std::string>{"b", "a"}));
}

}  // namespace
}  // namespace upspec
