#include <algorithm>
#include <array>
#include <utility>

#include "base/text.hpp"
#include "scenario/sending.hpp"
#include "script/accept.hpp"
#include "script/convert.hpp"
#include "ws/frame.hpp"
#include "ws/handshake.hpp"

namespace upspec::script {
namespace {

// What a capture is until it comes: its accept is found again in what is sent.
constexpr std::string_view captured = "Y2FwdHVyZWQgbGF0ZXIhIQ==";

struct Trouble {
  Error error;
};

template <class T>
T value_of(Result<T> result) {
  if (!result) throw Trouble{result.error()};
  return std::move(*result);
}

// What is sent as text may need a key that only the run knows.
std::string with_hole(std::string text) {
  const auto accept = ws::accept_for(std::string(captured));
  for (auto at = text.find(accept); at != text.npos; at = text.find(accept))
    text.replace(at, accept.size(), accept_hole);
  return text;
}

class Maker {
 public:
  Maker(const Case& what, Role role, const Surroundings& around) : around_(around), dialect_(what.dialect) {
    made_.role = role;
    scope_ = {{"scheme", around.scheme},
              {"authority", around.authority},
              {"protocol", "websocket"},
              {"dialect", std::string(name_of(what.dialect))},
              {"key", "dGhlIHNhbXBsZSBub25jZQ=="},
              {"key2", "MDEyMzQ1Njc4OWFiY2RlZg=="},
              {"token", "c0ffee42"}};
    for (const auto* path : {"websocket", "raw", "h2c"}) {
      const auto known = around.paths.find(path);
      scope_[cat("path.", path)] = known == around.paths.end() ? "/" : known->second;
    }
    for (const auto& [name, value] : what.values) scope_[name] = value_of(value.fill(scope_));
    for (const auto& first : first_links)
      if (first.role == what.role) link_of(std::string(first.name));
    for (const auto& [name, settings] : what.settings)
      add(link_of(name), FrameStep{h2::settings(value_of(settings_of(settings, scope_, around_.upgrade_setting)))});
  }

  Script make(const std::vector<upspec::Step>& steps) {
    if (has(made_.role, End::front)) add({}, WaitStep{Awaited::settings, 1, 0});
    for (const auto& step : steps) {
      const auto link = link_of(step.at);
      std::visit([&](const auto& what) { take(what, link); }, step.what);
    }
    return std::move(made_);
  }

 private:
  // "client" stands in front, "server" and "origin" behind; other names are further connections of where the first are.
  LinkId link_of(const std::string& at) {
    const bool behind = !has(made_.role, End::front) || (has(made_.role, End::behind) && at.starts_with("origin"));
    const auto end = behind ? End::behind : End::front;
    auto& names = names_[end];
    auto known = std::ranges::find(names, at);
    if (known == names.end()) known = names.insert(names.end(), at);
    return {end, static_cast<std::uint8_t>(std::min<std::ptrdiff_t>(known - names.begin(), most_links - 1))};
  }

  // A name that only the run would know is what a capture is.
  std::string text_of(const Template& text) {
    for (const auto& name : text.names()) scope_.try_emplace(name, captured);
    return value_of(text.fill(scope_));
  }
  h2::FieldSection section(const std::vector<FieldLine>& like, const std::vector<FieldLine>& lines) {
    for (const auto* list : {&like, &lines})
      for (const auto& line : *list) text_of(line.name), text_of(line.value);
    auto fields = value_of(section_of(like, lines, scope_));
    for (auto& field : fields) field.value = with_hole(std::move(field.value));
    return fields;
  }

  template <class What>
  void add(LinkId link, What what) {
    made_.steps.push_back({link, 0, std::move(what)});
  }

  // ---- steps ----

