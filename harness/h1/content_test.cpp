#include "h1/content.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/splits.hpp"
#include "base/text.hpp"

namespace upspec::h1 {
namespace {

using Kind = Framing::Kind;

// "content|what follows", or "(error)".
std::string read_in(const Pieces& pieces, Framing framing) {
  ContentReader reader(framing);
  std::string content;
  std::string rest;
  for (const auto piece : pieces) {
    const auto taken = reader.read(piece);
    if (!taken) return "(error)";
    content += as_text(taken->content);
    rest += as_text(piece.subspan(taken->size));
  }
  return cat(content, reader.done() ? "|" : "...", rest);
}

TEST(Content, TheSameInAllPiecesFramed) {
  struct Row {
    Framing framing;
    std::string octets;
    std::string read;
  };
  const Framing chunked{Kind::chunked, 0};
  for (const auto& [framing, octets, read] : std::vector<Row>{
           {{}, "GET", "|GET"},
           {{Kind::counted, 0}, "GET", "|GET"},
           {{Kind::counted, 5}, "helloGET", "hello|GET"},
           {{Kind::counted, 5}, "hel", "hel..."},
           {{Kind::until_close, 0}, "hello", "hello..."},
           {chunked, "5\r\nhello\r\n0\r\n\r\nGET", "hello|GET"},
           {chunked, "00A;x=\"y\" \r\nhello\r\nyou\r\n1\r\n!\r\n000\r\n\r\n", "hello\r\nyou!|"},
           {chunked, "0\r\na: b\r\nc:\r\n\r\nGET", "|GET"},
           {chunked, "5\r\nhel", "hel..."},
           {chunked, "5\nhello", "(error)"},
           {chunked, "5\r\rhello", "(error)"},
           {chunked, "\r\nhello", "(error)"},
           {chunked, "x\r\nhello", "(error)"},
           {chunked, "5x\r\nhello", "(error)"},
           {chunked, "-5\r\nhello", "(error)"},
           {chunked, "5\r\nhellothere\r\n", "(error)"},
           {chunked, "1000000000000000\r\n", "(error)"},
           {chunked, "0\r\n" + std::string(1u << 15, 'a'), "(error)"},
           {chunked, "1;" + std::string(1u << 15, 'a'), "(error)"},
       }) {
    for_each_split(as_octets(octets), [&](const Pieces& pieces) { EXPECT_EQ(read_in(pieces, framing), read); });
  }
}

TEST(Content, FramingOfARequestByItsFields) {
  const auto framing = [](const Fields& fields) { return framing_of(RequestHead{"POST", "/", fields, 1}); };
  EXPECT_EQ(framing({}), Framing{});
  EXPECT_EQ(framing({{"Content-Length", "7"}}), (Framing{Kind::counted, 7}));
  EXPECT_EQ(framing({{"Content-Length", "7"}, {"content-length", "7"}}), (Framing{Kind::counted, 7}));
  EXPECT_EQ(framing({{"Transfer-Encoding", "gzip, Chunked"}}), (Framing{Kind::chunked, 0}));
  for (const auto& fields : std::vector<Fields>{{{"Content-Length", "7"}, {"Content-Length", "8"}},
                                                {{"Content-Length", ""}},
                                                {{"Content-Length", "+7"}},
                                                {{"Content-Length", "7"}, {"Transfer-Encoding", "chunked"}},
                                                {{"Transfer-Encoding", "gzip"}}}) {
    EXPECT_FALSE(framing(fields));
  }
  EXPECT_FALSE(framing_of(RequestHead{"POST", "/", {{"Transfer-Encoding", "chunked"}}, 0}));
}

TEST(Content, FramingOfAResponseAlsoByStatusAndMethod) {
  const auto framing = [](int status, std::string_view method, const Fields& fields) {
    return framing_of(ResponseHead{status, "", fields, 1}, method).value();
  };
  EXPECT_EQ(framing(200, "GET", {}), (Framing{Kind::until_close, 0}));
  EXPECT_EQ(framing(200, "GET", {{"Transfer-Encoding", "gzip"}}), (Framing{Kind::until_close, 0}));
  EXPECT_EQ(framing(200, "GET", {{"Content-Length", "7"}}), (Framing{Kind::counted, 7}));
  EXPECT_EQ(framing(200, "HEAD", {{"Content-Length", "7"}}), Framing{});
  for (const int status : {100, 101, 204, 304})
    EXPECT_EQ(framing(status, "GET", {{"Content-Length", "7"}}), Framing{}) << status;
}

TEST(Content, ChunkIsReadBack) {
  const auto octets = chunk(as_octets("hello, chunk of 24 octets"));
  EXPECT_EQ(as_text(octets).substr(0, 4), "19\r\n");
  EXPECT_EQ(read_in({octets, as_octets(last_chunk)}, {Kind::chunked, 0}), "hello, chunk of 24 octets|");
  EXPECT_TRUE(chunk({}).empty());
}

}  // namespace
}  // namespace upspec::h1
