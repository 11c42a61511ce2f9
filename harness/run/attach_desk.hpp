// The desk of attach mode: what a client may ask of the harness besides its cases, on one connection, in HTTP/1.1 or
// HTTP/2. Octets in, octets out; what is answered is its owner's affair.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "peer/actor.hpp"

namespace upspec {

class Desk {
 public:
  struct Answer {
    int status = 200;
    std::string text;
    std::string_view type = "text/plain";  // lives on
  };
  using Ask = std::function<Answer(std::string_view path)>;  // of a GET
  Desk(bool http2, Ask ask);

  void receive(OctetView octets, Moment now);
  void closed(Closing how, Moment now);
  std::optional<Octets> take_output();
  // Nothing more will be said: HTTP/1.1 has one request a connection here.
  bool finished() const { return finished_; }

 private:
  void receive_h1(OctetView octets);
  void answer_streams(Moment now);

  Ask ask_;
  std::optional<Actor> actor_;  // of HTTP/2
  std::set<std::uint32_t> answered_;
  std::uint32_t first_ = 1;  // all streams before it are answered
  std::string head_;
  std::optional<Octets> out_;
  bool finished_ = false;
};

}  // namespace upspec
