#include "base/digest.hpp"

#include <gtest/gtest.h>

#include "base/text.hpp"

namespace upspec {
namespace {

TEST(Digest, Sha1_IsThatOfRfc3174) {
  EXPECT_EQ(hex(sha1(as_octets("abc"))), "a9 99 3e 36 47 06 81 6a ba 3e 25 71 78 50 c2 6c 9c d0 d8 9d");
  EXPECT_EQ(hex(sha1({})), "da 39 a3 ee 5e 6b 4b 0d 32 55 bf ef 95 60 18 90 af d8 07 09");
}

}  // namespace
}  // namespace upspec
