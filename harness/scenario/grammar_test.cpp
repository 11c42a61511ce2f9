// cases/cases.rng and the loader say the same of every file: what editors show as right loads, and what the loader
// refuses is red while it is written. xmllint judges by the grammar.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <vector>

#include "base/text.hpp"
#include "h2/codes.hpp"
#include "scenario/suite.hpp"
#include "scenario/xml.hpp"

namespace upspec {
namespace {

namespace fs = std::filesystem;

std::string in_cases(const std::string& name) { return cat(UPSPEC_SOURCE_DIR, "/cases/", name); }

// What xmllint says of each file by the grammar; a file that is no XML is invalid too.
std::map<std::string, bool> valid_by_grammar(const std::vector<std::string>& files) {
  std::string command = cat("xmllint --noout --relaxng '", in_cases("cases.rng"), "'");
  for (const auto& file : files) command += cat(" '", file, "'");
  std::string output;
  auto* pipe = ::popen((command + " 2>&1").c_str(), "r");
  if (pipe == nullptr) return {};
  for (int c = std::fgetc(pipe); c != EOF; c = std::fgetc(pipe)) output += static_cast<char>(c);
  const int status = ::pclose(pipe);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) < 5) << output << "\n(xmllint is in libxml2-utils)";
  std::map<std::string, bool> valid;
  for (const auto& file : files) valid[file] = output.find(cat(file, " validates\n")) != output.npos;
  return valid;
}

// The line that the loader refuses the text with; empty where it takes it.
std::string refusal(const std::string& text) {
  static const auto registry = Registry::load(in_cases("requirements.xml"));
  static const auto messages = read_file(in_cases("messages.xml"));
  const bool is_messages = text.find("<messages") != text.npos;
  const auto loaded = is_messages ? load_cases(R"(<cases subject="a" role="server"/>)", "none", text, *registry)
                                  : load_cases(text, "test.xml", messages, *registry);
  return loaded ? "" : loaded.error().text;
}

// ---- Small files ------------------------------------------------------------------------------------------------

std::string cases(const std::string& inside) { return cat(R"(<cases subject="a" role="server">)", inside, "</cases>"); }
std::string one_case(const std::string& inside) {
  return cases(cat(R"(<case id="x" checks="TUN-01">)", inside, "</case>"));
}
std::string with_attribute(const std::string& attribute) {
  return cases(cat(R"(<case id="x" checks="TUN-01" )", attribute, "><alive/></case>"));
}
std::string send(const std::string& part) { return one_case(cat("<send>", part, "</send>")); }
std::string send_lines(const std::string& lines) { return send(cat("<headers>", lines, "</headers>")); }
std::string expect(const std::string& part) { return one_case(cat("<expect>", part, "</expect>")); }
std::string expect_lines(const std::string& lines) { return expect(cat("<headers>", lines, "</headers>")); }
std::string messages(const std::string& inside) { return cat("<messages>", inside, "</messages>"); }

struct Judged {
  std::string text;
  bool valid = false;       // by the grammar
  std::string why_refused;  // by the loader; empty: it takes it
};

std::vector<Judged> judge(const std::vector<std::string>& texts) {
  const fs::path folder = cat(testing::TempDir(), "upspec-grammar-", ::getpid());
  fs::create_directories(folder);
  std::vector<std::string> files;
  for (const auto& text : texts) {
    files.push_back(folder / cat(files.size(), ".xml"));
    std::ofstream(files.back(), std::ios::binary) << text;
  }
  const auto valid = valid_by_grammar(files);
  std::vector<Judged> judged;
  judged.reserve(texts.size());
  for (std::size_t i = 0; i < texts.size(); ++i) judged.push_back({texts[i], valid.at(files[i]), refusal(texts[i])});
  fs::remove_all(folder);
  return judged;
}

void both_take(const std::vector<std::string>& texts) {
  for (const auto& one : judge(texts)) {
    EXPECT_TRUE(one.valid) << "refused by the grammar: " << one.text;
    EXPECT_EQ(one.why_refused, "") << one.text;
  }
}

