// Where a play waits for connections: a listening socket that is there, with its port, before the play is. It accepts
// nothing by itself; a Stage does (driver.hpp), for one play after the other where they share it.
#pragma once

#include <optional>

#include "base/result.hpp"
#include "net/address.hpp"
#include "net/tls.hpp"

namespace upspec {

class Door {
 public:
  // Port 0: the system chooses. With `tls` what comes has to begin with its handshake. The error is one line.
  static Result<Door> open(const Address& address, std::optional<TlsServer> tls);
  ~Door();
  Door(Door&& other) noexcept;
  Door& operator=(Door&& other) noexcept;

  const Address& address() const { return address_; }  // with the real port
  const std::optional<TlsServer>& tls() const { return tls_; }
  int descriptor() const { return descriptor_; }

  // Who connects is refused, as if nobody had the address; until listen_again(), which says whether it could.
  void refuse() const;
  Result<void> listen_again() const;

 private:
  Door(int descriptor, Address address, std::optional<TlsServer> tls);

  int descriptor_;
  Address address_;
  std::optional<TlsServer> tls_;
};

}  // namespace upspec
