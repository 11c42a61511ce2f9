#include "ws/frame.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace upspec::ws {

namespace {

constexpr std::uint8_t fin_bit = 0x80;
constexpr std::uint8_t mask_bit = 0x80;
constexpr std::uint64_t largest_length = ~std::uint64_t{0} >> 1;  // RFC 6455 5.2: the top bit is 0

// How wide the number after a 7-bit length is (RFC 6455 5.2).
struct LengthForm {
  std::uint8_t seven_bits;
  std::uint8_t width;
  std::uint64_t largest;
};

constexpr LengthForm wide_forms[] = {{126, 2, 0xffff}, {127, 8, ~std::uint64_t{0}}};

std::uint8_t shortest_width(std::uint64_t length) {
  if (length < wide_forms[0].seven_bits) return 0;
  return std::ranges::find_if(wide_forms, [&](const auto& form) { return length <= form.largest; })->width;
}

void write_length(Octets& out, std::uint64_t length, std::uint8_t width, std::uint8_t bit) {
  const auto form = std::ranges::find(wide_forms, width, &LengthForm::width);
  const bool wide = form != std::end(wide_forms);
  out.push_back(static_cast<std::uint8_t>(bit | (wide ? form->seven_bits : length)));
  if (wide) append_number(out, length, width);
}

// RFC 6455 5.3: the same operation masks and unmasks.
void apply_mask(std::span<std::uint8_t> octets, const std::array<std::uint8_t, 4>& mask) {
  for (std::size_t i = 0; i < octets.size(); ++i) octets[i] ^= mask[i % 4];
}

struct Header {
  Frame frame;  // without its payload
  std::uint64_t length = 0;
  std::size_t size = 0;
};

// Nothing yet, while there is less than a whole header.
std::optional<Header> read_header(OctetView octets) {
  if (octets.size() < 2) return std::nullopt;
  const auto form = std::ranges::find(wide_forms, octets[1] & 0x7f, &LengthForm::seven_bits);
  const bool wide = form != std::end(wide_forms);
  const bool masked = (octets[1] & mask_bit) != 0;
  const std::size_t mask_at = wide ? 2u + form->width : 2u;
  Header header;
  header.size = mask_at + (masked ? 4 : 0);
  if (octets.size() < header.size) return std::nullopt;
  header.frame.fin = (octets[0] & fin_bit) != 0;
  header.frame.rsv = octets[0] >> 4 & 7;
  header.frame.opcode = octets[0] & 15;
  header.length = wide ? read_number(octets, 2, form->width) : octets[1] & 0x7f;
  if (wide && form->width != shortest_width(header.length)) header.frame.long_length = form->width;
  if (masked) std::ranges::copy(octets.subspan(mask_at, 4), header.frame.mask.emplace().begin());
  return header;
}

}  // namespace

Octets serialise(const Frame& frame) {
  Octets out;
  out.push_back(static_cast<std::uint8_t>((frame.fin ? fin_bit : 0) | (frame.rsv & 7) << 4 | (frame.opcode & 15)));
  const auto width = std::max(shortest_width(frame.payload.size()), frame.long_length);
  write_length(out, frame.payload.size(), width, frame.mask ? mask_bit : std::uint8_t{0});
  if (frame.mask) append(out, *frame.mask);
  const std::size_t payload_at = out.size();
  append(out, frame.payload);
  if (frame.mask) apply_mask(std::span(out).subspan(payload_at), *frame.mask);
  return out;
}

void FrameReader::feed(OctetView octets) {
  if (broken_) return;
  // Only when at least half is spent: what is moved was paid for by what was read, so the whole stays linear.
  if (start_ >= buffer_.size() - start_) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(start_));
    start_ = 0;
  }
  append(buffer_, octets);
}

std::optional<Frame> FrameReader::next() {
  if (broken_) return std::nullopt;
  const OctetView waiting = OctetView(buffer_).subspan(start_);
  auto header = read_header(waiting);
  if (!header) return std::nullopt;
  broken_ = header->length > std::min<std::uint64_t>(largest_, largest_length);
  if (broken_ || waiting.size() - header->size < header->length) return std::nullopt;
  Frame& frame = header->frame;
  frame.payload = to_octets(waiting.subspan(header->size, header->length));
  if (frame.mask) apply_mask(frame.payload, *frame.mask);
  start_ += header->size + frame.payload.size();
  return std::move(frame);
}

