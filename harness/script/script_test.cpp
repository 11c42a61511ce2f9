#include "script/script.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "base/text.hpp"

namespace upspec::script {
namespace {

Script shown() {
  Script script;
  script.role = Role::proxy_21;
  script.gives_windows = false;
  script.steps = {
      {{},
       0,
       SectionStep{1,
                   {{":method", "GET"}, {"x-odd", "a\r\nb "}, {"", ""}, {":upgrade", "websocket; x-a"}},
                   true,
                   {h2::Indexing::never, false, false, true},
                   10}},
      {{End::front, 2}, joined, FrameStep{h2::rst_stream(1, 8)}},
      {{End::behind, 0}, 3, RawStep{to_octets("HTTP/1.1 101 Switching Protocols\r\nUpgrade: a\r\n\r\n\xff")}},
      {{}, 0, WaitStep{Awaited::octets, 1, 20}},
      {{}, 1, WebSocketStep{1, false, 4, 2, false, to_octets("hello")}},
      {{}, 0, OctetsStep{3, {}, true}},
      {{}, 0, HalfCloseStep{}},
      {{End::behind, 3}, 0, AbortStep{}}};
  return script;
}

TEST(Script, IsWhatItsTextSays) {
  EXPECT_EQ(print(shown()),
            "script proxy-21 without-windows\n"
            "front section 1 end never plain literal-name resized cut=10\n"
            "    :method: GET\n"
            "    \"x-odd\": \"a\\r\\nb \"\n"
            "    \"\": \"\"\n"
            "    :upgrade: websocket; x-a\n"
            "front.2 frame joined RST_STREAM 1 0x0 00 00 00 08\n"
            "behind raw split=3 \"HTTP/1.1 101 Switching Protocols\\r\\n\"\n"
            "    \"Upgrade: a\\r\\n\"\n"
            "    \"\\r\\n\"\n"
            "    \"\\xff\"\n"
            "front wait octets 1 20\n"
            "front websocket 1 binary more rsv=4 unmasked split=1 \"hello\"\n"
            "front octets 3 end \"\"\n"
            "front half-close\n"
            "behind.3 abort\n");
}

TEST(Script, TextAndOctetsLoseNothing) {
  const auto parsed = parse(print(shown()));
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ(*parsed, shown());
  EXPECT_EQ(decode(encode(shown())), shown());
}

TEST(Script, AnyOctetsAreAScript) {
  Random random(7);
  for (int i = 0; i < 2000; ++i) {
    const auto script = decode(random.octets(random.below(300)));
    EXPECT_EQ(decode(encode(script)), script);
    const auto parsed = parse(print(script));
    ASSERT_TRUE(parsed) << parsed.error().text << "\n" << print(script);
    EXPECT_EQ(*parsed, script) << print(script);
  }
}

TEST(Script, AnErrorNamesItsLine) {
  const auto error = [](std::string_view text) {
    const auto parsed = parse(text);
    return parsed ? std::string("none") : parsed.error().text;
  };
  EXPECT_EQ(error(""), "line 1: the first line is \"script ROLE\"");
  EXPECT_EQ(error("# a comment\nscript origin\n"), "line 2: a role is one of server client proxy-21 proxy-12 proxy-22");
  EXPECT_EQ(error("script server\nfront jump\n"), "line 2: unknown step \"jump\"");
  EXPECT_EQ(error("script server\n    :method: GET\n"), "line 2: an indented line needs a step before it");
  EXPECT_EQ(error("script server\nfront section 1\n    method GET\n"), "line 3: a field is \"name: value\"");
  EXPECT_EQ(error("script server\nfront octets 1 \"a\n").substr(0, 36), "line 2: octets stand in double quote");
  EXPECT_EQ(error("script server\nfront abort now\n"), "line 2: what is \"now\"?");
}

}  // namespace
}  // namespace upspec::script
