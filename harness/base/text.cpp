#include "base/text.hpp"

#include <algorithm>

namespace upspec {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

char lower_char(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

std::string_view cut_both(std::string_view text, std::string_view what) {
  const auto first = text.find_first_not_of(what);
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(what) - first + 1);
}

int hex_value(char c) {
  const auto at = hex_digits.find(lower_char(c));
  return at == hex_digits.npos ? -1 : static_cast<int>(at);
}

}  // namespace

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower_char);
  return out;
}

bool is_lower(std::string_view text) {
  return std::ranges::none_of(text, [](char c) { return lower_char(c) != c; });
}

bool equal_folded(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower_char, lower_char);
}

std::string_view trim(std::string_view text) { return cut_both(text, " \t"); }

std::string_view trim_lines(std::string_view text) { return cut_both(text, " \t\r\n"); }

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> pieces;
  for (std::size_t from = 0;;) {
    const auto end = text.find(at, from);
    pieces.push_back(text.substr(from, end - from));
    if (end == text.npos) return pieces;
    from = end + 1;
  }
}

std::vector<std::string_view> words(std::string_view text) {
  constexpr std::string_view white = " \t\r\n";
  std::vector<std::string_view> pieces;
  for (auto from = text.find_first_not_of(white); from != text.npos;) {
    const auto end = text.find_first_of(white, from);
    pieces.push_back(text.substr(from, end - from));
    from = end == text.npos ? end : text.find_first_not_of(white, end);
  }
  return pieces;
}

std::string join(const std::vector<std::string>& pieces, std::string_view between) {
  std::string all;
  for (const auto& piece : pieces) {
    if (!all.empty() || &piece != pieces.data()) all += between;
    all += piece;
  }
  return all;
}

std::optional<std::uint64_t> to_number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string hex(OctetView octets, std::size_t at_most) {
  std::string out;
  for (const auto octet : octets.first(std::min(at_most, octets.size()))) {
    if (!out.empty()) out += ' ';
    out += hex_digits[octet >> 4];
    out += hex_digits[octet & 15];
  }
  if (octets.size() > at_most) out += cat(" ... (", octets.size(), " octets)");
  return out;
}

std::optional<Octets> unhex(std::string_view text) {
  Octets out;
  for (std::size_t i = 0; i < text.size();) {
    if (std::string_view(" \t\r\n").find(text[i]) != std::string_view::npos) {
      ++i;
      continue;
    }
    if (i + 1 >= text.size() || hex_value(text[i]) < 0 || hex_value(text[i + 1]) < 0) return std::nullopt;
    out.push_back(static_cast<std::uint8_t>(hex_value(text[i]) << 4 | hex_value(text[i + 1])));
    i += 2;
  }
  return out;
}

std::string quoted(std::string_view text, std::size_t at_most) {
  std::string out = "\"";
  for (const char c : text.substr(0, at_most)) {
    const auto octet = static_cast<std::uint8_t>(c);
    switch (c) {
      case '\r':
        out += "\\r";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\0':
        out += "\\0";
        break;
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      default:
        if (octet >= 0x20 && octet < 0x7f) {
          out += c;
        } else {
          out += "\\x";
          out += hex_digits[octet >> 4];
          out += hex_digits[octet & 15];
        }
    }
  }
  out += '"';
  if (text.size() > at_most) out += cat("... (", text.size(), " octets)");
  return out;
}

bool matches_glob(std::string_view text, std::string_view glob) {
  // The classic two-pointer walk: on a mismatch, let the last * take one more.
  std::size_t t = 0, g = 0, star = glob.npos, star_text = 0;
  while (t < text.size()) {
    if (g < glob.size() && (glob[g] == '?' || (glob[g] == text[t] && glob[g] != '*'))) {
      ++t, ++g;
    } else if (g < glob.size() && glob[g] == '*') {
      star = g++;
      star_text = t;
    } else if (star != glob.npos) {
      g = star + 1;
      t = ++star_text;
    } else {
      return false;
    }
  }
  return glob.find_first_not_of('*', g) == glob.npos;
}

}  // namespace upspec
