/* Counts the edges that a program takes, for the fuzzer in another process (upspec_cov.h). Link this one file into a
 * program that was compiled with
 *
 *     clang -fsanitize-coverage=trace-pc-guard        or        gcc -fsanitize-coverage=trace-pc
 *
 * and compile the file itself without. It works in programs of several shared objects and in those that fork. Without
 * UPSPEC_COVERAGE_FD in the environment the counts go nowhere and the program runs as ever. */
#include "upspec_cov.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#if defined(__clang__)
#define NOT_COUNTED __attribute__((no_sanitize("coverage")))
#else
#define NOT_COUNTED __attribute__((no_sanitize_coverage))
#endif

static struct upspec_map nowhere;
static struct upspec_map *map = &nowhere;
static int attached;

extern const char __ehdr_start[];

static void attach(void) NOT_COUNTED;
static void attach(void) {
  attached = 1;
  const char *number = getenv(UPSPEC_COVERAGE_FD);
  if (number == NULL) return;
  const int fd = atoi(number);
  struct stat is;
  if (fstat(fd, &is) != 0 || is.st_size < (off_t)sizeof nowhere) return;
  void *at = mmap(NULL, sizeof nowhere, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return;
  struct upspec_map *shared = at;
  if (shared->magic != UPSPEC_MAP_MAGIC || shared->version != UPSPEC_MAP_VERSION) {
    munmap(at, sizeof nowhere);
    return;
  }
  map = shared;
}

NOT_COUNTED struct upspec_map *upspec_coverage_map(void) {
  if (!attached) attach();
  return map;
}

/* A count never comes back to 0: that would read as "not taken". */
#define COUNT(slot) (map->counters[slot] += (uint8_t)(map->counters[slot] != 255))

/* clang: once for each object, before any of its code runs. */
void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop);
NOT_COUNTED void __sanitizer_cov_trace_pc_guard_init(uint32_t *start, uint32_t *stop) {
  static uint32_t guards;
  if (start == stop || *start != 0) return;
  if (!attached) attach();
  for (uint32_t *guard = start; guard < stop; ++guard) *guard = guards++ % (UPSPEC_MAP_SLOTS - 1) + 1;
  map->edges = guards;
}

void __sanitizer_cov_trace_pc_guard(uint32_t *guard);
NOT_COUNTED void __sanitizer_cov_trace_pc_guard(uint32_t *guard) { COUNT(*guard); }

/* GCC: the slot is a hash of the place, counted from the program's own so that address randomisation does not move it. */
void __sanitizer_cov_trace_pc(void);
NOT_COUNTED void __sanitizer_cov_trace_pc(void) {
  if (!attached) attach();
  map->edges |= 1;
  const uintptr_t place = (uintptr_t)__builtin_return_address(0) - (uintptr_t)__ehdr_start;
  COUNT((uint32_t)((place * 0x9e3779b97f4a7c15u) >> 48) % UPSPEC_MAP_SLOTS);
}