void both_refuse(const std::vector<std::string>& texts) {
  for (const auto& one : judge(texts)) {
    EXPECT_FALSE(one.valid) << "taken by the grammar: " << one.text;
    EXPECT_NE(one.why_refused, "") << "taken by the loader: " << one.text;
  }
}

// ---- What is shipped --------------------------------------------------------------------------------------------

TEST(Grammar, EveryShippedFileIsValid) {
  std::vector<std::string> files{in_cases("messages.xml")};
  for (const auto* role : {"server", "client", "proxy"}) {
    if (!fs::is_directory(in_cases(role))) continue;
    for (const auto& entry : fs::recursive_directory_iterator(in_cases(role)))
      if (entry.path().extension() == ".xml") files.push_back(entry.path());
  }
  EXPECT_GE(files.size(), 9u);
  for (const auto& [file, valid] : valid_by_grammar(files)) {
    EXPECT_TRUE(valid) << file;
    EXPECT_EQ(refusal(read_file(file)), "");
  }
}

// ---- What both take ---------------------------------------------------------------------------------------------

TEST(Grammar, FilesAndCasesThatBothTake) {
  both_take({
      cases(""),
      one_case("<alive/>"),
      R"(<cases subject="a" role="server" dialect="connect" needs="websocket raw h2c setting"/>)",
      with_attribute(R"(dialect="upgrade" needs="" stands-on="" announced="no")"),
      with_attribute(R"(stands-on="echo" announced="yes")"),
      cases(R"(<case id="no-101-x" checks="TUN-01  TUN-02"><!-- why --><alive/></case>)"),
      one_case(R"(<each name="a">x web\rsocket ${key}</each><alive/>)"),
      one_case(R"(<each name="a" from="0" to="90"/><each name="b">y</each><alive/>)"),
      one_case(R"(<each name="a b"><row id="In-Case.1_2">x | y</row><row id="empty">|</row></each><alive/>)"),
      messages(""),
      messages("<headers id=\"a\">\n :method: GET\n x: ${key}\n</headers><headers id=\"a\" dialect=\"connect\"/>"),
  });
}

std::string of_role(const std::string& role, const std::string& inside) {
  return cat("<cases subject=\"a\" role=\"", role, "\">", inside, "</cases>");
}

TEST(Grammar, RolesThatBothTake) {
  both_take({
      of_role("client", R"(<case id="x" checks="TUN-01"><alive/><quiet at="server"/></case>)"),
      of_role("client", R"(<case id="x" checks="TUN-01"><connect><settings>2=0</settings></connect><alive/></case>)"),
      R"(<cases subject="a" role="proxy" way="21 22"><case id="x" checks="PXY-08"><alive at="client"/></case></cases>)",
      of_role("proxy", R"(<case id="x" checks="PXY-08" way="12"><connect at="client"/><connect at="origin"/>)"
                       R"(<let name="a">b</let><alive at="origin"/></case>)"),
  });
}

std::string behind(const std::string& steps) {
  return cat(R"(<cases subject="a" role="proxy" way="21"><case id="x" checks="PXY-08">)", steps, "</case></cases>");
}

TEST(Grammar, WhatAProxysCaseHasThatBothTake) {
  both_take({
      messages("<h1 id=\"a\">\n GET / HTTP/1.1\n Host: ${authority}\n</h1>"),
      behind(R"(<open/><open at="second" behind="origin2" stream="3"/><refuse at="origin" how="reset"/>)"),
      behind(R"(<refuse at="origin" how="connection"/><send at="client" times="3"><window by="1"/></send>)"),
      behind(R"(<flow from="client" to="origin" octets="70000000"/><press from="origin2" to="client" most="1"/>)"),
      behind("<send at=\"client\"><h1>\n GET / HTTP/1.1\n a: b\n</h1><h1 first=\"3\">HTTP/1.1 101 x</h1>"
             "<h1 like=\"offer\">-upgrade</h1><chunk>a</chunk><chunk/><accept>x: y</accept></send>"),
      behind("<expect at=\"origin\" connection=\"new\"><h1>\n GET ${target:=*} HTTP/1.1\n !a\n Connection: {a, !b, *}\n"
             "</h1><content>a</content><aborted/></expect>"),
      behind(R"(<any-of at="client"><outcome>accept</outcome><expect at="origin" met="ends"><rst/></expect></any-of>)"),
  });
}

