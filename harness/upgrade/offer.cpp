#include "upgrade/offer.hpp"

#include <array>

#include "base/text.hpp"

namespace upspec {

namespace {

// RFC 9110 5.6.2: tchar.
constexpr std::array<bool, 256> token_octets = [] {
  std::array<bool, 256> table{};
  for (std::size_t c = '0'; c <= '9'; ++c) table[c] = true;
  for (std::size_t c = 'A'; c <= 'Z'; ++c) table[c] = table[c + 32] = true;
  for (const char c : std::string_view("!#$%&'*+-.^_`|~")) table[static_cast<std::uint8_t>(c)] = true;
  return table;
}();

// Reads the grammar of protocol.md section 3 from left to right; each function takes what it names or fails.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() const { return rest_.empty(); }

  // Takes OWS and then `c`; takes nothing when it is not there.
  bool take_separator(char c) {
    const auto at = rest_.find_first_not_of(" \t");
    if (at == rest_.npos || rest_[at] != c) return false;
    rest_.remove_prefix(at + 1);
    rest_.remove_prefix(std::min(rest_.find_first_not_of(" \t"), rest_.size()));
    return true;
  }

  std::string_view take_token() {
    std::size_t n = 0;
    while (n < rest_.size() && token_octets[static_cast<std::uint8_t>(rest_[n])]) ++n;
    const auto token = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return token;
  }

  Result<Offer> take_offer() {
    Offer offer{std::string(take_token()), {}};
    if (offer.protocol.empty()) return expected("a protocol name");
    if (rest_.starts_with('/')) {
      rest_.remove_prefix(1);
      const auto version = take_token();
      if (version.empty()) return expected("a version after '/'");
      offer.protocol += cat("/", version);
    }
    while (take_separator(';')) {
      const auto attribute = take_token();
      if (attribute.empty()) return expected("an attribute after ';'");
      offer.attributes.emplace_back(attribute);
    }
    return offer;
  }

  tl::unexpected<Error> expected(std::string_view what) const {
    return fail(cat("expected ", what, rest_.empty() ? std::string(" at the end") : cat(" at ", quoted(rest_, 40))));
  }

 private:
  std::string_view rest_;
};

}  // namespace

bool is_token(std::string_view text) {
  if (text.empty()) return false;
  for (const char c : text)
    if (!token_octets[static_cast<std::uint8_t>(c)]) return false;
  return true;
}

bool same_protocol(std::string_view a, std::string_view b) { return equal_folded(a, b); }

Result<std::vector<Offer>> parse_offers(std::string_view value) {
  Reader reader(value);
  std::vector<Offer> offers;
  do {
    auto offer = reader.take_offer();
    if (!offer) return tl::unexpected(offer.error());
    offers.push_back(std::move(*offer));
  } while (reader.take_separator(','));
  if (!reader.at_end()) return reader.expected("',', ';' or the end");
  return offers;
}

Result<Offer> parse_accepted(std::string_view value) {
  auto offers = parse_offers(value);
  if (!offers) return tl::unexpected(offers.error());
  if (offers->size() != 1) return fail(cat("expected one protocol, not ", offers->size()));
  return std::move(offers->front());
}

std::string print(const Offer& offer) {
  std::string text = offer.protocol;
  for (const auto& attribute : offer.attributes) text += cat("; ", attribute);
  return text;
}

std::string print(const std::vector<Offer>& offers) {
  std::string text;
  for (const auto& offer : offers) text += cat(text.empty() ? "" : ", ", print(offer));
  return text;
}

}  // namespace upspec
