#include "h2/codes.hpp"

#include <gtest/gtest.h>

namespace upspec::h2 {
namespace {

TEST(Codes, Names_AreThoseOfTheRfcs) {
  EXPECT_EQ(frame_type_name(1), "HEADERS");
  EXPECT_EQ(frame_type_name(0x10), "PRIORITY_UPDATE");
  EXPECT_EQ(error_name(1), "PROTOCOL_ERROR");
  EXPECT_EQ(error_name(13), "HTTP_1_1_REQUIRED");
  EXPECT_EQ(setting_name(8), "ENABLE_CONNECT_PROTOCOL");
  EXPECT_EQ(setting_name(0xf101), "ENABLE_UPGRADE");
}

TEST(Codes, AnUnknownNumber_IsShownInHexadecimal) {
  EXPECT_EQ(frame_type_name(0x42), "0x42");
  EXPECT_EQ(error_name(0xffffffff), "0xffffffff");
  EXPECT_EQ(setting_name(0xf000), "0xf000");
}

TEST(Codes, EveryNumber_ComesBackFromItsName) {
  for (unsigned i = 0; i < 256; ++i) EXPECT_EQ(frame_type_from(frame_type_name(static_cast<std::uint8_t>(i))), i);
  for (std::uint32_t i = 0; i < 20; ++i) EXPECT_EQ(error_from(error_name(i)), i);
  for (unsigned i = 0; i < 65536; ++i) EXPECT_EQ(setting_from(setting_name(static_cast<std::uint16_t>(i))), i);
}

TEST(Codes, Enumerators_CarryTheirOwnNames) {
  EXPECT_EQ(frame_type_from("CONTINUATION"), static_cast<std::uint8_t>(FrameType::continuation));
  EXPECT_EQ(frame_type_from("RST_STREAM"), static_cast<std::uint8_t>(FrameType::rst_stream));
  EXPECT_EQ(error_from("CANCEL"), static_cast<std::uint32_t>(ErrorCode::cancel));
  EXPECT_EQ(error_from("COMPRESSION_ERROR"), static_cast<std::uint32_t>(ErrorCode::compression_error));
  EXPECT_EQ(setting_from("INITIAL_WINDOW_SIZE"), setting::initial_window_size);
}

TEST(Codes, ANumber_IsTakenForAName) {
  EXPECT_EQ(frame_type_from("0x42"), 0x42);
  EXPECT_EQ(frame_type_from("66"), 66);
  EXPECT_EQ(error_from("0xFFFFFFFF"), 0xffffffffu);
}

TEST(Codes, ANameThatNoRfcHas_IsNothing) {
  for (const auto* wrong : {"", "headers", "HEADER", "UNKNOWN", "0x", "0x100", "256", "-1", " 1", "1 ", "0x-1"}) {
    EXPECT_FALSE(frame_type_from(wrong)) << wrong;
  }
  EXPECT_FALSE(setting_from("0x10000"));
  EXPECT_FALSE(error_from("0x100000000"));
}

TEST(Codes, Flags_MeanDifferentThingsByType) {
  EXPECT_EQ(flag_names(0, 0x09), "END_STREAM|PADDED");
  EXPECT_EQ(flag_names(1, 0x2d), "END_STREAM|END_HEADERS|PADDED|PRIORITY");
  EXPECT_EQ(flag_names(4, 0x01), "ACK");
  EXPECT_EQ(flag_names(9, 0x05), "END_HEADERS|0x1");
  EXPECT_EQ(flag_names(0x42, 0x81), "0x81");
  EXPECT_EQ(flag_names(1, 0), "");
}

TEST(Codes, Flags_ComeBackFromTheirNamesForEveryType) {
  for (unsigned type = 0; type < 16; ++type) {
    for (unsigned flags = 0; flags < 256; ++flags) {
      const auto names = flag_names(static_cast<std::uint8_t>(type), static_cast<std::uint8_t>(flags));
      EXPECT_EQ(flags_from(names), flags) << names;
    }
  }
  EXPECT_EQ(flags_from("PADDED|END_STREAM"), 9);
  for (const auto* wrong : {"|", "PADDED|", "padded", "PADDED END_STREAM", "0x100"})
    EXPECT_FALSE(flags_from(wrong)) << wrong;
}

}  // namespace
}  // namespace upspec::h2
