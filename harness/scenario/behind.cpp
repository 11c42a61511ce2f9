#include "scenario/behind.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "ws/handshake.hpp"

namespace upspec {

namespace {

constexpr std::string_view marker_path = "/?upspec-";

std::string_view field(const h2::FieldSection& section, std::string_view name) {
  const auto* value = h2::find(section, name);
  return value ? std::string_view(*value) : std::string_view();
}

bool is_same_request(const h2::FieldSection& a, const h2::FieldSection& b) {
  return std::ranges::all_of(std::initializer_list<std::string_view>{":method", ":path", ":authority", "host"},
                             [&](std::string_view name) { return field(a, name) == field(b, name); });
}

void answer(Link& link, std::uint32_t stream, Moment now) {
  constexpr std::string_view content = "ok";
  if (link.h1) {
    constexpr std::string_view head = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
    link.h1->send_head(head, head.size(), now);
    link.h1->send(as_octets(content), now);
    return link.h1->flush();
  }
  link.actor.send_section(stream, {{":status", "200"}, {"content-length", "2"}}, false, {}, std::nullopt, std::nullopt,
                          now);
  link.actor.send(h2::data(stream, as_octets(content), h2::flag::end_stream), now);
  link.actor.flush();
}

// Where a part speaks of stream 1, it speaks of this one.
template <class Parts>
void retarget(Parts& parts, std::uint32_t stream) {
  for (auto& part : parts)
    std::visit(
        [&](auto& one) {
          if constexpr (requires { one.stream; })
            if (one.stream == 1) one.stream = stream;
        },
        part);
}

}  // namespace

void Behind::look(Links& links, Moment now) {
  for (std::size_t i = 0; i < links.all().size(); ++i) {
    const auto& link = links.all()[i];
    if (!link.accepts) continue;
    for (const auto stream : link.requests())
      if (seen_.emplace(i, stream).second) take(links, {i, stream}, now);
  }
}

void Behind::take(Links& links, Seat seat, Moment now) {
  auto& link = links.all()[seat.link];
  const auto& request = link.arrivals().stream(seat.stream)->request;
  // An earlier case's marker too: a slow proxy may carry it when that case is over.
  if (field(request, ":path").find(marker_path) != std::string_view::npos) return answer(link, seat.stream, now);
  if (refusing_) {
    link.remark("we end the connection without an answer", now);
    (refusing_ == Refuse::How::fin ? link.shut : link.abort) = true;
    return;
  }
  if (breaks_off_again(links, seat, request)) {
    link.remark("the same request again, which we have broken off before: it meets the same end", now);
    return;
  }
  untaken_.push_back(seat);
  ++arrived_;
}

bool Behind::breaks_off_again(Links& links, Seat seat, const h2::FieldSection& request) const {
  for (const auto& [name, bound] : names_) {
    const auto& before = links.all()[bound.link];
    const bool broken_off =
        (before.shut || before.abort) && bound.link != seat.link && !before.is_answered(bound.stream);
    if (!broken_off || !is_same_request(before.arrivals().stream(bound.stream)->request, request)) continue;
    links.all()[seat.link].shut = before.shut;
    links.all()[seat.link].abort = before.abort;
    return true;
  }
  return false;
}

const Seat* Behind::find(std::string_view name) const {
  const auto at = names_.find(name);
  return at == names_.end() ? nullptr : &at->second;
}

void Behind::bind(const std::string& name, Seat seat) {
  names_[name] = seat;
  std::erase(untaken_, seat);
}

bool Behind::is_on(Seat seat, Expect::On connection) const {
  const auto is_it = [&](const auto& one) { return one.second.link == seat.link; };
  return connection == Expect::On::any || std::ranges::any_of(names_, is_it) == (connection == Expect::On::same);
}

bool Behind::is_repeated(const Links& links, Seat seat) const {
  const auto request = [&](Seat one) { return links.all()[one.link].arrivals().stream(one.stream)->request; };
  return std::ranges::any_of(names_,
                             [&](const auto& one) { return is_same_request(request(one.second), request(seat)); });
}

std::string Behind::new_marker() { return cat(marker_path, token_, "-", ++markers_); }

Result<Send> with_accept(Send send, const h2::FieldSection& request, bool speaks_h1) {
  for (auto& part : send.parts) {
    const auto* accept = std::get_if<SendAccept>(&part);
    if (!accept) continue;
    const bool is_connect = !speaks_h1 && h2::find(request, ":protocol");
    const auto offered = field(request, speaks_h1 ? "upgrade" : ":upgrade");
    const auto protocol = trim(offered.substr(0, offered.find_first_of(",;")));
    const auto key = field(request, "sec-websocket-key");
    if (!is_connect && protocol.empty()) return fail("<accept> of a request that asks for no upgrade");
    SendHeaders headers;
    headers.stream = accept->stream;
    const auto add = [&](std::string_view name, std::string_view value) {
      FieldLine line;
      line.name = Template::literal(name);
      line.value = Template::literal(value);
      headers.like.push_back(std::move(line));
    };
    add(":status", is_connect ? "200" : "101");
    if (!is_connect) add(speaks_h1 ? "upgrade" : ":upgrade", protocol);
    if (speaks_h1) add("connection", "upgrade");
    if (!is_connect && !key.empty()) add("sec-websocket-accept", ws::accept_for(key));
    headers.lines = accept->lines;
    part = std::move(headers);
  }
  return send;
}

Send on_stream(const Send& send, std::uint32_t stream) {
  auto made = send;
  retarget(made.parts, stream);
  return made;
}

Expect on_stream(const Expect& expect, std::uint32_t stream) {
  auto made = expect;
  for (auto& one : made.alternatives) {
    if (auto* name = std::get_if<OutcomeName>(&one.what); name && name->stream == 1) name->stream = stream;
    if (auto* parts = std::get_if<std::vector<ExpectPart>>(&one.what)) retarget(*parts, stream);
  }
  return made;
}

}  // namespace upspec
