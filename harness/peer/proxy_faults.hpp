// How the reference proxy breaks rules on purpose: tables of small changes, one row a violation (violations.hpp).
// A fault changes a message before the proxy judges it (what should be refused is repaired), or after it is translated.
// What is done with octets and connections asks `breaks` where it happens.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "peer/nghttp2_session.hpp"
#include "peer/proxy_leg.hpp"
#include "peer/proxy_translation.hpp"
#include "peer/violations.hpp"

namespace upspec {

struct ProxyRequestCase {
  ProxyHead& head;        // before: as the proxy is about to judge it; after: as it goes behind
  const ProxyHead& came;  // as it came in front
  bool refused = false;   // before: malformed, whatever the rules say

  h2::FieldSection* section() { return std::get_if<h2::FieldSection>(&head); }
  h1::RequestHead* request() { return std::get_if<h1::RequestHead>(&head); }
  const h2::FieldSection* came_section() const { return std::get_if<h2::FieldSection>(&came); }
  const h1::RequestHead* came_request() const { return std::get_if<h1::RequestHead>(&came); }
};

struct ProxyRequestFault {
  std::string_view id;
  void (*before)(ProxyRequestCase&);
  void (*after)(ProxyRequestCase&);
};

struct ProxyAnswerCase {
  ProxyHead& head;              // before: as it came from behind; after: as it goes in front
  FrontAnswer::Kind& kind;      // after
  const FrontRequest& request;  // in front
  const ProxyHead& sent;        // behind
  const ProxyHead& came;

  h2::FieldSection* section() { return std::get_if<h2::FieldSection>(&head); }
  h1::ResponseHead* response() { return std::get_if<h1::ResponseHead>(&head); }
  const h1::ResponseHead* came_response() const { return std::get_if<h1::ResponseHead>(&came); }
  const h1::RequestHead* sent_request() const { return std::get_if<h1::RequestHead>(&sent); }
  bool accepts() const { return kind == FrontAnswer::Kind::accept; }
};

struct ProxyAnswerFault {
  std::string_view id;
  void (*before)(ProxyAnswerCase&);
  void (*after)(ProxyAnswerCase&);
};

// Each is in one file of its name.
std::span<const ProxyRequestFault> proxy_attribute_faults();
std::span<const ProxyRequestFault> proxy_request_faults();
std::span<const ProxyRequestFault> proxy_smuggling_faults();
std::span<const ProxyAnswerFault> proxy_answer_faults();

class ProxyFaults {
 public:
  explicit ProxyFaults(const Violations& violations);
  bool breaks(std::string_view id) const { return violations_.breaks(id); }
  bool none() const { return violations_.none(); }
  void spoil_all() const { violations_.spoil_all(); }
  bool all_spoilt() const { return violations_.all_spoilt(); }

  // False: refused.
  bool forgive_request(ProxyHead& head) const;
  void spoil_request(ProxyHead& sent, const ProxyHead& came) const;
  void forgive_answer(ProxyHead& head, const FrontRequest& request, const ProxyHead& sent) const;
  void spoil_answer(FrontAnswer& answer, const FrontRequest& request, const ProxyHead& sent,
                    const ProxyHead& came) const;
  // Of the HTTP/2 connection in front.
  SessionHooks front_hooks() const;

 private:
  Violations violations_;
  std::vector<const ProxyRequestFault*> requests_;
  std::vector<const ProxyAnswerFault*> answers_;
};

}  // namespace upspec
