/* The adapter: what an implementation gives to be fuzzed with upspec, in its own process or linked in.
 *
 * It is one C function. Whoever calls it has a connected stream socket whose other end is the fuzzer; nothing else is
 * needed: no port, no configuration, no clock. See docs/fuzzing.md. */
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

/* Optional: called once before the first connection. A weak default does nothing. */
int upspec_serve_start(void);

#ifdef __cplusplus
}
#endif

#endif
