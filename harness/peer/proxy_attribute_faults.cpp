// What the reference proxy does to attributes on purpose (protocol.md 4).
#include <algorithm>
#include <array>

#include "peer/proxy_faults.hpp"
#include "peer/proxy_request_edit.hpp"
#include "upgrade/attributes.hpp"

namespace upspec {

namespace {

using namespace proxy_edit;

void take_framing_names(Case& c) { drop_attributes(c.section(), is_framing_name); }
void name_framing_again(Case& c) {
  change_attributes(c, [&](Names& names) {
    for (const auto& offer : offers_of(c.came_section()))
      std::ranges::copy_if(offer.attributes, std::back_inserter(names), is_framing_name);
  });
}
void lose_public_fields(Case& c) {
  auto* head = upgrade_21(c);
  if (!head) return;
  for (const auto& offer : offers_of(c.came_section()))
    for (const auto& name : offer.attributes)
      if (is_for_every_recipient(name)) drop(head->fields, name);
}
void name_public_fields(Case& c) {
  change_attributes(c, [&](Names& names) {
    for (const auto& offer : offers_of(c.came_section()))
      std::ranges::copy_if(offer.attributes, std::back_inserter(names), is_for_every_recipient);
  });
}
void refuse_repeated(Case& c) {
  refuse_if(c, has_offer(c.section(), [](Offer offer) {
              std::ranges::sort(offer.attributes);
              return std::ranges::adjacent_find(offer.attributes) != offer.attributes.end();
            }));
}
void repeat_repeated(Case& c) {
  change_attributes(c, [&](Names& names) {
    names.clear();
    for (const auto& offer : offers_of(c.came_section()))
      names.insert(names.end(), offer.attributes.begin(), offer.attributes.end());
  });
}
void refuse_absent(Case& c) {
  refuse_if(c, has_offer(c.section(), [&](const Offer& offer) {
              return std::ranges::any_of(offer.attributes,
                                         [&](const std::string& name) { return !h2::find(*c.section(), name); });
            }));
}
void drop_absent(Case& c) {
  change_attributes(c, [&](Names& names) {
    std::erase_if(names, [&](const std::string& name) { return !h1::find(c.request()->fields, name); });
  });
}
void refuse_space(Case& c) {
  const auto* value = upgrade_in(c.section());
  refuse_if(c, value && value->find_first_of(" \t") != value->npos && value->find("; ") == value->npos);
}
void refuse_tabs(Case& c) {
  const auto* value = upgrade_in(c.section());
  refuse_if(c, value && value->find('\t') != value->npos);
}
void keep_sorted_only(Case& c) {
  refuse_if(c, has_offer(c.section(), [](const Offer& offer) { return !std::ranges::is_sorted(offer.attributes); }));
}
void refuse_many(Case& c) {
  refuse_if(c, has_offer(c.section(), [](const Offer& offer) { return offer.attributes.size() > 8; }));
}
void shorten(Case& c) {
  change_attributes(c, [](Names& names) { names.resize(std::min<std::size_t>(names.size(), 8)); });
}
void refuse_long(Case& c) {
  const auto* value = upgrade_in(c.section());
  refuse_if(c, value && value->size() > 512);
}
void name_all_fields(Case& c) {  // way 12
  auto* section = c.section();
  if (!section || !upgrade_in(section)) return;
  Names names;
  for (const auto& field : *section)
    if (!field.name.starts_with(':') && !is_framing_name(field.name)) names.push_back(field.name);
  change_offers(section, [&](std::vector<Offer>& offers) {
    for (auto& offer : offers) offer.attributes = names;
  });
}

constexpr auto table = std::to_array<ProxyRequestFault>({
    {"ATT-01/all-fields", nullptr, name_all_fields},
    {"ATT-02/ignored", take_framing_names, nullptr},
    {"ATT-02/carried", take_framing_names, name_framing_again},
    {"ATT-03/lost", nullptr, lose_public_fields},
    {"ATT-03/carried", nullptr, name_public_fields},
    {"ATT-04/refused", refuse_repeated, nullptr},
    {"ATT-04/repeated", nullptr, repeat_repeated},
    {"ATT-05/refused", refuse_absent, nullptr},
    {"ATT-05/dropped", nullptr, drop_absent},
    {"ATT-06/space", refuse_space, nullptr},
    {"ATT-06/tab", refuse_tabs, nullptr},
    {"ATT-06/sorted", keep_sorted_only, nullptr},
    {"ATT-07/count", refuse_many, nullptr},
    {"ATT-07/shortened", nullptr, shorten},
    {"ATT-07/length", refuse_long, nullptr},
});

}  // namespace

std::span<const ProxyRequestFault> proxy_attribute_faults() { return table; }

}  // namespace upspec
