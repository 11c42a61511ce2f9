// Is a field section, or a head of HTTP/1.1, the one that an `<expect>` describes? Captures go into the scope.
#pragma once

#include <optional>
#include <string>

#include "scenario/case.hpp"
#include "scenario/sight.hpp"
#include "scenario/template.hpp"

namespace upspec {

// Holes were checked by the loader; what cannot be filled is a capture that never happened, and matches nothing.
std::string filled(const Template& text, const Scope& scope);

// What is wrong with it: "upgrade is missing", "its start line is another"; nothing where it is the one.
std::optional<std::string> wrong_section(const ExpectHeaders& part, const StreamItem& item, Scope& scope);
std::optional<std::string> wrong_head(const ExpectHead& part, const StreamItem& item, Scope& scope);

// An interim response is what was meant only where the case names one: any other may come before the answer (RFC
// 9110 15.2).
bool means_interim(const ExpectHeaders& part);
bool means_interim(const ExpectHead& part);

}  // namespace upspec
