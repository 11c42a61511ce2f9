#include "peer/h1_actor.hpp"

#include <algorithm>
#include <utility>

#include "base/text.hpp"
#include "h1/lenient.hpp"

namespace upspec {

namespace {

using Kind = StreamItem::Kind;
using Way = TranscriptLine::Way;

StreamItem item(Kind kind, std::string line) {
  StreamItem made;
  made.kind = kind;
  made.line = std::move(line);
  return made;
}

bool has_option(const h1::Fields& fields, std::string_view option) {
  const auto options = h1::connection_options(fields);
  return std::ranges::find(options, option) != options.end();
}

void add_fields(h2::FieldSection& to, const h1::Fields& fields) {
  for (const auto& field : fields) to.push_back({lower(field.name), field.value});
}

// Each line as it is, and quoted where something in it could be mistaken.
std::string shown(std::string_view head) {
  std::string all;
  for (auto line : split(head, '\n')) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty()) continue;
    const auto text = quoted(line, 2000);
    all += cat(all.empty() ? "" : "\n  ", text.size() == line.size() + 2 ? line : std::string_view(text));
  }
  return all;
}

// The fields of a head that may be wrong on purpose: lines with a colon.
h1::Fields loose_fields(std::string_view head) {
  h1::Fields fields;
  auto lines = split(head, '\n');
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const auto line = trim_lines(lines[i]);
    const auto colon = line.find(':');
    if (colon != line.npos)
      fields.push_back({std::string(trim(line.substr(0, colon))), std::string(trim(line.substr(colon + 1)))});
  }
  return fields;
}

std::uint64_t length_of(const h1::Fields& fields) {
  const auto* length = h1::find(fields, "content-length");
  return length ? to_number(*length).value_or(0) : 0;
}

}  // namespace

// ---- notes ----------------------------------------------------------------------------------------------------------

void H1Actor::note(Way way, std::string text, OctetView octets, Moment now) {
  if (transcript_.size() > Actor::longest_transcript || (muted_ && way != Way::remark)) return;
  if (transcript_.size() == Actor::longest_transcript) {
    way = Way::remark;
    text = "the transcript ends here: too many lines";
    octets = {};
  }
  transcript_.push_back({now, link_, way, std::move(text),
                         to_octets(octets.first(std::min(octets.size(), TranscriptLine::longest_octets))),
                         octets.size()});
}

void H1Actor::remark(std::string text, Moment now) { note(Way::remark, std::move(text), {}, now); }

void H1Actor::fail(std::string why, Moment now) {
  if (!broken_.empty()) return;
  broken_ = std::move(why);
  reading_ = Reading::nothing;
  remark(broken_, now);
}

void H1Actor::breach(std::string requirement, std::string text) {
  const auto same = [&](const Breach& one) { return one.requirement == requirement; };
  if (std::ranges::none_of(breaches_, same)) breaches_.push_back({std::move(requirement), std::move(text), 0});
}

std::vector<Breach> H1Actor::breaches() const {
  auto all = breaches_;
  if (end_ == Side::server)
    if (const auto differ = h1::disagreement(messages())) all.push_back({"SEC-06", *differ, 0});
  return all;
}

// ---- what has come --------------------------------------------------------------------------------------------------

const ActorStream* H1Actor::stream(std::uint32_t exchange) const {
  return exchange == 0 || exchange > exchanges_.size() ? nullptr : &exchanges_[exchange - 1].came;
}

bool H1Actor::is_answered(std::uint32_t exchange) const {
  return exchange > 0 && exchange <= exchanges_.size() && exchanges_[exchange - 1].answered;
}

bool H1Actor::has_received(std::string_view text) const {
  return as_text(received_).find(text) != std::string_view::npos;
}

void H1Actor::forget(std::uint32_t exchange) {
  if (exchange == 0 || exchange > exchanges_.size()) return;
  auto& items = exchanges_[exchange - 1].came.items;
  if (items.empty() || items.back().kind != Kind::octets) return;
  intake_ -= std::min(intake_, items.back().octets.size());
  items.back().octets.clear();
}

// ---- receiving ------------------------------------------------------------------------------------------------------

// The exchange whose message is coming. At a client, an answer that nobody asked for gets an exchange of its own.
H1Actor::Exchange& H1Actor::last() {
  if (end_ == Side::server) return exchanges_.empty() ? exchanges_.emplace_back() : exchanges_.back();
  while (exchanges_.size() <= answers_) exchanges_.emplace_back();
  return exchanges_[answers_];
}

void H1Actor::receive(OctetView octets, Moment now) {
  if (closing_ || octets.empty()) return;
  intake_ += octets.size();
  if (intake_ > largest_intake)
    return fail(cat("the peer sent more than ", largest_intake, " octets; no more is read"), now);
  append(received_, octets.first(std::min(octets.size(), most_kept - std::min(most_kept, received_.size()))));
  if (reading_ == Reading::channel) {
    note(Way::received, cat(octets.size(), " octets: ", quoted(as_text(octets), 120)), octets, now);
    return add_octets(octets);
  }
  append(in_, octets);
  while (!in_.empty() && read_some(now)) {
  }
}

