#include <algorithm>
#include <array>
#include <optional>
#include <set>

#include "base/text.hpp"
#include "h2/codes.hpp"
#include "script/accept.hpp"
#include "script/convert.hpp"

namespace upspec::script {
namespace {

// Escapes of the case language for all that its text cannot hold, and XML's own.
std::string escaped(std::string_view text, std::string_view also = "") {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto octet = static_cast<std::uint8_t>(text[i]);
    const bool edge = (i == 0 || i + 1 == text.size()) && octet == ' ';
    if (octet == '<')
      out += "&lt;";
    else if (octet == '>')
      out += "&gt;";
    else if (octet == '&')
      out += "&amp;";
    else if (octet == '\\')
      out += "\\\\";
    else if (octet < ' ' || octet >= 0x7f || octet == '$' || edge || also.find(text[i]) != also.npos)
      out += cat("\\x", digits[octet >> 4], digits[octet & 15]);
    else
      out += text[i];
  }
  return out;
}

std::string stream_attribute(std::uint32_t stream) { return stream == 1 ? "" : cat(" stream=\"", stream, "\""); }

std::string hex_attribute(std::uint8_t value) {
  constexpr std::string_view digits = "0123456789abcdef";
  return cat("0x", digits[value >> 4], digits[value & 15]);
}

std::string frame_part(const h2::Frame& frame) {
  return cat("    <frame type=\"", hex_attribute(frame.type), "\" flags=\"", hex_attribute(frame.flags), "\" stream=\"",
             frame.stream, "\">", hex(frame.payload), "</frame>\n");
}

constexpr std::array<std::string_view, 4> indexing_words = {"", "incremental", "without", "never"};

std::string form_attribute(const h2::FieldForm& form) {
  std::vector<std::string> all;
  if (form.indexing != h2::Indexing::automatic)
    all.emplace_back(indexing_words[static_cast<std::size_t>(form.indexing)]);
  if (!form.huffman) all.emplace_back("plain");
  if (!form.indexed_name) all.emplace_back("literal-name");
  if (form.resized) all.emplace_back("resized");
  return all.empty() ? "" : cat(" form=\"", join(all, " "), "\"");
}

class Maker {
 public:
  Maker(const Script& script, const CaseText& text) : script_(script), text_(text) {
    for (const auto& step : script.steps)
      if (const auto* section = std::get_if<SectionStep>(&step.what))
        connect_ = connect_ || h2::find(section->fields, ":protocol") != nullptr;
  }

  std::string make() {
    for (const auto& step : script_.steps) take(step);
    close_send();
    for (const auto& link : links_)
      if (speaks_h2(script_.role, link.end) && !ended_.contains(link)) barrier(link);
    return cat("<cases subject=\"", text_.subject, "\" role=\"", role_name(), "\"", way(), ">\n  <case id=\"", text_.id,
               "\" checks=\"", text_.checks, "\" dialect=\"", connect_ ? "connect" : "upgrade", "\" stands-on=\"\">\n",
               comment(text_.about), greeting(), connects_, body_, "  </case>\n</cases>\n");
  }

 private:
  std::string_view role_name() const {
    return script_.role == Role::server ? "server" : script_.role == Role::client ? "client" : "proxy";
  }
  std::string way() const {
    return has(script_.role, End::front) && has(script_.role, End::behind)
               ? cat(" way=\"", name_of(script_.role).substr(6), "\"")
               : "";
  }
  // "--" cannot stand in a comment.
  static std::string comment(std::string_view text) {
    if (text.empty()) return "";
    std::string out = escaped(text);
    for (auto at = out.find("--"); at != out.npos; at = out.find("--")) out.replace(at, 2, "- ");
    return cat("    <!-- ", out, " -->\n");
  }
  std::string greeting() const {
    if (script_.greets && script_.acknowledges && script_.gives_windows) return "";
    return comment(cat("the script was played", script_.greets ? "" : ", without a greeting",
                       script_.acknowledges ? "" : ", without acknowledging",
                       script_.gives_windows ? "" : ", without giving windows back"));
  }

  std::string at(LinkId link) const {
    std::string name = link.end == End::front ? "client" : script_.role == Role::client ? "server" : "origin";
    if (link.number != 0) name += cat("-", link.number);
    const bool plain = link.number == 0 && script_.role == Role::server;
    return plain ? "" : cat(" at=\"", name, "\"");
  }

  void open_send(const Step& step) {
    if (!open_)
      body_ += cat("    <send", at(step.link),
                   step.split > 0 && step.split != joined ? cat(" split=\"", step.split, "\"") : "", ">\n");
    open_ = step.link;
  }
  void close_send() {
    if (open_) body_ += "    </send>\n";
    open_.reset();
  }
  // Nothing is judged: SETTINGS are acknowledged, or the connection has ended, by right or not.
  void barrier(LinkId link) {
    body_ +=
        cat("    <send", at(link), "><settings>MAX_FRAME_SIZE=16384</settings></send>\n    <any-of", at(link),
            "><expect><settings ack=\"yes\"/></expect><expect><goaway/></expect><expect><closed/></expect></any-of>\n");
  }

