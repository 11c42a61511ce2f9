#include "lane.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>

#include "base/text.hpp"
#include "script/mutate.hpp"
#include "script/oracles.hpp"

extern "C" std::size_t LLVMFuzzerMutate(std::uint8_t* data, std::size_t size, std::size_t largest);

namespace upspec::lanes {
namespace {

std::string setting(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value != nullptr ? value : otherwise;
}

// libFuzzer mutates in place.
Octets raw_mutation(Octets octets, std::size_t largest) {
  const std::size_t size = octets.size();
  octets.resize(largest);
  octets.resize(LLVMFuzzerMutate(octets.data(), size, largest));
  return octets;
}

// A wait, or a write of its own, costs both sides a turn of the processor, and most bugs need neither: a script without
// is said in one breath, several times as fast. (An origin that does not wait for its request is no origin.)
Octets in_one_breath(OctetView octets) {
  auto script = script::decode(octets);
  std::erase_if(script.steps, [](const script::Step& step) {
    return step.link.end == script::End::front && std::holds_alternative<script::WaitStep>(step.what);
  });
  for (auto& step : script.steps)
    if (step.split != script::joined) step.split = 0;
  return script::encode(script);
}

std::size_t give(const Octets& octets, std::uint8_t* to, std::size_t largest) {
  const std::size_t size = std::min(octets.size(), largest);
  std::memcpy(to, octets.data(), size);
  return size;
}

}  // namespace

Lane::Lane() : findings_(setting("UPSPEC_FINDINGS", "")) {
  ground_.paths = {setting("UPSPEC_WEBSOCKET", "/echo"), setting("UPSPEC_RAW", "/raw")};
  const auto dialects = setting("UPSPEC_DIALECT", "connect");
  for (const auto name : split(dialects, ','))
    if (const auto dialect = dialect_from(name)) ground_.dialects.push_back(*dialect);
}

Lane& lane() {
  static Lane one;
  return one;
}

void Lane::serves_proxy() {
  const auto way = setting("UPSPEC_WAY", "21");
  ground_.role = way == "12" ? script::Role::proxy_12 : way == "22" ? script::Role::proxy_22 : script::Role::proxy_21;
}

script::Script Lane::script_of(OctetView input) const {
  script::Script script = script::decode(input);
  script.role = ground_.role;
  std::erase_if(script.steps,
                [&](const script::Step& step) { return step.link.number != 0 || !has(ground_.role, step.link.end); });
  return script;
}

script::Script Lane::talk(std::uint64_t seed) const {
  Random random(seed);
  return script::right_talk(ground_, random);
}

Driven Lane::drive(const script::Script& script, Dialer& dialer, std::chrono::milliseconds patience) const {
  // The program does not run before we wait, so it would read writes that follow each other as one.
  const bool cut = std::ranges::any_of(
      script.steps, [](const script::Step& step) { return step.split != 0 && step.split != script::joined; });
  return drive_script({.script = script,
                       .ends = {},
                       .dialer = dialer,
                       .tls = nullptr,
                       .host = {},
                       .limits = {.settle = std::chrono::milliseconds(1),
                                  .patience = patience,
                                  .ping = false,
                                  .pieces_apart = cut ? 3u : 0u},
                       .paths = ground_.paths});
}

void Lane::judge(const script::Script& script, const Driven& driven) {
  if (ground_.role != script::Role::server) {
    for (const auto& one : script::judge(script, driven.played)) found(script, one.oracle, one.requirement, one.text);
    return;
  }
  for (const auto& link : driven.played.links) {
    for (const auto& breach : link.breaches) found(script, "breach", breach.requirement, breach.text);
    for (const auto& [id, trace] : driven.traces)
      for (const auto& breach : script::broken_duties(link, trace, ground_.paths))
        if (breach.requirement != "alive") found(script, "breach", breach.requirement, breach.text);
  }
}

void Lane::found(const script::Script& script, const std::string& oracle, const std::string& place,
                 const std::string& text) {
  if (!known_.insert(cat(oracle, ".", place)).second) return;
  std::fprintf(stderr, "upspec: %s %s: %s\n%s\n", oracle.c_str(), place.c_str(), text.c_str(),
               script::print(script).c_str());
  if (findings_.empty()) std::abort();
  std::string name = cat(oracle, ".", place);
  for (char& c : name)
    if (c == '/' || c == ':' || c == ' ') c = '.';
  std::ofstream(cat(findings_, "/", name, ".txt")) << script::print(script);
  std::ofstream(cat(findings_, "/", name, ".evidence")) << text << "\n";
}

}  // namespace upspec::lanes

using namespace upspec;

extern "C" std::size_t LLVMFuzzerCustomMutator(std::uint8_t* data, std::size_t size, std::size_t largest,
                                               unsigned seed) {
  constexpr std::uint64_t one_fresh_in = 24;  // a right talk of its own, not of the corpus
  constexpr std::uint64_t one_in_turns = 5;
  Random random(seed);
  const auto made = random.below(one_fresh_in) == 0
                        ? script::encode(lanes::lane().talk(random.next()))
                        : script::mutate_octets({data, size}, largest, random.next(), lanes::raw_mutation);
  return lanes::give(random.below(one_in_turns) == 0 ? made : lanes::in_one_breath(made), data, largest);
}

extern "C" std::size_t LLVMFuzzerCustomCrossOver(const std::uint8_t* one, std::size_t one_size,
                                                 const std::uint8_t* other, std::size_t other_size, std::uint8_t* out,
                                                 std::size_t largest, unsigned seed) {
  return lanes::give(script::cross_octets({one, one_size}, {other, other_size}, largest, seed), out, largest);
}
