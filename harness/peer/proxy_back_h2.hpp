// A connection behind, in HTTP/2: many exchanges side by side, and none before the origin's SETTINGS (PXY-16).
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>

#include "peer/nghttp2_session.hpp"
#include "peer/proxy_exchange.hpp"
#include "peer/proxy_stream.hpp"
#include "peer/reference_proxy.hpp"

namespace upspec {

class ProxyBackH2 {
 public:
  ProxyBackH2(const ProxyOptions& options, const ProxyFaults& faults);

  // Room for another exchange, as far as the origin has said.
  bool has_room() const;
  // It begins when the origin has announced what it takes.
  void serve(ProxyExchange& exchange);

  void connected() { connected_ = true; }
  void not_connected() { lose_all(); }
  void receive(OctetView octets);
  void closed(Closing how);
  Octets take_output();
  bool wants_input() const { return true; }
  ReferenceProxy::Wish wish() const;
  bool is_awaited() const;
  void timed_out();
  void dismiss();
  void settle();
  bool over() const { return wish() == ReferenceProxy::Wish::over && streams_.empty(); }

 private:
  struct Stream {
    ProxyExchange* exchange;  // which lives until its leg has been left
    std::unique_ptr<StreamLeg> leg;
  };

  void begin(Stream& stream);
  Stream* find(std::uint32_t id);
  void on(SectionSeen& seen);
  void on(DataSeen& seen);
  void on(EndSeen& seen);
  void on(ClosedSeen& seen);
  void on(SettingsSeen& seen);
  void on(GoawaySeen& seen);
  void handle_events();
  void leave();
  void lose_all();

  const ProxyOptions& options_;
  const ProxyFaults& faults_;
  Http2Session session_;
  Octets last_output_;  // what is to be said before it is over
  std::list<Stream> streams_;
  Announced announced_;
  std::uint32_t most_streams_;
  bool had_settings_ = false;
  bool going_away_ = false;
  bool connected_ = false;
  bool dismissed_ = false;
  bool gone_ = false;
};

}  // namespace upspec
