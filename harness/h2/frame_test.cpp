#include "h2/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "base/splits.hpp"
#include "base/text.hpp"

namespace upspec::h2 {
namespace {

using Frames = std::vector<Frame>;

Octets octets_of(const Frames& frames) {
  Octets out;
  for (const auto& frame : frames) append(out, serialise(frame));
  return out;
}

Frames read_in(const Pieces& pieces) {
  FrameReader reader;
  Frames frames;
  for (const auto piece : pieces) {
    reader.feed(piece);
    while (auto frame = reader.next()) frames.push_back(std::move(*frame));
  }
  EXPECT_EQ(reader.buffered(), 0u);
  return frames;
}

Frame of(FrameType type, std::uint8_t flags, std::string_view payload_in_hex) {
  return {static_cast<std::uint8_t>(type), flags, 1, *unhex(payload_in_hex)};
}

const Frames one_of_each = {
    settings({{setting::enable_connect_protocol, 1}, {0xf101, 1}}),
    settings_ack(),
    headers(1, Octets{0x82, 0x86}, flag::end_headers),
    continuation(1, Octets{0x84}, flag::end_headers),
    data(1, as_octets("hello"), flag::end_stream),
    padded_data(1, as_octets("hello"), 3),
    ping(Octets{1, 2, 3, 4, 5, 6, 7, 8}),
    rst_stream(1, 8),
    window_update(0, 1000),
    priority(3, 0x80000001, 15),
    push_promise(1, 2, Octets{0x82}, flag::end_headers),
    goaway(1, 0, "bye"),
    {0x42, 0xff, 0x7fffffff, {}},
    {0xff, 0, 0, Octets(300, 0x55)},
};

TEST(Frame, AnySplitGivesTheSameFrames) {
  for_each_split(octets_of(one_of_each), [](const Pieces& pieces) { EXPECT_EQ(read_in(pieces), one_of_each); });
}

TEST(Frame, RandomFramesComeBack) {
  Random random(5);
  Frames frames;
  for (int i = 0; i < 50; ++i) {
    frames.push_back({static_cast<std::uint8_t>(random.next()), static_cast<std::uint8_t>(random.next()),
                      static_cast<std::uint32_t>(random.below(1u << 31)), random.octets(random.below(100))});
  }
  for_each_split(octets_of(frames), [&](const Pieces& pieces) { EXPECT_EQ(read_in(pieces), frames); });
}

TEST(Frame, TheWireFormIsThatOfRfc9113Section4) {
  EXPECT_EQ(hex(serialise(rst_stream(5, 8))), "00 00 04 03 00 00 00 00 05 00 00 00 08");
  EXPECT_EQ(hex(serialise(settings({{8, 1}}))), "00 00 06 04 00 00 00 00 00 00 08 00 00 00 01");
  EXPECT_EQ(hex(serialise(padded_data(1, as_octets("a"), 2))), "00 00 04 00 08 00 00 00 01 02 61 00 00");
  EXPECT_EQ(hex(serialise(priority(3, 1, 15))), "00 00 05 02 00 00 00 00 03 00 00 00 01 0f");
}

TEST(Frame, TheReservedBitIsWrittenAndNotRead) {
  const Octets octets = serialise(data(0x80000001, {}));
  EXPECT_EQ(octets[5], 0x80);
  EXPECT_EQ(read_in({octets}), Frames{data(1, {})});
}

TEST(Frame, TheLargestPayloadPassesAndALargerOneIsOurFault) {
  const Frame largest = data(1, Octets((1u << 24) - 1, 0x61));
  EXPECT_EQ(read_in({serialise(largest)}), Frames{largest});
  EXPECT_THROW(serialise(data(1, Octets(1u << 24))), std::length_error);
}

TEST(Frame, TheLengthIsAnnouncedBeforeThePayloadComes) {
  FrameReader reader;
  reader.feed(Octets{0xff, 0xff, 0xff, 0, 0, 0, 0, 0});
  EXPECT_FALSE(reader.announced());
  reader.feed(Octets{1});
  EXPECT_EQ(reader.announced(), 0xffffffu);
  EXPECT_FALSE(reader.next());
  EXPECT_EQ(reader.buffered(), 9u);
}

TEST(Frame, ManyFramesAreReadInLinearTime) {  // quadratic reading would take minutes
  constexpr std::size_t many = 200'000;
  const Octets one = serialise(rst_stream(1, 0));
  Octets all;
  for (std::size_t i = 0; i < many; ++i) append(all, one);
  EXPECT_EQ(read_in({all}).size(), many);
  Random random(1);
  EXPECT_EQ(read_in(random_pieces(all, 64, random)).size(), many);
}

TEST(FrameParts, PaddingIsCutAndCountsForTheWindow) {
  const Frame frame = padded_data(1, as_octets("hello"), 3);
  const auto part = read_data(frame);
  ASSERT_TRUE(part);
  EXPECT_EQ(as_text(part->octets), "hello");
  EXPECT_EQ(part->flow, 9u);
}

TEST(FrameParts, PaddingMayFillThePayloadAndNoMore) {
  EXPECT_TRUE(read_data(of(FrameType::data, flag::padded, "02 00 00")));
  EXPECT_FALSE(read_data(of(FrameType::data, flag::padded, "03 00 00")));
  EXPECT_FALSE(read_data(of(FrameType::data, flag::padded, "05 82 80")));
  EXPECT_FALSE(read_data(of(FrameType::data, flag::padded, "")));
  EXPECT_TRUE(read_data(of(FrameType::data, flag::padded, "00")));
}

TEST(FrameParts, HeadersLosePaddingAndPriority) {
  const Frame frame = of(FrameType::headers, flag::padded | flag::priority, "02 80 00 00 03 0f 82 86 00 00");
  EXPECT_EQ(hex(*read_headers(frame)), "82 86");
  EXPECT_EQ(hex(*read_headers(headers(1, Octets{0x82}, 0))), "82");
  EXPECT_FALSE(read_headers(of(FrameType::headers, flag::priority, "00 00 00 03")));
  EXPECT_FALSE(read_headers(of(FrameType::headers, flag::padded | flag::priority, "02 80 00 00 03 00 00")));
}

TEST(FrameParts, PushPromiseNamesItsStream) {
  const Frame frame = of(FrameType::push_promise, flag::padded, "01 80 00 00 02 82 00");
  const auto part = read_push_promise(frame);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->promised, 2u);
  EXPECT_EQ(hex(part->fragment), "82");
  EXPECT_FALSE(read_push_promise(of(FrameType::push_promise, 0, "00 00 02")));
}

TEST(FrameParts, SettingsKeepTheirOrderAndRepetitions) {
  const std::vector<Setting> list{{4, 0xffffffff}, {1, 0}, {4, 1}};
  EXPECT_EQ(read_settings(settings_payload(list)), list);
  EXPECT_EQ(read_settings({}), std::vector<Setting>{});
  EXPECT_FALSE(read_settings(Octets(5)));
}

TEST(FrameParts, FixedSizesAreHeldTo) {
  EXPECT_EQ(read_rst_stream(rst_stream(1, 0xffffffff)), 0xffffffffu);
  EXPECT_EQ(read_window_update(window_update(1, 0xffffffff)), 0x7fffffffu);
  EXPECT_EQ(read_window_update(window_update(1, 0)), 0u);
  for (const auto* wrong : {"", "00 00 01", "00 00 00 00 01"}) {
    EXPECT_FALSE(read_rst_stream(of(FrameType::rst_stream, 0, wrong)));
    EXPECT_FALSE(read_window_update(of(FrameType::window_update, 0, wrong)));
  }
}

TEST(FrameParts, GoawayHasDebugOctets) {
  const Frame frame = goaway(0x80000005, 2, "why");
  const auto part = read_goaway(frame);
  ASSERT_TRUE(part);
  EXPECT_EQ(part->last_stream, 5u);
  EXPECT_EQ(part->code, 2u);
  EXPECT_EQ(as_text(part->debug), "why");
  EXPECT_FALSE(read_goaway(of(FrameType::goaway, 0, "00 00 00 00 00 00 00")));
}

TEST(FrameDescription, IsOneLineForEachType) {
  const std::vector<std::string> lines = {
      "SETTINGS ENABLE_CONNECT_PROTOCOL=1 ENABLE_UPGRADE=1",
      "SETTINGS ACK",
      "HEADERS stream=1 END_HEADERS 2 octets",
      "CONTINUATION stream=1 END_HEADERS 1 octets",
      "DATA stream=1 END_STREAM 5 octets \"hello\"",
      "DATA stream=1 PADDED 5 octets \"hello\" (9 with padding)",
      "PING 01 02 03 04 05 06 07 08",
      "RST_STREAM stream=1 CANCEL",
      "WINDOW_UPDATE stream=0 +1000",
      "PRIORITY stream=3 5 octets 80 00 00 01 0f",
      "PUSH_PROMISE stream=1 END_HEADERS promised=2 1 octets",
      "GOAWAY last=1 NO_ERROR \"bye\"",
      "UNKNOWN(0x42) stream=2147483647 0xff 0 octets",
  };
  for (std::size_t i = 0; i < lines.size(); ++i) EXPECT_EQ(describe(one_of_each[i]), lines[i]);
}

TEST(FrameDescription, SaysWhatIsWrong) {
  EXPECT_EQ(describe(of(FrameType::data, flag::padded, "05 82 80")),
            "DATA stream=1 PADDED 3 octets 05 82 80 (DATA of 3 octets: padding of 5 does not fit)");
  EXPECT_EQ(describe(of(FrameType::rst_stream, 0, "")),
            "RST_STREAM stream=1 0 octets (RST_STREAM of 0 octets: is 4 octets)");
  EXPECT_TRUE(describe(settings(std::vector<Setting>(2000))).ends_with(" 0x0=0 ... (2000 settings)"));
  EXPECT_EQ(describe({4, 0, 3, {}}), "SETTINGS stream=3");
  EXPECT_EQ(describe({0, 0, 0, {}}), "DATA stream=0 0 octets");
}

TEST(FrameDescription, IsShortAndPrintableWhateverThePeerSends) {
  Random random(3);
  for (unsigned i = 0; i < 2000; ++i) {
    const Frame frame{static_cast<std::uint8_t>(random.below(16)), static_cast<std::uint8_t>(random.next()), 1,
                      random.octets(random.below(i % 2 == 0 ? 12 : 600))};
    const auto line = describe(frame);
    EXPECT_LT(line.size(), 2000u);
    EXPECT_TRUE(std::ranges::all_of(line, [](char c) { return c >= ' ' && c <= '~'; })) << line;
  }
}

}  // namespace
}  // namespace upspec::h2
