#include "run/implementation.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/text.hpp"

namespace upspec {
namespace {

std::string in_implementation(std::string_view inside) {
  return cat("<implementation name=\"x\" role=\"server\">\n", inside, "\n</implementation>");
}

// The error of a description with this inside, without the file's name.
std::string wrong(std::string_view inside) {
  const auto loaded = parse_implementation(in_implementation(inside), "x.xml");
  if (loaded) return "loaded";
  EXPECT_TRUE(loaded.error().text.starts_with("x.xml:")) << loaded.error().text;
  EXPECT_EQ(loaded.error().text.find('\n'), std::string::npos);
  return loaded.error().text.substr(6);
}

constexpr std::string_view port = R"(<listen port="80"/>)";

TEST(Implementation, AllThatItCanSay) {
  const auto loaded = parse_implementation(R"(<?xml version="1.0"?>
<implementation name="Both" role="server" packages="a b" version-command="a -v">
  <let name="bind" when="tls">ssl ${cert}</let>
  <let name="bind" when="cleartext"></let>
  <start id="origin">
    <command>o ${origin.port}</command>
    <ready line="up on" within="3"/>
  </start>
  <start>
    <!-- a remark -->
    <command>a 'b c' ${dir}/x</command>
    <environment name="E">v ${port}</environment>
    <file name="x">
      one ${bind}
        two $${not}

      three
    </file>
    <log>${dir}/log</log>
  </start>
  <listen host="localhost" tls="yes"/>
  <trust ca="${ca}" server-name="example.org"/>
  <offers dialect="connect upgrade" websocket="/w" raw="/r" negotiation="none" setting-id="99"/>
  <authority>example.org:${port}</authority>
  <header name="Cookie">a=b</header>
  <restart every="7"/>
</implementation>)",
                                           "x.xml");
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->name, "Both");
  EXPECT_EQ(loaded->packages, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(loaded->version_command, (std::vector<std::string>{"a", "-v"}));
  ASSERT_EQ(loaded->starts.size(), 2u);
  EXPECT_EQ(loaded->starts[0].id, "origin");
  EXPECT_EQ(loaded->starts[0].ready_line, "up on");
  EXPECT_EQ(loaded->starts[0].within, 3);
  const auto& start = loaded->starts[1];
  EXPECT_EQ(start.id, "server");
  EXPECT_EQ(start.command, (std::vector<std::string>{"a", "b c", "${dir}/x"}));
  ASSERT_EQ(start.files.size(), 1u);
  EXPECT_EQ(start.files[0].text, "one ${bind}\n  two $${not}\n\nthree\n");
  EXPECT_EQ(start.logs, (std::vector<std::string>{"${dir}/log"}));
  EXPECT_EQ(start.line, 9);
  EXPECT_EQ(loaded->host, "localhost");
  EXPECT_FALSE(loaded->port);
  EXPECT_TRUE(loaded->tls && loaded->cleartext);
  EXPECT_EQ(loaded->server_name, "example.org");
  EXPECT_EQ(loaded->dialects, (std::vector<Dialect>{Dialect::connect, Dialect::upgrade}));
  EXPECT_EQ(loaded->websocket, "/w");
  EXPECT_FALSE(loaded->h2c);
  EXPECT_FALSE(loaded->upgrade_needs_setting);
  EXPECT_EQ(loaded->setting_id, 99);
  EXPECT_EQ(loaded->headers, (std::vector<std::pair<std::string, std::string>>{{"Cookie", "a=b"}}));
  EXPECT_EQ(loaded->restart_every, 7);
}

TEST(Implementation, WhatRunsAlreadyNeedsItsPortOnly) {
  const auto loaded = parse_implementation(in_implementation(port), "x.xml");
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->port, 80);
  EXPECT_TRUE(loaded->starts.empty());
}

