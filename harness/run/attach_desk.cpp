#include "run/attach_desk.hpp"

#include <utility>

#include "base/text.hpp"

namespace upspec {

namespace {

constexpr std::size_t longest_head = 16384;
constexpr std::uint32_t most_requests = 20'000;  // on one HTTP/2 connection

ActorOptions server_end() {
  ActorOptions options;
  options.link = "desk";
  options.monitor.under_test = Side::client;
  options.side = Side::server;
  return options;
}

Octets h1_answer(const Desk::Answer& answer) {
  return to_octets(cat("HTTP/1.1 ", answer.status, answer.status == 200 ? " OK" : " No",
                       "\r\ncontent-type: ", answer.type,
                       "\r\nconnection: close\r\ncontent-length: ", answer.text.size(), "\r\n\r\n", answer.text));
}

}  // namespace

Desk::Desk(bool http2, Ask ask) : ask_(std::move(ask)) {
  if (!http2) return;
  actor_.emplace(server_end());
  actor_->start(0);
}

void Desk::receive(OctetView octets, Moment now) {
  if (finished_) return;
  if (!actor_) return receive_h1(octets);
  actor_->receive(octets, now);
  answer_streams(now);
  finished_ = actor_->over();
}

void Desk::closed(Closing how, Moment now) {
  if (actor_) actor_->closed(how, now);
  finished_ = true;
}

void Desk::receive_h1(OctetView octets) {
  head_ += as_text(octets);
  if (head_.find("\r\n\r\n") == head_.npos) {
    finished_ = head_.size() > longest_head;
    return;
  }
  const auto line = words(std::string_view(head_).substr(0, head_.find("\r\n")));
  const bool get = line.size() == 3 && line[0] == "GET";
  out_ = h1_answer(get ? ask_(line[1]) : Answer{400, "GET only\n"});
  finished_ = true;
}

// Content of a request is nobody's: an answer comes with its header section.
void Desk::answer_streams(Moment now) {
  for (; answered_.erase(first_) > 0; first_ += 2) {
  }
  for (std::uint32_t id = first_; id < 2 * most_requests; id += 2) {
    const auto* stream = actor_->stream(id);
    if (!stream) break;
    if (!stream->came_section || !answered_.insert(id).second) continue;
    const auto* method = h2::find(stream->request, ":method");
    const auto* path = h2::find(stream->request, ":path");
    const auto answer = method && *method == "GET" && path ? ask_(*path) : Answer{400, "GET only\n"};
    actor_->send_section(id, {{":status", cat(answer.status)}, {"content-type", std::string(answer.type)}}, false, {},
                         std::nullopt, std::nullopt, now);
    // What the client's windows do not take is left out: these are short lines.
    actor_->send_data(id, as_octets(answer.text), now);
    actor_->send(h2::data(id, {}, h2::flag::end_stream), now);
  }
  actor_->flush();
}

std::optional<Octets> Desk::take_output() { return actor_ ? actor_->take_output() : std::exchange(out_, std::nullopt); }

}  // namespace upspec
