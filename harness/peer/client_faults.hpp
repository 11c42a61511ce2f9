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

// The connection as far as a fault of frames looks at it. It lives as long as the connection; the hooks keep their own
// accounts in it.
struct ClientWire {
  std::uint16_t upgrade_setting = 0;
  h2::FieldSection request;
  std::uint32_t channel = 0;  // its stream, once it is open

  std::int64_t initial_window = h2::initial_window;
  std::int64_t window = h2::initial_window;  // of the channel's stream, to send in
  bool boundless = false;
  bool server_ended = false;
  bool asked_beside = false;
  std::uint32_t padding = 0;  // not given back
  std::uint32_t idle = 0;     // frames that came since it is open and carried nothing of it
};
SessionHooks client_hooks(const Violations& violations, ClientWire& wire);

}  // namespace upspec