  void take(const Send& send, LinkId link) {
    const auto first = made_.steps.size();
    for (const auto& part : send.parts) std::visit([&](const auto& one) { part_of(one, link); }, part);
    for (auto i = first; i < made_.steps.size(); ++i)
      made_.steps[i].split =
          i + 1 < made_.steps.size() ? joined : static_cast<std::uint8_t>(std::min<std::size_t>(send.split, 254));
  }
  void take(const Expect& expect, LinkId link) {
    const auto& what = expect.alternatives.front().what;
    if (const auto* outcome = std::get_if<OutcomeName>(&what)) {
      const bool connection = outcome->name == "connection-error";
      return add(link,
                 WaitStep{connection ? Awaited::quiescent : Awaited::section, connection ? 1 : outcome->stream, 0});
    }
    for (const auto& part : std::get<std::vector<ExpectPart>>(what))
      std::visit([&](const auto& one) { await(one, link); }, part);
  }
  void take(const Quiet&, LinkId link) { add(link, WaitStep{}); }
  void take(const Never&, LinkId) {}
  void take(const Alive&, LinkId link) {
    add(link, FrameStep{h2::ping(to_octets("upspec!?"))});
    const auto stream = std::exchange(fresh_[link], fresh_[link] + 2);
    add(link, SectionStep{
                  stream,
                  {{":method", "GET"}, {":scheme", around_.scheme}, {":authority", around_.authority}, {":path", "/"}},
                  true,
                  {},
                  0});
    add(link, WaitStep{Awaited::end, stream, 0});
  }
  void take(const Refuse& refuse, LinkId link) {
    add(link, WaitStep{Awaited::section, 1, 0});
    if (refuse.how != Refuse::How::fin) return add(link, AbortStep{});
    add(link, HalfCloseStep{});
  }
  void take(const Let& let, LinkId) { scope_[let.name] = text_of(let.value); }
  void take(const Connect& connect, LinkId link) {
    if (connect.settings.empty()) return add(link, WaitStep{Awaited::settings, 1, 0});
    add(link, FrameStep{h2::settings(value_of(settings_of(connect.settings, scope_, around_.upgrade_setting)))});
  }
  void take(const Cut& cut, LinkId link) {
    if (cut.reset) return add(link, AbortStep{});
    add(link, HalfCloseStep{});
  }
  // A step of a kind that says nothing on a wire.
  template <class Other>
  void take(const Other&, LinkId) {}

  // ---- parts of <send> ----

  void part_of(const SendHeaders& part, LinkId link) {
    SectionStep step{part.stream, section(part.like, part.lines), part.end, {}, 0};
    step.form = value_of(parse_form(text_of(part.form)));
    const auto cut = text_of(part.cut);
    const auto sizes = words(cut);
    if (!sizes.empty())
      step.cut = static_cast<std::uint8_t>(std::clamp<std::uint64_t>(to_number(sizes.front()).value_or(0), 1, 255));
    seen(link, part.stream);
    add(link, std::move(step));
  }
  void part_of(const SendData& part, LinkId link) {
    const auto text = with_hole(text_of(part.octets));
    const auto octets = as_octets(text).first(std::min(text.size(), largest_octets));
    if (!part.padding) return add(link, OctetsStep{part.stream, to_octets(octets), part.end});
    add(link, FrameStep{h2::padded_data(part.stream, octets, *part.padding, part.end ? h2::flag::end_stream : 0)});
  }
  void part_of(const SendWs& part, LinkId link) {
    const auto text = text_of(part.payload);
    auto payload = part.code ? ws::close_payload(*part.code, text) : to_octets(std::string_view(text));
    payload.resize(std::min(payload.size(), largest_octets));
    // What the other side chooses at run time is text here.
    const auto opcode = part.opcode == any_message ? static_cast<std::uint8_t>(ws::Opcode::text) : part.opcode;
    add(link, WebSocketStep{part.stream, part.fin, part.rsv, opcode, part.masked, std::move(payload)});
  }
  void part_of(const SendFrame& part, LinkId link) {
    add(link, FrameStep{{part.type, part.flags, part.stream, part.payload}});
  }
  void part_of(const SendRaw& part, LinkId link) { add(link, RawStep{part.octets}); }
  void part_of(const SendEnd& part, LinkId link) { add(link, OctetsStep{part.stream, {}, true}); }
  void part_of(const SendSettings& part, LinkId link) {
    add(link, FrameStep{h2::settings(value_of(settings_of(part.list, scope_, around_.upgrade_setting)))});
  }
  void part_of(const SendPush& part, LinkId link) {
    const auto block = h2::FieldEncoder().encode(section(part.like, part.lines), {h2::Indexing::without});
    add(link, FrameStep{h2::push_promise(part.stream, part.promised, block, h2::flag::end_headers)});
  }
  void part_of(const SendGoaway& part, LinkId link) { add(link, FrameStep{h2::goaway(part.last, part.code)}); }
  void part_of(const SendHead& part, LinkId link) {
    std::string head;
    for (const auto& line : part.lines) head += cat(with_hole(text_of(line)), "\r\n");
    head += "\r\n";
    if (part.most) head.resize(std::min(head.size(), *part.most));
    add(link, RawStep{to_octets(std::string_view(head))});
  }
  void part_of(const SendChunk& part, LinkId link) {
    const auto octets = text_of(part.octets);
    constexpr std::string_view digits = "0123456789abcdef";
    std::string size;
    for (auto left = octets.size(); left != 0; left >>= 4) size.insert(0, 1, digits[left & 15]);
    const auto chunk = cat(size.empty() ? "0" : size, "\r\n", octets, "\r\n");
    add(link, RawStep{to_octets(std::string_view(chunk).substr(0, largest_octets))});
  }
  void part_of(const SendAccept& part, LinkId link) {
    auto fields = section({}, part.lines);
    if (speaks_h2(made_.role, link.end)) {
      h2::FieldSection accept = {{":status", dialect_ == Dialect::upgrade ? "101" : "200"}};
      if (dialect_ == Dialect::upgrade) accept.push_back({":upgrade", "websocket"});
      if (dialect_ == Dialect::upgrade) accept.push_back({"sec-websocket-accept", std::string(accept_hole)});
      accept.insert(accept.end(), fields.begin(), fields.end());
      return add(link, SectionStep{part.stream, std::move(accept), false, {}, 0});
    }
    auto head =
        cat("HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ",
            accept_hole, "\r\n");
    for (const auto& [name, value] : fields) head += cat(name, ": ", value, "\r\n");
    add(link, RawStep{to_octets(std::string_view(head += "\r\n"))});
  }

