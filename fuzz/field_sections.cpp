// The checks of a field section against an independent reading, nghttp2's: what it refuses in a name or a value we
// never let pass, and a name is refused by both or by neither. A checked section survives its checks: same section,
// same answer.
#include <nghttp2/nghttp2.h>

#include <algorithm>

#include "require.hpp"
#include "script/script.hpp"
#include "upgrade/sections.hpp"

namespace upspec {
namespace {

const std::uint8_t* octets_of(const std::string& text) { return as_octets(text).data(); }

bool name_is_right(const std::string& name) { return nghttp2_check_header_name(octets_of(name), name.size()) != 0; }

// Of the field, by RFC 9113 8.2.1: no NUL, CR, LF, no white space at the ends.
bool value_is_right(const std::string& value) {
  return nghttp2_check_header_value_rfc9113(octets_of(value), value.size()) != 0;
}

bool blames(const std::vector<Breach>& breaches, std::string_view requirement) {
  return std::ranges::any_of(breaches, [&](const Breach& breach) { return breach.requirement == requirement; });
}

void check_trailer_reading(const h2::FieldSection& section) {
  h2::FieldSection regular;
  std::ranges::remove_copy_if(section, std::back_inserter(regular),
                              [](const h2::Field& field) { return field.name.starts_with(':'); });
  const auto breaches = check_trailers(regular);
  const bool names = std::ranges::all_of(regular, [](const h2::Field& f) { return name_is_right(f.name); });
  const bool values = std::ranges::all_of(regular, [](const h2::Field& f) { return value_is_right(f.value); });
  require(names || blames(breaches, "REQ-14") || blames(breaches, "ATT-10"), "nghttp2 refuses a name, so do we");
  require(!names || !blames(breaches, "REQ-14"), "a name that nghttp2 takes is in lower case");
  // Controls but NUL, CR and LF are nghttp2's own choice, the RFC's is to let them pass.
  require(!names || !values || !blames(breaches, "ATT-10"), "what nghttp2 takes, we take");
  for (const auto& field : regular) {
    const bool nul_or_line = field.value.find_first_of(std::string_view("\0\r\n", 3)) != std::string::npos;
    require(!nul_or_line || !value_is_right(field.value), "nghttp2 agrees on NUL, CR and LF");
    require(!nul_or_line || blames(breaches, "ATT-10"), "NUL, CR and LF are refused");
  }
}

void check(const h2::FieldSection& section) {
  check_trailer_reading(section);
  for (const Announced announced :
       {Announced{}, Announced{true, false}, Announced{false, true}, Announced{true, true}}) {
    const auto breaches = check_request(section, announced);
    require(breaches == check_request(section, announced), "the same section, the same answer");
    if (!breaches.empty()) continue;
    for (const auto* name : {":method", ":scheme", ":path", ":authority", ":upgrade", ":protocol"})
      require(h2::count(section, name) <= 1, "a pseudo-header stands once");
    require(announced.upgrade || !h2::find(section, ":upgrade"), "no :upgrade before it was announced");
    require(announced.connect || !h2::find(section, ":protocol"), "no :protocol before it was announced");
    const auto* method = h2::find(section, ":method");
    require(method && nghttp2_check_method(octets_of(*method), method->size()) != 0, "a method is a token");
  }
  const auto asked = asked_by(section);
  for (const bool end : {false, true}) check_response(section, end, asked);
}

}  // namespace
}  // namespace upspec

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* octets, std::size_t size) {
  using namespace upspec;
  for (const auto& step : script::decode({octets, size}).steps)
    if (const auto* section = std::get_if<script::SectionStep>(&step.what)) check(section->fields);
  return 0;
}
