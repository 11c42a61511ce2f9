#include "endpoint/serve.hpp"

#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <string>
#include <thread>

#include "net/driver.hpp"
#include "net/listener.hpp"

namespace upspec {
namespace {

// What is printed goes into a pipe while it lives.
class StandardOutput {
 public:
  StandardOutput() : before_(::dup(STDOUT_FILENO)) {
    int ends[2];
    EXPECT_EQ(::pipe(ends), 0);
    std::fflush(stdout);
    ::dup2(ends[1], STDOUT_FILENO);
    ::close(ends[1]);
    reader_ = ends[0];
  }
  ~StandardOutput() {
    std::fflush(stdout);
    ::dup2(before_, STDOUT_FILENO);
    ::close(before_);
    ::close(reader_);
  }
  StandardOutput(const StandardOutput&) = delete;
  StandardOutput& operator=(const StandardOutput&) = delete;

  std::string line() const {
    std::string text;
    for (char c = 0; ::read(reader_, &c, 1) == 1 && c != '\n';) text += c;
    return text;
  }

 private:
  int before_;
  int reader_ = -1;
};

TEST(Serve, SaysWhenItIsReadyAndEndsOnSigterm) {
  const StandardOutput output;
  std::string line;
  bool reached = false;
  std::thread user([&] {
    line = output.line();
    const auto address = parse_address(line.substr(line.rfind(' ') + 1));
    reached = address && can_connect(*address, {}, std::chrono::seconds(20)).has_value();
    ::kill(::getpid(), SIGTERM);
  });
  EXPECT_EQ(serve({}), 0);
  user.join();
  EXPECT_TRUE(line.starts_with("listening on 127.0.0.1:")) << line;
  EXPECT_TRUE(reached);
}

TEST(Serve, AnAddressThatIsTakenIsStatus3) {
  const auto other = Listener::open({}, nullptr);
  ServeOptions options;
  options.listen = other->address();
  testing::internal::CaptureStderr();
  EXPECT_EQ(serve(options), 3);
  EXPECT_TRUE(testing::internal::GetCapturedStderr().ends_with("Address already in use\n"));
}

TEST(Serve, AWrongFileIsStatus2) {
  ServeOptions options;
  options.tls = true;
  options.certificate_file = options.key_file = "/nowhere.pem";
  testing::internal::CaptureStderr();
  EXPECT_EQ(serve(options), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "upspec serve: /nowhere.pem: cannot be read\n");
}

}  // namespace
}  // namespace upspec