  // ---- parts of <expect> ----

  void await(const ExpectHeaders& part, LinkId link) {
    for (const auto& field : part.fields)
      if (!field.pattern.capture.empty()) scope_[field.pattern.capture] = captured;
    add(link, WaitStep{Awaited::section, part.stream, 0});
  }
  void await(const ExpectHead& part, LinkId link) {
    for (const auto& field : part.fields)
      if (!field.pattern.capture.empty()) scope_[field.pattern.capture] = captured;
    add(link, WaitStep{Awaited::section, 1, 0});
  }
  void await(const ExpectRequest& part, LinkId link) {
    scope_["key"] = captured;
    add(link, WaitStep{Awaited::section, part.stream, 0});
  }
  void await_octets(LinkId link, std::uint32_t stream, std::size_t more) {
    auto& so_far = awaited_[{link, stream}];
    so_far += static_cast<std::uint32_t>(more);
    add(link, WaitStep{Awaited::octets, stream, so_far});
  }
  void await(const ExpectOctets& part, LinkId link) { await_octets(link, part.stream, text_of(part.octets).size()); }
  void await(const ExpectWs& part, LinkId link) {
    await_octets(link, part.stream, 2 + text_of(part.payload).size() + (part.code ? 2 : 0));
  }
  void await(const ExpectEnd& part, LinkId link) { add(link, WaitStep{Awaited::end, part.stream, 0}); }
  void await(const ExpectReset& part, LinkId link) { add(link, WaitStep{Awaited::end, part.stream, 0}); }
  void await(const ExpectSettingsAck&, LinkId link) { add(link, WaitStep{Awaited::ack, 1, 0}); }
  template <class Other>
  void await(const Other&, LinkId link) {
    add(link, WaitStep{});
  }

  void seen(LinkId link, std::uint32_t stream) {
    auto& fresh = fresh_.try_emplace(link, 1).first->second;
    if (stream % 2 == 1 && stream < 0x7ffffff0) fresh = std::max(fresh, stream + 2);
  }

  const Surroundings& around_;
  Dialect dialect_;
  Script made_;
  Scope scope_;
  std::map<End, std::vector<std::string>> names_;
  std::map<LinkId, std::uint32_t> fresh_;
  std::map<std::pair<LinkId, std::uint32_t>, std::uint32_t> awaited_;
};

}  // namespace

Role role_of(const Case& what) {
  if (what.role == "client") return Role::client;
  if (what.role == "server") return Role::server;
  return what.way == "12" ? Role::proxy_12 : what.way == "22" ? Role::proxy_22 : Role::proxy_21;
}

Result<Script> script_of(const Case& what, Role role, const Surroundings& around) {
  try {
    auto script = Maker(what, role, around).make(what.steps);
    if (script.steps.size() > most_steps) script.steps.resize(most_steps);
    return script;
  } catch (const Trouble& trouble) {
    return fail(cat(what.id, ": ", trouble.error.text));
  }
}

}  // namespace upspec::script
