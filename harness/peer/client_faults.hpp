// How the reference client breaks rules on purpose: tables of small changes, one row a violation (violations.hpp).
// A fault changes the request before it is sent, or forgives an answer; the rest asks `breaks`.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "h2/hpack.hpp"
#include "peer/nghttp2_session.hpp"
#include "peer/violations.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

struct ClientRequestFault {
  std::string_view id;
  void (*apply)(h2::FieldSection& request);
};

// An answer as the client is about to judge it.
struct ClientAnswer {
  h2::FieldSection fields;
  bool end_stream = false;
  const h2::FieldSection& request;
};

struct ClientAnswerFault {
  std::string_view id;
  void (*apply)(ClientAnswer&);
};

std::span<const ClientRequestFault> client_request_faults();
std::span<const ClientAnswerFault> client_answer_faults();

void spoil(h2::FieldSection& request, const Violations& violations);
void forgive(ClientAnswer& answer, const Violations& violations);

// What frame faults look at; it lives as long as the connection.
struct ClientWire {
  std::uint16_t upgrade_setting = 0;
  const h2::FieldSection* request = nullptr;
};
SessionHooks client_hooks(const Violations& violations, ClientWire wire);

}  // namespace upspec
