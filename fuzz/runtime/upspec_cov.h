/* The map through which a process shows its coverage to the fuzzer: one memfd, made by the fuzzer, inherited by the
 * process, its number in the environment variable UPSPEC_COVERAGE_FD. No name, no leftovers. */
#ifndef UPSPEC_FUZZ_COV_H
#define UPSPEC_FUZZ_COV_H

#include <stdint.h>

#define UPSPEC_COVERAGE_FD "UPSPEC_COVERAGE_FD"
#define UPSPEC_CONTROL_FD "UPSPEC_CONTROL_FD"
#define UPSPEC_MAP_MAGIC 0x75707370u
#define UPSPEC_MAP_VERSION 1u
/* Slots. A program with more edges is folded onto them. libFuzzer scans all of them after each execution, so more would
 * cost more than it shows. A power of two. */
#define UPSPEC_MAP_SLOTS 65536u

struct upspec_map {
  uint32_t magic, version;
  uint32_t edges; /* guards of the program; 1 when it was built with trace-pc, which has none to count */
  uint32_t ready; /* the adapter's main waits for connections */
  uint32_t done;  /* connections served to their end */
  uint32_t descriptors; /* what it takes for one connection: 1, or 2 for an intermediary: front and behind */
  uint32_t unused[10];
  uint8_t counters[UPSPEC_MAP_SLOTS];
};

#ifdef __cplusplus
extern "C" {
#endif
/* The map that this process writes to, or a private one when nobody asked. Never null. */
struct upspec_map *upspec_coverage_map(void);
#ifdef __cplusplus
}
#endif

#endif
