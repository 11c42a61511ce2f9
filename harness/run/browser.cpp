#include "run/browser.hpp"

#include <chrono>
#include <cstdio>
#include <exception>
#include <utility>

#include "base/text.hpp"
#include "net/driver.hpp"
#include "run/page_host.hpp"

namespace upspec {

namespace {

using namespace std::chrono_literals;

// A browser's first start makes a profile, on a busy machine.
constexpr auto patience_for_page = 90s;

}  // namespace

Browser::Browser(Door door, const StopFlag& stop)
    : door_(std::move(door)), stop_(stop), stop_token_(stop), serving_([this] { serve(); }) {}

Browser::~Browser() {
  supervisor_.reset();
  served_enough_.raise();
}

void Browser::serve() {
  try {
    perform(std::make_unique<PageHost>(door_, visits_), 1h, served_enough_);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "upspec run: the page is not served any more: %s\n", error.what());
  }
}

Result<std::unique_ptr<Browser>> Browser::start(const Implementation& what, const BrowserOptions& options,
                                                const StopFlag& stop) {
  auto door = Door::open({"127.0.0.1", 0}, options.server);
  if (!door) return tl::unexpected(door.error());
  std::unique_ptr<Browser> made(new Browser(*std::move(door), stop));
  SupervisorOptions starting;
  starting.tls = true;
  starting.logs = options.logs;
  starting.stop = made->stop_token_.token();
  starting.given = {{"url", cat("https://", to_text(made->door_.address()), "/")},
                    {"ca", options.ca_file},
                    {"spki", options.key_hash}};
  auto supervisor = Supervisor::start(what, starting);
  if (!supervisor) return tl::unexpected(supervisor.error());
  made->supervisor_.emplace(*std::move(supervisor));
  if (auto there = made->await_page(); !there) return tl::unexpected(there.error());
  return made;
}

Result<void> Browser::restart() {
  visits_.page_is_gone();
  if (auto again = supervisor_->restart(); !again) return again;
  return await_page();
}

Result<void> Browser::await_page() {
  const auto until = std::chrono::steady_clock::now() + patience_for_page;
  while (!visits_.wait_for_page(100ms)) {
    if (const auto death = supervisor_->death()) return fail(cat("the browser has ended: ", death->how));
    if (stop_.raised()) return fail("interrupted before the browser had opened the page");
    if (std::chrono::steady_clock::now() > until)
      return fail(cat("the browser has not opened ", supervisor_->filled("${url}"), " within ",
                      patience_for_page.count(), " seconds"));
  }
  return {};
}

}  // namespace upspec