TEST(Grammar, WhatAProxysCaseHasThatBothRefuse) {
  both_refuse({
      behind("<open>x</open>"),
      behind(R"(<refuse at="origin"/>)"),
      behind(R"(<flow from="client" octets="1"/>)"),
      behind(R"(<press from="client" to="origin" most="300000000"/>)"),
      behind(R"(<send at="origin"><h1 first="-1">x</h1></send>)"),
      behind(R"(<send at="origin"><accept>x</accept></send>)"),
      behind(R"(<expect at="origin" connection="old"><h1/></expect>)"),
      behind(R"(<expect at="origin"><aborted code="1"/></expect>)"),
      behind(R"(<expect at="origin"><chunk/></expect>)"),
  });
}

TEST(Grammar, RolesThatBothRefuse) {
  both_refuse({
      of_role("waiter", ""),
      R"(<cases subject="a" role="client" way="21"><case id="x" checks="TUN-01"><alive/></case></cases>)",
      of_role("proxy", R"(<case id="x" checks="PXY-08" way="11"><alive at="client"/></case>)"),
  });
}

TEST(Grammar, StepsThatBothTake) {
  both_take({
      one_case(R"(<quiet/><quiet stream="3" at="second"/><alive at="second"/>)"),
      one_case(R"(<never>stolen</never><never stream="3" at="second">a${key}b</never>)"),
      one_case(R"(<cut how="fin"/><cut how="reset" at="second"/>)"),
      one_case(R"(<let name="long-key">${upper(key)}</let><send><data>${long-key}</data></send>)"),
      one_case(R"(<connect><settings>ENABLE_PUSH=1</settings></connect><alive/>)"),
      one_case(R"(<connect at="client"/><connect at="second"><settings>1=2</settings></connect><alive at="second"/>)"),
      one_case("<outcome>\n accept \n</outcome><outcome at=\"second\" stream=\"3\">refused</outcome>"),
      one_case(
          R"(<outcome met="with-note" about="why">decline</outcome><outcome met="not-testable">malformed</outcome>)"),
      one_case(R"(<outcome>stream-error(0x2)</outcome><outcome>connection-error(10)</outcome>)"),
      one_case(R"(<any-of at="second"><outcome>accept</outcome><expect met="with-note"><rst/></expect></any-of>)"),
      one_case(R"(<any-of><outcome at="second">accept</outcome><outcome>decline</outcome></any-of>)"),
  });
}

TEST(Grammar, PartsThatBothTake) {
  both_take({
      send(R"(<headers like="offer" stream="3" end="yes" cut=" 10 1" form="never plain" padding="255"/>)"),
      send(R"(<headers cut="${key} 1" form="${key}"/>)"),
      send(R"(<headers form="automatic incremental without never huffman plain literal-name resized"/>)"),
      send_lines("\n :path: /a:b\n\n -cookie\n -:path\n -${key}\n +te: gzip\n >:upgrade: x\n ${key}: 1\n empty:\n"),
      send_lines(R"(x-long: ${repeat(3,a b)})"),
      send(R"(<data stream="3" end="no" padding="0">\r\n\t\s\0\\\x7F and ${key} for $5 {}</data>)"),
      send("<data>two\nlines</data><octets stream=\"0\">${repeat(300,\\x00)}</octets><end/><end stream=\"3\"/>"),
      send(R"(<ws op="text" fin="no" mask="no" rsv="7" stream="3">x</ws><ws op="15"/><ws op="close" code="65535"/>)"),
      send(R"(<rst code="0xffffffff"/><rst code="4294967295" stream="3"/><window by="4294967295" stream="0"/>)"),
      send("<settings>\n ENABLE_PUSH = 1\n\n 0xf101=${key}\n 16=2\n</settings><settings/>"),
      send(
          R"(<frame type="0xff" flags="PADDED|0x40|1" stream="2147483647"> 05 8280 </frame><frame type="254" flags=""/>)"),
      send("<raw>50 52\n49</raw><raw/>"),
      one_case(R"(<send split="1048576" at="second"><end/></send>)"),
      expect_lines(" :status: ~4[0-9][0-9] "),
      expect_lines("\n a: *\n !b\n !:upgrade\n c: {a, b, *}\n d: ${x:=*}\n e: ${y:=~a.*}\n f: ${x}\n g:\n"),
      expect(
          R"(<headers stream="3" end="no"/><octets stream="3">x</octets><octets least="3"/><ws op="close" code="1000"/><end stream="3"/>)"),
      expect(
          R"(<rst/><rst code="CANCEL" stream="3"/><goaway/><goaway code="NO_ERROR"/><closed/><settings ack="yes"/>)"),
  });
}

