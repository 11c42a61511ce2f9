// The text form of script.hpp: print and parse.
#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "base/text.hpp"
#include "h2/codes.hpp"
#include "script/script.hpp"

namespace upspec::script {
namespace {

constexpr std::array<std::string_view, 5> role_names = {"server", "client", "proxy-21", "proxy-12", "proxy-22"};
constexpr std::array<std::string_view, 6> awaited_names = {"settings", "ack", "section", "octets", "end", "quiescent"};
constexpr std::array<std::string_view, 4> indexing_names = {"", "incremental", "without", "never"};

struct OpcodeName {
  std::uint8_t opcode;
  std::string_view name;
};
constexpr std::array opcode_names = {OpcodeName{0, "continuation"}, OpcodeName{1, "text"}, OpcodeName{2, "binary"},
                                     OpcodeName{8, "close"},        OpcodeName{9, "ping"}, OpcodeName{10, "pong"}};

// ---- printing -----------------------------------------------------------------------------------------------------

// Lines of the octets are lines of the text, as far as that helps: a head reads as a head.
std::string print_octets(OctetView octets) {
  std::string_view text = as_text(octets);
  std::string out;
  do {
    const auto end = text.find('\n');
    const auto line = text.substr(0, end == text.npos ? end : end + 1);
    out += cat(out.empty() ? " " : "\n    ", quoted(line, line.size()));
    text.remove_prefix(line.size());
  } while (!text.empty());
  return out;
}

bool stands_plainly(const h2::Field& field) {
  const auto printable = [](char c) { return c >= ' ' && c < 0x7f; };
  const auto of_name = [&](char c) { return printable(c) && c != ' ' && c != '"' && c != ':'; };
  const auto name = std::string_view(field.name);
  return !name.empty() && (of_name(name.front()) || name.front() == ':') &&
         std::ranges::all_of(name.substr(1), of_name) && name.front() != '#' &&
         std::ranges::all_of(field.value, printable) && trim(field.value).size() == field.value.size();
}

std::string print_field(const h2::Field& field) {
  if (stands_plainly(field)) return cat("\n    ", field.name, ":", field.value.empty() ? "" : " ", field.value);
  return cat("\n    ", quoted(field.name, field.name.size()), ": ", quoted(field.value, field.value.size()));
}

std::string words_of(const h2::FieldForm& form) {
  std::string out;
  if (form.indexing != h2::Indexing::automatic)
    out += cat(" ", indexing_names[static_cast<std::size_t>(form.indexing)]);
  if (!form.huffman) out += " plain";
  if (!form.indexed_name) out += " literal-name";
  if (form.resized) out += " resized";
  return out;
}

std::string writing_of(const Step& step) {
  if (step.split == 0) return "";
  return step.split == joined ? " joined" : cat(" split=", step.split);
}

std::string print_frame(const h2::Frame& frame) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto flags = h2::flag_names(frame.type, frame.flags);
  if (flags.empty()) flags = "0x0";
  if (h2::flags_from(flags) != frame.flags) {
    flags = std::string("0x") + digits[frame.flags >> 4] + digits[frame.flags & 15];
  }
  const auto payload = hex(frame.payload);
  return cat(" ", h2::frame_type_name(frame.type), " ", frame.stream, " ", flags, payload.empty() ? "" : " ", payload);
}

struct Printer {
  const Step& step;
  std::string operator()(const FrameStep& one) const { return cat(" frame", writing_of(step), print_frame(one.frame)); }
  std::string operator()(const SectionStep& one) const {
    auto out = cat(" section ", one.stream, one.end ? " end" : "", words_of(one.form));
    if (one.cut != 0) out += cat(" cut=", one.cut);
    out += writing_of(step);
    for (const auto& field : one.fields) out += print_field(field);
    return out;
  }
  std::string operator()(const OctetsStep& one) const {
    return cat(" octets ", one.stream, one.end ? " end" : "", writing_of(step), print_octets(one.octets));
  }
  std::string operator()(const WebSocketStep& one) const {
    const auto known = std::ranges::find(opcode_names, one.opcode, &OpcodeName::opcode);
    auto out = cat(" websocket ", one.stream, " ");
    out += known == opcode_names.end() ? cat("opcode=", one.opcode) : std::string(known->name);
    if (!one.fin) out += " more";
    if (one.rsv != 0) out += cat(" rsv=", one.rsv);
    if (!one.masked) out += " unmasked";
    return out + writing_of(step) + print_octets(one.payload);
  }
  std::string operator()(const RawStep& one) const { return cat(" raw", writing_of(step), print_octets(one.octets)); }
  std::string operator()(const WaitStep& one) const {
    auto out = cat(" wait ", awaited_names[static_cast<std::size_t>(one.what)]);
    if (names_stream(one.what)) out += cat(" ", one.stream);
    if (one.what == Awaited::octets) out += cat(" ", one.octets);
    return out + writing_of(step);
  }
  std::string operator()(const HalfCloseStep&) const { return " half-close" + writing_of(step); }
  std::string operator()(const AbortStep&) const { return " abort" + writing_of(step); }
};

// ---- parsing ------------------------------------------------------------------------------------------------------

// A quoted text at the start of `text`, which it is cut from; nothing when there is none or it is wrong.
std::optional<std::string> take_quoted(std::string_view& text) {
  constexpr std::string_view letters = "rnt0\"\\", octets = std::string_view("\r\n\t\0\"\\", 6);
  if (!text.starts_with('"')) return std::nullopt;
  std::string out;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return text.remove_prefix(i + 1), out;
    if (text[i] != '\\') {
      out += text[i];
      continue;
    }
    if (++i == text.size()) return std::nullopt;
    if (const auto known = letters.find(text[i]); known != letters.npos) {
      out += octets[known];
      continue;
    }
    const auto octet = text[i] == 'x' ? unhex(text.substr(i + 1, 2)) : std::nullopt;
    if (!octet || octet->size() != 1) return std::nullopt;
    out += static_cast<char>(octet->front());
    i += 2;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> number_in(std::string_view text, std::uint64_t largest) {
  const auto value = to_number(text);
  return value && *value <= largest ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
}

// The words of a step's line, taken one by one, and the quoted octets behind them.
struct Line {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  std::string_view quoted;

  explicit Line(std::string_view text) {
    const auto quote = text.find('"');
    words = upspec::words(text.substr(0, quote));
    if (quote != text.npos) quoted = text.substr(quote);
  }
  bool take(std::string_view word) { return at < words.size() && words[at] == word ? ++at, true : false; }
  std::string_view next() { return at < words.size() ? words[at++] : std::string_view(); }
  // "split=3" with `key` "split=".
  std::optional<std::uint32_t> take_number(std::string_view key, std::uint32_t largest) {
    if (at >= words.size() || !words[at].starts_with(key)) return std::nullopt;
    const auto value = number_in(words[at].substr(key.size()), largest);
    if (value) ++at;
    return value;
  }
  bool take_stream(std::uint32_t& to) {
    const auto value = number_in(next(), 0x7fffffff);
    if (value) to = *value;
    return value.has_value();
  }
};

void take_writing(Line& line, Step& step) {
  if (line.take("joined")) step.split = joined;
  if (const auto split = line.take_number("split=", 254)) step.split = static_cast<std::uint8_t>(*split);
}

// "" or what is wrong.
std::string take_octets(std::string_view text, Octets& to) {
  const auto octets = take_quoted(text);
  if (!octets || !trim(text).empty())
    return "octets stand in double quotes, with \\r \\n \\t \\0 \\\" \\\\ \\xNN for what cannot stand there";
  append(to, as_octets(*octets));
  return to.size() > largest_octets ? "too many octets in one step" : "";
}

std::string parse_frame(Line& line, Step& step) {
  FrameStep made;
  take_writing(line, step);
  const auto type = h2::frame_type_from(line.next());
  if (!type) return "a frame's type is missing: DATA, HEADERS ... or 0x42";
  made.frame.type = *type;
  if (!line.take_stream(made.frame.stream)) return "a frame's stream is missing";
  const auto flags = h2::flags_from(line.next());
  if (!flags) return "a frame's flags are missing: END_STREAM|PADDED, or 0x0";
  made.frame.flags = *flags;
  std::string payload;
  while (line.at < line.words.size()) payload += cat(line.next(), " ");
  const auto octets = unhex(payload);
  if (!octets || octets->size() > largest_octets) return "a frame's payload is written in hexadecimal";
  made.frame.payload = *octets;
  step.what = std::move(made);
  return "";
}

std::string parse_section(Line& line, Step& step) {
  SectionStep made;
  if (!line.take_stream(made.stream)) return "a stream is missing";
  made.end = line.take("end");
  for (std::size_t i = 1; i < indexing_names.size(); ++i)
    if (line.take(indexing_names[i])) made.form.indexing = static_cast<h2::Indexing>(i);
  made.form.huffman = !line.take("plain");
  made.form.indexed_name = !line.take("literal-name");
  made.form.resized = line.take("resized");
  if (const auto cut = line.take_number("cut=", 255)) made.cut = static_cast<std::uint8_t>(*cut);
  take_writing(line, step);
  step.what = std::move(made);
  return "";
}

std::string parse_octets(Line& line, Step& step) {
  OctetsStep made;
  if (!line.take_stream(made.stream)) return "a stream is missing";
  made.end = line.take("end");
  take_writing(line, step);
  auto wrong = take_octets(line.quoted, made.octets);
  step.what = std::move(made);
  return wrong;
}

std::string parse_websocket(Line& line, Step& step) {
  WebSocketStep made;
  if (!line.take_stream(made.stream)) return "a stream is missing";
  if (const auto opcode = line.take_number("opcode=", 15)) {
    made.opcode = static_cast<std::uint8_t>(*opcode);
  } else {
    const auto known = std::ranges::find(opcode_names, line.next(), &OpcodeName::name);
    if (known == opcode_names.end()) return "an opcode is missing: text, binary ... or opcode=3";
    made.opcode = known->opcode;
  }
  made.fin = !line.take("more");
  if (const auto rsv = line.take_number("rsv=", 7)) made.rsv = static_cast<std::uint8_t>(*rsv);
  made.masked = !line.take("unmasked");
  take_writing(line, step);
  auto wrong = take_octets(line.quoted, made.payload);
  step.what = std::move(made);
  return wrong;
}

std::string parse_raw(Line& line, Step& step) {
  RawStep made;
  take_writing(line, step);
  auto wrong = take_octets(line.quoted, made.octets);
  step.what = std::move(made);
  return wrong;
}

std::string parse_wait(Line& line, Step& step) {
  WaitStep made;
  const auto known = std::ranges::find(awaited_names, line.next());
  if (known == awaited_names.end())
    return cat("what is awaited is one of ", join({awaited_names.begin(), awaited_names.end()}, " "));
  made.what = static_cast<Awaited>(known - awaited_names.begin());
  if (names_stream(made.what) && !line.take_stream(made.stream)) return "a stream is missing";
  if (made.what == Awaited::octets) {
    const auto octets = number_in(line.next(), 0xffffffff);
    if (!octets) return "the number of octets is missing";
    made.octets = *octets;
  }
  take_writing(line, step);
  step.what = made;
  return "";
}

template <class Empty>
std::string parse_empty(Line& line, Step& step) {
  step.what = Empty{};
  take_writing(line, step);
  return "";
}

struct Verb {
  std::string_view name;
  std::string (*parse)(Line&, Step&);
};
constexpr std::array verbs = {Verb{"frame", parse_frame},
                              Verb{"section", parse_section},
                              Verb{"octets", parse_octets},
                              Verb{"websocket", parse_websocket},
                              Verb{"raw", parse_raw},
                              Verb{"wait", parse_wait},
                              Verb{"half-close", parse_empty<HalfCloseStep>},
                              Verb{"abort", parse_empty<AbortStep>}};

std::optional<LinkId> link_from(std::string_view name) {
  LinkId link;
  const auto dot = name.find('.');
  if (name.substr(0, dot) == "behind")
    link.end = End::behind;
  else if (name.substr(0, dot) != "front")
    return std::nullopt;
  if (dot == name.npos) return link;
  const auto number = number_in(name.substr(dot + 1), most_links - 1);
  if (!number) return std::nullopt;
  link.number = static_cast<std::uint8_t>(*number);
  return link;
}

std::string parse_step(std::string_view text, Step& step) {
  Line line(text);
  const auto link = link_from(line.next());
  if (!link) return "a step begins with front, behind, front.1 ...";
  step.link = *link;
  const auto name = line.next();
  const auto verb = std::ranges::find(verbs, name, &Verb::name);
  if (verb == verbs.end()) return cat("unknown step ", quoted(name));
  if (auto wrong = verb->parse(line, step); !wrong.empty()) return wrong;
  return line.at == line.words.size() ? "" : cat("what is ", quoted(line.words[line.at]), "?");
}

std::string parse_field(std::string_view text, SectionStep& to) {
  if (to.fields.size() == most_fields) return "too many fields";
  h2::Field field;
  if (text.starts_with('"')) {
    const auto name = take_quoted(text);
    if (!name || !text.starts_with(':')) return "a field's name is not closed, or no colon follows";
    text = trim(text.substr(1));
    const auto value = take_quoted(text);
    if (!value || !trim(text).empty()) return "a field's value stands in quotes, as its name does";
    field = {*name, *value};
  } else {
    const auto colon = text.find(':', 1);
    if (colon == text.npos) return "a field is \"name: value\"";
    field = {std::string(text.substr(0, colon)), std::string(trim(text.substr(colon + 1)))};
  }
  to.fields.push_back(std::move(field));
  return "";
}

// An indented line goes on with the step before it.
std::string parse_more(std::string_view text, std::vector<Step>& steps) {
  if (steps.empty()) return "an indented line needs a step before it";
  auto& what = steps.back().what;
  if (auto* section = std::get_if<SectionStep>(&what)) return parse_field(text, *section);
  if (auto* one = std::get_if<OctetsStep>(&what)) return take_octets(text, one->octets);
  if (auto* one = std::get_if<WebSocketStep>(&what)) return take_octets(text, one->payload);
  if (auto* one = std::get_if<RawStep>(&what)) return take_octets(text, one->octets);
  return "this step has no further lines";
}

std::string parse_first(std::string_view text, Script& script) {
  Line line(text);
  if (!line.take("script")) return "the first line is \"script ROLE\"";
  const auto known = std::ranges::find(role_names, line.next());
  if (known == role_names.end()) return cat("a role is one of ", join({role_names.begin(), role_names.end()}, " "));
  script.role = static_cast<Role>(known - role_names.begin());
  script.greets = !line.take("without-greeting");
  script.acknowledges = !line.take("without-acknowledging");
  script.gives_windows = !line.take("without-windows");
  return line.at == line.words.size() ? "" : cat("what is ", quoted(line.words[line.at]), "?");
}

std::string parse_line(std::string_view text, bool first, Script& script) {
  if (first) return parse_first(text, script);
  if (text.front() == ' ' || text.front() == '\t') return parse_more(trim(text), script.steps);
  if (script.steps.size() == most_steps) return "too many steps";
  script.steps.emplace_back();
  return parse_step(text, script.steps.back());
}

}  // namespace

std::string_view name_of(Role role) { return role_names[static_cast<std::size_t>(role)]; }

std::string name_of(LinkId link) {
  const std::string end = link.end == End::front ? "front" : "behind";
  return link.number == 0 ? end : cat(end, ".", link.number);
}

std::string print(const Step& step) { return name_of(step.link) + std::visit(Printer{step}, step.what); }

std::string print(const Script& script) {
  auto out =
      cat("script ", name_of(script.role), script.greets ? "" : " without-greeting",
          script.acknowledges ? "" : " without-acknowledging", script.gives_windows ? "" : " without-windows", "\n");
  for (const auto& step : script.steps) out += cat(print(step), "\n");
  return out;
}

Result<Script> parse(std::string_view text) {
  Script script;
  bool first = true;
  std::size_t number = 0;
  for (const auto line : split(text, '\n')) {
    ++number;
    if (trim_lines(line).empty() || line.starts_with('#')) continue;
    const auto wrong = parse_line(line.ends_with('\r') ? line.substr(0, line.size() - 1) : line, first, script);
    if (!wrong.empty()) return fail(cat("line ", number, ": ", wrong));
    first = false;
  }
  if (first) return fail("line 1: the first line is \"script ROLE\"");
  return script;
}

Result<Script> read(OctetView octets) {
  const auto text = as_text(octets);
  return text.starts_with("script ") || text.starts_with("#") ? parse(text) : Result<Script>(decode(octets));
}

}  // namespace upspec::script
