// What the reference server answers to a request: a value, decided from values (protocol.md sections 3 to 6, 8, 9, 12).
// Knows no connection, no stream and no octets of a channel.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/octets.hpp"
#include "h2/codes.hpp"
#include "h2/hpack.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

struct ServerRequest {
  h2::FieldSection fields;
  bool end_stream = false;

  std::string_view method() const;
  // Without its query.
  std::string_view path() const;
  // Does it ask for a channel? Then its content is what `content-length` says (BODY-02, BODY-03).
  bool asks() const { return asked_dialect(fields).has_value(); }
  // `expect: 100-continue` (RFC 9110 10.1.1).
  bool waits_for_100() const;
};

// What an accepted `h2c` takes into its connection (RFC 7540 3.2).
struct UpgradedRequest {
  Octets settings;  // the payload of http2-settings
  ServerRequest request;
  Octets content;
};

enum class ChannelProtocol { websocket, upspec_echo, h2c };

struct Decision {
  enum class Kind {
    accept,     // `fields` go out, and the stream becomes a channel of `protocol`
    answer,     // a final answer: `fields`, then `content`
    reset,      // RST_STREAM(`code`)
    terminate,  // GOAWAY(`code`); violations only, as what follows
    silence,
  };
  Kind kind = Kind::answer;
  ChannelProtocol protocol = ChannelProtocol::websocket;
  h2::FieldSection fields{};
  Octets content{};
  bool echoes_content = false;  // the answer's content is the request's
  Octets h2c_settings{};        // the payload that the request carried (H2C-04)
  h2::ErrorCode code = h2::ErrorCode::protocol_error;
  std::vector<h2::FieldSection> interim{};  // violations only: responses before this one
  bool end_stream = false;                  // violations only: END_STREAM on an accept
};

struct ServerTerms {
  int h2c_depth = 1;  // how many h2c connections may still be nested
};

// The request is well-formed: check_request and the content-length rule have passed.
Decision decide(const ServerRequest& request, const ServerTerms& terms);

// The answer with that status and nothing else to say.
Decision plain_answer(int status);
Decision reset_with(h2::ErrorCode code);
// Is there an application of that name, in whatever dialect and on whatever path?
bool is_known_protocol(std::string_view name);
// As if `:upgrade` were not there.
Decision ordinary_answer(const ServerRequest& request);

}  // namespace upspec