// The names of h2/codes.hpp stand in the grammar one by one.
TEST(Grammar, EveryNameOfHttp2IsTaken) {
  std::string all;
  for (std::uint32_t code = 0; code <= 13; ++code) {
    const auto name = h2::error_name(code);
    all += cat("<outcome>stream-error(", name, ")</outcome><send><rst code=\"", name, "\"/></send>");
  }
  for (const int type : {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 16}) {
    const auto name = h2::frame_type_name(static_cast<std::uint8_t>(type));
    ASSERT_FALSE(name.starts_with("0x"));
    all += cat("<send><frame type=\"", name, "\"/></send>");
  }
  for (const int id : {1, 2, 3, 4, 5, 6, 8, 9, 0xf101}) {
    const auto name = h2::setting_name(static_cast<std::uint16_t>(id));
    ASSERT_FALSE(name.starts_with("0x"));
    all += cat("<send><settings>", name, "=1</settings></send>");
  }
  for (const auto* flag : {"END_STREAM", "END_HEADERS", "PADDED", "PRIORITY", "ACK"})
    all += cat("<send><frame type=\"DATA\" flags=\"", flag, "\"/></send>");
  for (const auto* opcode : {"continuation", "text", "binary", "close", "ping", "pong"})
    all += cat("<send><ws op=\"", opcode, "\"/></send><expect><ws op=\"", opcode, "\"/></expect>");
  both_take({one_case(all)});
}

// ---- What both refuse -------------------------------------------------------------------------------------------

TEST(Grammar, FilesAndCasesThatBothRefuse) {
  both_refuse({
      "<case/>",
      R"(<cases role="server"/>)",
      R"(<cases subject="a" role="waiter"/>)",
      R"(<cases xmlns="urn:x" subject="a" role="server"/>)",
      cases("<group/>"),
      cases("text"),
      cases(R"(<case id="x"><alive/></case>)"),
      cases(R"(<case id="x" checks=""><alive/></case>)"),
      cases(R"(<case id="x" checks="tun-01"><alive/></case>)"),
      cases(R"(<case checks="TUN-01"><alive/></case>)"),
      with_attribute(R"(skip="yes")"),
      with_attribute(R"(dialect="both")"),
      with_attribute(R"(needs="tls")"),
      with_attribute(R"(announced="never")"),
      one_case(""),
      one_case(R"(<each name="a">x</each>)"),
      one_case("text<alive/>"),
      one_case(R"(<alive/><each name="a">x</each>)"),
      one_case(R"(<each>x</each><alive/>)"),
      one_case(R"(<each name="a"> </each><alive/>)"),
      one_case(R"(<each name="a"/><alive/>)"),
      one_case(R"(<each name="a">\q</each><alive/>)"),
      one_case(R"(<each name="a" from="0" to="1001"/><alive/>)"),
      one_case(R"(<each name="a">x<row id="r">y</row></each><alive/>)"),
      one_case(R"(<each name="a"><row>y</row></each><alive/>)"),
      one_case(R"(<each name="a"><line id="r">y</line></each><alive/>)"),
      messages("<data id=\"a\"/>"),
      messages("<headers/>"),
      messages(R"(<headers id="a" dialect="both"/>)"),
      messages(R"(<headers id="a" end="yes"/>)"),
      messages("<headers id=\"a\">\n a: b\n c\n</headers>"),
      one_case(R"(<each name="a" from="0" to="3">x</each><alive/>)"),
      one_case(R"(<each name="a" to="3">x</each><alive/>)"),
  });
}

