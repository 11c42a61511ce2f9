// Changes scripts as a fuzzer wants them: frame by frame, field by field, with the words of the protocol; and now and
// then octet by octet. The same seed gives the same change.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/octets.hpp"
#include "base/random.hpp"
#include "script/script.hpp"

namespace upspec::script {

// A few changes at once.
void mutate(Script& script, Random& random);
// Steps of one, then steps of the other, joined at places of the generator's choice.
Script cross(const Script& one, const Script& other, Random& random);

// Values by themselves, for targets whose input is no script.
std::string mutate_offers(std::string value, Random& random);  // a value of ":upgrade"
void mutate_fields(h2::FieldSection& fields, Random& random);
std::string mutate_head(std::string_view head, Random& random);  // of HTTP/1.1

// ---- for libFuzzer -------------------------------------------------------------------------------------------------

// What changes octets without knowing what they are: (octets, at most so many) -> changed.
using RawMutation = std::function<Octets(Octets, std::size_t)>;

// One time in sixteen a raw mutation, else one of the script that the octets are. Never longer than `largest`.
Octets mutate_octets(OctetView script, std::size_t largest, std::uint64_t seed, const RawMutation& raw);
Octets cross_octets(OctetView one, OctetView other, std::size_t largest, std::uint64_t seed);

}  // namespace upspec::script
