// Small changes to a request on its way behind, as the faults of the reference proxy make them. For proxy_*_faults.cpp.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "base/text.hpp"
#include "peer/proxy_faults.hpp"
#include "upgrade/offer.hpp"

namespace upspec::proxy_edit {

using Case = ProxyRequestCase;
using Names = std::vector<std::string>;

// HTTP/1.1's fields

inline std::string* find(h1::Fields& fields, std::string_view name) {
  const auto at = std::ranges::find_if(fields, [&](const h1::Field& field) { return equal_folded(field.name, name); });
  return at == fields.end() ? nullptr : &at->value;
}
inline void drop(h1::Fields& fields, std::string_view name) {
  std::erase_if(fields, [&](const h1::Field& field) { return equal_folded(field.name, name); });
}
inline void set(h1::Fields& fields, std::string_view name, std::string value) {
  if (auto* there = find(fields, name)) {
    *there = std::move(value);
  } else {
    fields.push_back({std::string(name), std::move(value)});
  }
}

// A request for an upgrade that goes behind in HTTP/1.1, or nothing.
inline h1::RequestHead* upgrade_21(Case& c) {
  auto* head = c.request();
  return head && find(head->fields, "upgrade") && find(head->fields, "connection") ? head : nullptr;
}
// Its attributes: options of Connection but `upgrade` and `te`.
inline Names attributes_of(const h1::RequestHead& head) {
  auto names = h1::connection_options(head.fields);
  std::erase_if(names, [](const std::string& name) { return name == "upgrade" || name == "te"; });
  return names;
}
inline void set_attributes(h1::RequestHead& head, Names names) {
  names.insert(names.begin(), "upgrade");
  *find(head.fields, "connection") = join(names, ", ");
}
template <class Change>
inline void change_attributes(Case& c, Change change) {
  auto* head = upgrade_21(c);
  if (!head) return;
  auto names = attributes_of(*head);
  change(names);
  set_attributes(*head, std::move(names));
}

// `:upgrade` in HTTP/2

inline std::string* upgrade_in(h2::FieldSection* section) {
  if (!section) return nullptr;
  const auto at = std::ranges::find(*section, ":upgrade", &h2::Field::name);
  return at == section->end() ? nullptr : &at->value;
}
template <class Change>
inline void change_offers(h2::FieldSection* section, Change change) {
  auto* value = upgrade_in(section);
  if (!value) return;
  auto offers = parse_offers(*value);
  if (!offers) return;
  change(*offers);
  *value = print(*offers);
}
inline std::vector<Offer> offers_of(const h2::FieldSection* section) {
  const auto* value = section ? h2::find(*section, ":upgrade") : nullptr;
  return value ? parse_offers(*value).value_or(std::vector<Offer>{}) : std::vector<Offer>{};
}
template <class Is>
inline void drop_attributes(h2::FieldSection* section, Is is) {
  change_offers(section, [&](std::vector<Offer>& offers) {
    for (auto& offer : offers) std::erase_if(offer.attributes, is);
  });
}
template <class Is>
inline bool has_offer(const h2::FieldSection* section, Is is) {
  return std::ranges::any_of(offers_of(section), is);
}
inline void refuse_if(Case& c, bool broken) { c.refused = c.refused || broken; }

inline bool is_websocket(std::string_view protocol) { return same_protocol(protocol, "websocket"); }

}  // namespace upspec::proxy_edit
