#include "h1/lenient.hpp"

#include <algorithm>
#include <charconv>

#include "base/text.hpp"
#include "h1/head.hpp"

namespace upspec::h1 {

namespace {

// Takes lines and content from the front, forgiving what can be forgiven.
class Sloppy {
 public:
  explicit Sloppy(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  void skip_empty_lines() { rest_.remove_prefix(std::min(rest_.find_first_not_of("\r\n"), rest_.size())); }

  // Nothing when no line end has come yet.
  std::optional<std::string_view> take_line() {
    const auto is_end = [](char c) { return c == '\r' || c == '\n'; };
    const auto end = static_cast<std::size_t>(std::ranges::find_if(rest_, is_end) - rest_.begin());
    const bool is_half = end + 1 == rest_.size() && rest_.back() == '\r';  // its LF may still come
    if (end == rest_.size() || is_half) return std::nullopt;
    const auto line = rest_.substr(0, end);
    rest_.remove_prefix(rest_.substr(end).starts_with("\r\n") ? end + 2 : end + 1);
    return line;
  }

  // False when there is less.
  bool take(std::uint64_t octets) {
    const bool enough = octets <= rest_.size();
    rest_.remove_prefix(enough ? static_cast<std::size_t>(octets) : rest_.size());
    return enough;
  }

 private:
  std::string_view rest_;
};

// Nothing where none is left.
std::string_view take_word(std::string_view& line) {
  line = trim(line);
  const auto word = line.substr(0, std::min(line.find(' '), line.find('\t')));
  line.remove_prefix(word.size());
  return word;
}

std::optional<std::uint64_t> number_at_start(std::string_view text, int base) {
  std::uint64_t value = 0;
  text = trim(text);
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return error == std::errc{} ? std::optional(value) : std::nullopt;
}

// Those that say how long the content is, up to the empty line; nothing when that has not come.
std::optional<Fields> take_fields(Sloppy& sloppy) {
  Fields framing;
  bool any = false, kept = false;
  while (const auto line = sloppy.take_line()) {
    const auto text = trim(*line);
    if (text.empty()) return framing;
    const auto colon = line->find(':');
    if (any && (line->starts_with(' ') || line->starts_with('\t'))) {
      if (kept) framing.back().value += cat(" ", text);
    } else if (colon != line->npos) {
      const auto name = trim(line->substr(0, colon));
      any = true;
      kept = equal_folded(name, "transfer-encoding") || equal_folded(name, "content-length");
      if (kept) framing.push_back({std::string(name), std::string(trim(line->substr(colon + 1)))});
    }
  }
  return std::nullopt;
}

bool take_chunks(Sloppy& sloppy) {
  while (const auto line = sloppy.take_line()) {
    const auto size = number_at_start(*line, 16);
    if (!size) return false;
    if (*size == 0) return take_fields(sloppy).has_value();
    if (!sloppy.take(*size) || !sloppy.take_line()) return false;
  }
  return false;
}

bool take_content(Sloppy& sloppy, const Fields& fields) {
  const auto codings = lower(join(members(fields, "transfer-encoding"), ","));
  if (codings.find("chunked") != codings.npos) return take_chunks(sloppy);
  const auto* length = find(fields, "content-length");
  return !length || sloppy.take(number_at_start(*length, 10).value_or(0));
}

// One request and its content; false when it is not whole.
bool take_request(Sloppy& sloppy, Reading& reading) {
  auto line = sloppy.take_line().value_or("");
  const auto method = take_word(line), target = take_word(line);
  if (target.empty()) return false;
  auto request = cat(method, " ", target);
  if (take_word(line).empty()) {
    reading.requests.push_back(std::move(request));
    return true;
  }
  const auto fields = take_fields(sloppy);
  if (!fields) return false;
  reading.requests.push_back(std::move(request));
  return take_content(sloppy, *fields);
}

std::string describe(const Reading& reading) {
  return cat(reading.requests.size(), " (", quoted(join(reading.requests, ", ")),
             reading.whole ? ")" : ", then a rest)");
}

}  // namespace

StrictReading read_strictly(OctetView octets, std::size_t enough) {
  StrictReading reading;
  const auto add = [&](const RequestHead& head) { reading.requests.push_back(cat(head.method, " ", head.target)); };
  while (reading.size < octets.size()) {
    const auto rest = octets.subspan(reading.size);
    const auto request = read_request(rest);
    if (!request || !*request) {
      reading.whole = false;
      if (!request) reading.wrong = request.error().text;
      // Its content is still to come, or wrong: the head may be whole all the same.
      if (const auto head = read_request_head(rest); head && *head) add((*head)->head);
      break;
    }
    add((*request)->head);
    reading.size += (*request)->size;
    ++reading.finished;
    if (reading.size >= enough) break;
  }
  return reading;
}

Reading read_leniently(OctetView octets) {
  Reading reading;
  Sloppy sloppy(as_text(octets));
  for (sloppy.skip_empty_lines(); reading.whole && !sloppy.at_end(); sloppy.skip_empty_lines()) {
    reading.whole = take_request(sloppy, reading);
  }
  return reading;
}

std::optional<std::string> disagreement(OctetView octets) { return disagreement(read_strictly(octets), octets); }

std::optional<std::string> disagreement(const Reading& strict, OctetView octets) {
  const auto lenient = read_leniently(octets);
  if (strict.requests == lenient.requests) return std::nullopt;
  return cat("requests in these octets: a strict reading sees ", describe(strict), ", a lenient one ",
             describe(lenient));
}

}  // namespace upspec::h1
