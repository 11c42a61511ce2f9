#include "h1/content.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/text.hpp"

namespace upspec::h1 {

namespace {

using Kind = Framing::Kind;

constexpr std::size_t most_beside = 1u << 14;
constexpr std::size_t most_digits = 15;  // of a chunk's size: no number of so many overflows

std::optional<std::uint64_t> digit_of(std::uint8_t octet) {
  const auto c = static_cast<char>(octet);
  std::uint64_t value = 0;
  return std::from_chars(&c, &c + 1, value, 16).ec == std::errc() ? std::optional(value) : std::nullopt;
}

// Nothing where neither field is there.
Result<std::optional<Framing>> framing_of(const Fields& fields, int minor, bool is_request) {
  const auto lengths = members(fields, "content-length");
  const bool coded = find(fields, "transfer-encoding") != nullptr;
  if (coded && (!lengths.empty() || minor == 0)) return fail("transfer-encoding, where it cannot be");
  if (coded) {
    const auto codings = members(fields, "transfer-encoding");
    if (!codings.empty() && equal_folded(codings.back(), "chunked")) return Framing{Kind::chunked, 0};
    if (is_request) return fail("a request whose last transfer-coding is not chunked");
    return Framing{Kind::until_close, 0};
  }
  if (find(fields, "content-length") == nullptr) return std::nullopt;
  const auto length = lengths.empty() ? std::nullopt : to_number(lengths.front());
  if (!length || std::ranges::count(lengths, lengths.front()) != std::ssize(lengths))
    return fail(cat("content-length is ", quoted(join(lengths, ", "))));
  return Framing{Kind::counted, *length};
}

}  // namespace

Result<Framing> framing_of(const RequestHead& request) {
  const auto framing = framing_of(request.fields, request.minor, true);
  if (!framing) return tl::unexpected(framing.error());
  return framing->value_or(Framing{});
}

Result<Framing> framing_of(const ResponseHead& response, std::string_view method) {
  if (response.status < 200 || response.status == 204 || response.status == 304 || method == "HEAD") return Framing{};
  const auto framing = framing_of(response.fields, response.minor, false);
  if (!framing) return tl::unexpected(framing.error());
  return framing->value_or(Framing{Kind::until_close, 0});
}

bool ContentReader::done() const {
  switch (framing_.kind) {
    case Kind::none:
      return true;
    case Kind::counted:
      return left_ == 0;
    case Kind::chunked:
      return part_ == Part::over;
    case Kind::until_close:
      break;
  }
  return false;
}

Result<ContentReader::Taken> ContentReader::read(OctetView octets) {
  Taken taken;
  while (taken.size < octets.size() && !done()) {
    const auto rest = octets.subspan(taken.size);
    if (framing_.kind == Kind::chunked && part_ != Part::octets) {
      if (auto ok = read_frame(rest.front()); !ok) return tl::unexpected(ok.error());
      ++taken.size;
      continue;
    }
    const bool counts = framing_.kind != Kind::until_close;
    const auto part = counts ? rest.first(std::min<std::uint64_t>(left_, rest.size())) : rest;
    append(taken.content, part);
    taken.size += part.size();
    if (counts) left_ -= part.size();
    if (framing_.kind == Kind::chunked && left_ == 0) part_ = Part::chunk_end;
  }
  return taken;
}

// RFC 9112 7.1, octet by octet: no line is kept, so none can be too long.
Result<void> ContentReader::read_frame(std::uint8_t octet) {
  if (return_seen_ && octet != '\n') return fail("CR without LF between chunks");
  if (!return_seen_ && octet == '\n') return fail("LF without CR between chunks");
  if (octet == '\r') {
    return_seen_ = true;
    return {};
  }
  const bool line_ends = std::exchange(return_seen_, false);
  switch (part_) {
    case Part::size:
      if (const auto digit = digit_of(octet); digit && digits_ < most_digits) {
        left_ = left_ * 16 + *digit;
        ++digits_;
        return {};
      }
      if (digits_ == 0 || digits_ == most_digits || !(line_ends || octet == ';' || octet == ' ' || octet == '\t')) {
        return fail("no chunk size");
      }
      part_ = Part::extension;
      [[fallthrough]];
    case Part::extension:
      if (!line_ends) return ++beside_ > most_beside ? Result<void>(fail("endless chunk extensions")) : Result<void>();
      digits_ = 0;
      part_ = left_ == 0 ? Part::trailers : Part::octets;
      return {};
    case Part::chunk_end:
      if (!line_ends) return fail("octets behind a chunk");
      part_ = Part::size;
      return {};
    case Part::trailers:
      if (line_ends && line_ == 0) part_ = Part::over;
      line_ = line_ends ? 0 : line_ + 1;
      return ++beside_ > most_beside ? Result<void>(fail("endless trailers")) : Result<void>();
    case Part::octets:
    case Part::over:
      break;
  }
  return {};
}

Octets chunk(OctetView octets) {
  if (octets.empty()) return {};
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), octets.size(), 16).ptr;
  Octets out = to_octets(cat(std::string_view(digits.data(), end), "\r\n"));
  append(out, octets);
  append(out, as_octets("\r\n"));
  return out;
}

}  // namespace upspec::h1
