#include "net/driver.hpp"

#include <utility>

#include "base/text.hpp"
#include "net/drive.hpp"

namespace upspec {
namespace {

// "exited with status 1: connect: waited in vain for an answer": with the last line of what it said.
ClientReport report_of(const ProcessStatus& status, const std::string& output) {
  std::string_view last;
  for (const auto line : split(output, '\n'))
    if (!trim_lines(line).empty()) last = trim_lines(line);
  const auto said = last.empty() ? std::string() : cat(": ", upspec::quoted(last, 200));
  const bool exited = status.how == ProcessStatus::How::exited;
  const auto how = !exited              ? ClientReport::How::killed
                   : status.number == 0 ? ClientReport::How::success
                                        : ClientReport::How::failure;
  return {how, cat(status.text(), said)};
}

class PlayPerformer final : public Performer {
 public:
  explicit PlayPerformer(Job given) : job(std::move(given)) {}
  Job job;

  std::size_t links() const override { return job.play.links(); }
  Wish wish(std::size_t link) const override { return job.play.wish(link); }
  std::optional<Octets> take_output(std::size_t link) override { return job.play.take_output(link); }
  bool reads(std::size_t link) const override { return job.play.reads(link); }
  bool small_buffers() const override { return job.play.small_buffers(); }
  bool listens() const override { return job.play.listens(); }
  const Door* door() const override { return job.door.get(); }
  void close_door() override { job.door = nullptr; }
  std::optional<Address> target() const override { return job.target; }
  std::optional<std::chrono::nanoseconds> timeout() const override { return job.timeout; }
  std::optional<std::size_t> accepted(Moment now) override { return job.play.accepted(now); }
  void turned_away(std::string_view why, Moment now) override { job.play.turned_away(why, now); }
  Guest* guest() override { return &job.guest; }
  void guest_ended(const ProcessStatus& status, const std::string& output, Moment now) override {
    job.output = output;
    if (status.how == ProcessStatus::How::killed) job.death = status.text();
    job.heard = true;
    job.play.client_ended(report(status), now);
  }
  ClientReport report(const ProcessStatus& status) const {
    if (job.guest.performer) return job.report(*job.guest.performer);
    auto report = report_of(status, job.output);
    if (job.guest.invite) report.text = job.output;
    return report;
  }
  void connected(std::size_t link, Moment now) override { job.play.connected(link, now); }
  void not_connected(std::size_t link, std::string_view why, Moment now) override {
    job.play.not_connected(link, why, now);
  }
  void receive(std::size_t link, OctetView octets, Moment now) override { job.play.receive(link, octets, now); }
  void closed(std::size_t link, Closing how, Moment now) override { job.play.closed(link, how, now); }
  void deadline(Moment now) override { job.play.deadline(now); }
  bool done() const override { return job.play.done(); }
  bool lingers() const override { return job.play.lingers(); }
  std::uint64_t progress() const override { return job.play.progress(); }
};

}  // namespace

void drive(const DriveOptions& options, const std::function<std::optional<Job>()>& next,
           const std::function<void(Job, Ended)>& done, const StopFlag& stop) {
  Performers performers;
  performers.next = [&next]() -> std::unique_ptr<Performer> {
    auto job = next();
    return job ? std::make_unique<PlayPerformer>(std::move(*job)) : nullptr;
  };
  performers.done = [&done](const std::unique_ptr<Performer>& performer, Ended ended) {
    done(std::move(static_cast<PlayPerformer&>(*performer).job), ended);
  };
  drive_all(options, performers, stop);
}

std::unique_ptr<Performer> perform(std::unique_ptr<Performer> performer, std::chrono::nanoseconds timeout,
                                   const StopFlag& stop) {
  std::unique_ptr<Performer> back;
  Performers performers;
  performers.next = [&] { return std::move(performer); };
  performers.done = [&](std::unique_ptr<Performer> one, Ended) { back = std::move(one); };
  DriveOptions options;
  options.timeout = timeout;
  options.jobs = 1;
  drive_all(options, performers, stop);
  return back;
}

}  // namespace upspec