TEST(Grammar, StepsThatBothRefuse) {
  both_refuse({
      one_case(R"(<wait for="1"/>)"),
      one_case(R"(<quiet for="auto"/>)"),
      one_case(R"(<quiet stream="one"/>)"),
      one_case(R"(<never/>)"),
      one_case(R"(<never> </never>)"),
      one_case(R"(<alive stream="1"/>)"),
      one_case("<cut/>"),
      one_case(R"(<cut how="now"/>)"),
      one_case("<let>x</let>"),
      one_case(R"(<let name="a" at="second">x</let>)"),
      one_case("<connect/>"),
      one_case("<connect><headers/></connect><alive/>"),
      one_case("<connect>text</connect><alive/>"),
      one_case("<outcome/>"),
      one_case("<outcome>acept</outcome>"),
      one_case("<outcome>accept(CANCEL)</outcome>"),
      one_case("<outcome>stream-error</outcome>"),
      one_case("<outcome>stream-error(CANCELED)</outcome>"),
      one_case("<outcome>stream-error( CANCEL )</outcome>"),
      one_case("<outcome><rst/></outcome>"),
      one_case(R"(<outcome met="yes">accept</outcome>)"),
      one_case(R"(<outcome code="CANCEL">accept</outcome>)"),
      one_case("<any-of><outcome>accept</outcome></any-of>"),
      one_case("<any-of><outcome>accept</outcome><quiet/></any-of>"),
      one_case("<any-of>or<outcome>accept</outcome><outcome>decline</outcome></any-of>"),
      one_case("<alive>text</alive>"),
      one_case("<alive><quiet/></alive>"),
      one_case("<quiet>text</quiet>"),
      one_case(R"(<cut how="fin">text</cut>)"),
  });
}

TEST(Grammar, PartsThatBothRefuse) {
  both_refuse({
      one_case("<send/>"),
      one_case("<send>text<end/></send>"),
      one_case(R"(<send split="1048577"><end/></send>)"),
      one_case(R"(<send split="+1"><end/></send>)"),
      send("<closed/>"),
      send("<headers><end/></headers>"),
      send(R"(<headers end="maybe"/>)"),
      send(R"(<headers padding="256"/>)"),
      send(R"(<headers cut="ten"/>)"),
      send(R"(<headers form="nevr"/>)"),
      send(R"(<headers stream="2147483648"/>)"),
      send(R"(<headers stream=""/>)"),
      send_lines("no colon"),
      send_lines("\n a: b\n c\n"),
      send_lines("+"),
      send_lines(R"(a: \q)"),
      send(R"(<data>\x1</data>)"),
      send(R"(<data>a\</data>)"),
      send(R"(<octets end="yes">x</octets>)"),
      send("<ws>x</ws>"),
      send(R"(<ws op="txt"/>)"),
      send(R"(<ws op="16"/>)"),
      send(R"(<ws op="text" rsv="8"/>)"),
      send(R"(<ws op="text" fin="1"/>)"),
      send(R"(<ws op="close" code="65536"/>)"),
      send("<rst/>"),
      send(R"(<rst code="cancel"/>)"),
      send("<window/>"),
      send(R"(<window by="4294967296"/>)"),
      send("<settings>ENABLE_PULL=1</settings>"),
      send("<settings>ENABLE_PUSH</settings>"),
      send(R"(<settings ack="yes"/>)"),
      send("<frame/>"),
      send(R"(<frame type="DATUM"/>)"),
      send(R"(<frame type="256"/>)"),
      send(R"(<frame type="DATA" flags="PADED"/>)"),
      send(R"(<frame type="DATA" flags="PADDED|"/>)"),
      send(R"(<frame type="DATA">058</frame>)"),
      send("<raw>0 5</raw>"),
      one_case("<expect/>"),
      expect("<data>x</data>"),
      expect("<h2>GET / HTTP/1.1</h2>"),
      expect(R"(<headers like="offer"/>)"),
      expect_lines("no colon"),
      expect_lines(R"(a: ~\d)"),
      expect(R"(<ws op="text" fin="yes"/>)"),
      expect(R"(<goaway stream="1"/>)"),
      expect(R"(<rst code="OOPS"/>)"),
      expect("<settings/>"),
      expect(R"(<settings ack="no"/>)"),
      send(R"(<rst code="CANCEL">text</rst>)"),
      send("<end>text</end>"),
      expect("<closed>text</closed>"),
      expect(R"(<settings ack="yes">A=1</settings>)"),
  });
}