TEST(Implementation, EachMistakeIsOneLineThatSaysWhatWouldBeRight) {
  EXPECT_EQ(wrong(""), "1: neither <start> nor <listen port=...>: say how it is started, or where it listens");
  EXPECT_EQ(wrong("<strat/>").substr(0, 26), "2: unknown element <strat>");
  EXPECT_EQ(wrong("<start/>"), "2: <start> has no <command>");
  EXPECT_EQ(wrong("<start><command> </command></start>"), "2: <command> is empty; its text is its value");
  EXPECT_EQ(wrong("<start><command>a 'b</command></start>"), "2: a command has an open ': close it");
  EXPECT_EQ(wrong("<start><command>a</command>\n<command>a</command></start>"),
            "3: a second <command>; another process is another <start>");
  EXPECT_EQ(wrong("<start><command>a<!-- b --></command></start>").substr(0, 31), "2: a comment inside the text of");
  EXPECT_EQ(wrong("<start><command>a</command><ready port=\"no\"/></start>"),
            "2: unknown attribute \"port\" of <ready>; its attributes are: line within");
  EXPECT_EQ(wrong("<start><command>a</command><ready within=\"soon\"/></start>"),
            "2: within=\"soon\"; it is a number from 1 to 600");
  EXPECT_EQ(wrong("<start><command>a</command><file name=\"../x\"/></start>"),
            "2: name=\"../x\"; a plain name: files stand in ${dir}");
  EXPECT_EQ(wrong("<start><command>a</command></start>\n<start><command>a</command></start>"),
            "2: <start> needs an id; only the last one, the one under test, may go without");
  EXPECT_EQ(wrong("<start id=\"a\"><command>a</command></start>\n<start id=\"a\"><command>a</command></start>"),
            "3: two <start> with the id \"a\"; each has its own");
  EXPECT_EQ(wrong("<listen port=\"0\"/>"), "2: port=\"0\"; it is a number from 1 to 65535");
  EXPECT_EQ(wrong("<listen port=\"1\" port=\"2\"/>"), "2: attribute \"port\" stands twice; once is enough");
  EXPECT_EQ(wrong("<listen port=\"1\"/>\n<listen port=\"2\"/>"), "3: a second <listen>; there is at most one");
  EXPECT_EQ(wrong("<listen port=\"1\" tls=\"true\"/>"), "2: tls=\"true\"; it is \"yes\" or \"no\"");
  EXPECT_EQ(wrong("<listen port=\"1\" cleartext=\"no\"/>"), "2: neither cleartext nor TLS: nothing can be tested");
  EXPECT_EQ(wrong("<offers dialect=\"h2c\"/>"), "2: unknown dialect \"h2c\"; they are \"upgrade\" and \"connect\"");
  EXPECT_EQ(wrong("<offers websocket=\"echo\"/>"), "2: websocket=\"echo\"; a path begins with /");
  EXPECT_EQ(wrong("<offers raw=\"\"/>"), "2: \"raw\" is empty; give it a value, or leave it out");
  EXPECT_EQ(wrong("<offers negotiation=\"yes\"/>"), "2: negotiation=\"yes\"; it is \"setting\" or \"none\"");
  EXPECT_EQ(wrong("<let name=\"a b\">x</let>"), "2: name=\"a b\"; letters, digits, - and _ only");
  EXPECT_EQ(wrong("<let name=\"a\" when=\"h2c\">x</let>"), "2: when=\"h2c\"; it is \"tls\" or \"cleartext\"");
  EXPECT_EQ(wrong("<trust ca=\"nowhere.pem\"/>"), "2: no file nowhere.pem");
  EXPECT_EQ(wrong("<known-failures file=\"nowhere.xml\"/>"), "2: no file nowhere.xml");
  EXPECT_EQ(wrong("<restart/>"), "2: <restart> needs the attribute \"every\"");
  EXPECT_EQ(wrong("words"), "1: text in <implementation>; only elements belong there");
}

TEST(Implementation, TheRootIsChecked) {
  const auto root = [](std::string_view text) { return parse_implementation(text, "x.xml").error().text; };
  EXPECT_EQ(root("<implementation name=\"x\" role=\"friend\"/>"),
            "x.xml:1: role=\"friend\"; it is \"server\", \"proxy\" or \"client\"");
  EXPECT_EQ(root("<implementation role=\"server\"/>"), "x.xml:1: <implementation> needs the attribute \"name\"");
  EXPECT_EQ(root("<implementation name=\"\" role=\"server\"/>"),
            "x.xml:1: \"name\" is empty; give it a value, or leave it out");
  EXPECT_EQ(root("<cases/>"), "x.xml:1: unknown element <cases>; here stands <implementation>");
  EXPECT_TRUE(root("<implementation").starts_with("x.xml:1: not well-formed XML"));
  EXPECT_EQ(load_implementation("/nowhere/x.xml").error().text, "/nowhere/x.xml: cannot be read");
}

std::string client(std::string_view inside) {
  return cat(R"(<implementation name="x" role="client">)", inside, "</implementation>");
}

