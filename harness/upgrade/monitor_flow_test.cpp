// The Monitor's bookkeeping of windows, frame sizes and streams: TUN-06, TUN-09, TUN-12, TUN-15.
#include <gtest/gtest.h>

#include "upgrade/monitor_testing.hpp"

namespace upspec {
namespace {

using D = Dialogue;
constexpr auto client = Side::client;
constexpr auto server = Side::server;
constexpr auto window = h2::setting::initial_window_size;
constexpr auto streams = h2::setting::max_concurrent_streams;
constexpr auto frame_size = h2::setting::max_frame_size;

// So many octets of DATA by the server on a channel whose octets nobody reads, in frames of 16384 octets.
void pour(D& d, std::size_t octets, std::uint32_t stream = 1) {
  const Octets piece(h2::initial_max_frame_size);
  for (std::size_t left = octets; left > 0; left -= std::min(left, piece.size())) {
    d.frame(server, h2::data(stream, OctetView(piece).first(std::min(left, piece.size()))));
  }
}

D& open_raw(D& d, std::uint32_t stream = 1) {
  return d.announce().ask(h2c_request(), false, stream).answer(h2c_accept(), false, stream);
}

void expect_told(const std::vector<Told>& rows) {
  for (const auto& row : rows) {
    Dialogue d;
    row.tell(d);
    EXPECT_EQ(d.ids(), row.ids) << row.what << "\n" << texts(d.breaches());
  }
}

TEST(MonitorOfWindows, TheStreamsWindowHolds) {
  expect_told({
      {"all of it", "", [](D& d) { pour(open_raw(d), 65535); }},
      {"one more", "TUN-06", [](D& d) { pour(open_raw(d).frame(client, h2::window_update(0, 1)), 65536); }},
      {"given back", "",
       [](D& d) {
         pour(open_raw(d).frame(client, h2::window_update(0, 1)).frame(client, h2::window_update(1, 1)), 65536);
       }},
      {"an empty frame needs none", "",
       [](D& d) {
         pour(open_raw(d), 65535);
         d.ends(server);
       }},
      {"the tester's own octets are not counted", "",
       [](D& d) {
         open_raw(d);
         for (int i = 0; i < 9; ++i) d.frame(client, h2::data(1, Octets(16384)));
       }},
      {"the server's own credit is not its window", "TUN-06",
       [](D& d) {
         pour(open_raw(d).frame(server, h2::window_update(0, 99)).frame(server, h2::window_update(1, 99)), 65536);
       }},
  });
}

TEST(MonitorOfWindows, TheConnectionsWindowHolds) {
  expect_told({
      {"two streams share it", "TUN-06",
       [](D& d) {
         pour(open_raw(d), 40000);
         pour(open_raw(d, 3), 40000, 3);
       }},
      {"given back", "",
       [](D& d) {
         pour(open_raw(d), 40000);
         pour(open_raw(d, 3).frame(client, h2::window_update(0, 14465)), 40000, 3);
       }},
      {"SETTINGS do not change it", "TUN-06",
       [](D& d) { pour(open_raw(d.settings(client, {{window, 100000}})), 65536); }},
  });
}

TEST(MonitorOfWindows, PaddingCounts) {
  expect_told({
      {"within", "",
       [](D& d) {
         d.settings(client, {{window, 10}}).ack(server);
         open_raw(d).frame(server, h2::padded_data(1, Octets(4), 5));
       }},
      {"beyond", "TUN-06",
       [](D& d) {
         d.settings(client, {{window, 10}}).ack(server);
         open_raw(d).frame(server, h2::padded_data(1, Octets(4), 6));
       }},
      {"padding alone", "TUN-06",
       [](D& d) {
         d.settings(client, {{window, 0}}).ack(server);
         open_raw(d).frame(server, h2::padded_data(1, {}, 0));
       }},
  });
}

// More is allowed as soon as it is sent; less binds from the acknowledgement on.
TEST(MonitorOfWindows, SettingsChangeThem) {
  expect_told({
      {"lowered, not acknowledged", "", [](D& d) { pour(open_raw(d).settings(client, {{window, 10}}), 20); }},
      {"lowered, acknowledged", "TUN-06",
       [](D& d) { pour(open_raw(d).settings(client, {{window, 10}}).ack(server), 11); }},
      {"as much as is left", "", [](D& d) { pour(open_raw(d).settings(client, {{window, 10}}).ack(server), 10); }},
      {"below zero: nothing", "TUN-06",
       [](D& d) {
         pour(open_raw(d), 100);
         pour(d.settings(client, {{window, 10}}).ack(server), 1);
       }},
      {"below zero: an empty frame", "",
       [](D& d) {
         pour(open_raw(d), 100);
         d.settings(client, {{window, 10}}).ack(server).ends(server);
       }},
      {"below zero, given back", "",
       [](D& d) {
         pour(open_raw(d), 100);
         pour(d.settings(client, {{window, 10}}).ack(server).frame(client, h2::window_update(1, 91)), 1);
       }},
      {"raised, not acknowledged", "",
       [](D& d) {
         pour(open_raw(d).frame(client, h2::window_update(0, 99)).settings(client, {{window, 65600}}), 65600);
       }},
      {"raised, and too much", "TUN-06",
       [](D& d) {
         pour(open_raw(d).frame(client, h2::window_update(0, 99)).settings(client, {{window, 65600}}), 65601);
       }},
      {"lowered and raised again, both acknowledged", "",
       [](D& d) {
         pour(open_raw(d).settings(client, {{window, 10}}).settings(client, {{window, 100}}).ack(server).ack(server),
              100);
       }},
      {"the first of them acknowledged: the second may hold already", "",
       [](D& d) {
         pour(open_raw(d).settings(client, {{window, 10}}).settings(client, {{window, 100}}).ack(server), 100);
       }},
      {"both acknowledged, and too much", "TUN-06",
       [](D& d) {
         pour(open_raw(d).settings(client, {{window, 10}}).settings(client, {{window, 100}}).ack(server).ack(server),
              101);
       }},
      {"raised and lowered again, the first acknowledged", "",
       [](D& d) {
         pour(open_raw(d).settings(client, {{window, 200}}).settings(client, {{window, 50}}).ack(server), 200);
       }},
      {"raised and lowered again, both acknowledged", "TUN-06",
       [](D& d) {
         pour(open_raw(d).settings(client, {{window, 200}}).settings(client, {{window, 50}}).ack(server).ack(server),
              51);
       }},
      {"other SETTINGS between", "TUN-06",
       [](D& d) { pour(open_raw(d).settings(client, {{window, 10}}).settings(client, {}).ack(server), 11); }},
      {"a stream that begins after it", "TUN-06",
       [](D& d) {
         d.settings(client, {{window, 10}}).ack(server);
         pour(open_raw(d), 11);
       }},
      {"an ACK of nothing", "", [](D& d) { pour(open_raw(d).ack(server).ack(server), 65535); }},
  });
}

TEST(MonitorOfFrameSizes, NoneIsLargerThanTheTesterAllows) {
  expect_told({
      {"16384", "", [](D& d) { open_raw(d).frame(server, h2::data(1, Octets(16384))); }},
      {"16385", "TUN-12", [](D& d) { open_raw(d).frame(server, h2::data(1, Octets(16385))); }},
      {"padding counts", "TUN-12", [](D& d) { open_raw(d).frame(server, h2::padded_data(1, Octets(16380), 4)); }},
      {"any type", "TUN-12", [](D& d) { open_raw(d).frame(server, {0x42, 0, 0, Octets(16385)}); }},
      {"allowed", "",
       [](D& d) { open_raw(d.settings(client, {{frame_size, 20000}})).frame(server, h2::data(1, Octets(20000))); }},
      {"allowed once is allowed", "",
       [](D& d) {
         open_raw(d.settings(client, {{frame_size, 20000}, {frame_size, 16384}}))
             .frame(server, h2::data(1, Octets(20000)));
       }},
      {"the server's own limit is another's", "TUN-12",
       [](D& d) { open_raw(d.settings(server, {{frame_size, 20000}})).frame(server, h2::data(1, Octets(20000))); }},
      {"the tester's frames", "", [](D& d) { open_raw(d).frame(client, h2::data(1, Octets(20000))); }},
  });
}

TEST(MonitorOfWindows, AnIncrementOfZeroIsWrong) {
  expect_told({
      {"on a stream", "TUN-15", [](D& d) { open_raw(d).frame(server, h2::window_update(1, 0)); }},
      {"on the connection", "TUN-15", [](D& d) { open_raw(d).frame(server, h2::window_update(0, 0)); }},
      {"one", "", [](D& d) { open_raw(d).frame(server, h2::window_update(1, 1)); }},
      {"the tester's", "", [](D& d) { open_raw(d).frame(client, h2::window_update(1, 0)); }},
  });
}

// The client's frames are judged: TUN-09.
TEST(MonitorOfStreams, AChannelCountsUntilBothSidesHaveEnded) {
  const auto told = [](void (*tell)(Dialogue&)) {
    Dialogue d(client);
    tell(d.announce().settings(server, {{streams, 1}}).ack(client).ack(client).ask(h2c_request()).answer(h2c_accept()));
    return d.ids();
  };
  EXPECT_EQ(told([](D& d) { d.ask(h2c_request(), false, 3); }), "TUN-09");
  EXPECT_EQ(told([](D& d) { d.ends(client).ask(h2c_request(), false, 3); }), "TUN-09");
  EXPECT_EQ(told([](D& d) { d.ends(server).ask(h2c_request(), false, 3); }), "TUN-09");
  EXPECT_EQ(told([](D& d) { d.ends(server).ends(client).ask(h2c_request(), false, 3); }), "");
  EXPECT_EQ(told([](D& d) { d.resets(client, h2::ErrorCode::cancel).ask(h2c_request(), false, 3); }), "");
  EXPECT_EQ(told([](D& d) { d.resets(server, h2::ErrorCode::cancel).ask(h2c_request(), false, 3); }), "");
  EXPECT_EQ(told([](D& d) { d.settings(server, {{streams, 2}}).ask(h2c_request(), false, 3); }), "");
  EXPECT_EQ(told([](D& d) { d.settings(server, {{streams, 0}}).says(client, "x"); }), "");
}

TEST(MonitorOfStreams, ALimitBindsFromItsAcknowledgement) {
  Dialogue d(client);
  d.announce().ack(client).settings(server, {{streams, 0}}).ask(h2c_request()).ack(client);
  EXPECT_EQ(d.ids(), "");
  d.ask(h2c_request(), false, 3);
  EXPECT_EQ(d.ids(), "TUN-09");
}

// TUN-15 holds for the server's frames only, and a window too large is no breach that its SENDER can see here.
TEST(MonitorOfWindows, MalformedFramesAreNobodysWindow) {
  expect_told({{"WINDOW_UPDATE of 3 octets", "", [](D& d) { open_raw(d).frame(client, {8, 0, 1, {0, 0, 9}}); }},
               {"SETTINGS of 5 octets", "", [](D& d) { open_raw(d).frame(client, {4, 0, 0, {0, 4, 0, 0, 0}}); }},
               {"RST_STREAM of 3 octets", "", [](D& d) { open_raw(d).frame(server, {3, 0, 1, {0, 0, 0}}); }}});
}

}  // namespace
}  // namespace upspec