  void take(const Step& step) {
    if (links_.insert(step.link).second && step.link.end == End::front && step.link.number != 0)
      connects_ += cat("    <connect", at(step.link), "/>\n");
    const bool sends = !std::holds_alternative<WaitStep>(step.what) &&
                       !std::holds_alternative<HalfCloseStep>(step.what) &&
                       !std::holds_alternative<AbortStep>(step.what);
    if (open_ && (!sends || open_ != step.link)) close_send();
    if (sends) open_send(step);
    std::visit([&](const auto& what) { add(what, step.link); }, step.what);
    if (sends && step.split != joined) close_send();
  }

  void add(const FrameStep& step, LinkId) { body_ += frame_part(step.frame); }

  void add(const SectionStep& step, LinkId) {
    const bool plain = std::ranges::none_of(step.fields, [](const h2::Field& f) { return f.name.empty(); });
    if (!plain || step.fields.empty()) {
      const auto block = h2::FieldEncoder().encode(step.fields, {h2::Indexing::without, true, true, false});
      const std::uint8_t end = step.end ? h2::flag::end_stream : 0;
      return void(body_ +=
                  frame_part(h2::headers(step.stream, block, static_cast<std::uint8_t>(h2::flag::end_headers | end))));
    }
    body_ += cat("    <headers", stream_attribute(step.stream), step.end ? " end=\"yes\"" : "",
                 form_attribute(step.form), step.cut != 0 ? cat(" cut=\"", step.cut, "\"") : "", ">\n");
    for (const auto& field : step.fields) {
      const bool pseudo = field.name.starts_with(':');
      const auto name = escaped(std::string_view(field.name).substr(pseudo ? 1 : 0), ": ");
      const bool hole = field.value == accept_hole;
      body_ +=
          cat("      &gt;", pseudo ? ":" : "", name, ": ", hole ? "${ws-accept(key)}" : escaped(field.value), "\n");
    }
    body_ += "    </headers>\n";
  }

  void add(const OctetsStep& step, LinkId) {
    const auto stream = stream_attribute(step.stream);
    if (!step.octets.empty())
      body_ += cat("    <octets", stream, ">", escaped(as_text(step.octets), " "), "</octets>\n");
    if (step.end) body_ += cat("    <end", stream, "/>\n");
    if (step.octets.empty() && !step.end) body_ += frame_part(h2::data(step.stream, {}));
  }
  void add(const WebSocketStep& step, LinkId) {
    body_ += cat("    <ws op=\"", step.opcode, "\"", step.fin ? "" : " fin=\"no\"", step.masked ? "" : " mask=\"no\"",
                 step.rsv != 0 ? cat(" rsv=\"", step.rsv, "\"") : "", stream_attribute(step.stream), ">",
                 escaped(as_text(step.payload), " "), "</ws>\n");
  }
  void add(const RawStep& step, LinkId link) {
    if (!speaks_h2(script_.role, link.end)) {
      body_ += cat("    <octets>", escaped(as_text(step.octets), " "), "</octets>\n");
    } else {
      body_ += cat("    <raw>", hex(step.octets), "</raw>\n");
    }
  }
  void add(const WaitStep& step, LinkId link) {
    if (ended_.contains(link) || step.what == Awaited::settings) return;
    if (!speaks_h2(script_.role, link.end) || step.what != Awaited::section || link.end == End::behind) {
      body_ += comment(cat("the script waits here: ", print(Step{link, 0, step})));
      if (speaks_h2(script_.role, link.end)) barrier(link);
      return;
    }
    const auto stream = stream_attribute(step.stream);
    body_ += cat("    <any-of", at(link), "><outcome", stream, ">accept</outcome><outcome", stream,
                 ">refused</outcome></any-of>\n");
  }
  void add(const HalfCloseStep&, LinkId link) { cut(link, "fin"); }
  void add(const AbortStep&, LinkId link) { cut(link, "reset"); }
  void cut(LinkId link, std::string_view how) {
    if (!ended_.insert(link).second) return;
    body_ += cat("    <cut", at(link), " how=\"", how, "\"/>\n");
  }

  const Script& script_;
  const CaseText& text_;
  bool connect_ = false;
  std::optional<LinkId> open_;
  std::set<LinkId> links_, ended_;
  std::string connects_, body_;
};

}  // namespace

std::string case_of(const Script& script, const CaseText& text) { return Maker(script, text).make(); }

}  // namespace upspec::script