TEST(Implementation, AClientIsStartedForEachCaseOrOpensOurPage) {
  const auto program = parse_implementation(
      client("<client-command>c {url} 'a b'</client-command><connects tls=\"yes\"/><offers protocols=\"none h2c\"/>"),
      "x.xml");
  ASSERT_TRUE(program) << program.error().text;
  EXPECT_EQ(program->client_command, (std::vector<std::string>{"c", "{url}", "a b"}));
  EXPECT_EQ(program->client_protocols, (std::vector<std::string>{"none", "h2c"}));
  EXPECT_TRUE(program->cleartext && program->tls);
  const auto browser = parse_implementation(
      client("<start><command>b ${spki} ${url}</command></start><connects cleartext=\"no\" tls=\"yes\"/>"), "x.xml");
  ASSERT_TRUE(browser) << browser.error().text;
  EXPECT_TRUE(browser->client_command.empty());
  for (const auto* one : {"", "<connects/>", "<client-command>c</client-command><start><command>b</command></start>",
                          "<client-command>c</client-command><listen port=\"80\"/>"})
    EXPECT_FALSE(parse_implementation(client(one), "x.xml")) << one;
  EXPECT_NE(wrong("<listen port=\"80\"/><client-command>c</client-command>").find("of a client alone"),
            std::string::npos);
}

TEST(Implementation, EveryNameHasAValueInEachTransport) {
  EXPECT_EQ(wrong("<start><command>a ${prot}</command></start>"),
            "2: with --cleartext: unknown ${prot}; known are: ca cert dir here host key pem port server.port transport "
            "($${ is the text ${)");
  EXPECT_EQ(wrong("<start><command>a ${port</command></start>"),
            "2: with --cleartext: an open ${; it ends with } ($${ is the text ${)");
  const std::string one_sided =
      "<let name=\"b\" when=\"cleartext\">x</let>\n<start>\n<command>a ${b}</command></start>\n";
  EXPECT_EQ(wrong(one_sided), "loaded");
  EXPECT_EQ(wrong(one_sided + "<listen tls=\"yes\"/>").substr(0, 31), "4: with --tls: unknown ${b}; kn");
  EXPECT_EQ(wrong("<let name=\"b\">x</let>\n<let name=\"b\" when=\"tls\">x</let><listen port=\"1\" tls=\"yes\"/>"),
            "3: ${b} has a value already for tls; give it one, or one for each `when`");
  EXPECT_EQ(wrong("<let name=\"a\">${b}</let>\n<let name=\"b\">x</let><listen port=\"1\"/>").substr(0, 16),
            "2: unknown ${b};");
}

TEST(Implementation, FilesAreFoundBesideTheDescription) {
  const auto folder = std::filesystem::path(testing::TempDir()) / cat("upspec_implementation_test.", getpid());
  std::filesystem::create_directories(folder / "s");
  std::ofstream(folder / "s" / "x.py") << "";
  std::ofstream(folder / "known.xml") << "";
  const std::string file = (folder / "x.xml").string();
  std::ofstream(file) << in_implementation(
      "<start><command>python3 ${here}/s/x.py</command></start><known-failures file=\"known.xml\"/>");
  const auto loaded = load_implementation(file);
  ASSERT_TRUE(loaded) << loaded.error().text;
  EXPECT_EQ(loaded->known_failures, (folder / "known.xml").string());
  std::ofstream(file) << in_implementation("<start><command>python3 ${here}/s/y.py</command></start>");
  EXPECT_EQ(load_implementation(file).error().text, cat(file, ":2: no file ", (folder / "s" / "y.py").string()));
  std::filesystem::remove_all(folder);
}

TEST(Implementation, FillLeavesNothingOpen) {
  const Values values{{"a", "1"}, {"b.c", "2"}};
  EXPECT_EQ(fill("x${a}${b.c}$ $$ $${a} {a}", values), "x12$ $$ ${a} {a}");
  EXPECT_EQ(fill("", values), "");
  EXPECT_FALSE(fill("${d}", values));
  EXPECT_FALSE(fill("${a", values));
}

TEST(Implementation, TheTargetsOfTheProjectLoad) {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(cat(UPSPEC_SOURCE_DIR, "/cases/targets"))) {
    const auto name = entry.path().filename().string();
    if (!name.ends_with(".xml") || name.ends_with(".known.xml")) continue;  // the latter are baselines
    const auto loaded = load_implementation(entry.path().string());
    EXPECT_TRUE(loaded) << loaded.error().text;
    ++count;
  }
  EXPECT_GE(count, 4);
}

}  // namespace
}  // namespace upspec