// False: nothing more can be read now.
bool H1Actor::read_some(Moment now) {
  switch (reading_) {
    case Reading::head:
      return read_head(now);
    case Reading::content:
      read_content(now);
      return true;
    case Reading::held:
    case Reading::channel: {
      const auto octets = std::exchange(in_, {});
      note(Way::received, cat(octets.size(), " octets: ", quoted(as_text(octets), 120)), octets, now);
      if (reading_ == Reading::held)
        breach("PXY-11", cat("octets came behind the request and its content before it was answered: ",
                             quoted(as_text(octets), 80)));
      add_octets(octets);
      return false;
    }
    case Reading::nothing: {
      const auto octets = std::exchange(in_, {});
      note(Way::received, cat(octets.size(), " octets: ", quoted(as_text(octets), 120)), octets, now);
      return false;
    }
  }
  return false;
}

void H1Actor::add_octets(OctetView octets) {
  auto& items = last().came.items;
  if (items.empty() || items.back().kind != Kind::octets) items.push_back(item(Kind::octets, "octets"));
  append(items.back().octets, octets);
}

bool H1Actor::read_head(Moment now) {
  // A head is read when a line has ended in what is new, so that octet by octet costs no square.
  const bool line_ended = std::ranges::find(in_, std::uint8_t{'\n'}) != in_.end();
  if (!line_ended && in_.size() < look_again_) return false;
  look_again_ = std::max<std::size_t>(2 * in_.size(), 64);

  std::size_t size = 0;
  std::string trouble;
  const auto read = [&](auto found, auto take) {
    if (!found) return void(trouble = found.error().text);
    if (!*found) return;
    size = (*found)->size;
    const auto head = OctetView(in_).first(size);
    note(Way::received, shown(as_text(head)), head, now);
    in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(size));
    take((*found)->head);
  };
  if (end_ == Side::server)
    read(h1::read_request_head(in_), [&](const h1::RequestHead& head) { take_request(head, now); });
  else
    read(h1::read_response_head(in_), [&](const h1::ResponseHead& head) { take_response(head, now); });
  if (trouble.empty()) return size > 0;

  const bool after_decline =
      end_ == Side::server && !exchanges_.empty() && exchanges_.back().asks_upgrade && exchanges_.back().answered;
  if (end_ == Side::server) breach(after_decline ? "PXY-11" : "PXY-13", cat(trouble, ": ", quoted(as_text(in_), 120)));
  exchanges_.emplace_back();
  fail(cat("what came is ", trouble), now);
  return true;  // it is shown, and goes nowhere
}

void H1Actor::take_request(const h1::RequestHead& head, Moment now) {
  look_again_ = 0;
  if (exchanges_.size() >= most_exchanges) return fail("too many requests on one connection; no more is read", now);
  if (!exchanges_.empty()) {
    const auto& before = exchanges_.back();
    if (!before.may_reuse)
      breach("PXY-14", cat("another request behind one whose connection was to close: ", head.target));
    if (before.asks_upgrade && before.owed > 0)
      breach("PXY-14", cat("another request before the decline was whole: ", head.target));
  }
  auto& exchange = exchanges_.emplace_back();
  exchange.asks_upgrade = h1::find(head.fields, "upgrade") && has_option(head.fields, "upgrade");
  exchange.is_head = head.method == "HEAD";
  exchange.may_reuse = !has_option(head.fields, "close") && head.minor == 1;
  auto section = item(Kind::section, cat(head.method, " ", head.target, " HTTP/1.", head.minor));
  section.fields = {{":method", head.method}, {":path", head.target}};
  add_fields(section.fields, head.fields);
  exchange.came.request = section.fields;
  exchange.came.items.push_back(std::move(section));
  begin_content(h1::framing_of(head), now);
}

void H1Actor::take_response(const h1::ResponseHead& head, Moment now) {
  look_again_ = 0;
  auto& exchange = last();
  auto section = item(Kind::section, cat("HTTP/1.", head.minor, " ", head.status, " ", head.reason));
  section.fields = {{":status", cat(head.status)}};
  add_fields(section.fields, head.fields);
  exchange.came.items.push_back(std::move(section));
  if (head.status == 101) {
    exchange.answered = exchange.is_read = switched_ = true;
    switch_at_ = received_.size() - std::min(received_.size(), in_.size());
    reading_ = Reading::channel;
  } else if (head.status >= 200) {
    begin_content(h1::framing_of(head, exchange.is_head ? "HEAD" : "GET"), now);
  }
}

void H1Actor::begin_content(const Result<h1::Framing>& framing, Moment now) {
  if (!framing) {
    if (end_ == Side::server) breach("PXY-12", framing.error().text);
    return fail(framing.error().text, now);
  }
  content_ = h1::ContentReader(*framing);
  ends_with_connection_ = framing->kind == h1::Framing::Kind::until_close;
  reading_ = Reading::content;
  if (content_.done()) message_is_whole();
}

