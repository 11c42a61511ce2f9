/* The adapter: what an implementation gives to be fuzzed with upspec, in its own process or linked in.
 *
 * It is one C function: upspec_serve_fd for a server, upspec_proxy_fds for an intermediary. Whoever calls it has connected
 * stream sockets whose other ends are the fuzzer; nothing else is needed: no port, no configuration, no clock. See
 * docs/fuzzing.md. */
#ifndef UPSPEC_FUZZ_ADAPTER_H
#define UPSPEC_FUZZ_ADAPTER_H

#ifdef __cplusplus
extern "C" {
#endif

/* Serves one HTTP/2 connection (cleartext, prior knowledge) on this connected socket and returns when it is over: the
 * peer has closed it, or the server would have. The descriptor becomes the callee's, which closes it before it returns.
 * Whatever belongs to the connection is gone by then: the caller looks for what is left. The socket is blocking; the
 * callee may change that. Gives 0; another value only when serving was impossible, which ends the campaign. */
int upspec_serve_fd(int fd);

/* Passes on one connection: `front` is the client's, HTTP/2 with prior knowledge, `behind` the only one to the origin,
 * HTTP/1.1 and unused; the fuzzer is at both ends. (With UPSPEC_WAY=22 in the environment the origin's is HTTP/2 too, with
 * 12 it is HTTP/2 and the client's HTTP/1.1.) An intermediary that would open another connection behind answers as it
 * does when its origin cannot be reached. Returns when both are over, as upspec_serve_fd does. */
int upspec_proxy_fds(int front, int behind);

/* Optional: called once before the first connection. A weak default does nothing. */
int upspec_serve_start(void);

#ifdef __cplusplus
}
#endif

#endif
