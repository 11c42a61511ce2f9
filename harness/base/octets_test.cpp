#include "base/octets.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

TEST(Octets, Text_GoesThroughTheDoorsAndBack) {
  const std::string text("a\0\xff", 3);
  EXPECT_EQ(to_octets(text), (Octets{0x61, 0x00, 0xff}));
  EXPECT_EQ(to_text(to_octets(text)), text);
  EXPECT_EQ(as_text(as_octets(text)), text);
  EXPECT_EQ(to_text({}), "");
}

TEST(Octets, Numbers_AreBigEndianAndOfTheirWidth) {
  Octets octets{0xaa};
  append_number(octets, 0x123456, 3);
  append_number(octets, 0x1ff, 1);
  append_number(octets, 0x0102030405060708, 8);
  EXPECT_EQ(octets, (Octets{0xaa, 0x12, 0x34, 0x56, 0xff, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(read_number(octets, 1, 3), 0x123456u);
  EXPECT_EQ(read_number(octets, 5, 8), 0x0102030405060708u);
}

TEST(Octets, Append_KeepsWhatIsThere) {
  Octets octets{1};
  append(octets, Octets{2, 3});
  append(octets, {});
  EXPECT_EQ(octets, (Octets{1, 2, 3}));
}

}  // namespace
}  // namespace upspec
