// The faults of protocol.md section 4.
#include <array>
#include <string>

#include "base/base64.hpp"
#include "base/text.hpp"
#include "peer/section_edit.hpp"
#include "peer/server_faults.hpp"
#include "upgrade/attributes.hpp"
#include "upgrade/offer.hpp"

namespace upspec {

namespace {

using Case = RequestCase;
using Offers = std::vector<Offer>;

Offers offers(Case& c) {
  const auto* value = c.upgrade();
  return value ? parse_offers(*value).value_or(Offers{}) : Offers{};
}

template <class Change>
void change_offers(Case& c, Change change) {
  auto all = offers(c);
  if (all.empty()) return;
  change(all);
  *c.upgrade() = print(all);
}

void refuse(Case& c) { c.forced = reset_with(h2::ErrorCode::protocol_error); }

template <class Is>
bool any_attribute(Case& c, Is is) {
  for (const auto& offer : offers(c))
    if (std::ranges::any_of(offer.attributes, is)) return true;
  return false;
}

// ATT-02, one name each. Only the lower-case form: the rest is ATT-09's.
template <const char* name>
void allow(Case& c) {
  change_offers(c, [](Offers& all) {
    for (auto& offer : all) std::erase(offer.attributes, name);
  });
}
constexpr char connection[] = "connection";
constexpr char close[] = "close";
constexpr char keep_alive[] = "keep-alive";
constexpr char proxy_connection[] = "proxy-connection";
constexpr char transfer_encoding[] = "transfer-encoding";
constexpr char te[] = "te";
constexpr char trailer[] = "trailer";
constexpr char upgrade[] = "upgrade";
constexpr char host[] = "host";
constexpr char content_length[] = "content-length";
constexpr char expect[] = "expect";

void check_first_offer_only(Case& c) {
  change_offers(c, [](Offers& all) {
    for (std::size_t i = 1; i < all.size(); ++i) std::erase_if(all[i].attributes, is_framing_name);
  });
}

// ATT-03: neither malformed nor dropped (the accept that repeats it is in answer_faults.cpp).
template <Decision::Kind kind>
void end_at_name_for_all(Case& c) {
  if (any_attribute(c, is_for_every_recipient)) c.forced = Decision{.kind = kind};
}

// ATT-04
bool repeats(const Offer& offer) {
  for (std::size_t i = 1; i < offer.attributes.size(); ++i)
    for (std::size_t k = 0; k < i; ++k)
      if (equal_folded(offer.attributes[i], offer.attributes[k])) return true;
  return false;
}
void refuse_repetition(Case& c) {
  if (std::ranges::any_of(offers(c), repeats)) refuse(c);
}
void ignore_repeating_offers(Case& c) {
  change_offers(c, [](Offers& all) {
    for (auto& offer : all)
      if (repeats(offer)) offer.protocol = "x-unknown";
  });
}

void refuse_repetition_across_offers(Case& c) {
  Offer all;
  for (const auto& offer : offers(c)) {
    if (repeats(offer)) return;
    all.attributes.insert(all.attributes.end(), offer.attributes.begin(), offer.attributes.end());
  }
  if (repeats(all)) refuse(c);
}

// ATT-05. Without http2-settings the offer is h2c's own matter (H2C-02).
bool names_absent_field(Case& c) {
  return any_attribute(c, [&](const std::string& name) {
    return lower(name) != "http2-settings" && !h2::find(c.fields(), lower(name));
  });
}
void refuse_absent(Case& c) {
  if (names_absent_field(c) && !any_attribute(c, is_framing_name)) refuse(c);
}
void decline_absent(Case& c) {
  if (names_absent_field(c) && !any_attribute(c, is_framing_name)) c.forced = plain_answer(400);
}

void refuse_unknown(Case& c) {
  const auto is_unknown = [](const auto& name) { return !is_framing_name(name) && lower(name) != "http2-settings"; };
  if (any_attribute(c, is_unknown)) refuse(c);
}

// ATT-06: separators as one kind of sender writes them.
template <bool (*is_odd)(std::string_view)>
void refuse_spacing(Case& c) {
  const auto* value = c.upgrade();
  if (value && parse_offers(*value) && is_odd(*value)) refuse(c);
}
bool follows(std::string_view value, char separator, bool (*is_right)(std::string_view rest)) {
  for (std::size_t i = 0; i < value.size(); ++i)
    if (value[i] == separator && !is_right(value.substr(i + 1))) return false;
  return true;
}
bool starts_with_space(std::string_view rest) { return rest.starts_with(' '); }
bool is_tight_semicolon(std::string_view value) { return !follows(value, ';', starts_with_space); }
bool is_tight_comma(std::string_view value) { return !follows(value, ',', starts_with_space); }
bool has_tab(std::string_view value) { return value.find('\t') != value.npos; }
bool has_double_space(std::string_view value) { return value.find("  ") != value.npos; }
bool has_space_before(std::string_view value) {
  for (const auto* piece : {" ;", " ,", "\t;", "\t,"})
    if (value.find(piece) != value.npos) return true;
  return false;
}
void first_attribute_only(Case& c) {
  change_offers(c, [](Offers& all) {
    for (auto& offer : all)
      if (offer.attributes.size() > 1) offer.attributes.resize(1);
  });
}

void refuse_disorder(Case& c) {
  for (const auto& offer : offers(c))
    if (!std::ranges::is_sorted(offer.attributes)) refuse(c);
}

// ATT-07
constexpr std::size_t few = 8;
void refuse_many(Case& c) {
  for (const auto& offer : offers(c))
    if (offer.attributes.size() > few) c.forced = plain_answer(431);
}
void refuse_long(Case& c) {
  const auto* value = c.upgrade();
  if (value && value->size() > 512) c.forced = plain_answer(431);
}
template <std::size_t most>
void shorten(Case& c) {
  change_offers(c, [](Offers& all) {
    for (auto& offer : all) offer.attributes.resize(std::min(offer.attributes.size(), most));
  });
}

void overlook_very_long(Case& c) {
  const auto* value = c.upgrade();
  if (value && value->size() > 4096) c.forced = Decision{.kind = Decision::Kind::silence};
}

// ATT-08
void consume_fields_of_later_offers(Case& c) {
  const auto all = offers(c);
  for (std::size_t i = 1; i < all.size(); ++i)
    for (const auto& name : all[i].attributes) drop(c.fields(), lower(name));
}

void refuse_attributes_of_later_offers(Case& c) {
  const auto all = offers(c);
  for (std::size_t i = 1; i < all.size(); ++i)
    if (!all[i].attributes.empty()) refuse(c);
}
void read_settings_of_any_offer(Case& c) {
  const auto* settings = h2::find(c.fields(), "http2-settings");
  const bool named = any_attribute(c, [](const std::string& name) { return name == "http2-settings"; });
  if (named && settings && !unbase64url(*settings)) c.forced = plain_answer(400);
}

// ATT-09
void decline_capitals(Case& c) {
  if (any_attribute(c, [](const std::string& name) { return !is_lower(name) && !is_framing_name(name); })) {
    drop(c.fields(), ":upgrade");
  }
}
void overlook_capitals(Case& c) {
  change_offers(c, [](Offers& all) {
    for (auto& offer : all)
      std::erase_if(offer.attributes, [](const auto& name) { return !is_lower(name) && !is_framing_name(name); });
  });
}
void overlook_framing_capitals(Case& c) {
  change_offers(c, [](Offers& all) {
    for (auto& offer : all)
      std::erase_if(offer.attributes, [](const auto& name) { return !is_lower(name) && is_framing_name(name); });
  });
}

// ATT-10: the fields that attributes name are taken as they are.
template <void (*repair)(h2::Field&)>
void trust_named(Case& c) {
  for (const auto& offer : offers(c))
    for (const auto& name : offer.attributes)
      for (auto& field : c.fields())
        if (lower(field.name).starts_with(lower(name))) repair(field);
}
// The same for every field.
template <void (*repair)(h2::Field&)>
void trust_all(Case& c) {
  for (auto& field : c.fields())
    if (!field.name.starts_with(':')) repair(field);
}
template <char octet>
void skip(h2::Field& field) {
  std::erase(field.value, octet);
}
void trim_value(h2::Field& field) { field.value = std::string(trim(field.value)); }
void lower_name(h2::Field& field) { field.name = lower(field.name); }
void first_line(h2::Field& field) {
  field.value.resize(std::min(field.value.find_first_of("\r\n"), field.value.size()));
}
void clean_name(h2::Field& field) {
  std::erase_if(field.name, [](char c) { return !is_token(std::string_view(&c, 1)); });
}

void skip_colon(h2::Field& field) { std::erase(field.name, ':'); }

void refuse_obs_text(Case& c) {
  if (!c.in(Dialect::upgrade)) return;
  for (const auto& field : c.fields())
    if (std::ranges::any_of(field.value, [](char octet) { return static_cast<std::uint8_t>(octet) >= 0x80; }))
      refuse(c);
}

using enum Decision::Kind;

constexpr std::array rows = {
    RequestFault{"ATT-02/connection", allow<connection>},
    RequestFault{"ATT-02/close", allow<close>},
    RequestFault{"ATT-02/keep-alive", allow<keep_alive>},
    RequestFault{"ATT-02/proxy-connection", allow<proxy_connection>},
    RequestFault{"ATT-02/transfer-encoding", allow<transfer_encoding>},
    RequestFault{"ATT-02/te", allow<te>},
    RequestFault{"ATT-02/trailer", allow<trailer>},
    RequestFault{"ATT-02/upgrade", allow<upgrade>},
    RequestFault{"ATT-02/host", allow<host>},
    RequestFault{"ATT-02/content-length", allow<content_length>},
    RequestFault{"ATT-02/expect", allow<expect>},
    RequestFault{"ATT-02/later-offers", check_first_offer_only},
    RequestFault{"ATT-03/goaway", end_at_name_for_all<terminate>},
    RequestFault{"ATT-03/silence", end_at_name_for_all<silence>},
    RequestFault{"ATT-04/malformed", refuse_repetition},
    RequestFault{"ATT-04/ignored", ignore_repeating_offers},
    RequestFault{"ATT-04/across-offers", refuse_repetition_across_offers},
    RequestFault{"ATT-05/malformed", refuse_absent},
    RequestFault{"ATT-05/400", decline_absent},
    RequestFault{"ATT-05/unknown", refuse_unknown},
    RequestFault{"ATT-06/tight-semicolon", refuse_spacing<is_tight_semicolon>},
    RequestFault{"ATT-06/tight-comma", refuse_spacing<is_tight_comma>},
    RequestFault{"ATT-06/tab", refuse_spacing<has_tab>},
    RequestFault{"ATT-06/double-space", refuse_spacing<has_double_space>},
    RequestFault{"ATT-06/space-before", refuse_spacing<has_space_before>},
    RequestFault{"ATT-06/order", first_attribute_only},
    RequestFault{"ATT-06/sorted", refuse_disorder},
    RequestFault{"ATT-07/count", refuse_many},
    RequestFault{"ATT-07/length", refuse_long},
    RequestFault{"ATT-07/shortened", shorten<few>},
    RequestFault{"ATT-07/four", shorten<4>},
    RequestFault{"ATT-07/silence", overlook_very_long},
    RequestFault{"ATT-08/consumed", consume_fields_of_later_offers},
    RequestFault{"ATT-08/later-refused", refuse_attributes_of_later_offers},
    RequestFault{"ATT-08/settings-read", read_settings_of_any_offer},
    RequestFault{"ATT-09/declined", decline_capitals},
    RequestFault{"ATT-09/ignored", overlook_capitals},
    RequestFault{"ATT-09/framing", overlook_framing_capitals},
    RequestFault{"ATT-10/nul", trust_named<skip<'\0'>>},
    RequestFault{"ATT-10/cr", trust_named<skip<'\r'>>},
    RequestFault{"ATT-10/lf", trust_named<skip<'\n'>>},
    RequestFault{"ATT-10/space", trust_named<trim_value>},
    RequestFault{"ATT-10/capital-name", trust_named<lower_name>},
    RequestFault{"ATT-10/odd-name", trust_all<clean_name>},
    RequestFault{"ATT-10/colon", trust_all<skip_colon>},
    RequestFault{"ATT-10/crlf", trust_named<first_line>},
    RequestFault{"ATT-10/obs-text-refused", refuse_obs_text},
    RequestFault{"ATT-10/any-nul", trust_all<skip<'\0'>>},
    RequestFault{"ATT-10/any-cr", trust_all<skip<'\r'>>},
    RequestFault{"ATT-10/any-lf", trust_all<skip<'\n'>>},
};

}  // namespace

std::span<const RequestFault> attribute_faults() { return rows; }

}  // namespace upspec
