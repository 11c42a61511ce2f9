// For tests: a server that a test tells what to answer, and the driver that plays a case against it, in memory.
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "peer/server_words_testing.hpp"
#include "scenario/load_testing.hpp"
#include "scenario/play.hpp"

namespace upspec {

// It greets, acknowledges SETTINGS and answers PING; a request on a stream gets that stream's words, or "200.".
// Beside the words of ServerWords: "accept" (101 for the request's own protocol), "fin" and "reset".
struct Script {
  std::map<std::uint32_t, std::string> answers;
  std::vector<h2::Setting> announces = {{h2::setting::enable_upgrade, 1}, {h2::setting::enable_connect_protocol, 1}};
  std::vector<h2::Setting> announces_later;  // once its first SETTINGS are acknowledged
  bool greets = true;
  bool answers_pings = true;
  bool echoes = false;  // DATA and its end come back
};

class ScriptedServer : public Script {
 public:
  explicit ScriptedServer(Script script) : Script(std::move(script)) {}

  std::optional<Closing> closing;
  std::vector<h2::FieldSection> requests;
  std::vector<Octets> writes;  // that came

  Octets takes(const Octets& octets) {
    writes.push_back(octets);
    Octets out;
    if (!std::exchange(begun_, true) && greets) {
      words_.announcements = announces;
      out = words_.say("hello");
    }
    const auto preface = std::min(preface_left_, octets.size());
    preface_left_ -= preface;
    reader_.feed(OctetView(octets).subspan(preface));
    while (const auto frame = reader_.next()) append(out, answer(*frame));
    return out;
  }

 private:
  Octets answer(const h2::Frame& frame) {
    if (frame.is(h2::FrameType::settings) && !frame.has(h2::flag::ack))
      return std::exchange(greeted_, true) ? words_.say("ack") : Octets{};
    if (frame.is(h2::FrameType::settings) && !announces_later.empty())
      return h2::serialise(h2::settings(std::exchange(announces_later, {})));
    if (frame.is(h2::FrameType::ping) && answers_pings) return h2::serialise(h2::ping(frame.payload, true));
    if (frame.is(h2::FrameType::data) && echoes)
      return h2::serialise(h2::data(frame.stream, frame.payload, frame.flags));
    if (!frame.is(h2::FrameType::headers) && !frame.is(h2::FrameType::continuation)) return {};
    append(block_, frame.payload);
    if (!frame.has(h2::flag::end_headers)) return {};
    requests.push_back(decoder_.decode(std::exchange(block_, {})).value());
    return request(frame.stream);
  }
  Octets request(std::uint32_t stream) {
    const auto at = answers.find(stream);
    if (const auto* key = h2::find(requests.back(), "sec-websocket-key")) words_.key = *key;
    Octets out;
    for (const auto word : words(at == answers.end() ? std::string_view("200.") : std::string_view(at->second))) {
      if (word == "fin" || word == "reset") {
        closing = word == "fin" ? Closing::fin : Closing::reset;
      } else if (word == "accept") {
        append(out, words_.section({{":status", "101"}, {":upgrade", *h2::find(requests.back(), ":upgrade")}}, false,
                                   stream));
      } else {
        append(out, words_.say(word, stream));
      }
    }
    return out;
  }

  ServerWords words_;
  h2::FrameReader reader_;
  h2::FieldDecoder decoder_;
  Octets block_;
  std::size_t preface_left_ = h2::preface.size();
  bool begun_ = false;
  bool greeted_ = false;
};

struct Played {
  CaseResult result;
  std::vector<Breach> others;
  std::vector<ScriptedServer> servers;  // one a link
  std::vector<Play::Wish> wishes;       // of the links, at the end
  bool waited = false;                  // until the deadline

  std::string ids() const {
    std::string all;
    for (const auto& breach : others) all += cat(all.empty() ? "" : " ", breach.requirement);
    return all;
  }
};

// A driver whose servers answer at once; when nobody has anything to say, the deadline has passed.
inline Played play(const Case& what, const Script& script = {}, const Situation& situation = {}) {
  Play play(what, situation, shipped_registry());
  Played played;
  std::vector<bool> told_closing;
  Moment now = 0;
  for (bool moved = true; !play.done() && now < 10000;) {
    if (!std::exchange(moved, false)) {
      played.waited = true;
      play.deadline(++now);
      if (!play.done()) break;
    }
    for (std::size_t link = 0; link < play.links() && !play.done(); ++link) {
      if (play.wish(link) == Play::Wish::open) {
        played.servers.emplace_back(script);
        told_closing.push_back(false);
        play.connected(link, ++now);
        moved = true;
      }
      auto& peer = played.servers[link];
      while (const auto write = play.take_output(link)) {
        moved = true;
        if (peer.closing) continue;
        const auto answer = peer.takes(*write);
        if (!answer.empty()) play.receive(link, answer, ++now);
      }
      if (play.wish(link) == Play::Wish::shut && !peer.closing) peer.closing = Closing::fin;
      if (play.wish(link) == Play::Wish::abort && !peer.closing) peer.closing = Closing::reset;
      if (!peer.closing || told_closing[link]) continue;
      told_closing[link] = moved = true;
      play.closed(link, *peer.closing, ++now);
    }
  }
  for (std::size_t link = 0; link < play.links(); ++link) played.wishes.push_back(play.wish(link));
  if (play.done()) {
    played.result = play.result();
    played.others = play.other_breaches();
  }
  return played;
}

// One case in dialect `upgrade` with these steps.
inline Played play_steps(std::string_view steps, const Script& script = {}, std::string_view checks = "TUN-01",
                         const Situation& situation = {}) {
  const auto cases = load_steps(steps, checks);
  if (!cases) throw std::invalid_argument(cases.error().text);
  return play(cases->at(0), script, situation);
}

}  // namespace upspec
