#include "upgrade/dialect.hpp"

#include <gtest/gtest.h>

#include "upgrade/sections.hpp"
#include "upgrade/sections_testing.hpp"

namespace upspec {
namespace {

using h2::FieldSection;

TEST(Dialect, NamesAreReadAndWritten) {
  for (const auto dialect : {Dialect::upgrade, Dialect::connect}) EXPECT_EQ(dialect_from(name_of(dialect)), dialect);
  EXPECT_EQ(dialect_from("Upgrade"), std::nullopt);
  EXPECT_EQ(dialect_from(""), std::nullopt);
}

TEST(Dialect, EachHasItsSetting) {
  EXPECT_EQ(announcing_setting(Dialect::upgrade), 0xf101);
  EXPECT_EQ(announcing_setting(Dialect::upgrade, 0xf1ff), 0xf1ff);
  EXPECT_EQ(announcing_setting(Dialect::connect, 0xf1ff), 8);
}

TEST(Dialect, ARequestIsWrittenInItsOwnForm) {
  const Ask ask{"h2c", "http", "a", "/", {"http2-settings"}, {{"http2-settings", "AA"}}};
  EXPECT_EQ(request_for(Dialect::upgrade, ask), (FieldSection{{":method", "GET"},
                                                              {":scheme", "http"},
                                                              {":authority", "a"},
                                                              {":path", "/"},
                                                              {":upgrade", "h2c; http2-settings"},
                                                              {"http2-settings", "AA"}}));
  EXPECT_EQ(request_for(Dialect::connect, ask), (FieldSection{{":method", "CONNECT"},
                                                              {":protocol", "h2c"},
                                                              {":scheme", "http"},
                                                              {":authority", "a"},
                                                              {":path", "/"},
                                                              {"http2-settings", "AA"}}));
  for (const auto dialect : {Dialect::upgrade, Dialect::connect}) {
    EXPECT_EQ(ids(check_request(request_for(dialect, ask), {true, true})), "");
    EXPECT_EQ(asked_dialect(request_for(dialect, ask)), dialect);
    EXPECT_EQ(h2::find(request_for(dialect, {"p", "http", "", "/", {}, {}}), ":authority"), nullptr);
  }
}

TEST(Dialect, ARequestShowsItsDialectWhateverElseIsWrong) {
  EXPECT_EQ(asked_dialect(get_request()), std::nullopt);
  EXPECT_EQ(asked_dialect({{":upgrade", ""}}), Dialect::upgrade);
  EXPECT_EQ(asked_dialect(with(websocket_request(), ":method", "CONNECT")), Dialect::upgrade);
}

TEST(Dialect, StatusIsThreeDigits) {
  EXPECT_EQ(status_of({{":status", "101"}}), 101);
  for (const auto* text : {"", "20", "2000", "099", "2x0", "+20", " 20"}) {
    EXPECT_EQ(status_of({{":status", text}}), std::nullopt) << text;
  }
  EXPECT_EQ(status_of({}), std::nullopt);
}

TEST(Dialect, EachHasItsAcceptAndItsInterimAnswers) {
  struct Row {
    const char* status;
    bool end;
    bool upgrade, connect, interim;
  };
  for (const auto& row : {Row{"100", false, false, false, true}, Row{"101", false, true, false, false},
                          Row{"103", false, false, false, true}, Row{"200", false, false, true, false},
                          Row{"204", false, false, true, false}, Row{"200", true, false, false, false},
                          Row{"300", false, false, false, false}, Row{"404", false, false, false, false}}) {
    const FieldSection response = {{":status", row.status}};
    EXPECT_EQ(is_accept(Dialect::upgrade, response, row.end), row.upgrade) << row.status;
    EXPECT_EQ(is_accept(Dialect::connect, response, row.end), row.connect) << row.status;
    EXPECT_EQ(is_interim(response), row.interim) << row.status;
  }
}

}  // namespace
}  // namespace upspec
