// What a file of cases becomes, and what is said of a wrong one.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "scenario/load_testing.hpp"

namespace upspec {
namespace {

namespace fs = std::filesystem;

TEST(Load, TheShippedCasesLoad) {
  const auto suite = load_suite(UPSPEC_SOURCE_DIR "/cases");
  ASSERT_TRUE(suite) << suite.error().text;
  EXPECT_GT(suite->cases.size(), 100u);
  EXPECT_TRUE(suite->cases.front().control);
  const auto of_server = [&](std::string_view id) {
    return std::ranges::count(suite->find(id), "server", [](const Case* one) { return one->role; });
  };
  EXPECT_EQ(of_server("control/request"), 2) << "one a dialect";
  EXPECT_EQ(of_server("upgrade.control/request"), 1);
  EXPECT_TRUE(suite->find("nope").empty());
}

TEST(Load, ACaseRunsInBothDialectsUnlessItSaysOtherwise) {
  const auto both = load("<case id=\"a\" checks=\"TUN-01 NEG-01 XC-01\"><alive/></case>");
  ASSERT_TRUE(both) << both.error().text;
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ(both->at(0).id, "upgrade.s/a");
  EXPECT_EQ(both->at(0).checks, (std::vector<std::string>{"TUN-01", "NEG-01"})) << "those of the dialect";
  EXPECT_EQ(both->at(1).id, "connect.s/a");
  EXPECT_EQ(both->at(1).checks, (std::vector<std::string>{"TUN-01", "XC-01"}));
  const auto one =
      load("<case id=\"a\" checks=\"TUN-01\"><alive/></case>", "subject=\"s\" role=\"server\" dialect=\"connect\"");
  ASSERT_TRUE(one);
  EXPECT_EQ(one->at(0).id, "s/a");
  EXPECT_EQ(one->at(0).dialect, Dialect::connect);
}

TEST(Load, EachMakesOneCaseARowAndSeveralMultiply) {
  const auto cases = load_steps(
      "<each name=\"a\">x web\\rsocket</each>"
      "<each name=\"n\" from=\"1\" to=\"2\"/>"
      "<each name=\"p q\"><row id=\"r\">1 | 2</row></each>"
      "<send><data>${a}${n}${p}${q}</data></send>");
  ASSERT_TRUE(cases) << cases.error().text;
  std::vector<std::string> all;
  for (const auto& one : *cases) all.push_back(one.id);
  EXPECT_EQ(all, (std::vector<std::string>{"s/c/x/1/r", "s/c/x/2/r", "s/c/web-rsocket/1/r", "s/c/web-rsocket/2/r"}));
  EXPECT_EQ(cases->at(3).values.at("a").fill({}), "web\rsocket");
  EXPECT_EQ(cases->at(3).values.at("q").fill({}), "2");
}

TEST(Load, ACaseStandsOnAControlAndKnowsItsPlace) {
  const auto cases = load(
      "<case id=\"a\" checks=\"TUN-01\" dialect=\"upgrade\" needs=\"raw\">\n<alive/></case>\n"
      "<case id=\"b\" checks=\"NEG-05\" dialect=\"upgrade\" announced=\"no\"><alive/></case>\n"
      "<case id=\"c\" checks=\"TUN-01\" dialect=\"upgrade\" stands-on=\"echo\"><alive/></case>\n"
      "<case id=\"d\" checks=\"TUN-01\" dialect=\"upgrade\" stands-on=\"\"><alive/></case>");
  ASSERT_TRUE(cases) << cases.error().text;
  EXPECT_EQ(cases->at(0).stands_on, "control/upgrade");
  EXPECT_EQ(cases->at(0).needs, std::vector<std::string>{"raw"});
  EXPECT_EQ(cases->at(0).place.line, 2);
  EXPECT_EQ(cases->at(0).steps.at(0).line, 3);
  EXPECT_TRUE(cases->at(0).source.starts_with("<case id=\"a\""));
  EXPECT_EQ(cases->at(1).stands_on, "control/request");
  EXPECT_TRUE(cases->at(1).unannounced);
  EXPECT_EQ(cases->at(2).stands_on, "control/echo");
  EXPECT_EQ(cases->at(3).stands_on, "");
}

// A wrong step in line 3 of the file, and what is said of it.
struct Wrong {
  const char* step;
  const char* says;
};

void expect_wrong(const std::vector<Wrong>& rows) {
  for (const auto& row : rows) {
    const auto cases = load_steps(row.step);
    ASSERT_FALSE(cases) << row.step;
    const auto& text = cases.error().text;
    EXPECT_TRUE(text.starts_with("f.xml:3: ")) << row.step << "\n" << text;
    EXPECT_NE(text.find(row.says), std::string::npos) << row.step << "\n" << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << "one line";
  }
}

TEST(Load, AWrongStepIsOneLineThatSaysWhatWouldBeRight) {
  expect_wrong({
      {"<sleep/>", "unknown step <sleep>; the steps are send"},
      {"<send><shout/></send>", "unknown element <shout> in <send>; its parts are headers"},
      {"<expect><push/></expect>", "unknown element <push> in <expect>; its parts are headers"},
      {"<send/>", "<send> without a part"},
      {"<expect/>", "<expect> without a part"},
      {"<send>x<end/></send>", "text in <send>"},
      {"<send when=\"1\"><end/></send>", "unknown attribute \"when\" of <send>; its attributes are: at split"},
      {"<send split=\"x\"><end/></send>", "split=\"x\"; it is a number from 0 to"},
      {"<any-of><expect><end/></expect></any-of>", "two alternatives"},
      {"<expect met=\"maybe\"><end/></expect>", "with-note"},
      {"<outcome>success</outcome>",
       "outcome \"success\"; it is accept, decline, refused, malformed, stream-error(CODE)"},
      {"<outcome>stream-error</outcome>", "stream-error(CODE)"},
      {"<outcome>stream-error(NOPE)</outcome>", "stream-error(CODE)"},
      {"<outcome>accept(CANCEL)</outcome>", "it is accept"},
      {"<quiet stream=\"-1\"/>", "stream=\"-1\"; it is a number from 0 to 2147483647"},
      {"<let>x</let>", "<let> needs the attribute \"name\""},
      {"<cut how=\"hard\"/>", "how=\"hard\"; it is fin or reset"},
  });
}

TEST(Load, AWrongPartIsOneLineThatSaysWhatWouldBeRight) {
  expect_wrong({
      {"<send><headers like=\"nope\"/></send>", "messages.xml has no such message in dialect upgrade"},
      {"<send><headers>path</headers></send>", "field line \"path\"; it is \"name: value\""},
      {"<send><headers>:path</headers></send>", "it is \"name: value\""},
      {"<send><headers>a: ${nope}</headers></send>", "nothing is called \"nope\" here; known are: authority"},
      {"<send><headers>a: \\q</headers></send>", "unknown escape \"\\q\"; the escapes are"},
      {"<send><headers>a: ${nope(key)}</headers></send>", "unknown function \"nope\"; the functions are"},
      {"<send><headers end=\"maybe\"/></send>", "end=\"maybe\"; it is yes or no"},
      {"<send><headers form=\"loud\"/></send>", "form=\"loud\": the words are automatic"},
      {"<send><headers cut=\"a\"/></send>", "cut=\"a\": it is a list of fragment sizes"},
      {"<send><headers padding=\"256\"/></send>", "it is a number from 0 to 255"},
      {"<send><headers><!-- c -->a: b</headers></send>", "a comment inside the text of <headers>"},
      {"<send><octets end=\"yes\"/></send>", "unknown attribute \"end\" of <octets>"},
      {"<send><ws op=\"shout\"/></send>", "op=\"shout\"; it is continuation, text"},
      {"<send><ws op=\"close\" code=\"x\"/></send>", "code=\"x\"; it is a number"},
      {"<send><rst code=\"NOPE\"/></send>", "code=\"NOPE\"; it is a name of RFC 9113 7 or a number"},
      {"<send><window/></send>", "<window> needs the attribute \"by\""},
      {"<send><settings>NOPE=1</settings></send>", "setting \"NOPE=1\"; it is NAME=VALUE"},
      {"<send><settings>ENABLE_PUSH</settings></send>", "it is NAME=VALUE"},
      {"<send><frame type=\"NOPE\"/></send>", "type=\"NOPE\"; it is a name of RFC 9113 6 or a number"},
      {"<send><frame type=\"DATA\" flags=\"LOUD\"/></send>", "flags=\"LOUD\""},
      {"<send><frame type=\"DATA\">5</frame></send>", "pairs of hexadecimal digits"},
      {"<send><raw>xy</raw></send>", "pairs of hexadecimal digits"},
      {"<expect><headers>:status: ~[</headers></expect>", "a regular expression that does not compile"},
      {"<expect><headers>a: ~${key}</headers></expect>", "a hole in a regular expression"},
      {"<expect><headers>a: {${nope}}</headers></expect>", "nothing is called \"nope\""},
      {"<expect><settings ack=\"no\"/></expect>", "ack is \"yes\""},
      {"<expect><rst code=\"NOPE\"/></expect>", "code=\"NOPE\""},
  });
}

TEST(Load, WhatStandsInAnElementThatHoldsNothingIsRefused) {
  expect_wrong({
      {"<send><end>x</end></send>", "<end>"},
      {"<quiet>1</quiet>", "<quiet>"},
      {"<alive><end/></alive>", "<alive>"},
      {"<cut how=\"fin\">x</cut>", "<cut>"},
      {"<each name=\"a\" from=\"1\" to=\"2\">x</each><alive/>", "<each>"},
      {"<send><rst code=\"CANCEL\"><end/></rst></send>", "<rst>"},
      {"<send><window by=\"1\">2</window></send>", "<window>"},
      {"<expect><end>x</end></expect>", "<end>"},
      {"<expect><closed><end/></closed></expect>", "<closed>"},
      {"<expect><rst>CANCEL</rst></expect>", "<rst>"},
      {"<expect><goaway>CANCEL</goaway></expect>", "<goaway>"},
      {"<expect><settings ack=\"yes\">x</settings></expect>", "<settings>"},
  });
}

TEST(Load, AWrongEachIsOneLine) {
  expect_wrong({
      {"<each name=\"a\"/><alive/>", "<each> without a name or a value"},
      {"<each name=\"\">x</each><alive/>", "row \"x\" has 1 values for 0 names"},
      {"<each name=\"a\" from=\"2\" to=\"1\"/><alive/>", "<each> without a name or a value"},
      {"<each name=\"a\" from=\"0\" to=\"1001\"/><alive/>", "it is a number from 0 to 1000"},
      {"<each name=\"a\">x x</each><alive/>", "row \"x\" stands twice; give each <row> an id of its own"},
      {"<each name=\"a\">x?y x!y</each><alive/>", "row \"x-y\" stands twice"},
      {"<each name=\"a b\"><row id=\"r\">1</row></each><alive/>",
       "row \"r\" has 1 values for 2 names; they are split by \"|\""},
      {"<each name=\"a\"><row>1</row></each><alive/>", "<row> needs the attribute \"id\""},
      {"<each name=\"a\">x<!-- c -->y</each><alive/>", "a comment inside the text of <each>"},
      {"<alive/><each name=\"a\">x</each>", "<each> stands before the steps"},
  });
}

TEST(Load, AWrongCaseIsOneLine) {
  struct Row {
    const char* text;
    const char* says;
  };
  for (const auto& row :
       {Row{"<test/>", "unknown element <test>; here stands <case>"},
        Row{"<case id=\"a\"><alive/></case>", "<case> needs the attribute \"checks\""},
        Row{"<case id=\"a\" checks=\"TUN-01\" if=\"x\"><alive/></case>", "unknown attribute \"if\" of <case>"},
        Row{"<case id=\"a\" checks=\"NOPE-1\"><alive/></case>", "requirements.xml has no such id"},
        Row{"<case id=\"a\" checks=\"NEG-02\"><alive/></case>", "that is no requirement of a server"},
        Row{"<case id=\"a\" checks=\"XC-01\" dialect=\"upgrade\"><alive/></case>", "holds in dialect upgrade"},
        Row{"<case id=\"a\" checks=\"\"><alive/></case>", "no id of checks=\"\""},
        Row{"<case id=\"a\" checks=\"TUN-01\" dialect=\"h2c\"><alive/></case>",
            "dialect=\"h2c\"; it is upgrade or connect"},
        Row{"<case id=\"a\" checks=\"TUN-01\" needs=\"luck\"><alive/></case>",
            "needs=\"luck\"; a case can need websocket"},
        Row{"<case id=\"a\" checks=\"TUN-01\" announced=\"?\"><alive/></case>", "it is yes or no"},
        Row{"<case id=\"a\" checks=\"TUN-01\"/>", "a case without a step"},
        Row{"<case id=\"a\" checks=\"TUN-01\">x<alive/></case>", "text in <case>"}}) {
    const auto cases = load(row.text);
    ASSERT_FALSE(cases) << row.text;
    EXPECT_TRUE(cases.error().text.starts_with("f.xml:2: ")) << cases.error().text;
    EXPECT_NE(cases.error().text.find(row.says), std::string::npos) << row.text << "\n" << cases.error().text;
  }
  const auto role = load("<case id=\"a\" checks=\"TUN-01\"><alive/></case>", "subject=\"s\" role=\"waiter\"");
  ASSERT_FALSE(role);
  EXPECT_TRUE(role.error().text.starts_with("f.xml:1: role=\"waiter\"; it is ")) << role.error().text;
}

TEST(Load, ACaptureIsKnownFromItsPlaceOn) {
  EXPECT_TRUE(load_steps("<expect><headers>k: ${x:=*}</headers></expect><send><data>${x}</data></send>"));
  EXPECT_FALSE(load_steps("<send><data>${x}</data></send><expect><headers>k: ${x:=*}</headers></expect>"));
  EXPECT_TRUE(load_steps("<let name=\"y\">1</let><send><data>${y}</data></send>"));
}

// A folder of cases in /tmp; the files say what is wrong between them.
class Folder {
 public:
  Folder() : path_(fs::temp_directory_path() / cat("upspec-load-", reinterpret_cast<std::uintptr_t>(this))) {
    fs::create_directories(path_ / "server");
    for (const auto* name : {"requirements.xml", "messages.xml"}) {
      fs::copy_file(fs::path(UPSPEC_SOURCE_DIR) / "cases" / name, path_ / name, fs::copy_options::overwrite_existing);
    }
  }
  ~Folder() { fs::remove_all(path_); }
  void write(const std::string& name, std::string_view text) const { std::ofstream(path_ / name) << text; }
  // What load_suite says, with the folder's name left out.
  std::string error() const {
    const auto suite = load_suite(path_.string());
    if (suite) return "";
    auto text = suite.error().text;
    if (const auto at = text.find(path_.string()); at != text.npos) text.erase(at, path_.string().size());
    return text;
  }

