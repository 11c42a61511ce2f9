/* A main for adapters (../adapter.h): serves what the fuzzer hands over, one connection after the other, or, started by
 * hand as `PROGRAM --listen PORT` (an intermediary: `--listen PORT --origin PORT`), whatever connects to that port of
 * 127.0.0.1, a thread each.
 * Compile it without coverage. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapter.h"
#include "upspec_cov.h"

__attribute__((weak)) int upspec_serve_start(void) { return 0; }
/* The adapter has one of the two. */
#pragma weak upspec_serve_fd
#pragma weak upspec_proxy_fds

enum { most_descriptors = 2 };

/* The next connection: true, or false when the fuzzer is gone. */
static int receive_descriptors(int control, int count, int fds[most_descriptors]) {
  char octet;
  struct iovec part = {&octet, 1};
  union {
    struct cmsghdr header;
    char space[CMSG_SPACE(most_descriptors * sizeof(int))];
  } room;
  struct msghdr message = {0};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = room.space;
  message.msg_controllen = sizeof room.space;
  const size_t size = (size_t)count * sizeof(int);
  ssize_t got;
  do {
    got = recvmsg(control, &message, MSG_CMSG_CLOEXEC);
  } while (got < 0 && errno == EINTR);
  const struct cmsghdr *header = got == 1 ? CMSG_FIRSTHDR(&message) : NULL;
  if (header == NULL || header->cmsg_type != SCM_RIGHTS || header->cmsg_len != CMSG_LEN(size)) return 0;
  memcpy(fds, CMSG_DATA(header), size);
  return 1;
}

static int serve(const int fds[most_descriptors]) {
  return upspec_proxy_fds != NULL ? upspec_proxy_fds(fds[0], fds[1]) : upspec_serve_fd(fds[0]);
}

static int serve_fuzzer(int control) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  struct upspec_map *map = upspec_coverage_map();
  const int count = upspec_proxy_fds != NULL ? 2 : 1;
  map->descriptors = (uint32_t)count;
  __atomic_store_n(&map->ready, 1, __ATOMIC_RELEASE);
  if (send(control, "", 1, MSG_NOSIGNAL) != 1) return 0;
  for (int fds[most_descriptors]; receive_descriptors(control, count, fds);) {
    if (serve(fds) != 0) return 1;
    __atomic_add_fetch(&map->done, 1, __ATOMIC_RELEASE);
    if (send(control, "", 1, MSG_NOSIGNAL) != 1) return 0; /* wakes the fuzzer */
  }
  return 0;
}

static struct sockaddr_in local(int port) {
  struct sockaddr_in at = {0};
  at.sin_family = AF_INET;
  at.sin_port = htons((uint16_t)port);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return at;
}

static int origin_port;

static void *serve_one(void *front) {
  int fds[most_descriptors] = {(int)(intptr_t)front, -1};
  if (upspec_proxy_fds != NULL) {
    const struct sockaddr_in at = local(origin_port);
    fds[1] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (connect(fds[1], (const struct sockaddr *)&at, sizeof at) != 0) {
      close(fds[0]);
      close(fds[1]);
      return NULL;
    }
  }
  serve(fds);
  return NULL;
}

static int serve_port(int port) {
  const struct sockaddr_in at = local(port);
  const int one = 1;
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(listener, (const struct sockaddr *)&at, sizeof at) != 0 || listen(listener, 128) != 0) {
    fprintf(stderr, "127.0.0.1:%d: %s\n", port, strerror(errno));
    return 1;
  }
  printf("listening on 127.0.0.1:%d\n", port);
  fflush(stdout);
  for (;;) {
    const int fd = accept(listener, NULL, NULL);
    pthread_t thread;
    if (fd < 0) continue;
    if (pthread_create(&thread, NULL, serve_one, (void *)(intptr_t)fd) != 0) close(fd);
    else pthread_detach(thread);
  }
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  if (upspec_serve_fd == NULL && upspec_proxy_fds == NULL) {
    fprintf(stderr, "the adapter defines neither upspec_serve_fd nor upspec_proxy_fds (link it as an object file)\n");
    return 2;
  }
  if (upspec_serve_start() != 0) return 1;
  const char *control = getenv(UPSPEC_CONTROL_FD);
  if (control != NULL) return serve_fuzzer(atoi(control));
  const int is_proxy = upspec_proxy_fds != NULL;
  if (argc == (is_proxy ? 5 : 3) && strcmp(argv[1], "--listen") == 0 &&
      (!is_proxy || strcmp(argv[3], "--origin") == 0)) {
    if (is_proxy) origin_port = atoi(argv[4]);
    return serve_port(atoi(argv[2]));
  }
  fprintf(stderr, "usage: %s --listen PORT%s    (or started by the fuzzer)\n", argv[0], is_proxy ? " --origin PORT" : "");
  return 2;
}
