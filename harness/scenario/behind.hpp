// What came behind a proxy: the requests on all connections to the origin, and which of them a name of the case stands
// for. A proxy pools, prefetches and retries, so a name is bound to a request when an expectation takes it, not to a
// connection beforehand. It knows nothing of steps.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "scenario/links.hpp"

namespace upspec {

// A request, and the stream or the exchange that it came on.
struct Seat {
  std::size_t link = 0;
  std::uint32_t stream = 1;
  bool operator==(const Seat&) const = default;
};

class Behind {
 public:
  explicit Behind(std::string token) : token_(std::move(token)) {}

  // "origin", "origin2", "origin-b": a name that stands for what comes behind.
  static bool is_name(std::string_view at) { return at.starts_with("origin"); }

  // Takes note of what has come since. Markers are answered, and a request that a proxy tries again after we broke it
  // off meets the same end.
  void look(Links& links, Moment now);

  const Seat* find(std::string_view name) const;
  void bind(const std::string& name, Seat seat);
  // Those that no name stands for, in order of arrival.
  const std::vector<Seat>& untaken() const { return untaken_; }
  // On another connection than those that have a name, or on one of them.
  bool is_on(Seat seat, Expect::On connection) const;
  // Another request that is the same came, too: a proxy may try again.
  bool is_repeated(const Links& links, Seat seat) const;
  // All requests of the case that came, retries and markers apart.
  std::size_t arrived() const { return arrived_; }
  void refuse(Refuse::How how) { refusing_ = how; }
  bool takes_connections() const { return refusing_ != Refuse::How::connection; }

  // The path of an ordinary request of the harness's own, which the origin answers by itself: what goes through the
  // proxy later than all before it.
  std::string new_marker();
  std::size_t markers() const { return markers_; }

 private:
  void take(Links& links, Seat seat, Moment now);
  bool breaks_off_again(Links& links, Seat seat, const h2::FieldSection& request) const;

  std::string token_;
  std::size_t markers_ = 0;
  std::set<std::pair<std::size_t, std::uint32_t>> seen_;
  std::map<std::string, Seat, std::less<>> names_;
  std::vector<Seat> untaken_;
  std::size_t arrived_ = 0;
  std::optional<Refuse::How> refusing_;
};

// `<accept>` as the accept of that request: 101, or 2xx in dialect `connect` over HTTP/2; with the digest of its key.
Result<Send> with_accept(Send send, const h2::FieldSection& request, bool speaks_h1);

// A case speaks of stream 1 of a name; this is what it means on the seat that the name is bound to.
Send on_stream(const Send& send, std::uint32_t stream);
Expect on_stream(const Expect& expect, std::uint32_t stream);

}  // namespace upspec
