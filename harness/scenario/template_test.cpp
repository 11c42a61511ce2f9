#include "scenario/template.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

std::string filled(std::string_view text, const Scope& scope = {}) {
  const auto made = Template::parse(text);
  if (!made) return "error: " + made.error().text;
  const auto out = made->fill(scope);
  return out ? *out : "error: " + out.error().text;
}

TEST(Template, LiteralsStayAsTheyAre) {
  EXPECT_EQ(filled(""), "");
  EXPECT_EQ(filled("websocket; x"), "websocket; x");
}

TEST(Template, EscapesAreOctets) {
  using namespace std::string_literals;
  EXPECT_EQ(filled(R"(a\r\n\t\s\0\\\x7f\xffb)"), "a\r\n\t \0\\\x7f\xff"s + "b");
  EXPECT_TRUE(filled(R"(a\q)").starts_with("error: unknown escape \"\\q\""));
  EXPECT_TRUE(filled(R"(a\x1)").starts_with("error: "));
  EXPECT_TRUE(filled("a\\").starts_with("error: "));
}

TEST(Template, HolesTakeValuesAndFunctions) {
  const Scope scope{{"a", "te"}, {"key", "dGhlIHNhbXBsZSBub25jZQ=="}};
  EXPECT_EQ(filled("websocket; ${a}!", scope), "websocket; te!");
  EXPECT_EQ(filled("${ws-accept(key)}", scope), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  EXPECT_EQ(filled("${upper(a)}${length(key)}", scope), "TE24");
  EXPECT_EQ(filled("<${repeat(3,ab)}>"), "<ababab>");
  EXPECT_EQ(filled("${first(n,key)}${first(n,a)}", {{"a", "te"}, {"key", "dGhl"}, {"n", "3"}}), "dGhte");
}

TEST(Template, WhatCannotBeFilledSaysWhy) {
  EXPECT_EQ(filled("${b}"), "error: nothing is called \"b\" here");
  EXPECT_TRUE(filled("${b").starts_with("error: \"${\" without"));
  EXPECT_TRUE(filled("${}").starts_with("error: an empty hole"));
  EXPECT_TRUE(filled("${nope(a)}").starts_with("error: unknown function \"nope\""));
  EXPECT_TRUE(filled("${first(a)}").starts_with("error: "));
  EXPECT_TRUE(filled("${first(a,b)}", {{"a", "1"}}).starts_with("error: first(a,b)"));
  EXPECT_TRUE(filled("${first(a,b)}", {{"a", "x"}, {"b", "y"}}).starts_with("error: first(a,b)"));
  EXPECT_TRUE(filled("${repeat(x,a)}").starts_with("error: "));
  EXPECT_TRUE(filled("${repeat(99999999999,a)}").starts_with("error: "));
}

}  // namespace
}  // namespace upspec
