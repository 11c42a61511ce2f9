// The reference client as someone who talks: a message and its echo, or lines as they are typed, and what came of it.
// No I/O but for what is handed in and out.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "net/talk.hpp"
#include "peer/reference_client.hpp"

namespace upspec {

class TalkingClient final : public Talker {
 public:
  // What came is given to `print`. Without a message, input is what is said.
  TalkingClient(ClientOptions options, std::optional<std::string> message, std::function<void(OctetView)> print);

  enum class Came { nothing_yet, success, failure, no_connection };
  Came came() const { return came_; }
  const std::string& trouble() const { return trouble_; }  // one line, unless it was a success

  std::size_t links() const override { return 1; }
  Wish wish(std::size_t link) const override;
  std::optional<Octets> take_output(std::size_t link) override;
  void connected(std::size_t link, Moment now) override;
  void not_connected(std::size_t link, std::string_view why, Moment now) override;
  void receive(std::size_t link, OctetView octets, Moment now) override;
  void closed(std::size_t link, Closing how, Moment now) override;
  void deadline(Moment now) override;
  bool done() const override { return said_all_; }
  std::uint64_t progress() const override { return progress_; }

  bool wants_input() const override;
  void input(OctetView octets) override;
  void input_ended() override;

 private:
  using Phase = ReferenceClient::Phase;

  void look();  // what has the client come to?
  void take_echo(const Octets& message);
  void say(OctetView message);
  void end_channel();
  void settle(Came came, std::string trouble = {});
  bool by_lines() const { return protocol_ == "websocket"; }
  std::string awaited() const;

  const std::string protocol_;
  const std::optional<std::string> message_;
  const std::function<void(OctetView)> print_;
  ReferenceClient client_;

  Phase phase_ = Phase::waiting;
  bool connected_ = false;
  std::size_t backlog_ = 0;   // octets of the input that have not gone out
  bool first_answer_ = true;  // of h2c: stream 1's, which is no echo
  bool echoed_ = false;
  bool ending_ = false;  // we have ended the channel
  std::string line_;     // typed so far
  std::string echo_;     // heard so far
  Came came_ = Came::nothing_yet;
  std::string trouble_;
  bool said_all_ = false;
  std::uint64_t progress_ = 0;
};

}  // namespace upspec