void H1Actor::read_content(Moment now) {
  const auto taken = content_.read(in_);
  const auto wire = taken ? OctetView(in_).first(taken->size) : OctetView(in_);
  const auto what = taken ? cat("content, ", taken->content.size(), " octets: ", quoted(as_text(taken->content), 120))
                          : cat(in_.size(), " octets: ", quoted(as_text(in_), 120));
  note(Way::received, what, wire, now);
  if (!taken) {
    in_.clear();
    if (end_ == Side::server) breach("PXY-12", taken.error().text);
    return fail(cat("the content cannot be read: ", taken.error().text), now);
  }
  if (!taken->content.empty()) add_octets(taken->content);
  in_.erase(in_.begin(), in_.begin() + static_cast<std::ptrdiff_t>(taken->size));
  if (content_.done()) message_is_whole();
}

void H1Actor::message_is_whole() {
  auto& exchange = last();
  exchange.came.items.push_back(item(Kind::whole, {}));
  exchange.is_read = true;
  if (end_ == Side::client) {
    exchange.answered = true;
    ++answers_;
    reading_ = Reading::head;
  } else {
    next_after_answer();
  }
}

// An origin's: what may come behind a request depends on its answer.
void H1Actor::next_after_answer() {
  const auto& exchange = exchanges_.back();
  if (!exchange.is_read) return;
  if (switched_) {
    reading_ = Reading::channel;
    if (!switch_at_) switch_at_ = received_.size() - std::min(received_.size(), in_.size());
  } else {
    reading_ = exchange.asks_upgrade && !exchange.answered ? Reading::held : Reading::head;
  }
}

void H1Actor::closed(Closing how, Moment now) {
  if (closing_) return;
  closing_ = how;
  remark(how == Closing::fin ? "the peer closed the connection (FIN)" : "the peer reset the connection (TCP RST)", now);
  const bool rest = reading_ == Reading::content && ends_with_connection_ && how == Closing::fin;
  if (rest) {
    message_is_whole();
    if (end_ == Side::client) --answers_;  // the end is its own
  }
  if (exchanges_.empty()) return;
  if (end_ == Side::client && !rest && answers_ > 0 && exchanges_.size() == answers_) --answers_;
  auto& stream = last().came;
  stream.over = true;
  stream.items.push_back(how == Closing::fin ? item(Kind::end, "FIN") : item(Kind::abort, "TCP reset"));
}

// ---- sending --------------------------------------------------------------------------------------------------------

std::optional<Octets> H1Actor::take_output() {
  if (writes_.empty()) return std::nullopt;
  auto write = std::move(writes_.front());
  writes_.pop_front();
  return write;
}

void H1Actor::flush(std::size_t split) {
  const auto all = std::exchange(write_, {});
  const auto step = split == 0 ? std::max<std::size_t>(all.size(), 1) : split;
  for (std::size_t from = 0; from < all.size(); from += step)
    writes_.push_back(to_octets(OctetView(all).subspan(from, std::min(step, all.size() - from))));
}

void H1Actor::send(OctetView octets, Moment now) {
  if (octets.empty()) return;
  note(Way::sent, cat(octets.size(), " octets: ", quoted(as_text(octets), 120)), octets, now);
  append(write_, octets);
  if (end_ == Side::server && answers_ > 0 && !switched_) {
    auto& owed = exchanges_[answers_ - 1].owed;
    owed -= std::min<std::uint64_t>(owed, octets.size());
  }
}

void H1Actor::send_head(std::string_view head, std::size_t most, Moment now) {
  const auto part = as_octets(head.substr(0, most));
  note(Way::sent, cat(shown(as_text(part)), most < head.size() ? "\n  ... and no more" : ""), part, now);
  append(write_, part);
  if (most < head.size()) return;
  const auto start_line = trim_lines(head.substr(0, head.find('\n')));
  const auto fields = loose_fields(head);
  end_ == Side::server ? sent_response(start_line, fields) : sent_request(start_line, fields);
}

void H1Actor::sent_request(std::string_view start_line, const h1::Fields& fields) {
  if (exchanges_.size() >= most_exchanges) return;
  auto& exchange = exchanges_.emplace_back();
  const auto parts = words(start_line);
  exchange.is_head = !parts.empty() && parts.front() == "HEAD";
  exchange.came.sent_section = true;
  if (parts.size() > 1) exchange.came.request = {{":method", std::string(parts[0])}, {":path", std::string(parts[1])}};
  add_fields(exchange.came.request, fields);
}

void H1Actor::sent_response(std::string_view start_line, const h1::Fields& fields) {
  const auto parts = words(start_line);
  const auto status = parts.size() > 1 ? to_number(parts[1]).value_or(0) : 0;
  const bool is_interim = status >= 100 && status < 200 && status != 101;
  if (is_interim || status == 0 || answers_ >= exchanges_.size()) return;
  auto& exchange = exchanges_[answers_++];
  exchange.answered = true;
  if (status == 101) {
    switched_ = true;
  } else {
    exchange.owed = exchange.is_head || status == 204 || status == 304 ? 0 : length_of(fields);
    exchange.may_reuse = exchange.may_reuse && !has_option(fields, "close");
  }
  next_after_answer();
}

}  // namespace upspec
