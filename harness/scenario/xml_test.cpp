#include "scenario/xml.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

// The root's text as the reader takes it, with its attribute "a"; or the error's line.
std::string read(std::string_view text) {
  const auto all = loading([&] {
    const auto xml = XmlReader::parse(text, "f.xml");
    xml.check(xml.root(), "r", {}, {"a"});
    return xml.text(xml.root()) + xml.root().attribute("a").value();
  });
  return all ? *all : all.error().text;
}

TEST(Xml, WhatIsRightIsRead) {
  EXPECT_EQ(read("<?xml version=\"1.0\"?>\n<!-- a & b -->\n<r a=\"&lt;1&gt;\">x &amp; y &quot;&apos;</r>\n"),
            "x & y \"'<1>");
  EXPECT_EQ(read("<r/>"), "");
}

TEST(Xml, WhatPugixmlForgivesIsRefusedWithItsLine) {
  struct Row {
    std::string text;
    const char* line;
    const char* says;
  };
  using namespace std::string_literals;
  for (const auto& row :
       {Row{"<r>\n<x</r>", "f.xml:2: ", "not well-formed XML"}, Row{"", "f.xml:1: ", "0 root elements"},
        Row{"<r/>\n<r/>", "f.xml:1: ", "2 root elements"}, Row{"<r/>\njunk", "f.xml:", "text outside the root element"},
        Row{"junk\n<r/>", "f.xml:", "text outside the root element"},
        Row{"<!DOCTYPE r>\n<r/>", "f.xml:1: ", "a document type"},
        Row{"<r>\n\n\x01</r>", "f.xml:3: ", "a control octet"}, Row{"<r>\na\0b</r>"s, "f.xml:2: ", "a control octet"},
        Row{"<r>\na&#0;b</r>", "f.xml:2: ", "escape"}, Row{"<r>\na&#x1;b</r>", "f.xml:2: ", "escape"},
        Row{"<r>\n&nope;</r>", "f.xml:2: ", "amp;"}, Row{"<r>\na & b</r>", "f.xml:2: ", "amp;"},
        Row{"<r\na=\"1\" a=\"2\"/>", "f.xml:1: ", "attribute \"a\" stands twice"},
        Row{"<r b=\"1\"/>", "f.xml:1: ", "unknown attribute \"b\" of <r>; its attributes are: a"},
        Row{"\n<q/>", "f.xml:2: ", "unknown element <q>; here stands <r>"},
        Row{"<r>\na<!-- c -->b</r>", "f.xml:2: ", "a comment inside the text of <r>"},
        Row{"<r>\na<i/>b</r>", "f.xml:2: ", "<i> inside the text of <r>"},
        Row{"<r>\n<![CDATA[a]]></r>", "f.xml:2: ", "CDATA"}}) {
    const auto came = read(row.text);
    EXPECT_TRUE(came.starts_with(row.line)) << row.text << "\n" << came;
    EXPECT_NE(came.find(row.says), std::string::npos) << row.text << "\n" << came;
    EXPECT_EQ(came.find('\n'), std::string::npos) << "one line";
  }
}

TEST(Xml, TextBesideElementsIsRefusedWhereNoneBelongs) {
  const auto check = [](std::string_view text) {
    const auto done = loading([&] {
      const auto xml = XmlReader::parse(text, "f.xml");
      xml.no_text(xml.root());
      return 0;
    });
    return done ? std::string() : done.error().text;
  };
  EXPECT_EQ(check("<r> <a/> <!-- c --> <b/>\n</r>"), "");
  EXPECT_EQ(check("<r>\n<a/>x</r>"), "f.xml:2: text in <r>; only elements belong there");
  EXPECT_NE(check("<r><![CDATA[x]]></r>"), "");
}

TEST(Xml, RequiredAttributesAreNamed) {
  const auto done = loading([&] {
    const auto xml = XmlReader::parse("<r/>", "f.xml");
    xml.check(xml.root(), "r", {"id"});
    return 0;
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().text, "f.xml:1: <r> needs the attribute \"id\"");
}

TEST(Xml, WhatAnErrorQuotesFromTheFileStaysOnOneLine) {
  const auto done = loading([] {
    const auto xml = XmlReader::parse("<r>a\tb\nc\xff</r>", "f.xml");
    xml.fail_at(xml.root(), xml.text(xml.root()));
    return 0;
  });
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().text, "f.xml:1: a\\tb\\nc\\xff");
}

TEST(Xml, ElementsShowTheirLineAndTheirSource) {
  const auto xml = XmlReader::parse("<r>\n  <a>\n    x\n  </a>\n  <b>y</b>\n</r>", "f.xml");
  const auto elements = XmlReader::elements(xml.root());
  ASSERT_EQ(elements.size(), 2u);
  EXPECT_EQ(xml.line(elements[0]), 2);
  EXPECT_EQ(xml.line(elements[1]), 5);
  EXPECT_EQ(xml.source(elements[0]), "<a>\n    x\n  </a>");
  EXPECT_EQ(xml.source(elements[1]), "<b>y</b>");
}

TEST(Xml, AFileThatIsNotThereIsOneLine) {
  const auto all = loading([] { return read_file("/nowhere/x.xml"); });
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().text, "/nowhere/x.xml: cannot be read");
}

}  // namespace
}  // namespace upspec
