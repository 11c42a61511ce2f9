#include "endpoint/proxy.hpp"

#include <gtest/gtest.h>

#include "net/listener.hpp"

namespace upspec {
namespace {

TEST(ProxyCommand, AnAddressThatIsTakenIsStatus3) {
  const auto other = Listener::open({}, nullptr);
  ProxyCommandOptions options;
  options.listen = other->address();
  testing::internal::CaptureStderr();
  EXPECT_EQ(proxy(options), 3);
  EXPECT_TRUE(testing::internal::GetCapturedStderr().ends_with("Address already in use\n"));
}

TEST(ProxyCommand, AWrongFileIsStatus2) {
  ProxyCommandOptions options;
  options.tls = true;
  options.certificate_file = options.key_file = "/nowhere.pem";
  testing::internal::CaptureStderr();
  EXPECT_EQ(proxy(options), 2);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "upspec proxy: /nowhere.pem: cannot be read\n");
}

}  // namespace
}  // namespace upspec
