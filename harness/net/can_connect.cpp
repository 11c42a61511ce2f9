#include <string>
#include <utility>

#include "net/drive.hpp"

namespace upspec {
namespace {

// Wants nothing but to be connected.
class Caller final : public Performer {
 public:
  explicit Caller(Result<void>& result) : result_(result) {}

  std::size_t links() const override { return 1; }
  Wish wish(std::size_t) const override { return Wish::open; }
  std::optional<Octets> take_output(std::size_t) override { return std::nullopt; }
  void connected(std::size_t, Moment) override { done_ = true; }
  void not_connected(std::size_t, std::string_view why, Moment) override {
    result_ = fail(std::string(why));
    done_ = true;
  }
  void receive(std::size_t, OctetView, Moment) override {}
  void closed(std::size_t, Closing, Moment) override {}
  void deadline(Moment) override {}
  bool done() const override { return done_; }
  std::uint64_t progress() const override { return 0; }

 private:
  Result<void>& result_;
  bool done_ = false;
};

}  // namespace

Result<void> can_connect(const Address& target, const std::optional<TlsClient>& tls, std::chrono::nanoseconds timeout) {
  const StopFlag never;
  Result<void> result;
  std::unique_ptr<Performer> caller = std::make_unique<Caller>(result);
  Performers performers;
  performers.next = [&caller] { return std::move(caller); };
  performers.done = [](const std::unique_ptr<Performer>&, Ended) {};
  drive_all({target, tls, timeout, 1}, performers, never);
  return result;
}

}  // namespace upspec
