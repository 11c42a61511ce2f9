// A leg that is a stream of an HTTP/2 connection, in front or behind.
#pragma once

#include <cstdint>

#include "peer/nghttp2_session.hpp"
#include "peer/proxy_leg.hpp"
#include "upgrade/dialect.hpp"

namespace upspec {

class StreamLeg final : public ProxyLeg {
 public:
  // `stream`: 0 for one behind, which gets its number with the request.
  StreamLeg(Http2Session& session, std::uint32_t stream) : session_(session), stream_(stream), in_front_(stream != 0) {}

  std::uint32_t stream() const { return stream_; }
  bool has_left() const { return has_left_; }

  void send(const ProxyHead& head, bool end) override {
    const auto& section = std::get<h2::FieldSection>(head);
    if (!in_front_) {
      stream_ = session_.request(section, end);
      return;
    }
    // RES-12: a final answer does not wait for the rest of the request.
    if (!is_channel_ && !is_interim(section)) session_.release_when_ended(stream_);
    session_.headers(stream_, section, end);
  }
  void write(OctetView octets) override { session_.write(stream_, octets); }
  void end() override { session_.end(stream_); }
  void become_channel() override { is_channel_ = true; }
  void reset(h2::ErrorCode code) override {
    if (stream_ == 0 || was_reset_) return;
    was_reset_ = true;
    session_.reset(stream_, code);
  }
  void consume(std::size_t octets) override { session_.consume(stream_, octets); }
  std::size_t unsent() const override { return session_.unsent(stream_); }
  void leave(bool whole) override {
    has_left_ = true;
    if (!in_front_ && !is_channel_ && !whole) reset(h2::ErrorCode::cancel);
  }

 private:
  Http2Session& session_;
  std::uint32_t stream_;
  bool in_front_;
  bool is_channel_ = false;
  bool was_reset_ = false;
  bool has_left_ = false;
};

}  // namespace upspec
