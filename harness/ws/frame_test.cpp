#include "ws/frame.hpp"

#include <gtest/gtest.h>

#include "base/splits.hpp"
#include "base/text.hpp"

namespace upspec::ws {
namespace {

using Frames = std::vector<Frame>;
using namespace std::string_view_literals;

constexpr std::array<std::uint8_t, 4> rfc_mask{0x37, 0xfa, 0x21, 0x3d};  // of RFC 6455 5.7

Frame frame(Opcode opcode, std::string_view payload) {
  return {.opcode = static_cast<std::uint8_t>(opcode), .mask = {}, .payload = to_octets(payload)};
}

Frame masked(Frame frame) {
  frame.mask = rfc_mask;
  return frame;
}

Frames read_in(const Pieces& pieces) {
  FrameReader reader;
  Frames frames;
  for (const auto piece : pieces) {
    reader.feed(piece);
    while (auto next = reader.next()) frames.push_back(std::move(*next));
  }
  EXPECT_FALSE(reader.broken());
  EXPECT_EQ(reader.buffered(), 0u);
  return frames;
}

TEST(WsFrame, TheExamplesOfRfc6455Section5_7) {
  Frame first = frame(Opcode::text, "Hel");
  first.fin = false;
  const std::pair<const char*, Frame> rows[] = {
      {"81 05 48 65 6c 6c 6f", frame(Opcode::text, "Hello")},
      {"81 85 37 fa 21 3d 7f 9f 4d 51 58", masked(frame(Opcode::text, "Hello"))},
      {"01 03 48 65 6c", first},
      {"80 02 6c 6f", frame(Opcode::continuation, "lo")},
      {"89 05 48 65 6c 6c 6f", frame(Opcode::ping, "Hello")},
      {"8a 85 37 fa 21 3d 7f 9f 4d 51 58", masked(frame(Opcode::pong, "Hello"))},
  };
  for (const auto& [octets, meaning] : rows) {
    EXPECT_EQ(hex(serialise(meaning)), octets);
    EXPECT_EQ(read_in({*unhex(octets)}), Frames{meaning});
  }
  EXPECT_EQ(hex(serialise(frame(Opcode::binary, std::string(256, 'x'))), 4), "82 7e 01 00 ... (260 octets)");
  EXPECT_EQ(hex(serialise(frame(Opcode::binary, std::string(65536, 'x'))), 10),
            "82 7f 00 00 00 00 00 01 00 00 ... (65546 octets)");
}

TEST(WsFrame, AnySplitGivesTheSameFrames) {
  Frame strange = frame(Opcode::text, "strange");
  strange.rsv = 7;
  strange.opcode = 15;
  strange.fin = false;
  Frame wide = masked(frame(Opcode::text, "wide"));
  wide.long_length = 8;
  const Frames frames = {masked(frame(Opcode::text, "hello")),
                         frame(Opcode::ping, ""),
                         masked(frame(Opcode::ping, "")),
                         strange,
                         wide,
                         masked(frame(Opcode::binary, std::string(300, '\xff'))),
                         frame(Opcode::close, "\x03\xe8")};
  Octets all;
  for (const auto& each : frames) append(all, serialise(each));
  for_each_split(all, [&](const Pieces& pieces) { EXPECT_EQ(read_in(pieces), frames); });
}

TEST(WsFrame, EveryLengthComesBackInItsShortestForm) {
  const std::pair<std::size_t, std::size_t> rows[] = {{0, 2},   {1, 2},     {125, 2},    {126, 4},
                                                      {127, 4}, {65535, 4}, {65536, 10}, {100000, 10}};
  for (const auto& [length, header] : rows) {
    const Frame plain = frame(Opcode::binary, std::string(length, 'x'));
    const Octets octets = serialise(plain);
    EXPECT_EQ(octets.size(), header + length);
    EXPECT_EQ(read_in({octets}), Frames{plain});
    EXPECT_EQ(read_in({serialise(masked(plain))}), Frames{masked(plain)});
  }
}

TEST(WsFrame, ALengthThatIsNotTheShortestIsRemembered) {
  const std::pair<const char*, std::uint8_t> rows[] = {
      {"82 7e 00 01 61", 2}, {"82 7f 00 00 00 00 00 00 00 01 61", 8}, {"82 01 61", 0}};
  for (const auto& [octets, width] : rows) {
    const auto frames = read_in({*unhex(octets)});
    ASSERT_EQ(frames.size(), 1u);
    EXPECT_EQ(frames[0].long_length, width);
    EXPECT_EQ(to_text(frames[0].payload), "a");
    EXPECT_EQ(hex(serialise(frames[0])), octets);
  }
}

TEST(WsFrame, AFrameBeyondTheLimitEndsTheReading) {
  FrameReader reader(10);
  reader.feed(serialise(frame(Opcode::text, "0123456789")));
  EXPECT_TRUE(reader.next());
  reader.feed(Octets{0x81, 11});
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.broken());
  const std::size_t before = reader.buffered();
  reader.feed(Octets(1000));
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.buffered(), before);
}

TEST(WsFrame, ALengthWithItsTopBitSetEndsTheReading) {
  FrameReader reader(~std::size_t{0});
  reader.feed(Octets{0x82, 0x7f, 0x80, 0, 0, 0, 0, 0, 0});
  EXPECT_FALSE(reader.next());
  EXPECT_FALSE(reader.broken());
  reader.feed(Octets{0});
  EXPECT_FALSE(reader.next());
  EXPECT_TRUE(reader.broken());
}

