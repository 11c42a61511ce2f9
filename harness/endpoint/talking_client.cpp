#include "endpoint/talking_client.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"

namespace upspec {

// A line that is longer becomes several messages.
constexpr std::size_t longest_line = 1u << 20;
// A server that does not read is not fed from memory without end.
constexpr std::size_t largest_backlog = 1u << 18;

TalkingClient::TalkingClient(ClientOptions options, std::optional<std::string> message,
                             std::function<void(OctetView)> print)
    : protocol_(options.protocol),
      message_(std::move(message)),
      print_(std::move(print)),
      client_(std::move(options)) {}

void TalkingClient::settle(Came came, std::string trouble) {
  if (came_ != Came::nothing_yet) return;
  came_ = came;
  trouble_ = std::move(trouble);
}

// ---- the transport

// Once all is settled: what is left to be said (GOAWAY), then FIN, then done.
Performer::Wish TalkingClient::wish(std::size_t) const {
  if (!connected_) return Wish::open;
  return came_ == Came::nothing_yet ? Wish::keep : Wish::shut;
}

std::optional<Octets> TalkingClient::take_output(std::size_t) {
  Octets out = client_.take_output();
  look();
  // Frames of its own count as input that has gone out: the backlog is a bit larger than it seems, never without bound.
  backlog_ -= std::min(backlog_, out.size());
  if (!out.empty()) return out;
  said_all_ = came_ != Came::nothing_yet;
  return std::nullopt;
}

void TalkingClient::connected(std::size_t, Moment) { connected_ = true; }

void TalkingClient::not_connected(std::size_t, std::string_view why, Moment) {
  settle(Came::no_connection, std::string(why));
  said_all_ = true;
}

void TalkingClient::receive(std::size_t, OctetView octets, Moment) {
  client_.receive(octets);
  look();
}

void TalkingClient::closed(std::size_t, Closing how, Moment) {
  client_.peer_ended();
  look();
  const auto what = how == Closing::fin ? "closed" : "reset";
  settle(Came::failure, cat("the server has ", what, " the connection instead of ", awaited()));
  said_all_ = true;
}

void TalkingClient::deadline(Moment) {
  // Nobody knows when the next line is typed, nor when the server wants to say something.
  const bool by_hand = !message_ && phase_ == Phase::open && !ending_;
  if (by_hand) return;
  settle(Came::failure, cat("waited in vain for ", awaited()));
  said_all_ = true;
}

std::string TalkingClient::awaited() const {
  if (phase_ == Phase::waiting) return "SETTINGS that announce how a channel can be asked for";
  if (phase_ == Phase::asked) return "an answer";
  return message_ && !echoed_ ? "the echo" : "the end of the channel";
}

// ---- the client

void TalkingClient::look() {
  if (came_ != Came::nothing_yet) return;
  for (const auto& message : client_.take_messages()) {
    ++progress_;
    message_ ? take_echo(message) : print_(message);
  }
  if (std::exchange(phase_, client_.phase()) != client_.phase()) {
    ++progress_;
    if (phase_ == Phase::open && message_) client_.send(as_octets(*message_));
  }
  if (phase_ == Phase::failed) return settle(Came::failure, client_.trouble());
  if (phase_ == Phase::answered) {
    if (protocol_ != "none") return settle(Came::failure, cat("declined with status ", client_.status()));
    print_(as_octets(client_.content()));
    return settle(Came::success);
  }
  if (phase_ != Phase::closed) return;
  if (message_ && !echoed_) return settle(Came::failure, "the channel ended before the echo came");
  settle(Came::success);
}

void TalkingClient::take_echo(const Octets& message) {
  if (protocol_ == "h2c" && std::exchange(first_answer_, false)) return;
  // Where a message is octets, its echo may come in pieces.
  echo_ += as_text(message);
  if (echo_.size() < message_->size() && protocol_ == "upspec-echo") return;
  if (echo_ != *message_) {
    return settle(Came::failure, cat("the echo is not what was sent: ", quoted(echo_, 80)));
  }
  if (std::exchange(echoed_, true)) return;
  print_(as_octets(echo_));
  end_channel();
}

void TalkingClient::end_channel() {
  if (std::exchange(ending_, true)) return;
  ++progress_;
  client_.end();
}

// ---- input

bool TalkingClient::wants_input() const {
  return phase_ == Phase::open && !ending_ && backlog_ < largest_backlog && came_ == Came::nothing_yet;
}

void TalkingClient::say(OctetView message) {
  backlog_ += message.size();
  client_.send(message);
}

void TalkingClient::input(OctetView octets) {
  if (!by_lines()) return say(octets);
  line_ += as_text(octets);
  std::size_t from = 0;
  for (auto end = line_.find('\n'); end != line_.npos; end = line_.find('\n', from)) {
    say(as_octets(std::string_view(line_).substr(from, end - from)));
    from = end + 1;
  }
  line_.erase(0, from);
  if (line_.size() > longest_line) say(as_octets(std::exchange(line_, {})));
}

void TalkingClient::input_ended() {
  if (!line_.empty()) say(as_octets(std::exchange(line_, {})));
  end_channel();
}

}  // namespace upspec
