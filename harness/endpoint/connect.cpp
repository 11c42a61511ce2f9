#include "endpoint/connect.hpp"

#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <utility>

#include "endpoint/talking_client.hpp"
#include "endpoint/url.hpp"

namespace upspec {
namespace {

constexpr int success = 0, exchange_failed = 1, usage = 2, unreachable = 3;

int say(int status, const std::string& text) {
  std::fprintf(stderr, "upspec connect: %s\n", text.c_str());
  return status;
}

// What cannot be printed is lost: the exchange is what counts.
void write_out(OctetView octets) { std::fwrite(octets.data(), 1, octets.size(), stdout); }

// A message is a line; octets are as they are, but one message that was asked for ends with a line.
std::function<void(OctetView)> printer_for(const ConnectOptions& options) {
  const bool lines = options.client.protocol == "websocket" || (options.message && options.client.protocol != "none");
  return [lines](OctetView octets) {
    write_out(octets);
    if (lines) std::fputc('\n', stdout);
    std::fflush(stdout);
  };
}

int status_of(TalkingClient::Came came) {
  switch (came) {
    case TalkingClient::Came::success:
      return success;
    case TalkingClient::Came::no_connection:
      return unreachable;
    default:
      return exchange_failed;
  }
}

}  // namespace

int connect(const ConnectOptions& options) {
  const auto url = parse_url(options.url);
  if (!url) return say(usage, url.error().text);
  if (options.message && !options.message->empty() && options.client.protocol == "none")
    return say(usage, "--message: an ordinary GET says nothing");

  TalkOptions talking;
  talking.target = url->address;
  talking.timeout = options.timeout;
  if (url->tls) {
    auto tls = TlsClient::make(options.tls);
    if (!tls) return say(usage, tls.error().text);
    talking.tls = std::move(*tls);
  }
  const bool by_hand = !options.message && options.client.protocol != "none";
  if (by_hand) talking.input = STDIN_FILENO;

  ClientOptions client = options.client;
  client.scheme = url->tls ? "https" : "http";
  client.path = url->path;
  if (client.authority.empty()) client.authority = url->authority;

  std::signal(SIGPIPE, SIG_IGN);  // who reads our output may go
  TalkingClient talker(std::move(client), options.message, printer_for(options));
  talk(talking, talker);
  const int status = status_of(talker.came());
  return status == success ? status : say(status, talker.trouble());
}

}  // namespace upspec
