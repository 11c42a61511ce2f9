// How the reference server breaks rules on purpose: tables of small changes, one row a violation (violations.hpp).
// A fault changes a request before it is judged, an answer before it is sent, or a frame on the wire. What lies between
// is the same server, so a violation breaks its own requirement and nothing beside it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "h2/frame.hpp"
#include "peer/nghttp2_session.hpp"
#include "peer/server_request.hpp"
#include "peer/violations.hpp"

namespace upspec {

// A request before it is judged. A fault repairs what should have been found malformed, spoils what should have been
// taken, or says at once what comes of it.
struct RequestCase {
  ServerRequest& request;
  const SectionSeen& seen;
  std::optional<Decision> forced{};

  h2::FieldSection& fields() { return request.fields; }
  bool in(Dialect dialect) const { return asked_dialect(request.fields) == dialect; }
  // `:upgrade`, or nothing.
  std::string* upgrade();
};

struct RequestFault {
  std::string_view id;
  void (*apply)(RequestCase&);
};

// An answer, the accept included, before it is sent.
struct AnswerCase {
  Decision& decision;
  const ServerRequest& request;  // as it came

  h2::FieldSection& fields() { return decision.fields; }
  bool accepts() const { return decision.kind == Decision::Kind::accept; }
  bool accepts(Dialect dialect) const { return accepts() && asked_dialect(request.fields) == dialect; }
  bool accepts(Dialect dialect, ChannelProtocol protocol) const {
    return accepts(dialect) && decision.protocol == protocol;
  }
  bool status(std::string_view code) const;
};

struct AnswerFault {
  std::string_view id;
  void (*apply)(AnswerCase&);
};

// The connection as far as a fault of frames looks at it.
struct FrameSurroundings {
  std::function<bool()> has_channel;
  std::function<bool(std::uint32_t stream)> is_channel;
  std::function<std::optional<Dialect>(std::uint32_t stream)> dialect;
};

struct FrameFault {
  std::string_view id;
  // False: the frame never came.
  bool (*in)(h2::Frame&, const FrameSurroundings&);
  std::vector<h2::Frame> (*out)(h2::Frame, const FrameSurroundings&);
};

// Each is in one file of its name, sections of protocol.md in their order.
std::span<const RequestFault> request_faults();
std::span<const RequestFault> grammar_faults();
std::span<const RequestFault> attribute_faults();
std::span<const RequestFault> handshake_faults();
std::span<const AnswerFault> answer_faults();
std::span<const FrameFault> frame_faults();

// The faults that are switched on.
class ServerFaults {
 public:
  explicit ServerFaults(const Violations& violations);

  // In code that no table reaches: `if (faults.break_("BODY-09"))`.
  bool breaks(std::string_view id) const { return violations_.breaks(id); }
  bool none() const { return violations_.none(); }
  std::optional<Decision> spoil(ServerRequest& request, const SectionSeen& seen) const;
  void spoil(Decision& decision, const ServerRequest& request) const;
  SessionHooks hooks(const FrameSurroundings& surroundings) const;

 private:
  Violations violations_;
  std::vector<const RequestFault*> requests_;
  std::vector<const AnswerFault*> answers_;
  std::vector<const FrameFault*> frames_;
};

}  // namespace upspec