 private:
  fs::path path_;
};

TEST(LoadSuite, FilesAreCheckedTogether) {
  const Folder folder;
  EXPECT_EQ(folder.error(), "/server: no case in it");
  const auto file = [](std::string_view subject, std::string_view cases) {
    return cat("<cases subject=\"", subject, "\" role=\"server\" dialect=\"upgrade\">\n", cases, "\n</cases>");
  };
  folder.write("server/a.xml", file("s", "<case id=\"a\" checks=\"TUN-01\" stands-on=\"\"><alive/></case>"));
  EXPECT_EQ(folder.error(), "");
  folder.write("server/b.xml", file("s", "<case id=\"a\" checks=\"TUN-01\" stands-on=\"\"><alive/></case>"));
  EXPECT_EQ(folder.error(), "/server/b.xml:2: case id \"s/a\" stands twice");
  folder.write("server/b.xml", file("s", "<case id=\"b\" checks=\"TUN-01\" stands-on=\"x\"><alive/></case>"));
  EXPECT_EQ(folder.error(), "/server/b.xml:2: stands-on names \"control/x\", which is no control of dialect upgrade");
  folder.write("server/c.xml", file("control", "<case id=\"x\" checks=\"TUN-01\"><alive/></case>"));
  EXPECT_EQ(folder.error(), "");
  folder.write("messages.xml",
               "<messages><headers id=\"m\">a: b</headers>\n<headers id=\"m\">a: b</headers></messages>");
  EXPECT_EQ(folder.error(), "messages.xml:2: message \"m\" stands twice");
  folder.write("messages.xml", "<messages><headers id=\"m\" dialect=\"x\">a: b</headers></messages>");
  EXPECT_EQ(folder.error(), "messages.xml:1: dialect=\"x\"; it is upgrade or connect");
}

TEST(LoadSuite, TheRegistryIsCheckedToo) {
  const Folder folder;
  const auto wrong = [&](std::string_view requirements) {
    folder.write("requirements.xml",
                 cat("<requirements version=\"1\"><section number=\"1\" title=\"t\" dialects=\"upgrade\">\n",
                     requirements, "</section></requirements>"));
    return folder.error();
  };
  const std::string right = "<requirement id=\"A-1\" level=\"MUST\" roles=\"S\" basis=\"rfc\">x</requirement>";
  EXPECT_EQ(wrong(right + right), "/requirements.xml:2: id \"A-1\" stands twice");
  EXPECT_EQ(wrong("<requirement id=\"A-1\" level=\"MAY\" roles=\"S\" basis=\"rfc\">x</requirement>"),
            "/requirements.xml:2: level=\"MAY\": it is MUST or SHOULD");
  EXPECT_EQ(wrong("<requirement id=\"A-1\" level=\"MUST\" roles=\"S\" basis=\"rfc\" dialects=\"h3\">x</requirement>"),
            "/requirements.xml:2: dialects=\"h3\": the dialects are upgrade and connect");
  EXPECT_EQ(wrong("<requirement id=\"A-1\" level=\"MUST\" roles=\"S\">x</requirement>"),
            "/requirements.xml:2: <requirement> needs the attribute \"basis\"");
}

// ---- Roles --------------------------------------------------------------------------------------------------------

std::string ids_of(const Result<std::vector<Case>>& cases) {
  if (!cases) return cases.error().text;
  std::string all;
  for (const auto& one : *cases) all += cat(all.empty() ? "" : " ", one.id);
  return all;
}

TEST(Load_Roles, AClientsStepsAreAtTheServersEnd) {
  const auto cases = load(
      "<case id=\"a\" checks=\"RES-05\" dialect=\"upgrade\"><connect><settings>4=1</settings></connect>"
      "<alive/></case>",
      "subject=\"s\" role=\"client\"");
  ASSERT_TRUE(cases) << cases.error().text;
  EXPECT_EQ(cases->front().steps.front().at, "server");
  EXPECT_EQ(cases->front().settings.at("server").front().id, 4);
  EXPECT_EQ(cases->front().stands_on, "control/upgrade");
}

TEST(Load_Roles, AProxysCaseIsOneForEachWayAndDialect) {
  const auto root = "subject=\"s\" role=\"proxy\" way=\"21\"";
  const auto step = "<alive at=\"client\"/></case>";
  EXPECT_EQ(ids_of(load(cat("<case id=\"a\" checks=\"PXY-01\" dialect=\"upgrade\">", step), root)), "21.s/a");
  EXPECT_EQ(ids_of(load(cat("<case id=\"a\" checks=\"PXY-08\" way=\"21 22\">", step), root)),
            "21.upgrade.s/a 21.connect.s/a 22.upgrade.s/a 22.connect.s/a");
}

TEST(Load_Roles, WhatARoleDoesNotHaveIsRefused) {
  const auto wrong = [](std::string_view inside, std::string_view root) { return ids_of(load(inside, root)); };
  EXPECT_EQ(wrong("<case id=\"a\" checks=\"PXY-08\"><alive/></case>", "subject=\"s\" role=\"proxy\" way=\"21\""),
            "f.xml:2: at is \"client\" (before the proxy) or \"origin\" (behind it)");
  EXPECT_EQ(wrong("<case id=\"a\" checks=\"PXY-08\"><alive at=\"client\"/></case>", "subject=\"s\" role=\"proxy\""),
            "f.xml:2: a case of role proxy without a way: 21, 12, 22");
  EXPECT_EQ(wrong("<case id=\"a\" checks=\"TUN-01\"><connect at=\"second\"/></case>", "subject=\"s\" role=\"client\""),
            "f.xml:2: at=\"second\": a client is waited for, not connected to");
  EXPECT_EQ(wrong("<case id=\"a\" checks=\"RES-01\"><alive/></case>", "subject=\"s\" role=\"client\""),
            "f.xml:2: checks=\"RES-01\": that is no requirement of a client");
}

}  // namespace
}  // namespace upspec
