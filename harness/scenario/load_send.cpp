// The parts of `<send>`.
#include <algorithm>
#include <array>

#include "scenario/loader.hpp"
#include "scenario/sending.hpp"

namespace upspec {

namespace {

using Node = pugi::xml_node;

std::optional<std::uint8_t> read_padding(const LoadContext& c, Node node) {
  if (!node.attribute("padding")) return std::nullopt;
  return static_cast<std::uint8_t>(number_attribute(c.xml, node, "padding", 0, 255));
}

// An attribute with holes; without any, it is checked now.
template <class Check>
Template read_checked(const LoadContext& c, Node node, const char* name, Check check) {
  const std::string_view text = node.attribute(name).value();
  auto made = c.read_template(node, text);
  if (!made.names().empty()) return made;
  if (const auto ok = check(text); !ok) c.xml.fail_at(node, cat(name, "=\"", text, "\": ", ok.error().text));
  return made;
}

std::vector<FieldLine> like_attribute(const LoadContext& c, Node node) {
  const auto like = node.attribute("like");
  if (!like) return {};
  const auto* lines = c.messages.find(like.value(), c.dialect);
  if (!lines)
    c.xml.fail_at(node,
                  cat("like=\"", like.value(), "\": messages.xml has no such message in dialect ", name_of(c.dialect)));
  return *lines;
}

SendPart send_headers(const LoadContext& c, Node node) {
  c.xml.check(node, "headers", {}, {"like", "stream", "end", "cut", "form", "padding"});
  SendHeaders part;
  part.like = like_attribute(c, node);
  part.lines = read_field_lines(c, node);
  part.stream = stream_attribute(c.xml, node);
  part.end = yes_no_attribute(c.xml, node, "end", false);
  part.form = read_checked(c, node, "form", [](std::string_view text) { return parse_form(text).map([](auto&&) {}); });
  part.cut = read_checked(c, node, "cut", [](std::string_view text) { return parse_cut(text).map([](auto&&) {}); });
  part.padding = read_padding(c, node);
  return part;
}

// Octets of each DATA frame.
std::size_t read_largest(const LoadContext& c, Node node) {
  if (!node.attribute("frame")) return SIZE_MAX;
  const auto largest = number_attribute(c.xml, node, "frame", 1, 1u << 20);
  if (largest == 0) c.xml.fail_at(node, "frame=\"0\": nothing would go");
  return largest;
}

SendPart send_data(const LoadContext& c, Node node) {
  const bool exact = std::string_view(node.name()) == "data";
  if (exact) {
    c.xml.check(node, "data", {}, {"stream", "end", "padding", "beyond"});
  } else {
    c.xml.check(node, "octets", {}, {"stream", "padding", "frame"});
  }
  SendData part;
  part.octets = read_payload(c, node);
  part.stream = stream_attribute(c.xml, node);
  part.end = yes_no_attribute(c.xml, node, "end", false);
  part.padding = read_padding(c, node);
  part.exact = exact;
  part.largest = read_largest(c, node);
  part.beyond = bool(node.attribute("beyond"));
  if (part.beyond && (std::string_view(node.attribute("beyond").value()) != "frame-size" || part.octets.empty()))
    c.xml.fail_at(node, "beyond is \"frame-size\", and there are octets to repeat");
  return part;
}

// RFC 6455 5.1: a client masks. Ours is the end that the step acts at.
bool we_are_the_client(const LoadContext& c, Node part) {
  const auto at = part.parent().attribute("at");
  const std::string_view name = at ? std::string_view(at.value()) : default_link(c.role);
  const auto is_it = [&](const FirstLink& one) { return one.role == c.role && one.name == name && one.accepts; };
  return std::ranges::none_of(first_links, is_it);
}

SendPart send_ws(const LoadContext& c, Node node) {
  c.xml.check(node, "ws", {"op"}, {"code", "fin", "mask", "rsv", "stream", "padding", "frame"});
  SendWs part;
  part.payload = read_payload(c, node);
  part.opcode = opcode_attribute(c, node);
  part.code = close_code_attribute(c, node);
  part.fin = yes_no_attribute(c.xml, node, "fin", true);
  part.masked = yes_no_attribute(c.xml, node, "mask", we_are_the_client(c, node));
  part.rsv = static_cast<std::uint8_t>(number_attribute(c.xml, node, "rsv", 0, 7));
  part.padding = read_padding(c, node);
  part.largest = read_largest(c, node);
  part.stream = stream_attribute(c.xml, node);
  return part;
}

SendPart send_rst(const LoadContext& c, Node node) {
  c.xml.check(node, "rst", {"code"}, {"stream"});
  c.xml.nothing_in(node);
  const auto code = error_code_attribute(c, node);
  const auto stream = stream_attribute(c.xml, node);
  const auto frame = h2::rst_stream(stream, code);
  return SendFrame{frame.type, frame.flags, frame.stream, frame.payload};
}

SendPart send_window(const LoadContext& c, Node node) {
  c.xml.check(node, "window", {"by"}, {"stream"});
  c.xml.nothing_in(node);
  const auto by = number_attribute(c.xml, node, "by", 0, 0xffffffffu);
  const auto stream = stream_attribute(c.xml, node);
  const auto frame = h2::window_update(stream, static_cast<std::uint32_t>(by));
  return SendFrame{frame.type, frame.flags, frame.stream, frame.payload};
}

SendPart send_settings(const LoadContext& c, Node node) {
  c.xml.check(node, "settings", {}, {});
  return SendSettings{read_setting_lines(c, node)};
}

SendPart send_frame(const LoadContext& c, Node node) {
  c.xml.check(node, "frame", {"type"}, {"flags", "stream"});
  const auto type = h2::frame_type_from(node.attribute("type").value());
  if (!type)
    c.xml.fail_at(node, cat("type=\"", node.attribute("type").value(), "\"; it is a name of RFC 9113 6 or a number"));
  const auto flags = h2::flags_from(node.attribute("flags").value());
  if (!flags)
    c.xml.fail_at(node, cat("flags=\"", node.attribute("flags").value(), "\"; they are names joined by | or a number"));
  const auto stream = stream_attribute(c.xml, node);
  const auto text = c.xml.text(node);
  auto payload = unhex(text);
  if (!payload) c.xml.fail_at(node, "the payload is pairs of hexadecimal digits");
  return SendFrame{*type, *flags, stream, std::move(*payload)};
}

SendPart send_raw(const LoadContext& c, Node node) {
  c.xml.check(node, "raw", {}, {});
  const auto text = c.xml.text(node);
  auto octets = unhex(text);
  if (!octets) c.xml.fail_at(node, "<raw> is pairs of hexadecimal digits");
  return SendRaw{std::move(*octets)};
}

SendPart send_push(const LoadContext& c, Node node) {
  c.xml.check(node, "push", {"promised"}, {"like", "stream"});
  SendPush part;
  part.like = like_attribute(c, node);
  part.lines = read_field_lines(c, node);
  part.stream = stream_attribute(c.xml, node);
  part.promised = static_cast<std::uint32_t>(number_attribute(c.xml, node, "promised", 2, 0x7fffffff));
  return part;
}

SendPart send_goaway(const LoadContext& c, Node node) {
  c.xml.check(node, "goaway", {"code"}, {"last"});
  c.xml.nothing_in(node);
  return SendGoaway{static_cast<std::uint32_t>(number_attribute(c.xml, node, "last", 0x7fffffff, 0x7fffffff)),
                    error_code_attribute(c, node)};
}

SendPart send_end(const LoadContext& c, Node node) {
  c.xml.check(node, "end", {}, {"stream"});
  c.xml.nothing_in(node);
  return SendEnd{stream_attribute(c.xml, node)};
}

}  // namespace

SendPart read_send_part(const LoadContext& c, Node node) {
  struct Row {
    std::string_view name;
    SendPart (*read)(const LoadContext&, Node);
  };
  constexpr std::array rows = {Row{"headers", send_headers},   Row{"data", send_data},
                               Row{"octets", send_data},       Row{"ws", send_ws},
                               Row{"rst", send_rst},           Row{"window", send_window},
                               Row{"settings", send_settings}, Row{"frame", send_frame},
                               Row{"raw", send_raw},           Row{"end", send_end},
                               Row{"push", send_push},         Row{"goaway", send_goaway},
                               Row{"h1", send_head},           Row{"chunk", send_chunk},
                               Row{"accept", send_accept}};
  const auto row = std::ranges::find(rows, std::string_view(node.name()), &Row::name);
  if (row == rows.end()) {
    c.xml.fail_at(node, cat("unknown element <", node.name(),
                            "> in <send>; its parts are headers h1 accept data octets chunk ws rst window settings "
                            "frame raw end push goaway"));
  }
  return row->read(c, node);
}

}  // namespace upspec
