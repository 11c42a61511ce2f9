#include "upgrade/exchange.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "h2/codes.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/handshake.hpp"

namespace upspec {

namespace {

// The protocol of the channel, as the accept names it, or in `connect` the request; empty where it is no name.
std::string accepted_protocol(const h2::FieldSection& request, const h2::FieldSection& response, Dialect dialect) {
  const auto* name = dialect == Dialect::upgrade ? h2::find(response, ":upgrade") : h2::find(request, ":protocol");
  const auto accepted = name ? parse_accepted(*name) : fail("no name");
  return accepted ? accepted->protocol : "";
}

// check_request speaks as the receiver; where its sender is judged, asking too early has an id of its own.
std::string_view sender_id(const Breach& breach, Announced announced) {
  if (breach.requirement == "ATT-02") return "ATT-01";
  if (breach.requirement == "NEG-05") return "NEG-02";
  if (breach.requirement == "XC-07" && !announced.connect) return "XC-02";
  return breach.requirement;
}

// ATT-01, REQ-14: what a sender's attributes name. Framing fields are check_request's.
void check_sent_attributes(const h2::FieldSection& request, const std::vector<Offer>& offers, std::uint32_t stream,
                           bool forwards, std::vector<Breach>& out) {
  const auto add = [&](std::string_view id, std::string text) {
    out.push_back({std::string(id), std::move(text), stream});
  };
  for (const auto& offer : offers) {
    for (const auto& attribute : offer.attributes) {
      if (!is_lower(attribute)) {
        add("REQ-14", cat("attribute ", quoted(attribute), " is not in lower case"));
      } else if (is_for_every_recipient(attribute)) {
        add("ATT-01", cat("attribute ", quoted(attribute), " is no connection's own field"));
      } else if (!forwards && !h2::find(request, attribute)) {
        add("ATT-01", cat("attribute ", quoted(attribute), " names no field of the request"));
      }
    }
  }
}

}  // namespace

void Exchange::add(std::vector<Breach>& out, std::string_view requirement, std::string text) const {
  out.push_back({std::string(requirement), std::move(text), stream_});
}

void Exchange::section(Side from, const h2::FieldSection& fields, bool end_stream, Announced announced,
                       std::vector<Breach>& out) {
  if (reset_by_ == from) return;  // that it says anything is the breach (TUN-13), which the Monitor tells
  if (judged(from) && ended(from)) {
    add(out, "TUN-13", "a field section after END_STREAM");
  } else if (is_channel(state_)) {
    const auto id = asked_.dialect == Dialect::upgrade ? "RES-11" : "TUN-05";
    if (judged(from)) add(out, id, "a field section on an open channel");
  } else if (from == Side::client) {
    request(from, fields, announced, out);
  } else {
    response(from, fields, end_stream, announced, out);
  }
  if (end_stream) end(from, out);
}

void Exchange::request(Side from, const h2::FieldSection& fields, Announced announced, std::vector<Breach>& out) {
  if (state_ != ChannelState::idle) {
    if (judged(from))
      for (const auto& breach : check_trailers(fields)) add(out, breach.requirement, breach.text);
    return;
  }
  state_ = after(state_, ChannelEvent::ask).state;
  request_ = fields;
  asked_ = asked_by(fields);
  if (asked_.dialect == Dialect::upgrade) content_left_ = content_length(fields).value_or(0);
  if (!judged(from)) return;
  for (const auto& breach : check_request(fields, announced)) add(out, sender_id(breach, announced), breach.text);
  check_sent_attributes(fields, asked_.offers, stream_, forwards_, out);
}

void Exchange::response(Side from, const h2::FieldSection& fields, bool end_stream, Announced announced,
                        std::vector<Breach>& out) {
  if (final_seen_) {
    if (judged(from) && h2::find(fields, ":upgrade")) add(out, "REQ-06", ":upgrade in a trailer section");
    return;
  }
  if (judged(from))
    for (const auto& breach : check_response(fields, end_stream, asked_)) add(out, breach.requirement, breach.text);
  if (asked_.dialect && is_accept(*asked_.dialect, fields, end_stream)) {
    accepted(from, fields, announced, out);
  } else if (is_interim(fields)) {
    if (judged(from) && h2::find(fields, ":upgrade")) add(out, "RES-08", ":upgrade in an interim response");
  } else {
    final_seen_ = true;
    const auto* method = h2::find(request_, ":method");
    // RFC 8441 5: a 2xx is the accept, and opens a channel. (Who overlooks a :protocol with HEAD breaks another rule.)
    const bool is_asked = asked_.dialect == Dialect::connect && method && *method == "CONNECT";
    if (judged(from) && !forwards_ && is_asked && end_stream && is_accept(Dialect::connect, fields, false))
      add(out, "XC-08", "a 2xx answer to an extended CONNECT has END_STREAM");
    response_length_ = response_length(method ? *method : std::string_view(), fields);
    state_ = after(state_, ChannelEvent::decline).state;
  }
}

void Exchange::accepted(Side from, const h2::FieldSection& fields, Announced announced, std::vector<Breach>& out) {
  final_seen_ = true;
  state_ = after(state_, ChannelEvent::accept).state;
  const auto protocol = accepted_protocol(request_, fields, *asked_.dialect);
  if (judged(from)) check_accepted(announced, protocol, out);
  if (same_protocol(protocol, "websocket"))
    websocket_.emplace(under_test_ == Side::client, h2::find(fields, "sec-websocket-extensions") != nullptr);
}

// An accept says that the request was right: whatever was wrong with it, its receiver has broken that rule. What the
// protocol asks for is the origin's to look at, not an intermediary's.
void Exchange::check_accepted(Announced announced, std::string_view protocol, std::vector<Breach>& out) {
  for (const auto& breach : check_request(request_, announced)) {
    const bool early = breach.requirement == "NEG-05" || (breach.requirement == "XC-07" && !announced.connect);
    add(out,
        !early                               ? breach.requirement
        : asked_.dialect == Dialect::upgrade ? "NEG-01"
                                             : "XC-01",
        cat("accepted, although ", breach.text));
  }
  const bool is_offered =
      asked_.dialect == Dialect::connect ||
      std::ranges::any_of(asked_.offers, [&](const Offer& offer) { return same_protocol(offer.protocol, protocol); });
  if (forwards_ || !is_offered) return;
  for (const auto& breach : check_handshake(request_, *asked_.dialect, protocol))
    add(out, breach.requirement, cat("accepted, although ", breach.text));
}

void Exchange::data(Side from, OctetView octets, std::vector<Breach>& out) {
  if (reset_by_ == from) return;  // as above
  if (judged(from) && ended(from)) return add(out, "TUN-13", "DATA after END_STREAM");
  if (from == Side::client) {
    const auto content = static_cast<std::size_t>(std::min<std::uint64_t>(content_left_, octets.size()));
    content_left_ -= content;
    octets = octets.subspan(content);
    if (judged(from)) client_data(octets.size(), out);
  } else if (judged(from) && !final_seen_ && !octets.empty()) {
    add(out, asked_.dialect ? "TUN-01" : "RES-12", "DATA before the final response");
  }
  if (from == Side::server) response_octets_ += octets.size();
  if (from != under_test_ || blind_ || !websocket_ || !is_channel(state_)) return;
  const auto before = out.size();
  websocket_->saw(octets, out);
  for (auto i = before; i < out.size(); ++i) out[i].stream = stream_;
}

void Exchange::client_data(std::size_t octets, std::vector<Breach>& out) {
  if (octets == 0 || asked_.dialect != Dialect::upgrade) return;
  if (state_ == ChannelState::asked) add(out, "BODY-04", "channel octets before the accept");
  if (state_ == ChannelState::declined) add(out, "RES-10", "channel octets after a decline");
}

void Exchange::end(Side from, std::vector<Breach>& out) {
  auto& ended_here = from == Side::client ? client_ended_ : server_ended_;
  if (ended_here) return;
  ended_here = true;
  if (from == Side::server && judged(from) && response_length_ && *response_length_ != response_octets_) {
    add(out, "RES-12",
        cat("the response ends after ", response_octets_, " octets of content, its content-length is ",
            *response_length_, " (RFC 9113 8.1.1)"));
  }
  state_ = after(state_, from == Side::client ? ChannelEvent::asker_end : ChannelEvent::answerer_end).state;
}

void Exchange::reset(Side from, std::uint32_t code, std::vector<Breach>& out) {
  if (judged(from) && from == Side::server && code == static_cast<std::uint32_t>(h2::ErrorCode::no_error) &&
      !server_ended_ && (state_ == ChannelState::asked || state_ == ChannelState::declined)) {
    add(out, "RES-12", "RST_STREAM(NO_ERROR) before the response is complete");
  }
  if (!reset_by_) reset_by_ = from;
  state_ = ChannelState::closed;
}

}  // namespace upspec
