// What a browser's page is given to do, and what becomes of its word: without a browser.
#include "run/visits.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

#include "base/text.hpp"
#include "peer/client_words_testing.hpp"
#include "run/page.hpp"
#include "run/page_host.hpp"

namespace upspec {
namespace {

using namespace std::chrono_literals;
using Words = std::vector<std::string>;

TEST(Visits, EachIsGivenOnceAndHeardOnce) {
  Visits visits;
  Words heard;
  const auto said = [&](bool success, const std::string& saw) { heard.push_back(cat(success ? "+" : "-", saw)); };
  EXPECT_FALSE(visits.next());
  const auto one = visits.ask_for({"https://a/1", "websocket", "hello"}, said);
  const auto two = visits.ask_for({"https://a/2", "none", ""}, said);
  const auto first = visits.next(), second = visits.next();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->call.url, "https://a/1");
  EXPECT_EQ(second->call.protocol, "none");
  EXPECT_FALSE(visits.next());
  visits.said(second->number, true, "an answer");
  visits.said(first->number, false, "close 1006");
  visits.said(first->number, true, "again");
  visits.said(99, true, "of nothing");
  EXPECT_EQ(heard, (Words{"+an answer", "-close 1006"}));
}

TEST(Visits, OneThatIsOverIsNeitherGivenNorHeard) {
  Visits visits;
  bool heard = false;
  auto one = visits.ask_for({"https://a/1", "websocket", "hello"}, [&](bool, const std::string&) { heard = true; });
  const auto given = visits.next();
  one.reset();
  visits.said(given->number, true, "late");
  EXPECT_FALSE(heard);
  visits.ask_for({"https://a/2", "websocket", "hello"}, {}).reset();
  EXPECT_FALSE(visits.next());
}

TEST(Visits, ThePageIsThereOnceItAsks) {
  Visits visits;
  EXPECT_FALSE(visits.wait_for_page(1ms));
  std::thread page([&] { visits.next(); });
  EXPECT_TRUE(visits.wait_for_page(20s));
  page.join();
  visits.page_is_gone();
  EXPECT_FALSE(visits.wait_for_page(1ms));
}

// The page's side over HTTP/2, a stream a request.
struct Page {
  Visits& visits;
  Door door = Door::open({"127.0.0.1", 0}, {}).value();
  PageHost host{door, visits};
  ClientWords words{};
  std::size_t link = host.accepted(0).value();
  std::uint32_t stream = 1;

  explicit Page(Visits& list) : visits(list) { host.receive(link, words.say("hello"), 1); }
  std::string get(const std::string& path) {
    const h2::FieldSection request = {{":method", "GET"}, {":scheme", "https"}, {":authority", "a"}, {":path", path}};
    host.receive(link, words.section(request, true, std::exchange(stream, stream + 2)), 2);
    std::string all;
    while (const auto out = host.take_output(link)) all += as_text(*out);
    return all;
  }
};

TEST(PageHost, ServesThePageAndHearsWhatItSays) {
  Visits visits;
  Page one(visits);
  EXPECT_NE(one.get("/").find(page()), std::string::npos);
  EXPECT_NE(one.get("/next").find("{}"), std::string::npos);
  std::string heard;
  const auto visit =
      visits.ask_for({"https://a/1", "websocket", "say \"it\""},
                     [&](bool success, const std::string& saw) { heard = cat(success ? "1" : "0", saw); });
  const auto next = one.get("/next");
  EXPECT_NE(next.find(R"("message": "say \"it\"")"), std::string::npos) << next;
  EXPECT_NE(one.get("/said/1/failure/open%2C%20close%201006%zz%2").find("heard"), std::string::npos);
  EXPECT_EQ(heard, "0open, close 1006%zz%2");
  for (const auto* path : {"/said", "/said/x/success/y", "/said/1/maybe/y", "/said/1/success", "/favicon.ico"})
    EXPECT_NE(one.get(path).find("there are"), std::string::npos) << path;
}

TEST(PageHost, ManyRequestsOnOneConnectionAreAnswered) {
  Visits visits;
  Page one(visits);
  for (int i = 0; i < 2500; ++i) ASSERT_NE(one.get("/next").find("{}"), std::string::npos) << i;
}

}  // namespace
}  // namespace upspec
