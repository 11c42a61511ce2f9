#include "upgrade/translate_fields.hpp"

#include "base/text.hpp"
#include "upgrade/attributes.hpp"

namespace upspec {

bool is_protocol(std::string_view text) {
  const auto offer = parse_accepted(text);
  return offer && offer->attributes.empty();
}

std::vector<std::string> attributes_from(const std::vector<std::string>& options) {
  Offer offer;
  // ATT-02's list holds `upgrade`, `close` and `keep-alive`, too.
  std::ranges::remove_copy_if(options, std::back_inserter(offer.attributes), is_framing_name);
  return effective_attributes(offer);
}

std::string connection_for(const std::vector<Offer>& offers) {
  std::vector<std::string> options = {"upgrade"};
  for (const auto& offer : offers)
    for (auto& name : effective_attributes(offer))
      if (!holds(options, name)) options.push_back(std::move(name));
  return join(options, ", ");
}

std::string protocols_of(const std::vector<Offer>& offers) {
  std::vector<std::string> names;
  names.reserve(offers.size());
  for (const auto& offer : offers) names.push_back(offer.protocol);
  return join(names, ", ");
}

std::optional<std::string> uncarriable(std::string_view name, std::string_view value) {
  if (!is_token(name)) return cat("field name ", quoted(name), " is no token");
  if (!h1::is_field_value(value)) return cat("value of ", name, " is ", quoted(value));
  return std::nullopt;
}

}  // namespace upspec
