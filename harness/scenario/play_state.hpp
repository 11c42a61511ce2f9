// The inside of a play: what it is at, and one function a step. play.cpp turns the steps over, play_steps.cpp plays
// them on a connection, play_proxy.cpp what has to do with both sides of a proxy.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.hpp"
#include "scenario/behind.hpp"
#include "scenario/expecting.hpp"
#include "scenario/flowing.hpp"
#include "scenario/links.hpp"
#include "scenario/play.hpp"
#include "scenario/ruling.hpp"
#include "scenario/sending.hpp"

namespace upspec {

struct Play::State {
  State(const Case& what, const Situation& situation, const Registry& registry);

  const Case& what;
  Situation situation;
  Random random;
  Scope scope;
  Ruling ruling;
  Links links;
  Behind behind;
  bool begun = false;  // both sides have, on the main connection
  std::size_t step = 0;
  std::uint64_t progress = 0;
  std::optional<ClientReport> report;
  std::string turned_away;  // why the last connection that came was none
  Moment last_event = 0;
  bool settled = false;
  bool lingered = false;  // in vain, for a proxy to end its connections behind

  // What the step at hand remembers between two events.
  struct Memory {
    std::optional<Sending> sending;
    std::optional<std::uint64_t> ping;
    bool pinged_twice = false;
    std::uint32_t alive_stream = 0;
    std::string errand;  // the link of an ordinary request of our own, and its path
    std::string marker;
    bool errand_sent = false;
    int errands = 0;  // that have come back
    std::optional<Flowing> flow;
    std::uint64_t flow_mark = 0;  // how far it was at the last errand
    int flow_still = 0;           // errands since it moved
    std::optional<Send> send;     // on the stream that a name is bound to
    std::size_t octets_seen = 0;  // of those that an expectation waits for
  };
  Memory memory;

  enum class Did { finished, waits, ended };

  bool is_proxy() const { return what.role == "proxy"; }

  // ---- endings
  Did pass() { return ruling.pass(), Did::ended; }
  Did skip(std::string why) { return ruling.skip(std::move(why)), Did::ended; }
  Did error(std::string_view why) { return ruling.error(cat("line ", what.steps[step].line, ": ", why)), Did::ended; }
  Did fail(std::string wanted, std::string came, std::string brief) {
    return ruling.fail(std::move(wanted), std::move(came), std::move(brief)), Did::ended;
  }
  Did skip_for_streams(const Actor& actor);

  // ---- turning over (play.cpp)
  void advance(Moment now);
  void settle();
  bool over() const;  // ended, and a proxy's connections behind too
  Did begin(const Link& one);
  bool announced(const Link& one) const;
  std::string announcement() const;
  bool may_go_at_once(const Link& one) const;
  Did take_step(Moment now);
  void step_done();
  void deadline(Moment now);
  void step_in_vain(Moment now);

  // ---- steps, on the link that they name (play_steps.cpp)
  Did play(const Connect&, Link& at, Moment) { return begin(at); }
  Did play(const Let& let, Link& at, Moment now);
  Did play(const Cut& cut, Link& at, Moment now);
  Did play(const Send& send, Link& at, Moment now);
  Did play(const Expect& expect, Link& at, Moment now);
  Did play(const Quiet& quiet, Link& at, Moment now);
  Did play(const Never& never, Link& at, Moment now);
  Did play(const Alive&, Link& at, Moment now);
  Did play(const Refuse& refuse, Link& at, Moment now);
  Did play(const Report& wanted, Link& at, Moment now);
  Did quiet_until(const Quiet& quiet, Link& at, Actor::Mark until);
  void mind_octets(const Expect& expect, Link& at);
  Did expect_now(const Expect& expect, Link& at, bool last);
  Did met(const Expected& one);
  Did alive_client(Link& at, Moment now);
  std::string alive_text() const;

  // ---- a proxy's two sides (play_proxy.cpp)
  Did take_step_behind(const Step& current, Moment now);
  std::optional<Did> expect_request(const Expect& expect, const std::string& name, std::vector<Expected>& missed,
                                    bool last);
  Did expect_across(const Expect& expect, bool last);
  Did never_behind(const Never& never);
  Did quiet_by_errand(const Quiet& quiet, Link* at, Moment now);
  // An ordinary request of our own through the proxy and its answer, on a connection of its own where the front speaks
  // HTTP/1.1.
  Did errand(Moment now);
  Did errand_h1(Moment now);
  Did play(const Flow& flow, Link& at, Moment now);
  Did flow_now(const Flow& flow, Moment now);
  std::optional<FlowEnd> flow_end(const std::string& name);
  void errand_done();
  // The driver is about to ask what there is to write on this link.
  void pump(const Link& link) {
    if (memory.flow && memory.flow->from() == &link) memory.flow->pump(last_event);
  }
  void end_connections();
  std::vector<Breach> own_breaches(const Link& link) const;
  std::vector<Breach> breaches_behind() const;
};

}  // namespace upspec
