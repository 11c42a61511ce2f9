#include "script/shape.hpp"

#include <algorithm>
#include <bit>
#include <map>

#include "h2/codes.hpp"
#include "upgrade/dialect.hpp"

namespace upspec::script {

namespace {

using h2::FrameType;

// splitmix64's mixing, over one number after the other.
std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t x = a * 0x9e3779b97f4a7c15u + b;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

bool is(const TraceEvent& event, FrameType type) { return event.type == static_cast<std::uint8_t>(type); }

// Where a stream stands, in the order in which it gets there.
enum class Standing : std::uint8_t { fresh, asked, declined, channel, ended, over };

struct Stream {
  Standing standing = Standing::fresh;
  std::uint64_t said = 0, before = 0, before_that = 0;  // our last frames
  std::size_t sections = 0;                             // of theirs, so far
};

// What answers are by: windows and acknowledgements come whenever they like.
bool is_noise(const TraceEvent& event) {
  return is(event, FrameType::window_update) || is(event, FrameType::ping) || is(event, FrameType::settings);
}

std::uint64_t said(const TraceEvent& event) {
  const unsigned size = event.size == 0 ? 0 : event.size <= 125 ? 1 : event.size <= 16384 ? 2 : 3;
  const bool valued = is(event, FrameType::settings);
  return mixed(event.type, event.flags & 0x2du) + mixed(size, valued ? event.value : 0);
}

class Reading {
 public:
  explicit Reading(const LinkSeen& link) : link_(link) {}

  std::vector<std::uint64_t> read(const Trace& trace) {
    for (const auto& event : trace.events()) event.ours ? ours(event) : theirs(event);
    for (const auto& [id, stream] : link_.streams)
      add(1, static_cast<std::uint64_t>(outcome_of(link_, id)), count(stream));
    add(2, link_.closing ? 1 + static_cast<std::uint64_t>(*link_.closing) : 0, link_.goaways.size());
    for (const auto& breach : link_.breaches) add(3, std::hash<std::string>()(breach.requirement), 0);
    std::ranges::sort(found_);
    found_.erase(std::ranges::unique(found_).begin(), found_.end());
    return std::move(found_);
  }

 private:
  void add(std::uint64_t kind, std::uint64_t a, std::uint64_t b) { found_.push_back(mixed(mixed(kind, a), b)); }

  // How much went each way, by order of magnitude.
  static std::uint64_t count(const StreamSeen& stream) {
    return static_cast<std::uint64_t>(std::bit_width(stream.ours.total) * 64 + std::bit_width(stream.theirs.total));
  }

  void ours(const TraceEvent& event) {
    if (event.stream == 0) {  // the connection's own concern all streams
      for (auto& [id, stream] : streams_) say(stream, event);
      return;
    }
    if (streams_.size() > 100 && !streams_.contains(event.stream)) return;
    auto& stream = streams_[event.stream];
    say(stream, event);
    if (stream.standing == Standing::fresh) stream.standing = Standing::asked;
    if (is(event, FrameType::rst_stream)) stream.standing = Standing::over;
  }

  void say(Stream& stream, const TraceEvent& event) {
    stream.before_that = stream.before;
    stream.before = stream.said;
    stream.said = said(event);
    const auto standing = static_cast<std::uint64_t>(stream.standing);
    add(4, mixed(standing, stream.said), stream.before);
    if (stream.standing == Standing::channel) add(5, mixed(stream.before, stream.before_that), stream.said);
  }

  void theirs(const TraceEvent& event) {
    if (is_noise(event)) return;
    auto& stream = streams_[event.stream];
    const auto answer = mixed(mixed(event.type, event.flags), meaning(event, stream));
    const auto standing = static_cast<std::uint64_t>(stream.standing);
    add(6, standing, answer);
    add(7, stream.said, answer);
    add(8, mixed(stream.said, stream.before), answer);
  }

  std::uint64_t meaning(const TraceEvent& event, Stream& stream) {
    if (is(event, FrameType::rst_stream)) stream.standing = Standing::over;
    if ((event.flags & h2::flag::end_stream) != 0 && stream.standing != Standing::over)
      stream.standing = Standing::ended;
    if (is(event, FrameType::data)) return event.size == 0 ? 0 : 1;
    if (!is(event, FrameType::headers)) return event.value;
    const auto at = link_.streams.find(event.stream);
    if (at == link_.streams.end() || at->second.theirs.sections.size() <= stream.sections) return 0;
    const auto status = status_of(at->second.theirs.sections[stream.sections++]);
    if (status && *status >= 200 && stream.standing == Standing::asked)
      stream.standing = at->second.accepted ? Standing::channel : Standing::declined;
    if (status == 101 && at->second.accepted) stream.standing = Standing::channel;
    return static_cast<std::uint64_t>(status.value_or(0));
  }

  const LinkSeen& link_;
  std::map<std::uint32_t, Stream> streams_;
  std::vector<std::uint64_t> found_;
};

}  // namespace

std::vector<std::uint64_t> shapes_of(const LinkSeen& link, const Trace& trace) { return Reading(link).read(trace); }

}  // namespace upspec::script