TEST(WsFrame, ManyFramesAreReadInLinearTime) {  // quadratic reading would take minutes
  constexpr std::size_t many = 200'000;
  const Octets one = serialise(masked(frame(Opcode::ping, "12345678")));
  Octets all;
  for (std::size_t i = 0; i < many; ++i) append(all, one);
  EXPECT_EQ(read_in({all}).size(), many);
}

TEST(WsFrame, AnyOctetsAreFramesOrEndTheReading) {
  Random random(9);
  for (int i = 0; i < 2000; ++i) {
    FrameReader reader(1000);
    const Octets octets = random.octets(random.below(200));
    for (const auto piece : random_pieces(octets, 40, random)) {
      reader.feed(piece);
      while (const auto next = reader.next()) EXPECT_FALSE(describe(*next).empty());
    }
  }
}

TEST(WsClose, HasACodeAndAReasonOrNothing) {
  EXPECT_EQ(hex(close_payload(1000, "bye")), "03 e8 62 79 65");
  const auto close = read_close(close_payload(1000, "bye"));
  ASSERT_TRUE(close);
  EXPECT_EQ(close->code, 1000);
  EXPECT_EQ(close->reason, "bye");
  ASSERT_TRUE(read_close({}));
  EXPECT_EQ(read_close({})->code, 1005);
  EXPECT_FALSE(read_close(Octets{3}));
}

TEST(WsClose, OnlySomeCodesMayBeSent) {
  for (const int code : {1000, 1001, 1002, 1003, 1007, 1011, 1012, 1013, 1014, 3000, 3999, 4000, 4999}) {
    EXPECT_TRUE(may_be_sent(static_cast<std::uint16_t>(code))) << code;
  }
  for (const int code : {0, 1, 999, 1004, 1005, 1006, 1015, 1016, 2000, 2999, 5000, 65535}) {
    EXPECT_FALSE(may_be_sent(static_cast<std::uint16_t>(code))) << code;
  }
}

TEST(Utf8, IsThatOfRfc3629) {
  for (const auto right : {""sv, "\0"sv, "\x7f"sv, "\xc2\x80"sv, "\xdf\xbf"sv, "\xe0\xa0\x80"sv, "\xed\x9f\xbf"sv,
                           "\xee\x80\x80"sv, "\xef\xbf\xbf"sv, "\xf0\x90\x80\x80"sv, "\xf4\x8f\xbf\xbf"sv,
                           "\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5"sv}) {
    EXPECT_TRUE(is_utf8(right)) << quoted(right);
    EXPECT_TRUE(is_utf8(cat("a", right, "z"))) << quoted(right);
  }
  for (const auto wrong :
       {"\x80"sv, "\xbf"sv, "\xc0\x80"sv, "\xc1\xbf"sv, "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv, "\xed\xbf\xbf"sv,
        "\xf0\x8f\xbf\xbf"sv, "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv, "\xc2"sv, "\xe1\x80"sv,
        "\xf1\x80\x80"sv, "\xc2\xc2"sv, "\xe1\x80\xc0"sv, "\xf1\x80\x80\x7f"sv, "\xf8\x88\x80\x80\x80"sv}) {
    EXPECT_FALSE(is_utf8(wrong)) << quoted(wrong);
    EXPECT_FALSE(is_utf8(cat("a", wrong, "z"))) << quoted(wrong);
  }
}

// Every sequence of one to three octets, and the edges of four, against the number it would stand for.
TEST(Utf8, AgreesWithDecodingForEveryCodePoint) {
  const auto encoded = [](std::uint32_t point) {
    std::string text;
    const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (point >> shift & 0x3f)); };
    if (point < 0x80) return std::string(1, static_cast<char>(point));
    if (point < 0x800) return text += static_cast<char>(0xc0 | point >> 6), tail(0), text;
    if (point < 0x10000) return text += static_cast<char>(0xe0 | point >> 12), tail(6), tail(0), text;
    return text += static_cast<char>(0xf0 | point >> 18), tail(12), tail(6), tail(0), text;
  };
  for (std::uint32_t point = 0; point < 0x120000; ++point) {
    const bool surrogate = point >= 0xd800 && point <= 0xdfff;
    ASSERT_EQ(is_utf8(encoded(point)), !surrogate && point <= 0x10ffff) << point;
  }
}

TEST(WsDescription, IsOneLine) {
  Frame part = frame(Opcode::binary, "\x01\x02");
  part.fin = false;
  part.rsv = 4;
  Frame ping = frame(Opcode::ping, "");
  ping.fin = false;
  Frame unknown = frame(Opcode::text, "");
  unknown.opcode = 11;
  Frame wide = frame(Opcode::text, "a");
  wide.long_length = 8;
  const std::pair<Frame, const char*> rows[] = {
      {masked(frame(Opcode::text, "hello")), "text fin 5 octets \"hello\" masked"},
      {frame(Opcode::close,
             "\x03\xe8"
             "bye"),
       "close 1000 \"bye\""},
      {frame(Opcode::close, "\x03\xe8"), "close 1000"},
      {frame(Opcode::close, ""), "close without code"},
      {frame(Opcode::close, "\x03"), "close 1 octets 03"},
      {part, "binary rsv=4 2 octets 01 02"},
      {ping, "ping without fin 0 octets"},
      {unknown, "opcode 11 0 octets"},
      {wide, "text fin 1 octets \"a\" (length in 8 octets)"},
  };
  for (const auto& [subject, line] : rows) EXPECT_EQ(describe(subject), line);
}

}  // namespace
}  // namespace upspec::ws
