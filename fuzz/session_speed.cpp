// `session_speed SECONDS SEEDS`: how many runs a second the session targets make on their folders of seeds, beside a
// plain loop that gives the octets of session_server's to a session of libnghttp2 and takes what it answers. One core,
// no clock in the loops.
#include <nghttp2/nghttp2.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>

#include "base/text.hpp"
#include "fastest.hpp"
#include "script/reference_peers.hpp"
#include "script/run_script.hpp"

// The targets (session_*.cpp), under names of their own (CMakeLists.txt).
extern "C" int session_server_run(const std::uint8_t* octets, std::size_t size);
extern "C" int session_client_run(const std::uint8_t* octets, std::size_t size);
extern "C" int session_proxy_run(const std::uint8_t* octets, std::size_t size);

namespace upspec::script {
namespace {

// Remembers what a script writes to the server on its first connection.
class Recorder : public ReferenceServerPeer {
 public:
  explicit Recorder(Octets& to) : ReferenceServerPeer(ServerOptions{}), to_(to) {}
  void receive(LinkId link, OctetView octets) override {
    if (link.number == 0) append(to_, octets);
    ReferenceServerPeer::receive(link, octets);
  }

 private:
  Octets& to_;
};

int ignore(nghttp2_session*, const nghttp2_frame*, void*) { return 0; }

std::size_t plain_session(OctetView wire) {
  nghttp2_session_callbacks* callbacks = nullptr;
  nghttp2_session* made = nullptr;
  nghttp2_option* option = nullptr;
  if (nghttp2_session_callbacks_new(&callbacks) != 0 || nghttp2_option_new(&option) != 0) std::abort();
  nghttp2_option_set_no_http_messaging(option, 1);
  nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, ignore);
  if (nghttp2_session_server_new2(&made, callbacks, nullptr, option) != 0) std::abort();
  const std::unique_ptr<nghttp2_session, void (*)(nghttp2_session*)> session(made, nghttp2_session_del);
  nghttp2_submit_settings(made, NGHTTP2_FLAG_NONE, nullptr, 0);
  nghttp2_session_mem_recv(made, wire.data(), wire.size());
  std::size_t out = 0;
  const std::uint8_t* octets = nullptr;
  for (auto size = nghttp2_session_mem_send(made, &octets); size > 0; size = nghttp2_session_mem_send(made, &octets))
    out += static_cast<std::size_t>(size);
  nghttp2_session_callbacks_del(callbacks);
  nghttp2_option_del(option);
  return out;
}

struct Seed {
  Octets octets, wire;
};

std::vector<Seed> read(const std::filesystem::path& folder) {
  std::vector<Seed> seeds;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(entry.path(), std::ios::binary);
    Seed seed{{std::istreambuf_iterator<char>(in), {}}, {}};
    const auto script = decode(seed.octets);
    Recorder peer(seed.wire);
    run_script(script, peer);
    seeds.push_back(std::move(seed));
  }
  return seeds;
}

template <class Run>
void measure(const char* what, const std::vector<Seed>& seeds, double seconds, Run run) {
  const auto speed = fastest(seconds, [&] {
    for (const auto& seed : seeds) run(seed);
    return seeds.size();
  });
  std::size_t octets = 0;
  for (const auto& seed : seeds) octets += seed.octets.size();
  std::printf("%.0f runs a second, %zu octets on average, %zu inputs: %s\n", speed, octets / seeds.size(), seeds.size(),
              what);
}

int speed(double seconds, const std::filesystem::path& folder) {
  struct Target {
    const char* name;
    int (*run)(const std::uint8_t* octets, std::size_t size);
  };
  const auto wires = read(folder / "session_server");
  if (wires.empty()) return std::fputs("no seeds\n", stderr), 1;
  measure("a session of libnghttp2", wires, seconds, [](const Seed& seed) { plain_session(seed.wire); });
  measure("the server alone", wires, seconds, [](const Seed& seed) {
    ReferenceServer server({});
    server.receive(seed.wire);
    server.take_output();
  });
  for (const auto& [name, run] :
       {Target{"session_server", session_server_run}, Target{"session_client", session_client_run},
        Target{"session_proxy", session_proxy_run}})
    measure(name, read(folder / name), seconds, [&](const Seed& seed) { run(seed.octets.data(), seed.octets.size()); });
  return 0;
}

}  // namespace
}  // namespace upspec::script

int main(int count, char** words) {
  if (count != 3) return std::fputs("usage: session_speed SECONDS SEEDS\n", stderr), 2;
  return upspec::script::speed(std::atof(words[1]), words[2]);
}
