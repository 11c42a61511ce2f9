// The connection in front, in HTTP/2: streams become exchanges.
#pragma once

#include <cstdint>
#include <map>
#include <utility>

#include "peer/nghttp2_session.hpp"
#include "peer/proxy_exchange.hpp"
#include "peer/proxy_stream.hpp"

namespace upspec {

class ProxyFrontH2 {
 public:
  ProxyFrontH2(const ProxyOptions& options, const ProxyFaults& faults, Random& random);

  void receive(OctetView octets);
  void closed(Closing how);  // one or the other: HTTP/2 knows no half of a connection
  Octets take_output();
  bool wants_input() const { return true; }  // the session bounds what it holds, and needs windows to come
  bool over() const { return closed_ || (ended_ && last_output_.empty()); }
  ReferenceProxy::Wish wish() const { return over() ? ReferenceProxy::Wish::over : ReferenceProxy::Wish::keep; }
  // No more requests; the connection ends with the last of those that are here.
  void go_away();

  // Events that nghttp2 has for us beside those of receive().
  void settle();
  template <class Use>
  void for_each_exchange(Use use) {
    for (auto& [id, one] : streams_) use(one.exchange);
  }

 private:
  struct Stream {
    Stream(ProxyFrontH2& front, std::uint32_t id, FrontRequest request)
        : leg(front.session_, id), exchange(front.options_, front.faults_, front.random_, leg, std::move(request)) {}

    StreamLeg leg;
    ProxyExchange exchange;
  };

  void on(SectionSeen& seen);
  void on(DataSeen& seen);
  void on(EndSeen& seen);
  void on(ClosedSeen& seen);
  void on(SettingsSeen&) {}
  void on(GoawaySeen& seen);
  void handle_events();
  void lose_all();
  bool is_malformed(const SectionSeen& seen) const;

  const ProxyOptions& options_;
  const ProxyFaults& faults_;
  Random& random_;
  Http2Session session_;
  std::map<std::uint32_t, Stream> streams_;
  std::uint32_t last_stream_ = 0;
  bool going_away_ = false;
  Octets last_output_;   // once the session is over
  bool ended_ = false;   // it is
  bool closed_ = false;  // the transport is
};

}  // namespace upspec
