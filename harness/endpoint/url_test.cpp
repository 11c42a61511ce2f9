#include "endpoint/url.hpp"

#include <gtest/gtest.h>

namespace upspec {
namespace {

TEST(Url, IsTakenApart) {
  const auto url = parse_url("wss://a.example/chat?room=1#top");
  ASSERT_TRUE(url);
  EXPECT_TRUE(url->tls);
  EXPECT_EQ(url->address, (Address{"a.example", 443}));
  EXPECT_EQ(url->authority, "a.example");
  EXPECT_EQ(url->path, "/chat?room=1");
}

TEST(Url, HasDefaults) {
  EXPECT_EQ(parse_url("http://localhost")->path, "/");
  EXPECT_EQ(parse_url("HTTP://localhost")->address.port, 80);
  EXPECT_EQ(parse_url("ws://[::1]?q")->path, "/?q");
  EXPECT_EQ(parse_url("https://[::1]")->address, (Address{"::1", 443}));
  EXPECT_EQ(parse_url("https://[::1]:8443/")->authority, "[::1]:8443");
}

TEST(Url, WhatIsNoneIsSaid) {
  for (const auto* text : {"", "localhost:80/echo", "ftp://a/", "http://", "http:///echo", "http://a:0/", "http://a:x/",
                           "http://a/ b", "http://me@a/"})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_EQ(parse_url("ftp://a/").error().text,
            "\"ftp://a/\": the scheme is none of http, https, ws, wss; a URL is meant, as https://127.0.0.1:8443/echo");
}

}  // namespace
}  // namespace upspec