Octets close_payload(std::uint16_t code, std::string_view reason) {
  Octets payload;
  append_number(payload, code, 2);
  append(payload, as_octets(reason));
  return payload;
}

std::optional<CloseReason> read_close(OctetView payload) {
  if (payload.empty()) return CloseReason{};
  if (payload.size() == 1) return std::nullopt;
  return CloseReason{static_cast<std::uint16_t>(read_number(payload, 0, 2)), to_text(payload.subspan(2))};
}

bool may_be_sent(std::uint16_t close_code) {
  struct Range {
    std::uint16_t first, last;
  };
  static constexpr Range ranges[] = {{1000, 1003}, {1007, 1014}, {3000, 4999}};
  return std::ranges::any_of(ranges, [&](Range r) { return r.first <= close_code && close_code <= r.last; });
}

namespace {

// RFC 3629 section 4, line by line: the first octet, the second, and how many octets 80 to BF follow.
struct Utf8Form {
  std::uint8_t first_from, first_to;
  std::uint8_t second_from, second_to;
  std::size_t size;
};

constexpr Utf8Form utf8_forms[] = {
    {0x00, 0x7f, 0, 0, 1},       {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

bool within(std::uint8_t octet, std::uint8_t from, std::uint8_t to) { return from <= octet && octet <= to; }

// How many octets the first character has; 0: it is none.
std::size_t utf8_size(OctetView text) {
  const auto form =
      std::ranges::find_if(utf8_forms, [&](const auto& f) { return within(text[0], f.first_from, f.first_to); });
  if (form == std::end(utf8_forms) || text.size() < form->size) return 0;
  if (form->size > 1 && !within(text[1], form->second_from, form->second_to)) return 0;
  for (std::size_t i = 2; i < form->size; ++i) {
    if (!within(text[i], 0x80, 0xbf)) return 0;
  }
  return form->size;
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (OctetView rest = as_octets(text); !rest.empty();) {
    const std::size_t size = utf8_size(rest);
    if (size == 0) return false;
    rest = rest.subspan(size);
  }
  return true;
}

// For people

namespace {

struct OpcodeName {
  Opcode opcode;
  std::string_view name;
};

constexpr OpcodeName opcode_names[] = {
    {Opcode::continuation, "continuation"},
    {Opcode::text, "text"},
    {Opcode::binary, "binary"},
    {Opcode::close, "close"},
    {Opcode::ping, "ping"},
    {Opcode::pong, "pong"},
};

std::string opcode_name(const Frame& frame) {
  const auto known = std::ranges::find_if(opcode_names, [&](const auto& row) { return frame.is(row.opcode); });
  return known == std::end(opcode_names) ? cat("opcode ", frame.opcode) : std::string(known->name);
}

std::string say_payload(const Frame& frame) {
  if (frame.is(Opcode::close) && frame.payload.empty()) return "without code";
  if (const auto close = read_close(frame.payload); frame.is(Opcode::close) && close) {
    return cat(close->code, close->reason.empty() ? "" : " ", close->reason.empty() ? "" : quoted(close->reason));
  }
  constexpr std::size_t shown = 64;
  auto size = cat(frame.payload.size(), " octets");
  if (frame.payload.empty()) return size;
  return cat(size, " ", frame.is(Opcode::text) ? quoted(as_text(frame.payload)) : hex(frame.payload, shown));
}

}  // namespace

std::string describe(const Frame& frame) {
  std::vector<std::string> pieces{opcode_name(frame)};
  // A control frame always has FIN, so only its absence is worth saying.
  if (frame.fin != frame.is_control()) pieces.emplace_back(frame.fin ? "fin" : "without fin");
  if (frame.rsv != 0) pieces.push_back(cat("rsv=", frame.rsv));
  pieces.push_back(say_payload(frame));
  if (frame.long_length != 0) pieces.push_back(cat("(length in ", frame.long_length, " octets)"));
  if (frame.mask) pieces.emplace_back("masked");
  return join(pieces, " ");
}

}  // namespace upspec::ws