TEST(Grammar, BrokenXmlThatBothRefuse) {
  both_refuse({
      "",
      one_case("<alive>"),
      one_case("<alive/>") + "<cases/>",
      one_case("<alive/>") + "text",
      one_case("<alive at=second/>"),
      one_case(R"(<alive at="second" at="third"/>)"),
      send("<data>\x01</data>"),
      send("<data>a&#0;b</data>"),
      send("<data>a&unheard-of;b</data>"),
      send("<data>a & b</data>"),
  });
}

// ---- Where they differ ------------------------------------------------------------------------------------------

TEST(Grammar, WhatNoGrammarSeesIsTheLoaders) {
  for (const auto& one : judge({
           cases(R"(<case id="x" checks="TUN-99"><alive/></case>)"),
           cases(R"(<case id="x" checks="WS-02"><alive/></case>)"),
           one_case(R"(<each name="a" from="3" to="1"/><alive/>)"),
           one_case(R"(<each name="a b"><row id="r">x</row></each><alive/>)"),
           one_case(R"(<each name="a"><row id="r">x</row><row id="r">y</row></each><alive/>)"),
           messages(R"(<headers id="a"/><headers id="a"/>)"),
           send(R"(<headers like="nobody"/>)"),
           send("<data>${nobody}</data>"),
           send("<data>${key</data>"),
           send("<data>${md5(key)}</data>"),
           send("<settings>65536=1</settings>"),
           expect_lines("a: ~("),
           expect_lines("a: ~${key}"),
           send("<data>a<!-- why -->b</data>"),
           send("<data><![CDATA[a]]></data>"),
           send("<data>&#65;</data>"),
           "<!DOCTYPE cases>" + one_case("<alive/>"),
       })) {
    EXPECT_TRUE(one.valid) << "the grammar sees it after all: " << one.text;
    EXPECT_NE(one.why_refused, "") << "taken by the loader: " << one.text;
  }
}

// Harmless to the loader or overlooked by it, and hardly ever what was meant. Where the loader comes to refuse one, its
// row belongs to those above.
TEST(Grammar, IsStricterThanTheLoader) {
  for (const auto& one : judge({
           R"(<cases subject="A B" role="server"/>)",
           cases(R"(<case id="" checks="TUN-01"><alive/></case>)"),
           cases(R"(<case id="a b" checks="TUN-01"><alive/></case>)"),
           cases(R"(<case id="a/b" checks="TUN-01"><alive/></case>)"),
           with_attribute(R"(dialect="")"),
           one_case(R"(<connect/><each name="a">x</each><alive/>)"),
           one_case(R"(<each name="a" from="0"/><alive/>)"),
           one_case(R"(<each name="a" to="3"/><alive/>)"),
           one_case(R"(<each name="A(">x</each><alive/>)"),
           one_case(R"(<each name="a"><row id="">x</row></each><alive/>)"),
           one_case(R"(<each name="a"><row id="r s">x</row></each><alive/>)"),
           one_case(R"(<alive at=""/>)"),
           one_case(R"(<let name="a b">x</let>)"),
           one_case("<alive/><connect><settings>ENABLE_PUSH=1</settings></connect>"),
           one_case(R"(<connect at="b"><settings>1=1</settings><settings>2=2</settings></connect>)"),
           send_lines("name : value"),
           send_lines("-name: value"),
           send_lines("-"),
           expect_lines("!name: value"),
           expect_lines("! name"),
           expect_lines("-name: value"),
           expect_lines("${key}: value"),
           messages("text<headers id=\"a\"/>"),
           messages("<headers id=\"a\">-b</headers>"),
           messages("<headers id=\"a\">+b: c</headers>"),
           one_case("<!-- a -- b --><alive/>"),
           send("<data>\xff</data>"),
       }))
    EXPECT_FALSE(one.valid) << "taken by the grammar: " << one.text;
}

}  // namespace
}  // namespace upspec
