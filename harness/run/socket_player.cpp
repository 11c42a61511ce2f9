#include "run/socket_player.hpp"

#include <utility>

namespace upspec {

PlayCases over_sockets(std::function<Reach()> reach, const Registry& registry, const StopFlag& stop) {
  return [reach = std::move(reach), &registry, &stop](const std::vector<const Case*>& cases, const OnEnd& on_end) {
    const Reach now = reach();
    std::size_t begun = 0;
    bool wants_more = true;
    const auto next = [&]() -> std::optional<Job> {
      if (!wants_more || begun == cases.size()) return std::nullopt;
      const std::size_t number = begun++;
      return Job{Play(*cases[number], now.situation, registry), number};
    };
    const auto done = [&](const Job& job, const Ended& end) {
      if (end.finished) wants_more = on_end(*cases[job.number], played(job.play, end.seconds)) && wants_more;
    };
    drive(now.drive, next, done, stop);
  };
}

}  // namespace upspec
